"""The board as a file for a meeting or a report."""

import csv
import io
from collections.abc import Iterator, Sequence

from fastapi.responses import Response

from jieban.clock import CHINA, local_day
from web.i18n import N_, translate
from web.overdue.rows import Row
from web.pages import Due
from web.security.visitor import Visitor
from web.titles import Titles

_HEAD = (
    N_("期限情况"),
    N_("任务"),
    N_("申请人"),
    N_("案号"),
    N_("县（市、区）"),
    N_("乡镇（街道）"),
    N_("责任岗位"),
    N_("责任人"),
    N_("到期时间"),
    N_("开始时间"),
    N_("已督促次数"),
    N_("期限依据"),
    N_("本步骤依据"),
    N_("超过法定期限"),
    N_("法定期限依据"),
)
_WIDTHS = (16, 20, 12, 22, 16, 14, 14, 12, 18, 18, 10, 30, 40, 16, 40)
_KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def file(kind: str, rows: list[Row], clock: Due, titles: Titles, visitor: Visitor) -> Response:
    """Write the rows as a workbook or as CSV."""
    head = [translate(visitor.locale, title) for title in _HEAD]
    cells = list(_cells(rows, clock, titles, translate(visitor.locale, N_("未领取"))))
    content = workbook(head, _WIDTHS, cells) if kind == "xlsx" else _csv(head, cells)
    name = f"overdue-{local_day(visitor.now).isoformat()}.{kind}"
    return Response(
        content,
        media_type=_KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _cells(rows: list[Row], clock: Due, titles: Titles, nobody: str) -> Iterator[list[str]]:
    for row in rows:
        task = row.task
        yield [
            clock.words(task).text,
            titles.of(task.case_id, task.name),
            task.applicant_name,
            task.case_number,
            row.county,
            row.town,
            row.role,
            row.holder or f"{row.office}（{nobody}）",
            f"{task.due_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            f"{task.opened_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
            str(row.level),
            clock.basis(task),
            task.article,
            clock.at(task.town_code).words(row.law).text if row.law else "",
            row.law.article if row.law else "",
        ]


def workbook(head: list[str], widths: Sequence[int], cells: list[list[str]]) -> bytes:
    """Write a table as a workbook: its head in bold, the columns as wide as said."""
    import xlsxwriter  # type: ignore[import-untyped]

    target = io.BytesIO()
    # Texts stay texts: a name that begins with "=" is no formula.
    book = xlsxwriter.Workbook(
        target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True, "bg_color": "#f3f6f9", "border": 1})
    for column, (title, width) in enumerate(zip(head, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, bold)
    for number, line in enumerate(cells, 1):
        for column, text in enumerate(line):
            sheet.write_string(number, column, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(cells), 1), len(head) - 1)
    book.close()
    return target.getvalue()


def _csv(head: list[str], cells: list[list[str]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(head)
    writer.writerows([[_harmless(text) for text in line] for line in cells])
    # The mark makes spreadsheet programs read it as UTF-8.
    return target.getvalue().encode("utf-8-sig")


def _harmless(text: str) -> str:
    # A cell that begins like a formula would be calculated by the program that opens the file.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
