"""Reads the days of an iCalendar file, as calendars of holidays are passed around."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from jieban.clock import CHINA
from jieban.errors import Invalid

_LONGEST = 31
"""Days of one entry; no holiday is longer."""
_RESTS = ("休", "假", "元旦", "春节", "除夕", "清明", "劳动", "端午", "中秋", "国庆")
_WORKS = "班"


def read_icalendar(content: bytes | str) -> Iterator[tuple[date, bool, str]]:
    """Give each day with whether it is a working day and its name, or raise Invalid with what cannot be understood.

    Moments count in Chinese time, and only whole days count.
    """
    from icalendar import Calendar

    try:
        found = Calendar.from_ical(content, multiple=True)
        events = [event for one in found for event in one.walk("VEVENT")]
    except ValueError as error:
        raise Invalid("日历文件无法读取，请确认它是完好的 ics 文件。") from error
    for event in events:
        if str(event.get("STATUS", "")).upper() != "CANCELLED":
            yield from _days(event)


def _days(event: Any) -> Iterator[tuple[date, bool, str]]:
    name = str(event.get("SUMMARY", "")).strip()
    if "RRULE" in event or "RDATE" in event:
        raise _wrong(name, "是重复的日程，请逐年逐日列出。")
    try:
        start, end = event.start, event.end
    except (ValueError, OverflowError) as error:
        raise _wrong(name, "没有日期，或者日期无法识别。") from error
    first, last = (_midnight(event, which, name) for which in (start, end))
    length = max((last - first).days, 1)
    if last < first:
        raise _wrong(name, "的结束早于开始。")
    if length > _LONGEST:
        raise _wrong(name, f"超过 {_LONGEST} 天。")
    works = _WORKS in name
    if not works and not any(word in name for word in _RESTS):
        raise _wrong(name, "看不出是放假还是上班，名称中请写明“休”或者“班”。")
    for offset in range(length):
        yield first + timedelta(days=offset), works, name


def _midnight(event: Any, moment: date | datetime, name: str) -> date:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo is None:
        if any("TZID" in event[key].params for key in ("DTSTART", "DTEND") if key in event):
            raise _wrong(name, "的时区无法识别。")
        moment = moment.replace(tzinfo=CHINA)
    local = moment.astimezone(CHINA)
    if local.time() != time():
        raise _wrong(name, "不是全天的安排。")
    return local.date()


def _wrong(name: str, what: str) -> Invalid:
    return Invalid(f"日历文件中“{name[:40]}”{what}")
