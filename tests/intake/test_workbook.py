import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from jieban.errors import Invalid
from jieban.intake.applications import INCOME_KINDS, RELATIONS, WORK_ABILITIES
from jieban.intake.columns import APPLICATIONS, INCOMES, MEMBERS, SHEETS
from jieban.intake.rejections import Rejection, write_rejections
from jieban.intake.workbook import Reading, read_rows, write_template
from tests.factories import id_number
from tests.intake import books


def findings(reading: Reading) -> list[tuple[str, int, str, str]]:
    """List what is wrong with a file as (sheet, row, field, value)."""
    every = [*reading.stray, *(one for found in reading.applications for one in found.rejected)]
    return [(one.sheet, one.row, one.field, one.value) for one in every]


def test_template_can_be_opened_and_has_every_sheet_and_column(tmp_path: Path):
    """The template opens and carries the sheets and headers that the reader asks for."""
    write_template(tmp_path / "t.xlsx")

    book = CalamineWorkbook.from_path(tmp_path / "t.xlsx")
    headers = {
        name: [str(cell).rstrip("*") for cell in book.get_sheet_by_name(name).to_python()[0]]
        for name in SHEETS
    }

    assert [*SHEETS, "选项", "填写说明"] == book.sheet_names
    assert {name: [column.header for column in columns] for name, columns in SHEETS.items()} == headers


def test_the_example_of_the_template_is_never_taken_in(tmp_path: Path):
    """An untouched template has an example and no application."""
    write_template(tmp_path / "t.xlsx")

    with pytest.raises(Invalid, match="没有申请"):
        read_rows(tmp_path / "t.xlsx")


def test_household_is_read_from_four_sheets(tmp_path: Path):
    """Rows of one number make one application."""
    reading = read_rows(books.household(tmp_path / "a.xlsx"))

    (found,) = reading.applications
    assert found.application is not None
    assert findings(reading) == []
    assert date(2026, 11, 20) == found.application.applied_on
    assert [(m.name, m.relation) for m in found.application.members] == [
        ("张秀兰", "self"),
        ("张小雨", "child"),
    ]
    assert [Decimal("350.5")] == [one.monthly for one in found.application.incomes]
    assert [("deposit", Decimal(3000), False)] == [
        (one.kind, one.amount, one.exempt) for one in found.application.properties
    ]
    assert found.application.papers == ("application_form", "id_card")
    assert not found.application.urban


def test_a_near_relative_on_the_staff_is_read(tmp_path: Path):
    """The four columns about a relative become one declared relative."""
    row = books.application(
        与经办人员有近亲属关系="是",
        有关系的家庭成员="张秀兰",
        工作人员姓名="陈静",
        工作人员单位="柳林镇人民政府",
        与该成员的关系="姐妹",
    )
    reading = read_rows(books.household(tmp_path / "a.xlsx", **{APPLICATIONS: [row]}))

    (found,) = reading.applications
    assert found.application is not None
    assert found.application.relatives_declared
    assert list(found.application.relatives) == [
        {"member_name": "张秀兰", "staff_name": "陈静", "staff_unit": "柳林镇人民政府", "relation": "姐妹"}
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-20", date(2026, 11, 20)),
        ("2026/1/5", date(2026, 1, 5)),
        ("2026.01.05", date(2026, 1, 5)),
        ("2026年1月5日", date(2026, 1, 5)),
        ("20260105", date(2026, 1, 5)),
        (20260105, None),
        (46027, date(2026, 1, 5)),
        (date(2026, 1, 5), date(2026, 1, 5)),
    ],
)
def test_a_date_is_understood_however_it_is_written(tmp_path: Path, value: object, expected: date | None):
    """Dates come as dates, as text in the usual ways, or as bare day numbers."""
    row = books.application(申请日期=value)
    (found,) = read_rows(books.household(tmp_path / "a.xlsx", **{APPLICATIONS: [row]})).applications

    assert found.application is not None
    assert (expected or date(2026, 1, 5)) == found.application.applied_on
    assert found.rejected == []


