"""The file that goes to the bank: the same list always gives the same bytes, so that its digest says what was sent."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from jieban.payments.columns import ANSWERED, KIND, SENT, SHEET, TOTAL
from jieban.payments.lines import AnyLine, total_of

_DIGEST_SHOWN = 8


@dataclass(frozen=True)
class BankFile:
    """What a file says above its lines."""

    case_number: str
    digest: str
    """of the list, over all of its lines"""
    purpose: str
    """as it stands on the bank statement of whoever is paid"""

    @property
    def list_number(self) -> str:
        """Name the list as it stood when it was frozen."""
        return f"{self.case_number}-{self.digest[:_DIGEST_SHOWN]}"


def as_csv(about: BankFile, lines: Iterable[AnyLine]) -> bytes:
    """Write the lines that are to be paid, and a last row with their number, their sum and the digest of the list.

    UTF-8 with a mark, since spreadsheet programs of a Chinese desktop would otherwise take it for GB 18030.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(SENT)
    writer.writerows(_rows(about, lines))
    return out.getvalue().encode("utf-8-sig")


def write_workbook(about: BankFile, lines: Iterable[AnyLine], path: Path) -> None:
    """Write the same as a workbook, with empty columns for the bank's answer; every cell is text."""
    import xlsxwriter  # type: ignore[import-untyped]

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
        text = book.add_format({"num_format": "@", "border": 1})
        sheet = book.add_worksheet(SHEET)
        for place, (title, column) in enumerate(zip((*SENT, *ANSWERED), KIND.sheets[SHEET], strict=True)):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, title, head)
        for number, row in enumerate(_rows(about, lines), 1):
            for place, cell in enumerate(row):
                sheet.write_string(number, place, cell, text)
        sheet.freeze_panes(1, 0)


def sha256_of(content: bytes) -> str:
    """Give the digest of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _rows(about: BankFile, lines: Iterable[AnyLine]) -> list[Sequence[str]]:
    paid = [line for line in sorted(lines, key=lambda one: one.number) if line.state != "held"]
    rows: list[Sequence[str]] = [
        (
            about.list_number,
            str(line.number),
            line.account_holder,
            line.account_bank,
            line.account_number,
            f"{line.amount:.2f}",
            line.month,
            about.purpose,
        )
        for line in paid
    ]
    rows.append(
        (about.list_number, TOTAL, f"{len(paid)} 笔", "", "", f"{total_of(paid):.2f}", "", about.digest)
    )
    return rows
