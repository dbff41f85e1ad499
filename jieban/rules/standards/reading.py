"""From a workbook or CSV file to the values that somebody wants, with a sentence for each cell that cannot be read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from jieban.errors import Invalid
from jieban.intake.columns import Column
from jieban.intake.grid import Row, read_grid
from jieban.intake.rejections import Rejection
from jieban.intake.values import BadCellError, read_cell, shown
from jieban.rules.standards.columns import (
    ARTICLE,
    ITEM,
    KIND,
    LINKED,
    PROVENANCE,
    SHEETS,
    SINCE,
    SOURCE,
    STANDARDS,
    UNIT,
    VALUE,
)
from jieban.rules.standards.items import BASES, CITABLE, Item, find_item, items

MOST_ROWS = 5000
_SHORT = {"示例": "示例数据", "部分": "部分核对原文"}
_LONGEST = {"source": 200, "article": 200}


@dataclass(frozen=True)
class Wanted:
    """A value that somebody wants, and the cell that says so."""

    sheet: str
    row: int
    area_code: str
    key: str
    value: str
    effective_from: date
    source: str
    article: str
    provenance: str
    computed: bool = False
    """whether it was worked out from a base"""

    def reject(self, column: str, reason: str) -> Rejection:
        """Say what is wrong with it, beside the cell."""
        cells = {VALUE: self.value, SINCE: self.effective_from.isoformat()}
        return Rejection(self.sheet, self.row, column, cells.get(column, self.area_code), reason)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"effective_from": self.effective_from.isoformat()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Wanted":
        return cls(**{**values, "effective_from": date.fromisoformat(values["effective_from"])})


@dataclass
class Reading:
    """A file that was read: values to set one by one, bases that compute the nine classes, and what is wrong."""

    wanted: list[Wanted] = field(default_factory=list)
    bases: list[Wanted] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)


def read_standards(path: Path) -> Reading:
    """Read a workbook or CSV file of standards; Invalid where the file as a whole cannot be used."""
    rows = read_grid(path, KIND)
    if sum(len(one) for one in rows.sheets.values()) > MOST_ROWS * (2 if rows.flat else 1):
        raise Invalid(f"文件超过 {MOST_ROWS} 行，请按地区分成几个文件导入。")
    reading = Reading()
    for row in rows.sheets[STANDARDS]:
        if not _blank(row, (VALUE, SINCE, SOURCE, ARTICLE)):
            _read_standard(row, reading)
    for row in () if rows.flat else rows.sheets[LINKED]:
        if not _blank(row, [column.header for column in SHEETS[LINKED][1:3]]):
            _read_bases(row, reading)
    if not (reading.wanted or reading.bases or reading.rejected):
        raise Invalid("文件中没有填写数值，请在“数值”栏填写后再导入。")
    return reading


def check_behind(source: str, provenance: str) -> str:
    """Tell what is missing behind a value; "" where nothing is."""
    if provenance in CITABLE and not source.strip():
        return "核对过原文的，须填写依据文件的名称。"
    return ""


def check_value(item: Item, value: Decimal) -> str:
    """Tell what is wrong with a value by itself; "" where nothing is."""
    if value < 0:
        return "不能是负数。"
    if value == 0 or value > item.most:
        return f"{item.name}应大于 0、不超过 {item.most.normalize():f}（{item.shown}）。"
    if item.unit == "yuan" and value != value.quantize(Decimal("0.01")):
        return "金额最多两位小数。"
    return ""


def _read_standard(row: Row, reading: Reading) -> None:
    values, wrong = _read(row, SHEETS[STANDARDS])
    item = find_item(values["item"] or "")
    if item is None and not _about(wrong, ITEM):
        said = "没有这个项目，可以填写的见模板“项目”表；期限和审批权限请用 yaml 规则文件导入。"
        wrong.append(_reject(row, ITEM, said))
    if item and values["unit"] and values["unit"] not in {item.shown, item.unit}:
        wrong.append(_reject(row, UNIT, f"单位应为“{item.shown}”，请核对数值。"))
    if item and values["value"] is not None and (said := check_value(item, values["value"])):
        wrong.append(_reject(row, VALUE, said))
    reading.rejected += wrong
    if item and not wrong:
        reading.wanted.append(_wanted(row, item.key, values, values["value"]))


def _read_bases(row: Row, reading: Reading) -> None:
    values, wrong = _read(row, SHEETS[LINKED])
    bases = [(items()[key], values[name]) for key, name in zip(BASES, ("urban", "rural"), strict=True)]
    for item, value in bases:
        if value is not None and (said := check_value(item, value)):
            wrong.append(_reject(row, item.name, said))
    reading.rejected += wrong
    if not wrong:
        reading.bases += [_wanted(row, item.key, values, value) for item, value in bases]


def _read(row: Row, columns: tuple[Column, ...]) -> tuple[dict[str, Any], list[Rejection]]:
    values: dict[str, Any] = {}
    wrong: list[Rejection] = []
    for column in columns:
        cell = row.cells.get(column.header)
        if column.header == PROVENANCE:
            cell = _SHORT.get(shown(cell), cell)
        try:
            values[column.field] = read_cell(column, cell)
        except BadCellError as bad:
            values[column.field] = None
            said = str(bad)
            if column.kind == "money" and shown(cell) and "公式" not in said:
                said = "应为数字，如 1060 或 1.3，不要写单位和百分号。"
            wrong.append(_reject(row, column.header, said))
    for column in columns:
        most = _LONGEST.get(column.field)
        if most and len(values[column.field] or "") > most:
            wrong.append(_reject(row, column.header, f"内容过长，最多 {most} 个字。"))
    if not wrong and (said := check_behind(values["source"] or "", values["provenance"])):
        wrong.append(_reject(row, SOURCE, said))
    return values, wrong


def _wanted(row: Row, key: str, values: Mapping[str, Any], value: Decimal) -> Wanted:
    return Wanted(
        sheet=row.sheet,
        row=row.number,
        area_code=values["area_code"] or "",
        key=key,
        value=f"{value.normalize():f}",
        effective_from=values["effective_from"],
        source=values["source"] or "",
        article=values["article"] or "",
        provenance=values["provenance"] or "",
    )


def _blank(row: Row, headers: list[str] | tuple[str, ...]) -> bool:
    return not any(shown(row.cells.get(header)) for header in headers)


def _reject(row: Row, header: str, reason: str) -> Rejection:
    return Rejection(row.sheet, row.number, header, shown(row.cells.get(header)), reason)


def _about(wrong: list[Rejection], header: str) -> bool:
    return any(one.field == header for one in wrong)