@pytest.mark.parametrize(
    ("header", "value", "reason"),
    [
        ("申请日期", "2026-02-30", "没有这一天"),
        ("申请日期", "上周", "2026-11-24"),
        ("申请日期", "", "请填写申请日期"),
        ("申请渠道", "微信", "应为列出的一种"),
        ("城乡类别", "乡镇", "城市、农村"),
        ("已作诚信承诺", "也许", "“是”或“否”"),
        ("银行账号", 6217000000000000123, "后几位已经丢失"),
        ("银行账号", "6.217E+18", "科学计数法"),
        ("已收材料", "申请书、房产证", "应为列出的一种"),
        ("居住地址", "=A1", "是公式"),
        ("居住地址", "柳林村\x0112号", "控制字符"),
        ("申请理由", "长" * 5001, "过长"),
    ],
)
def test_a_cell_that_cannot_be_read_is_reported_with_its_place(
    tmp_path: Path, header: str, value: object, reason: str
):
    """A bad cell is named by sheet, row, column, content and what to do."""
    row = books.application(**{header: value})
    (found,) = read_rows(books.household(tmp_path / "a.xlsx", **{APPLICATIONS: [row]})).applications

    (one,) = found.rejected
    assert ("申请", 2, header) == (one.sheet, one.row, one.field)
    assert reason in one.reason


def test_an_identity_number_kept_as_a_number_is_refused(tmp_path: Path):
    """A spreadsheet keeps 15 digits; the rest of an identity number is lost, and the reader says so."""
    rows = [books.member(身份证号=379901196503070000)]
    (found,) = read_rows(books.household(tmp_path / "a.xlsx", **{MEMBERS: rows, INCOMES: []})).applications

    assert [one.field for one in found.rejected] == ["身份证号"]
    assert "后几位已经丢失" in found.rejected[0].reason


def test_codes_and_telephones_kept_as_numbers_are_read(tmp_path: Path):
    """Twelve digits survive as a number and are taken."""
    row = books.application(**{"村(社区)代码": 379901001001, "联系电话": 13900000001})
    (found,) = read_rows(books.household(tmp_path / "a.xlsx", **{APPLICATIONS: [row]})).applications

    assert found.application is not None
    assert (found.application.village_code, found.application.phone) == ("379901001001", "13900000001")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1,200.50", "1200.50"), ("￥300", "300"), ("300元", "300"), (0.1 + 0.2, "0.30"), (12.345, "12.345")],
)
def test_an_amount_is_understood_however_it_is_written(tmp_path: Path, value: object, expected: str):
    """Thousands, signs of money, and the noise of binary fractions; a third decimal stays and is checked later."""
    rows = [books.income(**{"月金额(元)": value})]
    (found,) = read_rows(books.household(tmp_path / "a.xlsx", **{INCOMES: rows})).applications

    assert found.application is not None
    assert [Decimal(expected)] == [one.monthly for one in found.application.incomes]


def test_rows_that_belong_to_no_application_are_reported(tmp_path: Path):
    """A member of an unknown number, a row without one, and a number used twice."""
    book = books.household(
        tmp_path / "a.xlsx",
        **{
            APPLICATIONS: [books.application(), books.application(), books.application("")],
            MEMBERS: [books.member(), books.member("7")],
            INCOMES: [],
        },
    )

    assert findings(read_rows(book)) == [
        ("申请", 3, "申请编号", "1"),
        ("申请", 4, "申请编号", ""),
        ("家庭成员", 3, "申请编号", "7"),
    ]


def test_columns_may_stand_in_another_order_and_strange_ones_are_passed_over(tmp_path: Path):
    """Only the headers count; stars, blanks and full-width brackets in them do not matter."""
    row = books.application()
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet(APPLICATIONS)
        headers = list(reversed(row))
        sheet.write_row(
            0, 0, ["备注", *(header.replace("(", "（").replace(")", "） *") for header in headers)]
        )
        sheet.write_row(1, 0, ["随便", *(str(row[header]) for header in headers)])
        sheet = book.add_worksheet(MEMBERS)
        sheet.write_row(0, 0, list(books.member()))
        sheet.write_row(1, 0, list(books.member().values()))
    reading = read_rows(tmp_path / "a.xlsx")

    assert findings(reading) == []
    assert [found.code for found in reading.applications] == ["1"]


