"""Reads the three kinds of file in which holiday notices are passed around: workbook, CSV and iCalendar."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jieban.errors import Invalid
from jieban.intake.xlsx import is_workbook, read_workbook
from jieban.workdays.icalendars import read_icalendar

_COLUMNS = {
    "day": "day",
    "日期": "day",
    "working": "working",
    "是否上班": "working",
    "name": "name",
    "名称": "name",
    "area": "area",
    "地区": "area",
    "地区代码": "area",
}
_FIRST_YEAR, _LAST_YEAR = 2004, 2100
_MOST_ROWS = 5000
_FORMULA = ("=", "+", "-", "@")
_YES = {"1", "true", "yes", "是", "班", "上班"}
_NO = {"0", "false", "no", "否", "休", "放假"}


@dataclass(frozen=True)
class Listed:
    """A day that a file speaks about."""

    day: date
    working: bool
    name: str
    area: str = ""
    """the code of the province, city or county whose own day it is; empty for the whole country"""


def read_days(content: bytes, file_name: str) -> list[Listed]:
    """Read the days of a file by the ending of its name, or raise Invalid with every bad row."""
    ending = file_name.lower().rsplit(".", 1)[-1]
    if ending == "ics":
        days = [Listed(day, works, _name(name)) for day, works, name in read_icalendar(_decode(content))]
    elif ending == "csv":
        days = _from_rows(_csv_rows(content))
    elif ending == "xlsx":
        days = _from_rows(_workbook_rows(content))
    else:
        raise Invalid("日历文件应为 xlsx、csv 或 ics 格式。")
    if not days:
        raise Invalid("日历文件中没有日期。")
    _check(days)
    return days


def _check(days: Sequence[Listed]) -> None:
    seen: set[tuple[str, date]] = set()
    for entry in days:
        if not _FIRST_YEAR <= entry.day.year <= _LAST_YEAR:
            raise Invalid(f"日历文件中的 {entry.day} 不在 {_FIRST_YEAR} 至 {_LAST_YEAR} 年之间。")
        # A spreadsheet that opens an export would run it.
        if entry.name.startswith(_FORMULA):
            raise Invalid(f"日历文件中 {entry.day} 的名称“{entry.name}”像是公式，请改为文字。")
        if (entry.area, entry.day) in seen:
            raise Invalid(f"日历文件中有重复的日期：{entry.day}。")
        seen.add((entry.area, entry.day))


def _decode(content: bytes) -> str:
    # Spreadsheet programs of a Chinese desktop still write GB 18030.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("日历文件的文字编码无法识别，请另存为 UTF-8。")


def _csv_rows(content: bytes) -> list[Sequence[Any]]:
    try:
        return list(csv.reader(io.StringIO(_decode(content)), strict=True))
    except csv.Error as error:
        raise Invalid("日历文件无法读取：引号不成对，或者一格过长。请用表格软件另存为 csv。") from error


def _workbook_rows(content: bytes) -> list[Sequence[Any]]:
    if not is_workbook(content[:8]):
        raise Invalid("日历文件无法读取，请确认它是完好的 xlsx 工作簿。")
    grids, formulas = read_workbook(io.BytesIO(content))
    name, rows = next(iter(grids.items()), ("", []))
    # What a formula came to when the file was saved may not be what it comes to now.
    if found := sorted((row, column) for sheet, row, column in formulas if sheet == name):
        row, column = found[0]
        raise Invalid(f"日历文件第 {row} 行第 {column} 列是公式，请粘贴为数值后再导入。")
    return list(rows)


def _from_rows(rows: Sequence[Sequence[Any]]) -> list[Listed]:
    header = [_COLUMNS.get(str(cell).strip().lower()) for cell in rows[0]] if rows else []
    if not {"day", "working"} <= set(header):
        raise Invalid("日历文件的第一行应为列名：day、working、name，以逗号分隔。")
    known = [column for column in header if column]
    if twice := sorted({column for column in known if known.count(column) > 1}):
        raise Invalid(f"日历文件的列名重复：{twice[0]}。")
    if len(rows) > _MOST_ROWS:
        raise Invalid(f"日历文件最多 {_MOST_ROWS} 行。")
    days, errors = [], []
    for number, cells in enumerate(rows[1:], 2):
        values = {column: cell for column, cell in zip(header, cells, strict=False) if column}
        if not any(str(cell).strip() for cell in values.values()):
            continue
        day, working = _day(values.get("day", "")), _working(values.get("working", ""))
        area = _area(values.get("area", ""))
        if day is None or working is None or area is None:
            column = "day" if day is None else "working" if working is None else "area"
            errors.append(
                {"field": f"第 {number} 行 {column}", "message": f"无法识别“{values.get(column, '')}”。"}
            )
        else:
            days.append(Listed(day, working, _name(values.get("name", "")), area))
    if errors:
        raise Invalid(f"日历文件有误：{errors[0]['field']} {errors[0]['message']}", errors=errors)
    return days


def _name(value: object) -> str:
    # Other characters than those that are seen have no place in a database or on a page.
    return "".join(letter for letter in str(value).strip() if letter.isprintable())[:40]


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = re.sub(r"[年月/.]", "-", str(value).strip()).removesuffix("日")
    match = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _working(value: object) -> bool | None:
    text = str(_whole(value)).strip().lower()
    return True if text in _YES else False if text in _NO else None


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _area(value: object) -> str | None:
    text = str(_whole(value)).strip()
    # A county is often written with the zeros of a place that has no towns: 130481000000.
    code = text[:6] if re.fullmatch(r"\d{6}0+", text) else text
    return code if not code or re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) else None
