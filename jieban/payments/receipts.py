"""The bank's answer: a file whose rows say of each payment whether it arrived. Wrong rows are named, right ones are taken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jieban.errors import Invalid
from jieban.intake.grid import Row, read_grid
from jieban.intake.rejections import Rejection
from jieban.intake.values import BadCellError, read_cell, shown
from jieban.payments.columns import (
    ACCOUNT,
    AMOUNT,
    KIND,
    LIST,
    NUMBER,
    PAID_ON,
    REASON,
    RESULT,
    SHEET,
    SYNONYMS,
    TOTAL,
    VOUCHER,
)
from jieban.payments.lines import AnyLine

_LONGEST = {"reason": 200, "voucher": 60}


@dataclass(frozen=True)
class Answer:
    """What the bank says of one payment."""

    row: Row
    list_number: str
    number: int
    account: str
    amount: Decimal
    result: str
    """paid, returned"""
    reason: str
    paid_on: date | None
    voucher: str

    def reject(self, column: str, reason: str) -> Rejection:
        """Say what is wrong with it, beside the cell."""
        return _reject(self.row, column, reason)


@dataclass
class Receipt:
    """A file that was read."""

    answers: list[Answer] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


@dataclass
class Compared:
    """A file beside its list: what it says anew, what was known already, and what cannot be right."""

    fresh: list[Answer] = field(default_factory=list)
    known: int = 0
    rejected: list[Rejection] = field(default_factory=list)


def read_receipt(path: Path) -> Receipt:
    """Read a workbook or CSV file; Invalid where the file as a whole cannot be used."""
    receipt = Receipt()
    for row in read_grid(path, KIND).sheets[SHEET]:
        if shown(row.cells.get(NUMBER)) != TOTAL:
            _read(row, receipt)
    if not (receipt.answers or receipt.rejected):
        raise Invalid("文件中没有回盘结果，请在“结果”栏填写后再导入。")
    return receipt


def compare(
    lines: Sequence[AnyLine], list_number: str, receipt: Receipt, checked_on: date, today: date
) -> Compared:
    """Compare the answers with the lines of the list that was sent; what was taken before is never changed."""
    by_number = {line.number: line for line in lines}
    compared = Compared(rejected=list(receipt.rejected))
    seen: dict[int, Answer] = {}
    for answer in receipt.answers:
        line = by_number.get(answer.number)
        said = _wrong(answer, line, list_number, (checked_on, today))
        if not said and answer.number in seen:
            said = (NUMBER, f"与第 {seen[answer.number].row.number} 行是同一笔。")
        if not said and line is not None:
            said = _contradicts(answer, line)
        if said:
            compared.rejected.append(answer.reject(*said))
            continue
        seen[answer.number] = answer
        if line is not None and line.state == answer.result:
            compared.known += 1
        else:
            compared.fresh.append(answer)
    return compared


def _wrong(
    answer: Answer, line: AnyLine | None, list_number: str, days: tuple[date, date]
) -> tuple[str, str] | None:
    """Say which cell cannot be right, and why."""
    other = bool(answer.list_number) and answer.list_number != list_number
    if line is None or other:
        foreign = LIST, f"不是本名册的回盘，本名册的编号是 {list_number}。"
        return foreign if other else (NUMBER, f"名册中没有第 {answer.number} 笔。")
    paid, (checked_on, today) = answer.result == "paid", days
    day = answer.paid_on
    checks = (
        (line.state == "held", NUMBER, "这一笔暂缓发放，没有送银行。"),
        (answer.account != line.account_number, ACCOUNT, "账号与名册不一致。"),
        (answer.amount != line.amount, AMOUNT, f"金额与名册不一致，名册为 {line.amount:.2f} 元。"),
        (not paid and not answer.reason, REASON, "退回的，请填写退回原因。"),
        (paid and day is None, PAID_ON, "成功的，请填写交易日期。"),
        (
            paid and day is not None and not checked_on <= day <= today,
            PAID_ON,
            f"交易日期不能早于名册复核的 {checked_on}，也不能晚于今天。",
        ),
    )
    return next(((column, said) for wrong, column, said in checks if wrong), None)


def _contradicts(answer: Answer, line: AnyLine) -> tuple[str, str] | None:
    if line.state in ("paid", "returned") and line.state != answer.result:
        word = "成功" if line.state == "paid" else "退回"
        return RESULT, f"此前的回盘已登记为“{word}”，不能更改。"
    return None


def _read(row: Row, receipt: Receipt) -> None:
    values: dict[str, Any] = {}
    wrong: list[Rejection] = []
    for column in KIND.sheets[SHEET]:
        cell = row.cells.get(column.header)
        if column.header == RESULT:
            cell = SYNONYMS.get(shown(cell), cell)
        try:
            values[column.field] = read_cell(column, cell)
        except BadCellError as bad:
            values[column.field] = None
            wrong.append(_reject(row, column.header, str(bad)))
    number = values["number"] or ""
    if number and not (number.isascii() and number.isdecimal() and len(number) <= 9):
        wrong.append(_reject(row, NUMBER, "序号应为名册中的数字。"))
    for name, header in (("reason", REASON), ("voucher", VOUCHER)):
        if len(values[name] or "") > _LONGEST[name]:
            wrong.append(_reject(row, header, f"最多 {_LONGEST[name]} 个字。"))
    receipt.rejected += wrong
    if not wrong:
        receipt.answers.append(_answer(row, values))


def _answer(row: Row, values: Mapping[str, Any]) -> Answer:
    return Answer(
        row,
        values["list"] or "",
        int(values["number"]),
        "".join(values["account"].split()),
        values["amount"],
        values["result"],
        values["reason"] or "",
        values["paid_on"],
        values["voucher"] or "",
    )


def _reject(row: Row, column: str, reason: str) -> Rejection:
    return Rejection(row.sheet, row.number, column, shown(row.cells.get(column)), reason)
