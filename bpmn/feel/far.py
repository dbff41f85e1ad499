"""Dates in years that Python's calendar does not have, before 1 or after 9999 (DMN 1.5, 10.3.2.3.5).

They can be written, read, compared, and counted between in years and months; sums with them are null.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MAX_YEAR = 999_999_999
# The calendar repeats itself every 400 years, which have this many days.
_CYCLE, _CYCLE_DAYS = 400, 146_097
_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date in a year before 1 or after 9999."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        sign = "-" if self.year < 0 else ""
        return f"{sign}{abs(self.year):04d}-{self.month:02d}-{self.day:02d}"


@dataclass(frozen=True, slots=True)
class FarDateTime:
    """A date and time in such a year; the text is its time of day, with all digits of the second."""

    date: FarDate
    clock: dt.time
    text: str

    def __str__(self) -> str:
        return f"{self.date}T{self.text}"


FAR = frozenset({FarDate, FarDateTime})
NEAR: dict[type, type] = {FarDate: dt.date, FarDateTime: dt.datetime}


def far_date(year: int, month: int, day: int) -> FarDate | None:
    """A far date from its parts, or None when there is no such day or year."""
    if not year or abs(year) > MAX_YEAR:
        return None
    try:
        dt.date(_near(year), month, day)
    except (ValueError, OverflowError):
        return None
    return FarDate(year, month, day)


def _near(year: int) -> int:
    return 2000 + year % _CYCLE


def weekday(day: FarDate) -> int:
    """The day of the week, 1 for Monday."""
    return dt.date(_near(day.year), day.month, day.day).isoweekday()


def far_order(a: object, b: object) -> int | None:
    """-1, 0 or 1 as the first of two dates, one of them far, is before, at or after the second; else None."""
    first, second = _instant(a), _instant(b)
    if first is None or second is None:
        return None
    return (first > second) - (first < second)


def _instant(value: object) -> int | None:
    """Microseconds from a common zero; what has no zone is taken as UTC."""
    if isinstance(value, FarDate):
        ordinal = dt.date(_near(value.year), value.month, value.day).toordinal()
        return (ordinal + (value.year - _near(value.year)) // _CYCLE * _CYCLE_DAYS) * _DAY
    if isinstance(value, FarDateTime):
        day, clock = _instant(value.date), value.clock
    elif isinstance(value, dt.datetime):
        day, clock = value.toordinal() * _DAY, value.timetz()
    elif isinstance(value, dt.date):
        day, clock = value.toordinal() * _DAY, dt.time()
    else:
        return None
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    offset = clock.utcoffset() or dt.timedelta()
    return (day or 0) + seconds * 1_000_000 + clock.microsecond - offset // dt.timedelta(microseconds=1)
