"""Dates, times and durations: reading and writing them as XML Schema does (DMN 1.5, 10.3.2.3.4 ff.)."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from zoneinfo import ZoneInfo

from bpmn.feel.far import FarDate, FarDateTime, far_date
from bpmn.feel.values import MAX_MONTHS, Months

_DATE = re.compile(r"(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(
    r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:(Z|z)|([+-]\d\d:\d\d(?::\d\d)?)|@([A-Za-z][A-Za-z0-9_+/-]{0,60}))?",
    re.ASCII,
)
_DAY_TIME = re.compile(
    r"(-)?P(?:(\d{1,12})D)?(?:T(?:(\d{1,12})H)?(?:(\d{1,12})M)?(?:(\d{1,12})(?:\.(\d{0,18}))?S)?)?", re.ASCII
)
_YEAR_MONTH = re.compile(r"(-)?P(?:(\d{1,12})Y)?(?:(\d{1,12})M)?", re.ASCII)
_MICROSECOND = dt.timedelta(microseconds=1)
MAX_OFFSET = 18 * 3600


def parse_date(text: str) -> dt.date | FarDate | None:
    """A date such as 2026-11-24."""
    match = _DATE.fullmatch(text)
    if not match:
        return None
    return make_date(*(int(part) for part in match.groups()))


def make_date(year: int, month: int, day: int) -> dt.date | FarDate | None:
    """A date from its parts, or None when there is no such day."""
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return far_date(year, month, day)
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=256)
def zone(name: str) -> dt.tzinfo | None:
    """A time zone of the IANA database by its name."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def offset_zone(seconds: int) -> dt.tzinfo | None:
    """A time zone of a fixed offset."""
    if abs(seconds) > MAX_OFFSET:
        return None
    return dt.UTC if seconds == 0 else dt.timezone(dt.timedelta(seconds=seconds))


def parse_time(text: str) -> dt.time | None:
    """A time such as 09:30:00, 09:30:00+08:00 or 09:30:00@Asia/Shanghai."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute, second, fraction, utc, offset, name = match.groups()
    tz: dt.tzinfo | None = None
    if utc:
        tz = dt.UTC
    elif offset:
        tz = _parse_offset(offset)
    elif name:
        tz = zone(name)
    if tz is None and (offset or name):
        return None
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        return dt.time(int(hour), int(minute), int(second), micro, tz)
    except ValueError:
        return None


def _parse_offset(text: str) -> dt.tzinfo | None:
    parts = [int(part) for part in text[1:].split(":")]
    if any(part > 59 for part in parts[1:]):
        return None
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return offset_zone(-seconds if text[0] == "-" else seconds)


def parse_datetime(text: str) -> dt.datetime | FarDateTime | None:
    """A date and time; a date alone means its midnight."""
    day_text, separator, time_text = text.partition("T")
    day = parse_date(day_text)
    time = parse_time(time_text) if separator else dt.time()
    if day is None or time is None:
        return None
    if isinstance(day, FarDate):
        match = _TIME.fullmatch(time_text)
        fraction = (match[4] if match else None) or ""
        return FarDateTime(day, time, format_time(time, fraction.rstrip("0")))
    return dt.datetime.combine(day, time)


def combine(day: dt.date | FarDate | FarDateTime, time: dt.time) -> dt.datetime | FarDateTime:
    """The date, or the date of a date and time, at a time of day."""
    if isinstance(day, FarDateTime):
        day = day.date
    if isinstance(day, FarDate):
        return FarDateTime(day, time, format_time(time))
    return dt.datetime.combine(day, time)


def parse_duration(text: str) -> dt.timedelta | Months | None:
    """A duration of days and time, or of years and months."""
    match = _YEAR_MONTH.fullmatch(text)
    if match and text[-1] in "YM":
        sign, years, months = match.groups()
        return make_months((int(years or 0) * 12 + int(months or 0)) * (-1 if sign else 1))
    match = _DAY_TIME.fullmatch(text)
    if not match or text[-1] in "PT":
        return None
    sign, days, hours, minutes, seconds, fraction = match.groups()
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    total = ((int(days or 0) * 24 + int(hours or 0)) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return from_microseconds((total * 1_000_000 + micro) * (-1 if sign else 1))


def make_months(months: int) -> Months | None:
    """A year-month duration, or None beyond what FEEL knows."""
    return Months(months) if abs(months) <= MAX_MONTHS else None


def from_microseconds(count: int) -> dt.timedelta | None:
    """A day-time duration, or None beyond what a duration can hold."""
    try:
        return dt.timedelta(microseconds=count)
    except OverflowError:
        return None


def to_microseconds(value: dt.timedelta) -> int:
    """The length of a day-time duration, exactly."""
    return value // _MICROSECOND


def parse_at(text: str) -> object:
    """What an at-literal such as @"2026-11-24" means; None when it means nothing."""
    for parse in (parse_date, parse_time, parse_datetime, parse_duration):
        value = parse(text)
        if value is not None:
            return value
    return None


def time_offset(value: dt.time | dt.datetime) -> dt.timedelta | None:
    """The offset from UTC; a time of day with a named zone takes the zone's standard offset."""
    if value.tzinfo is None:
        return None
    if isinstance(value, dt.datetime):
        return value.utcoffset()
    offset = value.utcoffset()
    if offset is not None:
        return offset
    # Clocks go forward in January or in July, or never; the standard offset is the smaller one.
    halves = (dt.datetime(2020, month, 1) for month in (1, 7))  # noqa: DTZ001 - a wall-clock date is meant
    return min(value.tzinfo.utcoffset(half) or dt.timedelta() for half in halves)


def add_months(day: dt.date, months: int) -> dt.date | None:
    """The same day some months on; the last day of the month where that month is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    last = 31 if month == 11 else (dt.date(year, month + 2, 1) - dt.timedelta(days=1)).day
    return day.replace(year=year, month=month + 1, day=min(day.day, last))


def months_between(start: dt.date | FarDate, end: dt.date | FarDate) -> int:
    """Whole months from one date to the other, negative when the second is earlier."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        return months - 1
    if months < 0 and end.day > start.day:
        return months + 1
    return months


def format_fraction(micro: int) -> str:
    """The decimal fraction of a second, with its point, or nothing."""
    return f".{micro:06d}".rstrip("0") if micro else ""


def format_zone(value: dt.time | dt.datetime) -> str:
    """Z, an offset, or @ and the zone's name, as the value was written."""
    if value.tzinfo is None:
        return ""
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    seconds = int((time_offset(value) or dt.timedelta()).total_seconds())
    if seconds == 0:
        return "Z"
    sign = "-" if seconds < 0 else "+"
    minutes, rest = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" + (f":{rest:02d}" if rest else "")


def format_time(value: dt.time | dt.datetime, digits: str = "") -> str:
    """The time of day as FEEL writes it, with more digits of the second than it holds, if need be."""
    fraction = f".{digits}" if digits else format_fraction(value.microsecond)
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{fraction}{format_zone(value)}"


def format_datetime(value: dt.datetime) -> str:
    """The date and time as FEEL writes it."""
    return f"{value.date().isoformat()}T{format_time(value)}"


def format_duration(value: dt.timedelta) -> str:
    """The day-time duration as FEEL writes it."""
    micro = to_microseconds(value)
    if micro == 0:
        return "PT0S"
    sign = "-" if micro < 0 else ""
    seconds, micro = divmod(abs(micro), 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or micro:
        time += f"{seconds}{format_fraction(micro)}S"
    return f"{sign}P" + (f"{days}D" if days else "") + (f"T{time}" if time else "")
