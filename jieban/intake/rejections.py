"""What could not be taken in from a file: where, what, and why, as a list and as a workbook for whoever mends it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Rejection:
    """One finding in a file; row 0 speaks about the whole sheet."""

    sheet: str
    row: int
    field: str
    value: str
    reason: str


def write_rejections(rejected: Sequence[Rejection], path: Path) -> None:
    """Write the findings as a workbook. Every cell is text, so that nothing of the bad file is ever calculated."""
    import xlsxwriter  # type: ignore[import-untyped]

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1, "font_name": "宋体"})
        body = book.add_format({"text_wrap": True, "valign": "top", "border": 1, "font_name": "宋体"})
        sheet = book.add_worksheet("未能登记")
        for column, (title, width) in enumerate(
            (("工作表", 12), ("行", 6), ("栏目", 20), ("内容", 26), ("原因", 60))
        ):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        for row, found in enumerate(rejected, 1):
            cells = (found.sheet, str(found.row or ""), found.field, found.value, found.reason)
            for column, text in enumerate(cells):
                sheet.write_string(row, column, text, body)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rejected), 1), 4)
