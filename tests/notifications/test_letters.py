import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import select, update

from jieban.areas.tables import Area
from jieban.cases.tables import Application, Case
from jieban.database import Database
from jieban.deadlines.tables import Deadline
from jieban.errors import Invalid
from jieban.people.names import public_name
from jieban.people.tables import Person
from jieban.rules.tables import RuleValue
from notifications import letters
from notifications.letters import organs
from notifications.letters.organs import short_county
from notifications.letters.words import numbered
from notifications.tables import Letter
from tests.people import OTHER_COUNTY_TOWN, People
from tests.workflows.walk import Walk

OTHER_VILLAGE = f"{OTHER_COUNTY_TOWN}001"


@pytest.fixture
def september() -> datetime:
    """Before the National Day holidays, so that clocks cross them."""
    return datetime(2026, 9, 24, 2, tzinfo=UTC)


def letter(walk: Walk, kind: str) -> Letter:
    """Return the last letter of a kind of the walk's case."""
    query = select(Letter).where(Letter.case_id == walk.case_id, Letter.kind == kind)
    with walk.database.read() as session:
        return session.scalars(query.order_by(Letter.issued_at.desc()).limit(1)).one()


def pages(one: Letter) -> list[str]:
    """Read the text of each page of a letter's PDF, without blanks, as lines break where they must."""
    return [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(letters.pdf(one))).pages]


def said(walk: Walk, kind: str) -> str:
    return "".join(pages(letter(walk, kind)))


def issue(walk: Walk, kind: str, **extra: Any) -> Letter:
    with walk.database.write() as session:
        case = session.get_one(Case, walk.case_id)
        return letters.issue(session, case=case, kind=kind, now=walk.now, actor=None, extra=extra)


def refuse(walk: Walk, **data: str) -> None:
    """Walk to the decision of whoever decides and refuse there."""
    element = "county_decision" if walk.village == OTHER_VILLAGE else "town_decision"
    walk.until(element)
    walk.plot.approve = False
    walk.do(element, decision="refuse", method=None, grade=None, amount=None, **data)


def test_letters_of_an_approved_case_say_what_the_person_must_know(
    database: Database, people: People, september: datetime
):
    """Receipt, acceptance, approval: who is in charge, until when, how much, from when, by which article."""
    walk = Walk.begin(database, people, september)
    case = walk.to_the_end()

    receipt, acceptance, approval = (said(walk, kind) for kind in ("receipt", "acceptance", "approval"))

    assert "东河民首接〔2026〕1号" in receipt
    assert "首接人王芳" in receipt
    for words in (case.number, case.applicant_name, "2026年9月24日", "20个工作日内", "不少于两人", "12345"):
        assert words in acceptance
    assert "《关于进一步做好最低生活保障等社会救助兜底保障工作的通知》" in acceptance
    assert "城市居民最低生活保障条例" not in acceptance
    for words in ("600.00元", "200.00元", "自2026年11月起", "《最低生活保障审核确认办法》第二十一条", "示例"):
        assert words in approval
    with database.read() as session:
        account = session.get_one(Application, case.id).account_number
    assert account not in approval
    assert account[-4:] in approval


def test_an_urban_case_is_told_of_both_limits(sqlite_database: Database, people: People, september: datetime):
    """The working days and the thirty calendar days from the application."""
    walk = Walk.begin(sqlite_database, people, september, urban=True)
    walk.do("examine_papers")

    text = said(walk, "acceptance")

    assert "《城市居民最低生活保障条例》第八条" in text
    assert "城市最低生活保障" in text


@pytest.mark.parametrize(
    ("village", "signer", "government"),
    [
        ("379901001001", "柳林镇人民政府", "东河县人民政府"),
        ("379901003001", "城关街道办事处", "东河县人民政府"),
        (OTHER_VILLAGE, "西山区民政局", "西山区人民政府"),
    ],
)
def test_a_refusal_is_signed_by_who_decided_and_says_where_to_appeal(
    sqlite_database: Database, people: People, september: datetime, village: str, signer: str, government: str
):
    """The county's department leads to the county's government; so do a township and a street office."""
    if village == "379901003001":
        with sqlite_database.write() as session:
            # The people of the tests sit in the first township; here it is a street office.
            session.execute(update(Area).where(Area.code == "379901001").values(name="城关街道"))
        village = "379901001001"
    with sqlite_database.write() as session:
        # The limits are rows of the rule table, and the letter says what they say on its day.
        [old] = session.scalars(select(RuleValue).where(RuleValue.key == "remedy.suit"))
        old.value = "3"
    walk = Walk.begin(sqlite_database, people, september, village=village)
    refuse(walk, reasons="1. 人均月收入 2600 元；\n2、家庭名下有机动车一辆。")

    first, second = pages(letter(walk, "refusal"))

    assert first.count(signer) == 2
    assert "（一）人均月收入2600元；" in first
    assert "（二）家庭名下有机动车一辆。" in first
    assert f"六十日内，向{government}申请行政复议" in first
    assert "三个月内，依法向有管辖权的人民法院提起行政诉讼" in first
    assert "《中华人民共和国社会救助法》第四十五条" in first
    assert "送达回证" in second


