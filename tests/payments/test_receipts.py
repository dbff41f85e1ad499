"""What a bank sends back: read as it comes, compared line by line."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook

from jieban.errors import Invalid
from jieban.payments.bank_file import BankFile, as_csv, sha256_of, write_workbook
from jieban.payments.columns import ANSWERED, SHEET
from jieban.payments.lines import Line, digest_of
from jieban.payments.receipts import compare, read_receipt

LINES = tuple(
    Line(number, UUID(int=number), "2026-03", 1, "379901001", f"张{word}", f"张{word}", "示例农商银行", f"620000000000000{number}",
         Decimal(amount), state)
    for number, word, amount, state in ((1, "一", "600", "listed"), (2, "二", "450.50", "listed"), (3, "三", "300", "held"))
)  # fmt: skip
ABOUT = BankFile("379901-FF-2026-00001", digest_of(LINES), "最低生活保障金")
CHECKED, TODAY = date(2026, 3, 4), date(2026, 3, 6)
PAID = {"结果": "成功", "交易日期": "2026-03-06", "流水号": "LS1"}


def _sent() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(ABOUT, LINES).decode("utf-8-sig"))))


def _answer(path: Path, *cells: dict[str, str], encoding: str = "utf-8-sig") -> Path:
    rows = [{**row, **PAID, **more} for row, more in zip(_sent(), cells, strict=False)]
    out = io.StringIO()
    writer = csv.DictWriter(out, [*_sent()[0], *ANSWERED])
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def test_the_file_has_what_is_paid_and_sums_it_up() -> None:
    first, second, total = _sent()

    assert (first["序号"], first["金额(元)"], first["账号"]) == ("1", "600.00", "6200000000000001")
    assert second["户名"] == "张二"
    assert (total["序号"], total["户名"], total["金额(元)"]) == ("合计", "2 笔", "1050.50")
    assert total["用途"] == ABOUT.digest
    assert first["名册编号"] == f"379901-FF-2026-00001-{ABOUT.digest[:8]}"


def test_the_same_list_always_gives_the_same_file() -> None:
    assert sha256_of(as_csv(ABOUT, LINES)) == sha256_of(as_csv(ABOUT, tuple(reversed(LINES))))


def test_the_workbook_has_the_same_cells_as_text_and_room_for_the_answer(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    write_workbook(ABOUT, LINES, path)

    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(SHEET).to_python()

    assert rows[0][-4:] == list(ANSWERED)
    assert rows[1][4] == "6200000000000001"  # a number would have lost its end
    assert [row[1] for row in rows[1:]] == ["1", "2", "合计"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_an_answer_is_read_in_both_encodings_of_a_chinese_desktop(tmp_path: Path, encoding: str) -> None:
    path = _answer(
        tmp_path / "back.csv",
        {},
        {"结果": "失败", "退回原因": "账户已销户", "交易日期": ""},
        encoding=encoding,
    )

    found = compare(LINES, ABOUT.list_number, read_receipt(path), CHECKED, TODAY)

    assert found.rejected == []
    assert [(one.number, one.result, one.reason) for one in found.fresh] == [
        (1, "paid", ""),
        (2, "returned", "账户已销户"),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "said"),
    [
        ({"序号": "7"}, "序号", "名册中没有第 7 笔"),
        ({"序号": "3"}, "序号", "暂缓发放"),
        ({"序号": "一"}, "序号", "数字"),
        ({"账号": "6200000000000002"}, "账号", "与名册不一致"),
        ({"金额(元)": "600.01"}, "金额(元)", "名册为 600.00 元"),
        ({"金额(元)": "六百"}, "金额(元)", "应为数字"),
        ({"结果": "大概"}, "结果", "应为列出的一种"),
        ({"结果": ""}, "结果", "请填写结果"),
        ({"结果": "退回"}, "退回原因", "请填写退回原因"),
        ({"交易日期": ""}, "交易日期", "请填写交易日期"),
        ({"交易日期": "2026-03-03"}, "交易日期", "不能早于名册复核"),
        ({"交易日期": "2026-03-07"}, "交易日期", "也不能晚于今天"),
        ({"流水号": "9" * 61}, "流水号", "最多 60 个字"),
        ({"名册编号": "379901-FF-2026-00002-00000000"}, "名册编号", "不是本名册的回盘"),
        ({"结果": "=1+1"}, "结果", "是公式"),
    ],
)
def test_a_wrong_row_is_named_and_the_right_one_is_taken(
    tmp_path: Path, cells: dict[str, str], column: str, said: str
) -> None:
    found = compare(
        LINES, ABOUT.list_number, read_receipt(_answer(tmp_path / "back.csv", cells, {})), CHECKED, TODAY
    )

    assert [one.number for one in found.fresh] == [2]
    assert [(one.row, one.field) for one in found.rejected] == [(2, column)]
    assert said in found.rejected[0].reason


def test_the_same_line_twice_is_taken_once(tmp_path: Path) -> None:
    path = _answer(tmp_path / "back.csv", {}, {"序号": "1", "账号": "6200000000000001", "金额(元)": "600"})

    found = compare(LINES, ABOUT.list_number, read_receipt(path), CHECKED, TODAY)

    assert ([one.number for one in found.fresh], found.rejected[0].reason) == ([1], "与第 2 行是同一笔。")


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "序号,结果\r\n".encode()])
def test_a_file_that_is_none_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "back.csv"
    path.write_bytes(content)

    with pytest.raises(Invalid, match="。"):
        read_receipt(path)