def empty(path: Path) -> None:
    path.write_bytes(b"")


def picture(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8)


def old_book(path: Path) -> None:
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)


def torn_book(path: Path) -> None:
    books.household(path)
    path.write_bytes(path.read_bytes()[:-400])


def other_archive(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "x")


def huge(path: Path) -> None:
    with path.open("wb") as stream:
        stream.truncate(26 * 1024 * 1024)


def other_sheets(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Sheet1")


def no_column(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet(APPLICATIONS).write_row(0, 0, ["申请编号", "申请日期"])
        book.add_worksheet(MEMBERS).write_row(0, 0, list(books.member()))


def no_rows(path: Path) -> None:
    books.write_book(path)


def far_cell(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(APPLICATIONS)
        sheet.write_row(0, 0, list(books.application()))
        sheet.write(1, 16_000, "x")
        book.add_worksheet(MEMBERS).write_row(0, 0, list(books.member()))


def many_rows(path: Path) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet(APPLICATIONS)
        sheet.write_row(0, 0, list(books.application()))
        sheet.write(1_000_000, 0, "x")
        book.add_worksheet(MEMBERS).write_row(0, 0, list(books.member()))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for part in range(5):
            archive.writestr(f"xl/media/{part}", b"\0" * (100 * 1024 * 1024))


def entity(path: Path) -> None:
    """A workbook whose XML names a file of the machine."""
    books.household(path)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    evil = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    start = parts["xl/workbook.xml"].index(b"?>") + 2
    parts["xl/workbook.xml"] = evil + parts["xl/workbook.xml"][start:].replace(
        'name="申请"'.encode(), b'name="&x;"'
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def csv_without_column(path: Path) -> None:
    path.write_text("姓名,年龄\n张三,30\n", "utf-8")


def csv_torn(path: Path) -> None:
    path.write_text('申请编号,姓名\n1,"张三\n', "utf-8")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (empty, "文件是空的"),
        (picture, "既不是 xlsx 工作簿，也不是 CSV"),
        (old_book, "旧版 xls 文件或者加了密码"),
        (torn_book, "完好的 xlsx"),
        (other_archive, "完好的 xlsx"),
        (huge, "超过 25 MB"),
        (other_sheets, "没有“申请”“家庭成员”表"),
        (no_column, "“申请”表的第一行缺少栏目"),
        (no_rows, "没有申请"),
        (far_cell, "超出了登记表的栏目"),
        (many_rows, "超过 20000 行"),
        (bomb, "解开后过大"),
        (entity, "."),
        (csv_without_column, "缺少栏目"),
        (csv_torn, "引号"),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence(tmp_path: Path, make, sentence: str):
    """Whatever is wrong with a whole file is said in one sentence, without a crash and without eating memory."""
    make(tmp_path / "a.xlsx")

    with pytest.raises(Invalid, match=sentence) as caught:
        read_rows(tmp_path / "a.xlsx")

    assert caught.value.message.endswith("。")
    assert "root:" not in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_flat_file_is_read_in_the_encodings_of_chinese_desktops(tmp_path: Path, encoding: str):
    """One row per member; what stands on the first row need not be repeated."""
    second = {"申请编号": "1", "姓名": "𠮷小雨", "身份证号": CHILD, "与申请人关系": "子女"}
    row = {**books.application(), **books.member(), **books.income()}
    reading = read_rows(books.write_csv(tmp_path / "a.csv", [row, second], encoding))

    (found,) = reading.applications
    assert found.application is not None
    assert findings(reading) == []
    assert [one.name for one in found.application.members] == ["张秀兰", "𠮷小雨"]
    assert [("张秀兰", Decimal("350.5"))] == [
        (one.member_name, one.monthly) for one in found.application.incomes
    ]


CHILD = books.CHILD


def test_a_flat_file_may_name_a_member_again_for_a_second_income(tmp_path: Path):
    """The same member on two rows is one member with two incomes; a contradiction is reported."""
    row = {**books.application(), **books.member(), **books.income()}
    again = {"申请编号": "1", "姓名": "张秀兰", "收入类别": "转移净收入", "月金额(元)": "80"}
    other = again | {"收入类别": "", "月金额(元)": "", "与申请人关系": "配偶", "居住地址": "别处"}
    reading = read_rows(books.write_csv(tmp_path / "a.csv", [row, again, other]))

    (found,) = reading.applications
    assert found.application is not None
    assert len(found.application.members) == 1
    assert [one.kind for one in found.application.incomes] == ["wage", "transfer"]
    assert findings(reading) == [("文件", 4, "居住地址", "别处"), ("文件", 4, "与申请人关系", "配偶")]


def test_a_formula_in_a_flat_file_is_refused(tmp_path: Path):
    """What a spreadsheet would calculate when the file is opened is never taken as content."""
    row = {**books.application(), **books.member(), "申请理由": '=HYPERLINK("http://x","y")'}
    reading = read_rows(books.write_csv(tmp_path / "a.csv", [row]))

    assert [field for _, _, field, _ in findings(reading)] == ["申请理由"]


def test_the_report_of_rejections_is_text_alone(tmp_path: Path):
    """A formula in a bad cell is written into the report as words."""
    write_rejections([Rejection("申请", 2, "居住地址", "=1+1", "是公式。")], tmp_path / "r.xlsx")

    with zipfile.ZipFile(tmp_path / "r.xlsx") as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    rows = CalamineWorkbook.from_path(tmp_path / "r.xlsx").get_sheet_by_index(0).to_python()
    assert rows[1] == ["申请", "2", "居住地址", "=1+1", "是公式。"]


_names = st.text(st.sampled_from("张王李赵秀兰买提艾力𠮷玥堃·"), min_size=1, max_size=8)
_amounts = st.decimals(0, 99_999, places=2)
_members = st.lists(
    st.tuples(
        _names, st.sampled_from(sorted(RELATIONS)), st.booleans(), st.sampled_from(sorted(WORK_ABILITIES))
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda row: row[0],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    _members,
    st.lists(st.tuples(st.sampled_from(sorted(INCOME_KINDS)), _amounts), max_size=3),
    st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
def test_what_is_written_into_a_workbook_or_a_flat_file_is_read_back(
    tmp_path: Path, members: list, incomes: list, applied_on: date
):
    """Both kinds of file give back names, relations, amounts and days as they were."""
    people = [
        books.member(
            姓名=name,
            与申请人关系=RELATIONS[relation],
            是否计入="是" if counted else "否",
            劳动能力=WORK_ABILITIES[ability] if ability else "",
            身份证号=id_number(serial=place + 1),
        )
        for place, (name, relation, counted, ability) in enumerate(members)
    ]
    owner = members[0][0]
    earned = [
        books.income(**{"收入成员": owner, "收入类别": INCOME_KINDS[kind], "月金额(元)": str(amount)})
        for kind, amount in incomes
    ]
    row = books.application(申请日期=applied_on.isoformat())
    book = books.write_book(tmp_path / "a.xlsx", **{APPLICATIONS: [row], MEMBERS: people, INCOMES: earned})
    extra = [row | people[0] | one for one in earned[1:]]
    flat = books.write_csv(
        tmp_path / "a.csv", [row | people[0] | (earned[0] if earned else {}), *extra, *people[1:]]
    )

    read = [read_rows(path).applications[0] for path in (book, flat)]

    for found in read:
        assert found.rejected == []
        assert found.application is not None
        assert members == [(m.name, m.relation, m.counted, m.work_ability) for m in found.application.members]
        assert incomes == [(one.kind, one.monthly) for one in found.application.incomes]
        assert applied_on == found.application.applied_on
    assert read[0].application == read[1].application


def test_a_workbook_is_known_by_its_content_and_not_by_its_name(tmp_path: Path):
    """Somebody renamed it, or a program gave it an old ending: the rows are read all the same."""
    books.household(tmp_path / "b.xlsx").rename(tmp_path / "b.xls")

    assert len(read_rows(tmp_path / "b.xls").applications) == 1
