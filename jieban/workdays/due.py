from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jieban.clock import end_of_day, local_day
from jieban.errors import Invalid
from jieban.workdays.working_days import Calendar

UNITS = {"wd": "个工作日", "d": "日", "h": "小时", "mo": "个月"}
"""The units of a limit, as the sources write them, with their words."""


@dataclass(frozen=True)
class Due:
    """When a limit ends, and whether that rests on a calendar that is not official yet."""

    at: datetime
    provisional: bool


def due(start: datetime, length: int, unit: str, calendar: Calendar) -> Due:
    """Work out when a limit ends: the last second of its last day, or an exact moment for hours.

    The day of the start is not counted; days and months whose last day is a day of rest end on the next
    working day (Civil Code, articles 201 to 203).
    """
    if unit == "h":
        return Due(start + timedelta(hours=length), provisional=False)
    first = local_day(start)
    if unit == "wd":
        last = calendar.add_working_days(first, length)
    elif unit == "d":
        last = calendar.next_working_day(first + timedelta(days=length))
    elif unit == "mo":
        last = calendar.next_working_day(_add_months(first, length))
    else:
        raise Invalid(f"期限单位“{unit}”无法识别。")
    return Due(end_of_day(last), provisional=last >= calendar.provisional_from)


def _add_months(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
