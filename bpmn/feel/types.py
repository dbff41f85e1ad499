"""The types that expressions and models name (DMN 1.5, 10.3.2.2 and 10.3.2.9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bpmn.feel.far import FarDate, FarDateTime
from bpmn.feel.limits import Run
from bpmn.feel.values import FEELFunction, Months, Range, count_parts

_KINDS: dict[str, Callable[[Any], bool]] = {
    "Any": lambda value: value is not None,
    "Null": lambda value: value is None,
    "number": lambda value: type(value) is Decimal,
    "string": lambda value: type(value) is str,
    "boolean": lambda value: type(value) is bool,
    "date": lambda value: type(value) in {dt.date, FarDate},
    "time": lambda value: type(value) is dt.time,
    "date and time": lambda value: type(value) in {dt.datetime, FarDateTime},
    "days and time duration": lambda value: type(value) is dt.timedelta,
    "years and months duration": lambda value: type(value) is Months,
    "list": lambda value: type(value) is list,
    "context": lambda value: type(value) is dict,
    "function": lambda value: type(value) is FEELFunction,
    "range": lambda value: type(value) is Range,
}
ALIASES = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "any": "Any",
    "null": "Null",
    "duration": "days and time duration",
}
TYPE_NAMES = frozenset(_KINDS)


@dataclass(frozen=True, slots=True)
class Type:
    """A type by name, or one of the structured types."""

    name: str
    item: Type | None = None
    fields: tuple[tuple[str, Type], ...] | None = None
    parameters: tuple[Type, ...] | None = None


ANY = Type("Any")
# Called with the name of a type, and `bound` where its constraints count as well.
Resolver = Callable[..., "Callable[[Any], bool] | None"]


def weigh(value: Any, run: Run) -> Any:
    """Take the work of looking through a structure from the steps that are left."""
    if type(value) is list or type(value) is dict:
        run.charge(1 + count_parts(value))
    return value


def is_instance(  # noqa: PLR0911 - one answer for each kind of type
    value: Any, type_: Type, resolve: Resolver | None = None
) -> bool | None:
    """Tell whether the value is of the type; None when nobody knows the type."""
    name = ALIASES.get(type_.name, type_.name)
    check = _KINDS.get(name)
    if check is None:
        known = resolve(type_.name) if resolve else None
        return None if known is None else known(value)
    if not check(value):
        return False
    if name == "list" and type_.item is not None:
        return all(_member(item, type_.item, resolve) for item in value)
    if name == "range" and type_.item is not None:
        ends = [end for end in (value.start, value.end) if end is not None]
        return all(_member(end, type_.item, resolve) for end in ends)
    if name == "context" and type_.fields is not None:
        return all(key in value and _member(value[key], field, resolve) for key, field in type_.fields)
    if name == "function" and type_.parameters is not None:
        return _function(value, type_)
    return True


def _member(value: Any, type_: Type, resolve: Resolver | None) -> bool:
    # Null belongs to every type, when it is a part of something (10.3.2.9.4).
    return value is None or bool(is_instance(value, type_, resolve))


def convert(value: Any, check: Callable[[Any], bool | None]) -> Any:
    """A value that is not of a type as one that is, by the implicit conversions; else null (10.3.2.9.4)."""
    if value is None:
        return None
    if type(value) is list and len(value) == 1 and check(value[0]):
        return value[0]
    if type(value) is dt.date:
        midnight = dt.datetime.combine(value, dt.time(tzinfo=dt.UTC))
        if check(midnight):
            return midnight
    return [value] if check([value]) else None


def _function(value: FEELFunction, type_: Type) -> bool:
    wanted = type_.parameters or ()
    if len(wanted) != len(value.parameters):
        return False
    for theirs, ours in zip(wanted, value.types, strict=False):
        if ours is not None and not subsumes(ours, theirs):
            return False
    return not (value.result is not None and type_.item is not None) or subsumes(type_.item, value.result)


def subsumes(wide: Type, narrow: Type) -> bool:
    """Tell whether every value of the narrow type is one of the wide type."""
    wide_name, narrow_name = ALIASES.get(wide.name, wide.name), ALIASES.get(narrow.name, narrow.name)
    if wide_name == "Any" or narrow_name == "Null":
        return True
    if wide_name != narrow_name:
        return False
    if wide_name in {"list", "range"} and wide.item is not None:
        return narrow.item is not None and subsumes(wide.item, narrow.item)
    if wide_name == "context" and wide.fields is not None:
        theirs: Mapping[str, Type] = dict(narrow.fields or ())
        return all(name in theirs and subsumes(field, theirs[name]) for name, field in wide.fields)
    return True
