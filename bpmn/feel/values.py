"""The values of FEEL as Python values (DMN 1.5, 10.3.2.2)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import TYPE_CHECKING, Any

from bpmn.feel.errors import FEELError, FEELLimitError
from bpmn.feel.far import FarDate, FarDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from bpmn.feel.limits import Run

# 34 digits and these exponents are IEEE 754-2008 decimal128, which the specification asks for (10.3.2.3.1).
NUMBERS = Context(
    prec=34,
    rounding=ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)
ZERO = Decimal(0)
ONE = Decimal(1)
MAX_MONTHS = 12 * 1_000_000_000
MAX_NESTING = 100
MAX_VALUES = 200_000


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A duration of years and months, counted in months."""

    months: int

    @property
    def years(self) -> int:
        """The whole years, with the sign of the duration."""
        return int(math.copysign(abs(self.months) // 12, self.months))

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
        return f"{'-' if self.months < 0 else ''}P{text or '0M'}"


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two end points; an end point of None is open without bound."""

    start: Any
    end: Any
    start_included: bool = True
    end_included: bool = True


class FEELFunction:
    """A function as a value: its parameter names and what it does."""

    __slots__ = ("call", "name", "parameters", "result", "types", "variadic")

    def __init__(
        self,
        parameters: tuple[str, ...],
        call: Callable[[list[Any], Run], Any],
        *,
        name: str = "",
        types: tuple[Any, ...] = (),
        result: Any = None,
        variadic: bool = False,
    ) -> None:
        self.parameters = parameters
        self.call = call
        self.name = name
        self.types = types
        self.result = result
        self.variadic = variadic


def number(value: Decimal) -> Decimal:
    """Round to the 34 digits that a FEEL number has."""
    return NUMBERS.plus(value)


def to_int(value: Decimal) -> int | None:
    """The number as an index or a count, or None when it is no whole number of sensible size."""
    if value.adjusted() > 18 or value != value.to_integral_value():
        return None
    return int(value)


def _from_int(value: int) -> Decimal:
    return NUMBERS.create_decimal(value)


def _from_float(value: float) -> Decimal | None:
    if not math.isfinite(value):
        return None
    return Decimal(repr(value))


def _from_decimal(value: Decimal) -> Decimal | None:
    if not value.is_finite():
        return None
    return value if len(value.as_tuple().digits) <= NUMBERS.prec else number(value)


def _same(value: Any) -> Any:
    return value


CONVERT: dict[type, Callable[[Any], Any]] = {
    Decimal: _from_decimal,
    int: _from_int,
    float: _from_float,
    bool: _same,
    str: _same,
    type(None): _same,
    dt.date: _same,
    dt.time: _same,
    dt.datetime: _same,
    dt.timedelta: _same,
    FarDate: _same,
    FarDateTime: _same,
    Months: _same,
    Range: _same,
    FEELFunction: _same,
}
# These need no conversion at all; a name is looked up in well under a microsecond because of it.
PLAIN = frozenset(
    {str, bool, type(None), dt.date, dt.time, dt.datetime, dt.timedelta}
    | {FarDate, FarDateTime, Months, Range, FEELFunction}
)
_SCALARS: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (bool, _same),
    (int, lambda value: _from_int(int(value))),
    (float, lambda value: _from_float(float(value))),
    (Decimal, lambda value: _from_decimal(Decimal(value))),
    (str, str),
    (dt.datetime, lambda value: dt.datetime.combine(value.date(), value.timetz())),
    (dt.date, lambda value: dt.date(value.year, value.month, value.day)),
    (dt.time, _same),
    (dt.timedelta, lambda value: dt.timedelta(value.days, value.seconds, value.microseconds)),
)


def to_feel(value: Any) -> Any:
    """Take a Python value into FEEL: exact numbers, lists and contexts of the same."""
    convert = CONVERT.get(type(value))
    if convert is not None:
        return convert(value)
    measure(value)
    return _convert(value)


def _convert(value: Any) -> Any:
    convert = CONVERT.get(type(value))
    if convert is not None:
        return convert(value)
    if isinstance(value, Mapping):
        return {str(key): _convert(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_convert(item) for item in value]
    for base, plain in _SCALARS:
        if isinstance(value, base):  # an IntEnum, a StrEnum, a subclass of datetime
            return plain(value)
    raise FEELError(f"A value of the kind {type(value).__name__} means nothing in FEEL.")


def measure(value: Any) -> Any:
    """Refuse a structure that is too large or too deep to leave or to enter; lists may share their items."""
    count_parts(value)
    return value


def count_parts(value: Any) -> int:
    """Count all parts of a structure, or refuse it."""
    count = 0
    stack = [(value, 0)]
    while stack:
        part, depth = stack.pop()
        if isinstance(part, Mapping):
            items: Any = part.values()
        elif isinstance(part, (list, tuple, set, frozenset)):
            items = part
        else:
            continue
        count += len(items)
        if count > MAX_VALUES or depth > MAX_NESTING:
            raise FEELLimitError(f"A value may have at most {MAX_VALUES} parts and {MAX_NESTING} levels.")
        stack.extend(
            (item, depth + 1) for item in items if type(item) not in PLAIN and type(item) is not Decimal
        )
    return count


def format_number(value: Decimal) -> str:
    """The number as FEEL writes it: no exponent and no trailing zeros."""
    if not value:
        return "0"
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text
