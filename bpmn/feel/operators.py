"""What the operators do with two values; null wherever the specification gives no value (DMN 1.5, 10.3.2.13)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from bpmn.feel.far import FAR, far_order
from bpmn.feel.limits import Run, check_string
from bpmn.feel.temporal import add_months, from_microseconds, make_months, time_offset, to_microseconds
from bpmn.feel.values import NUMBERS, FEELFunction, Months, Range

_BY_VALUE = frozenset({Decimal, str, bool, dt.date, dt.timedelta, Months})
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY = 86_400_000_000
_CHEAP = 16
_DATES = frozenset({dt.date, dt.datetime})


def equal(a: Any, b: Any, run: Run | None = None) -> bool | None:  # noqa: PLR0911 - one answer for each kind
    """Equality; null between values of different kinds."""
    kind = type(a)
    if kind is not type(b):
        if a is None or b is None:
            return a is b
        if kind in FAR or type(b) in FAR:
            return _same_far(a, b)
        return _same_moment(*_dates_as_moments(a, b)) if {kind, type(b)} == _DATES else None
    if kind in _BY_VALUE:
        return bool(a == b)
    if kind is dt.datetime or kind is dt.time:
        return _same_moment(a, b)
    if kind is list:
        return _equal_lists(a, b, run or Run())
    if kind is dict:
        return _equal_contexts(a, b, run or Run())
    if kind is Range:
        included = (a.start_included, a.end_included) == (b.start_included, b.end_included)
        return included and equal(a.start, b.start) is True and equal(a.end, b.end) is True
    return _same_far(a, b) if kind in FAR else a is b


def _same_far(a: Any, b: Any) -> bool | None:
    rank = far_order(a, b)
    return None if rank is None else rank == 0


def _equal_lists(a: list[Any], b: list[Any], run: Run) -> bool:
    run.charge(len(a) + 1)
    return len(a) == len(b) and all(equal(x, y, run) is True for x, y in zip(a, b, strict=True))


def _equal_contexts(a: dict[str, Any], b: dict[str, Any], run: Run) -> bool:
    run.charge(len(a) + 1)
    return a.keys() == b.keys() and all(equal(value, b[key], run) is True for key, value in a.items())


def _same_moment(a: dt.datetime | dt.time, b: dt.datetime | dt.time) -> bool:
    if (a.tzinfo is None) != (b.tzinfo is None):
        return False
    # Their values, which equality compares, count whole seconds (table 53, 10.3.2.3.4 and 10.3.2.3.6).
    return bool(moment(a.replace(microsecond=0)) == moment(b.replace(microsecond=0)))


def _dates_as_moments(a: dt.date, b: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """Where a date meets a date and time, it is its midnight in UTC (10.3.2.9.4)."""
    moments = [
        day if isinstance(day, dt.datetime) else dt.datetime.combine(day, dt.time(tzinfo=dt.UTC))
        for day in (a, b)
    ]
    return moments[0], moments[1]


def moment(value: dt.datetime | dt.time) -> Any:
    """What a time or a date and time is compared by."""
    if isinstance(value, dt.datetime):
        # Seconds since the epoch rather than a date: the first and last days have no form in UTC.
        return value if value.tzinfo is None else value - _EPOCH
    clock = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    offset = time_offset(value)
    return clock if offset is None else clock - to_microseconds(offset)


_ORDERED = frozenset({Decimal, str, dt.date, dt.timedelta, Months})


def order(a: Any, b: Any) -> int | None:
    """-1, 0 or 1 as the first value is less than, the same as or greater than the second; else None."""
    kind = type(a)
    if kind is not type(b):
        if {kind, type(b)} != _DATES:
            return far_order(a, b) if kind in FAR or type(b) in FAR else None
        a, b = _dates_as_moments(a, b)
        kind = dt.datetime
    if kind is dt.datetime or kind is dt.time:
        if (a.tzinfo is None) != (b.tzinfo is None):  # one without an offset takes that of the other
            a, b = a.replace(tzinfo=a.tzinfo or b.tzinfo), b.replace(tzinfo=b.tzinfo or a.tzinfo)
        try:
            a, b = moment(a), moment(b)
        except OverflowError:
            return None
    elif kind not in _ORDERED:
        return far_order(a, b) if kind in FAR else None
    return int(a > b) - int(a < b)


def less(a: Any, b: Any) -> bool | None:
    """`a < b`."""
    rank = order(a, b)
    return None if rank is None else rank < 0


def less_or_equal(a: Any, b: Any) -> bool | None:
    """`a <= b`."""
    rank = order(a, b)
    return None if rank is None else rank <= 0


def greater(a: Any, b: Any) -> bool | None:
    """`a > b`."""
    rank = order(a, b)
    return None if rank is None else rank > 0


def greater_or_equal(a: Any, b: Any) -> bool | None:
    """`a >= b`."""
    rank = order(a, b)
    return None if rank is None else rank >= 0


def not_equal(a: Any, b: Any, run: Run | None = None) -> bool | None:
    """`a != b`."""
    same = equal(a, b, run)
    return None if same is None else not same


def both(a: Any, b: Any) -> bool | None:
    """Three-valued conjunction."""
    if a is False or b is False:
        return False
    return True if a is True and b is True else None


def contains(span: Range, value: Any) -> bool | None:
    """Tell whether the value lies in the range."""
    if span.start is None and span.end is None:
        return None
    low: bool | None = True
    high: bool | None = True
    if span.start is not None:
        low = less_or_equal(span.start, value) if span.start_included else less(span.start, value)
    if span.end is not None:
        high = less_or_equal(value, span.end) if span.end_included else less(value, span.end)
    return both(low, high)


def add(a: Any, b: Any) -> Any:
    """`a + b`."""
    if type(a) is Decimal and type(b) is Decimal:
        try:
            return NUMBERS.add(a, b)
        except DecimalException:
            return None
    if type(a) is str and type(b) is str:
        check_string(len(a) + len(b))
        return a + b
    if type(b) in {dt.date, dt.datetime, dt.time} and type(a) in {dt.timedelta, Months}:
        a, b = b, a
    if type(b) is Months:
        return _add_months(a, b.months)
    if type(b) is dt.timedelta:
        return _add_duration(a, b)
    return None


def subtract(a: Any, b: Any) -> Any:
    """`a - b`."""
    if type(a) is Decimal and type(b) is Decimal:
        try:
            return NUMBERS.subtract(a, b)
        except DecimalException:
            return None
    if type(b) is Months:
        return _add_months(a, -b.months)
    if type(b) is dt.timedelta:
        try:
            return _add_duration(a, -b)
        except OverflowError:
            return None
    return _difference(a, b)


def _add_months(a: Any, months: int) -> Any:
    if type(a) is Months:
        return make_months(a.months + months)
    if isinstance(a, dt.date):
        return add_months(a, months)
    return None


def _add_duration(a: Any, b: dt.timedelta) -> Any:  # noqa: PLR0911 - one answer for each kind
    try:
        if type(a) is dt.timedelta:
            return a + b
        if type(a) is dt.datetime:
            if a.tzinfo is None:
                return a + b
            return (a.astimezone(dt.UTC) + b).astimezone(a.tzinfo)
        if type(a) is dt.date:
            midnight = dt.datetime.combine(a, dt.time())
            return (midnight + b).date()
    except OverflowError:
        return None
    if type(a) is dt.time:
        clock = ((a.hour * 60 + a.minute) * 60 + a.second) * 1_000_000 + a.microsecond
        clock = (clock + to_microseconds(b)) % _DAY
        seconds, micro = divmod(clock, 1_000_000)
        return dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60, micro, a.tzinfo)
    return None


def _difference(a: Any, b: Any) -> Any:
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        a, b = _as_datetime(a, b), _as_datetime(b, a)
        return a - b if (a.tzinfo is None) == (b.tzinfo is None) else None
    if type(a) is dt.time and type(b) is dt.time and (a.tzinfo is None) == (b.tzinfo is None):
        return from_microseconds(moment(a) - moment(b))
    return None


def _as_datetime(value: dt.date, other: dt.date) -> dt.datetime:
    """A date is its midnight, in UTC where the other side has a time (10.3.2.3.5)."""
    if isinstance(value, dt.datetime):
        return value
    return dt.datetime.combine(value, dt.time(tzinfo=dt.UTC if isinstance(other, dt.datetime) else None))


def multiply(a: Any, b: Any) -> Any:
    """`a * b`."""
    if type(a) is Decimal:
        if type(b) is Decimal:
            try:
                return NUMBERS.multiply(a, b)
            except DecimalException:
                return None
        a, b = b, a
    if type(b) is not Decimal:
        return None
    return _scale(a, b, NUMBERS.multiply)


def divide(a: Any, b: Any) -> Any:  # noqa: PLR0911 - one answer for each kind
    """`a / b`; null when b is zero."""
    if type(b) is Decimal:
        if not b:
            return None
        if type(a) is Decimal:
            try:
                return NUMBERS.divide(a, b)
            except DecimalException:
                return None
        return _scale(a, b, NUMBERS.divide)
    if type(a) is not type(b):
        return None
    if type(a) is Months and b.months:
        return NUMBERS.divide(Decimal(a.months), Decimal(b.months))
    if type(a) is dt.timedelta and b:
        return NUMBERS.divide(Decimal(to_microseconds(a)), Decimal(to_microseconds(b)))
    return None


def _scale(duration: Any, factor: Decimal, operation: Callable[[Decimal, Decimal], Decimal]) -> Any:
    try:
        if type(duration) is Months:
            scaled = operation(Decimal(duration.months), factor)
            return make_months(int(scaled)) if scaled.adjusted() < _CHEAP else None
        if type(duration) is dt.timedelta:
            scaled = operation(Decimal(to_microseconds(duration)), factor)
            return from_microseconds(int(scaled)) if scaled.adjusted() < 2 * _CHEAP else None
    except DecimalException:
        return None
    return None


def power(a: Any, b: Any) -> Any:
    """`a ** b`."""
    if type(a) is not Decimal or type(b) is not Decimal:
        return None
    try:
        return NUMBERS.power(a, b)
    except DecimalException:
        return None


def negate(value: Any) -> Any:
    """`-a`."""
    if type(value) is Decimal:
        return NUMBERS.minus(value)
    if type(value) is Months:
        return Months(-value.months)
    if type(value) is dt.timedelta:
        return from_microseconds(-to_microseconds(value))
    return None


def belongs(value: Any, test: Any, run: Run | None = None) -> bool | None:
    """`value in test`, where the test is a range, a list or a value to be equal to."""
    if type(test) is Range:
        if type(value) is Range:
            return equal(value, test)
        return contains(test, value)
    if type(test) is list:
        return _in_list(value, test, run or Run())
    if type(test) is FEELFunction:
        return None
    return equal(value, test, run)


def _in_list(value: Any, tests: list[Any], run: Run) -> bool | None:
    run.charge(len(tests) + 1)
    result: bool | None = False
    for test in tests:
        found = equal(value, test, run) if type(test) is list else belongs(value, test, run)
        if found is True:
            return True
        if found is None and test is not None and type(value) is type(test):
            result = None
    return equal(value, tests, run) or result if type(value) is list else result
