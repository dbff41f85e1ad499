"""Reads the three kinds of file in which holiday notices are passed around: workbook, CSV and iCalendar."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jieban.errors import Invalid

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
        days = _from_icalendar(_decode(content))
    elif ending == "csv":
        days = _from_rows(list(csv.reader(io.StringIO(_decode(content)))))
    elif ending == "xlsx":
        days = _from_rows(_workbook_rows(content))
    else:
        raise Invalid("日历文件应为 xlsx、csv 或 ics 格式。")
    if not days:
        raise Invalid("日历文件中没有日期。")
    if len({(entry.area, entry.day) for entry in days}) < len(days):
        raise Invalid("日历文件中有重复的日期。")
    return days


def _decode(content: bytes) -> str:
    # Spreadsheet programs of a Chinese desktop still write GB 18030.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("日历文件的文字编码无法识别，请另存为 UTF-8。")


def _workbook_rows(content: bytes) -> list[Sequence[Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python())
    except CalamineError as error:
        raise Invalid("日历文件无法读取，请确认它是完好的 xlsx 工作簿。") from error


def _from_rows(rows: Sequence[Sequence[Any]]) -> list[Listed]:
    header = [_COLUMNS.get(str(cell).strip().lower()) for cell in rows[0]] if rows else []
    if not {"day", "working"} <= set(header):
        raise Invalid("日历文件的第一行应为列名：day、working、name。")
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
            days.append(Listed(day, working, str(values.get("name", "")).strip()[:40], area))
    if errors:
        raise Invalid(f"日历文件有误：{errors[0]['field']} {errors[0]['message']}", errors=errors)
    return days


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
    text = str(int(value) if isinstance(value, float) else value).strip().lower()
    return True if text in _YES else False if text in _NO else None


def _area(value: object) -> str | None:
    text = str(int(value) if isinstance(value, float) else value).strip()
    # A county is often written with the zeros of a place that has no towns: 130481000000.
    code = text[:6] if re.fullmatch(r"\d{6}0+", text) else text
    return code if not code or re.fullmatch(r"\d{2}|\d{4}|\d{6}", code) else None


def _from_icalendar(text: str) -> list[Listed]:
    days: list[Listed] = []
    event: dict[str, str] | None = None
    for line in _unfolded(text.splitlines()):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            event = {}
        elif line == "END:VEVENT" and event is not None:
            days += _event_days(event)
            event = None
        elif event is not None:
            event[name.split(";")[0].upper()] = value
    return days


def _unfolded(lines: Iterable[str]) -> list[str]:
    # A line that begins with a blank continues the one before it (RFC 5545, 3.1).
    whole: list[str] = []
    for line in lines:
        if line[:1] in {" ", "\t"} and whole:
            whole[-1] += line[1:]
        else:
            whole.append(line.strip())
    return whole


def _event_days(event: dict[str, str]) -> list[Listed]:
    first, last = _icalendar_day(event.get("DTSTART", "")), _icalendar_day(event.get("DTEND", ""))
    summary = event.get("SUMMARY", "").strip()
    if first is None:
        raise Invalid(f"日历文件中“{summary}”没有日期。")
    # The end is the day after the last one; without it the event is one day long.
    length = (last - first).days if last and last > first else 1
    return [
        Listed(first + timedelta(days=offset), "班" in summary, summary[:40])
        for offset in range(min(length, 31))
    ]


def _icalendar_day(value: str) -> date | None:
    match = re.match(r"(\d{4})(\d{2})(\d{2})", value)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
