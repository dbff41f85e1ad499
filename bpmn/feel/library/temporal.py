"""Conversions, and functions of dates, times and durations (DMN 1.5, tables 72, 77, 79 and 82)."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from bpmn.feel import temporal as t
from bpmn.feel.far import FarDate, FarDateTime
from bpmn.feel.library.registry import declare
from bpmn.feel.limits import Run, check_string
from bpmn.feel.operators import equal
from bpmn.feel.values import NUMBERS, FEELFunction, Months, Range, format_number, to_int

_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: tuple[str, ...] = ("January", "February", "March", "April", "May", "June", "July", "August")
_MONTHS += ("September", "October", "November", "December")
_MAX_NESTING = 50


def _date(value: Any) -> dt.date | FarDate | None:
    if type(value) is str:
        return t.parse_date(value)
    if type(value) is dt.datetime:
        return value.date()
    if type(value) is FarDateTime:
        return value.date
    return value if type(value) in {dt.date, FarDate} else None


def _date_of(year: Decimal, month: Decimal, day: Decimal) -> dt.date | FarDate | None:
    parts = [whole for whole in map(to_int, (year, month, day)) if whole is not None]
    return t.make_date(*parts) if len(parts) == 3 else None


def _datetime(value: Any) -> dt.datetime | FarDateTime | None:
    if type(value) is str:
        return t.parse_datetime(value)
    if type(value) in {dt.datetime, FarDateTime}:
        return value  # type: ignore[no-any-return]
    # A date is its midnight in UTC (10.3.2.3.5).
    return t.combine(value, dt.time(tzinfo=dt.UTC)) if type(value) in {dt.date, FarDate} else None


def _time(value: Any) -> dt.time | None:
    if type(value) is str:
        return t.parse_time(value)
    if type(value) is dt.datetime:
        return value.timetz()
    if type(value) is FarDateTime:
        return value.clock
    if type(value) in {dt.date, FarDate}:
        return dt.time(tzinfo=dt.UTC)
    return value if type(value) is dt.time else None


def _time_of(
    hour: Decimal, minute: Decimal, second: Decimal, offset: dt.timedelta | None = None
) -> dt.time | None:
    whole, fraction = divmod(second, 1)
    parts = [part for part in map(to_int, (hour, minute, whole)) if part is not None]
    zone = t.offset_zone(int(offset.total_seconds())) if offset is not None else None
    if len(parts) < 3 or (offset is not None and zone is None):
        return None
    return dt.time(parts[0], parts[1], parts[2], int(fraction * 1_000_000), zone)


def _number(text: str, grouping: str | None = None, point: str | None = None) -> Decimal | None:
    if grouping not in {None, " ", ",", "."} or point not in {None, ",", "."}:
        return None
    if grouping is not None and grouping == point:
        return None
    if grouping is not None:
        text = text.replace(grouping, "")
    if point is not None:
        text = text.replace(point, ".")
    return NUMBERS.create_decimal(text) if len(text) < 6000 and _NUMBER.fullmatch(text) else None


def _string(run: Run, value: Any) -> str | None:
    return to_text(value, run) if value is not None else None


def to_text(value: Any, run: Run, depth: int = 0) -> str:
    """The value as FEEL writes it; a text stands in quotes only inside something else."""
    kind = type(value)
    if kind is str:
        return str(value) if depth == 0 else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind is list or kind is dict:
        return _structure(value, run, depth)
    if kind is Range:
        return _range_text(value, run, depth)
    return _scalar(value)


def _structure(value: Any, run: Run, depth: int) -> str:
    run.charge(len(value) + 1)
    if depth > _MAX_NESTING:
        raise OverflowError
    if type(value) is list:
        parts = [to_text(item, run, depth + 1) for item in value]
    else:
        parts = [f"{_key(key)}: {to_text(item, run, depth + 1)}" for key, item in value.items()]
    length = sum(map(len, parts)) + 2 * len(parts)
    check_string(length)
    run.charge(length // 16)
    return f"[{', '.join(parts)}]" if type(value) is list else f"{{{', '.join(parts)}}}"


def _key(key: str) -> str:
    plain = key.replace(" ", "").replace("_", "").isalnum()
    return key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _range_text(value: Range, run: Run, depth: int) -> str:
    if value.start is None or value.end is None:
        bound = value.end if value.start is None else value.start
        included = value.end_included if value.start is None else value.start_included
        return (
            f"{'<' if value.start is None else '>'}{'=' if included else ''}{to_text(bound, run, depth + 1)}"
        )
    start, end = to_text(value.start, run, depth + 1), to_text(value.end, run, depth + 1)
    return f"{'[' if value.start_included else '('}{start}..{end}{']' if value.end_included else ')'}"


def _scalar(value: Any) -> str:  # noqa: PLR0911 - one answer for each kind
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format_number(value)
        case dt.datetime():
            return t.format_datetime(value)
        case dt.date():
            return value.isoformat()
        case dt.time():
            return t.format_time(value)
        case dt.timedelta():
            return t.format_duration(value)
        case FEELFunction():
            return f"function({', '.join(value.parameters)})"
    return str(value)


def _between(*days: Any) -> Months | None:
    start, end = (day.date if type(day) is FarDateTime else day for day in days)
    return t.make_months(t.months_between(start, end))


def _is(run: Run, a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if type(a) in {dt.time, dt.datetime} and (
        t.time_offset(a) != t.time_offset(b) or a.microsecond != b.microsecond
    ):
        return False
    return equal(a, b, run) is True


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).astimezone()


def _today() -> dt.date:
    return _now().date()


FUNCTIONS = {
    "date": (declare("from:any", _date), declare("year:number, month:number, day:number", _date_of)),
    "date and time": (declare("from:any", _datetime), declare("date:any day, time:time", t.combine)),
    "time": (
        declare("from:any", _time),
        declare("hour:number, minute:number, second:number, offset?:duration", _time_of),
    ),
    "number": (
        declare("from:number", lambda value: value),
        declare("from:string, grouping separator?:string, decimal separator?:string", _number),
    ),
    "string": (declare("from:any", _string, wants_run=True),),
    "duration": (
        declare("from:string", t.parse_duration),
        declare("from:span", lambda value: value),
    ),
    "years and months duration": (declare("from:any day, to:any day", _between),),
    "is": (declare("value1:any, value2:any", _is, wants_run=True),),
    "day of year": (declare("date:day", lambda day: Decimal(day.timetuple().tm_yday)),),
    "day of week": (declare("date:day", lambda day: _DAYS[day.weekday()]),),
    "month of year": (declare("date:day", lambda day: _MONTHS[day.month - 1]),),
    "week of year": (declare("date:day", lambda day: Decimal(day.isocalendar().week)),),
    "now": (declare("", _now),),
    "today": (declare("", _today),),
}
