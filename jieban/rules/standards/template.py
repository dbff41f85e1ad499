"""The workbook of standards with the present values filled in: what has changed is written over, the rest may stay."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.intake.columns import Column
from jieban.rules.standards.columns import HELP, ITEMS, LINKED, SHEETS, STANDARDS
from jieban.rules.standards.items import PROVENANCES, Item, items
from jieban.rules.standards.values import Value, load_values

_MOST_PLACES = 200
_COUNTY = 6
_NOTES = (
    "一、“标准”表每行一个地区的一个项目，已填入现行值。把新的数值和生效日期写在原来的格中，没有变化的行可以不动，也可以删除。",
    "二、生效日期写新标准施行的第一天。原来的值自动到前一日为止，不会删除。",
    "三、在“联动”表填写城乡低保标准，系统按规则表中的联动倍数计算九类标准；“标准”表中单独填写的，以单独填写的为准。",
    "四、九类标准的名称和随附的倍数没有见到文件，只是示例；本地有文件的，请在“标准”表填写“联动倍数”各行，或者逐项填写公布的数值。",
    "五、与文件原文逐项核对过的，出处程度才填“已核对原文”，并写明依据文件；其余的不会作为依据写入文书。",
    "六、不要填写公式，不要改动表名和第一行的栏目名称。也可以使用 CSV 文件，栏目与“标准”表相同。",
    "七、上传后先检查、预览，再次确认才生效。在办案件仍用受理时的标准；已发放的金额不会自动改变。",
)


def write_template(session: Session, within: str | None, today: date, path: Path) -> None:
    """Write the workbook for the places of an area; None is everywhere."""
    import xlsxwriter  # type: ignore[import-untyped]

    places = counties(session, within)
    rows = list(_rows(session, places, today))
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"title": "救助标准导入表"})
        formats = {
            "head": book.add_format(_head("#FFFFFF", "#1F4E79")),
            "must": book.add_format(_head("#FFFFFF", "#9C1C1C")),
            "text": book.add_format({"num_format": "@"}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "money": book.add_format({"num_format": "General"}),
            "note": book.add_format({"text_wrap": True, "valign": "top"}),
            "strong": book.add_format({"bold": True, "font_size": 14}),
        }
        for name, columns in SHEETS.items():
            _write_sheet(book.add_worksheet(name), columns, rows if name == STANDARDS else [], formats)
        linked = book.get_worksheet_by_name(LINKED)
        for number, (code, _) in enumerate(places, 1):
            linked.write_string(number, 0, code, formats["text"])
        _write_items(book.add_worksheet(ITEMS), places, formats)
        _write_help(book.add_worksheet(HELP), formats)
        book.get_worksheet_by_name(STANDARDS).activate()


def counties(session: Session, within: str | None) -> list[tuple[str, str]]:
    """List the counties of an area, or the area itself where it is one or lies below."""
    query = select(Area.code, Area.full_name).order_by(Area.code).limit(_MOST_PLACES)
    if within and len(within) >= _COUNTY:
        query = query.where(Area.code == within)
    else:
        query = query.where(Area.code.startswith(within or ""), func.length(Area.code) == _COUNTY)
    return [(code, name) for code, name in session.execute(query)]


def _rows(session: Session, places: Iterable[tuple[str, str]], today: date) -> Iterable[list[Any]]:
    values = load_values(session, items())
    for code, _ in places:
        for item in items().values():
            own = [one for one in values.own(code, item.key) if not one.withdrawn]
            standing = [one for one in own if one.effective_to is None or one.effective_to >= today]
            for value in sorted(standing, key=lambda one: one.effective_from):
                yield _row(code, item, value)
            if not standing:
                yield _row(code, item, None)


def _row(code: str, item: Item, value: Value | None) -> list[Any]:
    if value is None:
        return [code, item.name, None, item.shown, None, None, None, None]
    sure = PROVENANCES[value.provenance]
    behind = [value.effective_from, value.source, value.article, sure]
    return [code, item.name, float(value.number), item.shown, *behind]


def _write_sheet(
    sheet: Any, columns: tuple[Column, ...], rows: list[list[Any]], formats: dict[str, Any]
) -> None:
    sheet.set_row(0, 24)
    for place, column in enumerate(columns):
        kind = {"date": "date", "money": "money"}.get(column.kind, "text")
        sheet.set_column(place, place, column.width, formats[kind])
        title = f"{column.header}*" if column.required else column.header
        sheet.write_string(0, place, title, formats["must" if column.required else "head"])
        if column.help:
            sheet.write_comment(0, place, column.help, {"x_scale": 1.6})
        if column.kind == "choice":
            rule = {"validate": "list", "source": list(column.choices.values()), "ignore_blank": True}
            sheet.data_validation(1, place, len(rows) + 1000, place, rule)
        for number, row in enumerate(rows, 1):
            value = row[place]
            if column.kind == "date" and value:
                sheet.write_datetime(number, place, value, formats["date"])
            elif column.kind == "money" and value is not None:
                sheet.write_number(number, place, value, formats["money"])
            elif value:
                sheet.write_string(number, place, value, formats["text"])
    sheet.freeze_panes(1, 2)


def _write_items(sheet: Any, places: list[tuple[str, str]], formats: dict[str, Any]) -> None:
    heads = (("项目", 48), ("单位", 12), ("键", 36), ("", 4), ("地区代码", 12), ("地区", 40))
    for column, (title, width) in enumerate(heads):
        sheet.set_column(column, column, width)
        if title:
            sheet.write_string(0, column, title, formats["head"])
    for number, item in enumerate(items().values(), 1):
        for column, text in enumerate((item.name, item.shown, item.key)):
            sheet.write_string(number, column, text)
    for number, (code, name) in enumerate(places, 1):
        sheet.write_string(number, 4, code)
        sheet.write_string(number, 5, name)
    sheet.freeze_panes(1, 0)


def _write_help(sheet: Any, formats: dict[str, Any]) -> None:
    sheet.set_column(0, 0, 100, formats["note"])
    sheet.write_string(0, 0, "填写说明", formats["strong"])
    for number, note in enumerate(_NOTES, 2):
        sheet.write_string(number, 0, note, formats["note"])


def _head(colour: str, ground: str) -> dict[str, Any]:
    look = {"border": 1, "align": "center", "valign": "vcenter", "text_wrap": True}
    return {"bold": True, "font_color": colour, "bg_color": ground, **look}