@pytest.mark.parametrize("kind", ["refusal", "termination"])
def test_no_adverse_letter_without_reasons(
    database: Database, people: People, september: datetime, kind: str
):
    """The organ that says no says why; the letter cannot be issued otherwise, and no number is used up."""
    walk = Walk.begin(database, people, september)

    with pytest.raises(Invalid, match="没有写明理由"):
        issue(walk, kind, reasons=" ", decision_articles=[])


def test_boards_show_what_the_law_names_and_nothing_else(
    database: Database, people: People, september: datetime
):
    """Name, members, category, opinion or amount, time, place, where to object: no number, address, illness or income."""
    walk = Walk.begin(database, people, september, reason="尿毒症，需长期透析")
    case = walk.to_the_end()
    with database.read() as session:
        application = session.get_one(Application, case.id)
        person = session.get_one(Person, case.applicant_id)
        secret = [
            str(person.id_number),
            str(person.id_number)[6:14],
            person.phone,
            application.address,
            application.account_number,
            application.account_bank,
            "尿毒症",
            "200.00",
            case.number,
        ]

    notice, publication = said(walk, "public_notice"), said(walk, "publication")

    for text in (notice, publication):
        assert case.applicant_name in text
        assert "1人" in text
        assert "600.00元" in text
        assert not [words for words in secret if words in text]
        assert not re.search(r"\d{15,}", text)
    assert "2026年9月24日至2026年10月" in notice
    assert "向柳林镇人民政府书面或者口头反映" in notice
    assert "《最低生活保障审核确认办法》第十九条" in notice
    assert "拟确认同意" in notice
    assert "低保" not in publication


def test_an_issued_letter_does_not_change_any_more(database: Database, people: People, september: datetime):
    """Whatever happens to the case, the same bytes come out, in PDF/A, with the moment of issue in them."""
    walk = Walk.begin(database, people, september)
    before = letters.pdf(letter(walk, "receipt"))
    with database.write() as session:
        session.get_one(Case, walk.case_id).applicant_name = "别人"

    after = letters.pdf(letter(walk, "receipt"))

    assert after == before
    reader = PdfReader(io.BytesIO(after))
    assert reader.metadata is not None
    assert reader.metadata.creation_date == september
    assert b"pdfaid" in after


def test_words_are_never_read_as_markup(sqlite_database: Database, people: People, september: datetime):
    """What a clerk writes stands in the letter as it was written."""
    walk = Walk.begin(sqlite_database, people, september)
    evil = '#panic("x") #read("/etc/passwd") $x^2$ *粗* {{ 7*7 }} <b>甲</b> \\ 乙 @丙'
    refuse(walk, reasons=evil)

    assert re.sub(r"\s", "", evil) in said(walk, "refusal")


def test_a_character_that_no_font_has_does_not_stop_a_letter(
    sqlite_database: Database, people: People, september: datetime
):
    """A rare character may be an empty box on paper; the letter still goes out."""
    walk = Walk.begin(sqlite_database, people, september)
    rare = issue(walk, "termination", reasons="无法联系\U000323af某。", decision_articles=["甲法 第一条"])

    assert letters.pdf(rare).startswith(b"%PDF")


def test_long_reasons_run_on_without_leaving_the_signature_alone(
    sqlite_database: Database, people: People, september: datetime
):
    """A letter of several pages ends with words beside its signature."""
    walk = Walk.begin(sqlite_database, people, september)
    reasons = "\n".join(f"第{n}项事实：" + "家庭成员拒绝说明收入来源。" * 12 for n in range(6))
    long = issue(walk, "termination", reasons=reasons, decision_articles=["甲法 第一条"])

    *_, last, service = pages(long)

    assert "行政诉讼" in last
    assert "加盖印章" in last
    assert "送达回证" in service


def test_sample_cases_carry_a_mark_on_each_page(
    sqlite_database: Database, people: People, september: datetime
):
    """Of a sample case, and of any case in a sample place; a real one has none."""
    walk = Walk.begin(sqlite_database, people, september)
    refuse(walk, reasons="收入超过标准。")
    marked = letter(walk, "refusal")
    with sqlite_database.write() as session:
        session.execute(update(Area).values(sample=False))
    real = issue(walk, "refusal")
    with sqlite_database.write() as session:
        session.get_one(Case, walk.case_id).sample = True
    sample = issue(walk, "refusal")

    assert all("示例数据" in page for page in pages(marked) + pages(sample))
    assert not any("示例" in page for page in pages(real))


