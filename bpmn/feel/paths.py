"""The properties of dates, times, durations and ranges (DMN 1.5, tables 64 to 67)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.feel.far import FarDate, FarDateTime, weekday
from bpmn.feel.limits import Run
from bpmn.feel.temporal import time_offset, to_microseconds
from bpmn.feel.values import Months, Range

_MICRO = Decimal(1_000_000)


def _number(value: int) -> Decimal:
    return Decimal(value)


def _second(value: dt.time | dt.datetime) -> Decimal:
    return value.second + value.microsecond / _MICRO if value.microsecond else Decimal(value.second)


def _timezone(value: dt.time | dt.datetime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _split(unit: int, limit: int) -> Callable[[dt.timedelta], Decimal]:
    def part(value: dt.timedelta) -> Decimal:
        micro = to_microseconds(value)
        count = abs(micro) // unit
        if limit:
            count %= limit
        return Decimal(-count if micro < 0 else count)

    return part


def _seconds(value: dt.timedelta) -> Decimal:
    micro = to_microseconds(value)
    seconds = Decimal(abs(micro) % 60_000_000) / _MICRO
    return -seconds if micro < 0 and seconds else seconds


_CALENDAR: dict[str, Callable[[Any], Any]] = {
    "year": lambda value: _number(value.year),
    "month": lambda value: _number(value.month),
    "day": lambda value: _number(value.day),
    "weekday": lambda value: _number(value.isoweekday()),
}
_CLOCK: dict[str, Callable[[Any], Any]] = {
    "hour": lambda value: _number(value.hour),
    "minute": lambda value: _number(value.minute),
    "second": _second,
    "time offset": time_offset,
    "timezone": _timezone,
}
_FAR_CALENDAR = _CALENDAR | {"weekday": lambda value: _number(weekday(value))}


def _within(part: str, reads: dict[str, Callable[[Any], Any]]) -> dict[str, Callable[[Any], Any]]:
    def reader(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda value: read(getattr(value, part))

    return {name: reader(read) for name, read in reads.items()}


_PROPERTIES: dict[type, dict[str, Callable[[Any], Any]]] = {
    dt.date: _CALENDAR,
    dt.datetime: _CALENDAR | _CLOCK,
    dt.time: _CLOCK,
    FarDate: _FAR_CALENDAR,
    FarDateTime: _within("date", _FAR_CALENDAR) | _within("clock", _CLOCK),
    Months: {
        "years": lambda value: _number(value.years),
        "months": lambda value: _number(abs(value.months) % 12 * (-1 if value.months < 0 else 1)),
    },
    dt.timedelta: {
        "days": _split(86_400_000_000, 0),
        "hours": _split(3_600_000_000, 24),
        "minutes": _split(60_000_000, 60),
        "seconds": _seconds,
    },
    Range: {
        "start": lambda value: value.start,
        "end": lambda value: value.end,
        "start included": lambda value: value.start_included,
        "end included": lambda value: value.end_included,
    },
}


def read_path(value: Any, name: str, run: Run | None = None) -> Any:
    """The named part of a value; of a list, the list of its items' parts."""
    if type(value) is dict:
        return value.get(name)
    if type(value) is list:
        if run is not None:
            run.charge(len(value) + 1)
        return [read_path(item, name, run) for item in value]
    properties = _PROPERTIES.get(type(value))
    if properties is None:
        return None
    read = properties.get(name)
    return None if read is None else read(value)
