"""The file of warnings: its columns, the empty workbook, and its rows as matters."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jieban.errors import Invalid
from jieban.intake.applications import NewMatter
from jieban.intake.columns import EXAMPLE, Column
from jieban.intake.grid import Kind, Row, read_grid
from jieban.intake.rejections import Rejection
from jieban.intake.values import BadCellError, read_cell, shown
from jieban.monitoring.words import INDICATORS, LEVELS, SOURCES

SHEET, HELP = "预警", "填写说明"
_TEXT = "请按“文本”格式填写，避免后几位变成 0。"
COLUMNS = (
    Column("预警编号", "platform_number", "number_text", width=18, help="监测平台的编号，没有的不填。"),
    Column("姓名", "subject", required=True),
    Column("身份证号", "id_number", "number_text", required=True, width=22, help=_TEXT),
    Column(
        "区划代码",
        "area_code",
        "number_text",
        required=True,
        width=16,
        help="本人居住的村（社区）12 位或者乡镇（街道）9 位代码；不清楚的填县（市、区）6 位代码，由县级推送乡镇。",
    ),
    Column("联系电话", "phone", "number_text", width=16),
    Column("线索来源", "source", "choice", required=True, choices=SOURCES, width=24),
    Column("预警指标", "indicator", "choice", required=True, choices=INDICATORS, width=18),
    Column(
        "级别", "level", "choice", choices=LEVELS, width=8, help="平台没有给出的不填，由系统按决策表确定。"
    ),
    Column("医疗自付(元)", "self_pay", "money", help="指标为医疗自付费用较高的必须填写。"),
    Column("预警日期", "warned_on", "date", required=True, help="如 2026-11-24，不能晚于导入当天。"),
    Column("预警内容", "content", required=True, width=40),
)
KIND = Kind({SHEET: COLUMNS}, (SHEET,), "预警")
_OWN = frozenset({"subject", "id_number", "area_code", "phone"})
_EXAMPLE = (
    f"{EXAMPLE}1",
    "张秀兰",
    "379901196503074429",
    "379901001001",
    "13900000000",
    "医保",
    "医疗自付费用较高",
    "",
    "12000",
    "2026-11-20",
    "上月住院，医疗自付 12000 元",
)


@dataclass(frozen=True)
class ReadWarning:
    """One row of a file, as it would be registered."""

    row: Row
    matter: NewMatter

    @property
    def digest(self) -> str:
        """Name a warning by its content; where it stands in a file does not matter."""
        matter = self.matter
        values = [matter.subject, matter.id_number, matter.area_code, dict(matter.data)]
        text = json.dumps(["warning", *values], ensure_ascii=False, sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def reject(self, field: str, reason: str) -> Rejection:
        """Say what is wrong with it, beside the cell."""
        header = next((column.header for column in COLUMNS if column.field == field), "姓名")
        return Rejection(self.row.sheet, self.row.number, header, shown(self.row.cells.get(header)), reason)


@dataclass(frozen=True)
class Reading:
    """A file that was read."""

    warnings: tuple[ReadWarning, ...]
    rejected: tuple[Rejection, ...]


def read_warnings(path: Path) -> Reading:
    """Read a workbook or CSV file of warnings; Invalid where the file as a whole cannot be used."""
    found: list[ReadWarning] = []
    rejected: list[Rejection] = []
    for row in read_grid(path, KIND).sheets[SHEET]:
        if shown(row.cells.get("预警编号")).startswith(EXAMPLE):
            continue
        values, wrong = _read(row)
        rejected += wrong
        if not wrong:
            found.append(ReadWarning(row, _matter(values)))
    if not (found or rejected):
        raise Invalid("文件中没有预警；示例行不会导入，请在其下方填写。")
    return Reading(tuple(found), tuple(rejected))


def write_template(path: Path) -> None:
    """Write the empty workbook, with one example that is never taken in."""
    import xlsxwriter  # type: ignore[import-untyped]

    with xlsxwriter.Workbook(str(path)) as book:
        head = book.add_format({"bold": True, "bg_color": "#1F4E79", "font_color": "#FFFFFF", "border": 1})
        must = book.add_format({"bold": True, "bg_color": "#9C1C1C", "font_color": "#FFFFFF", "border": 1})
        text = book.add_format({"num_format": "@"})
        example = book.add_format({"num_format": "@", "italic": True, "font_color": "#808080"})
        sheet = book.add_worksheet(SHEET)
        for place, column in enumerate(COLUMNS):
            sheet.set_column(place, place, column.width, text)
            title = column.header + ("*" if column.required else "")
            sheet.write_string(0, place, title, must if column.required else head)
            sheet.write_string(1, place, _EXAMPLE[place], example)
            if column.choices:
                words = list(column.choices.values())
                sheet.data_validation(1, place, 5000, place, {"validate": "list", "source": words})
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet(HELP)
        notes.set_column(0, 0, 20)
        notes.set_column(1, 1, 90)
        for number, column in enumerate(COLUMNS):
            words_of = f"可填：{'、'.join(column.choices.values())}。" if column.choices else ""
            notes.write_string(number, 0, column.header)
            notes.write_string(number, 1, ("必填。" if column.required else "") + column.help + words_of)


def _read(row: Row) -> tuple[dict[str, Any], list[Rejection]]:
    values: dict[str, Any] = {}
    wrong: list[Rejection] = []
    for column in COLUMNS:
        cell = row.cells.get(column.header)
        try:
            values[column.field] = read_cell(column, cell)
        except BadCellError as bad:
            wrong.append(Rejection(row.sheet, row.number, column.header, shown(cell), str(bad)))
    return values, wrong


def _matter(values: dict[str, Any]) -> NewMatter:
    data = {name: one for name, one in values.items() if name not in _OWN and one is not None}
    data["warned_on"] = values["warned_on"].isoformat()
    if "self_pay" in data:
        data["self_pay"] = f"{data['self_pay']:f}"
    return NewMatter(
        channel="warning",
        area_code=values["area_code"],
        subject=values["subject"],
        id_number=values["id_number"].upper(),
        phone=values["phone"] or "",
        data=data,
    )