def test_what_is_not_sourced_is_not_cited(sqlite_database: Database, people: People, september: datetime):
    """A limit that is ours, remembered or a sample binds the office and is not presented as law."""
    walk = Walk.begin(sqlite_database, people, september)
    walk.do("examine_papers")
    with sqlite_database.write() as session:
        session.execute(update(Deadline).where(Deadline.kind == "total").values(provenance="memory"))

    again = issue(walk, "acceptance")

    assert "依据" not in "".join(pages(again))


def test_letters_are_counted_by_county_kind_and_year(database: Database, people: People, september: datetime):
    """Each county has its own run of numbers for each kind of letter."""
    first = Walk.begin(database, people, september)
    second = Walk.begin(database, people, september)
    third = Walk.begin(database, people, september, village=OTHER_VILLAGE)
    next_year = datetime(2026, 12, 31, 17, tzinfo=UTC)  # New Year's morning in China
    fourth = Walk.begin(database, people, next_year)

    assert [letter(walk, "receipt").number for walk in (first, second, third, fourth)] == [
        "东河民首接〔2026〕1号",
        "东河民首接〔2026〕2号",
        "西山民首接〔2026〕1号",
        "东河民首接〔2027〕1号",
    ]


def test_supplement_extension_and_check_say_what_is_missing_why_and_what_to_do(
    sqlite_database: Database, people: People, september: datetime
):
    """All papers at once with their reasons; the new day and its approver; classes of data, never balances."""
    walk = Walk.begin(sqlite_database, people, september)
    walk.plot.incomplete = True
    walk.do("examine_papers")
    supplement = said(walk, "supplement")
    extension = issue(
        walk,
        "extension",
        reason="公示有异议",
        explanation="需要重新调查。",
        due="2026-11-30T15:59:59+00:00",
        approver="周涛",
    )
    check = issue(walk, "check_result", check_items=["银行存款"])

    assert "1残疾人证复印件平台未查到证件信息" in supplement
    assert "2银行卡复印件用于发放" in supplement
    assert "2026年11月30日" in "".join(pages(extension))
    assert "批准人：周涛" in "".join(pages(extension))
    assert "涉及的核对项目：银行存款。" in "".join(pages(check))
    assert "复查" in "".join(pages(check))


def test_every_kind_has_its_template_and_a_mark_of_its_own():
    """No two kinds share a run of numbers."""
    marks = [kind.mark for kind in letters.KINDS.values()]

    assert len(marks) == len(set(marks))
    folder = Path(letters.__file__).parents[1] / "templates"
    assert {path.stem for path in folder.glob("*.txt")} == letters.KINDS.keys()


def test_the_stored_file_is_the_letter_and_a_damaged_one_is_not(
    sqlite_database: Database, people: People, september: datetime, tmp_path: Path
):
    """The file is named by its digest; where it was changed, the letter is typeset again."""
    walk = Walk.begin(sqlite_database, people, september)
    one = letter(walk, "receipt")
    fresh = letters.stored_pdf(one, tmp_path)
    one.sha256 = letters.render_to_file(one, tmp_path)
    path = tmp_path / f"{one.sha256}.pdf"

    assert path.read_bytes() == fresh == letters.stored_pdf(one, tmp_path)
    path.write_bytes(b"changed")
    assert letters.stored_pdf(one, tmp_path) == fresh


def test_reasons_are_numbered_once():
    """Numbers that the clerk typed are replaced; a single reason has none; blank lines do not count."""
    assert numbered("只有一条。") == ["只有一条。"]
    assert numbered("1. 甲\n\n（2）乙\n三、丙") == ["（一）甲", "（二）乙", "（三）丙"]
    assert numbered("2600 元收入\n\n") == ["2600 元收入"]
    assert [line[:4] for line in numbered("甲\n" * 21)][9::10] == ["（十）甲", "（二十）"]


def test_a_child_is_a_surname_on_the_board():
    """All data of a child is sensitive; a grown-up's name is what the law lets a board show."""
    day = date(2026, 11, 24)

    assert public_name("张小雨", date(2010, 1, 1), day) == "张某"
    assert public_name("欧阳小雨", date(2010, 1, 1), day) == "欧阳某"
    assert public_name("张小雨", date(2008, 11, 24), day) == "张小雨"
    assert public_name("张小雨", None, day) == "张小雨"


def test_a_county_of_two_characters_keeps_its_name_in_numbers():
    """单县 would be a lone character."""
    assert [short_county(name) for name in ("东河县", "单县", "西山区", "曲阜市")] == [
        "东河",
        "单县",
        "西山",
        "曲阜",
    ]


def test_each_organ_has_a_mark_of_its_own(database: Database, people: People):
    """Two townships of the same name lie in two counties, and a township is no department."""
    with database.read() as session:
        marks = [organs.mark(session, area) for area in ("37", "3799", "379901", "379901001", "379901003")]

    assert marks == ["山东民", "示例民", "东河民", "东河柳林", "东河城关"]
