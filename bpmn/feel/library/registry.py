"""How a built-in function is declared, and how its arguments are checked (DMN 1.5, 10.3.4 and 10.3.2.9.4)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, DecimalException
from typing import Any

from bpmn.feel.far import FarDate, FarDateTime
from bpmn.feel.limits import Run
from bpmn.feel.values import FEELFunction, Months, Range

# The domains of parameters; the checks are of the exact type, since bool is an int and a datetime a date.
KINDS: dict[str, frozenset[type] | None] = {
    "any": None,
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "function": frozenset({FEELFunction}),
    "date": frozenset({dt.date}),
    "day": frozenset({dt.date, dt.datetime}),
    "any day": frozenset({dt.date, dt.datetime, FarDate, FarDateTime}),
    "time": frozenset({dt.time}),
    "duration": frozenset({dt.timedelta}),
    "span": frozenset({dt.timedelta, Months}),
    "temporal": frozenset({dt.date, dt.time, dt.datetime}),
    "range": frozenset({Range}),
    "quantity": frozenset({Decimal, dt.timedelta, Months}),
}
_MISSING = object()
Body = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Builtin:
    """One signature of a built-in function."""

    names: tuple[str, ...]
    kinds: tuple[frozenset[type] | None, ...]
    nullable: tuple[bool, ...]
    required: int
    variadic: bool
    body: Body
    wants_run: bool


def declare(signature: str, body: Body, *, wants_run: bool = False) -> Builtin:
    """Read a signature such as `string:string, start position:number, length?:number`.

    `?` after the name marks an optional parameter, `?` after the domain one that may be null,
    `...` after the domain of the last one any number of arguments.
    """
    names, kinds, nullable = [], [], []
    required = 0
    variadic = signature.endswith("...")
    for part in filter(None, signature.removesuffix("...").split(", ")):
        name, _, kind = part.partition(":")
        if not name.endswith("?"):
            required += 1
        names.append(name.removesuffix("?"))
        nullable.append(kind.endswith("?"))
        kinds.append(KINDS[kind.removesuffix("?")])
    return Builtin(tuple(names), tuple(kinds), tuple(nullable), required, variadic, body, wants_run)


def invoke(overloads: tuple[Builtin, ...], values: list[Any], run: Run) -> Any:
    """Call the first signature that the arguments fit; null when there is none."""
    for fit in (_fit, _fit_lists):
        for builtin in overloads:
            fitted = fit(builtin, values)
            if fitted is not None:
                return _call(builtin, fitted, run)
    return None


def invoke_named(overloads: tuple[Builtin, ...], values: list[Any], names: tuple[str, ...], run: Run) -> Any:
    """Call the first signature that has parameters of these names."""
    if len(set(names)) != len(names):
        return None
    given = dict(zip(names, values, strict=True))
    for builtin in overloads:
        if not given.keys() <= set(builtin.names):
            continue
        if any(name not in given for name in builtin.names[: builtin.required]):
            continue
        ordered = [given.get(name, _MISSING) for name in builtin.names]
        while ordered and ordered[-1] is _MISSING:
            ordered.pop()
        if builtin.variadic and ordered and type(ordered[-1]) is list:
            ordered[-1:] = ordered[-1]
        arguments = [None if value is _MISSING else value for value in ordered]
        fitted = _fit(builtin, arguments)
        if fitted is None:
            fitted = _fit_lists(builtin, arguments)
        if fitted is not None:
            return _call(builtin, fitted, run)
    return None


def _call(builtin: Builtin, values: list[Any], run: Run) -> Any:
    for value in values:
        _charge(value, run)
    try:
        result = builtin.body(run, *values) if builtin.wants_run else builtin.body(*values)
    except (DecimalException, OverflowError, ValueError, ZeroDivisionError):
        return None
    _charge(result, run)  # a number of few digits may be a long text
    return result


def _charge(value: Any, run: Run) -> None:
    if type(value) is list or type(value) is str:
        run.charge(1 + len(value) // 4)
    elif type(value) is dict:
        run.charge(1 + len(value))


def _fit(builtin: Builtin, values: list[Any]) -> list[Any] | None:
    count = len(values)
    size = len(builtin.names)
    if count < builtin.required or (count > size and not builtin.variadic):
        return None
    fitted = []
    for index, value in enumerate(values):
        at = min(index, size - 1)
        kinds = builtin.kinds[at]
        if kinds is None or type(value) in kinds:
            fitted.append(value)
        elif value is None:
            if not builtin.nullable[at] and at < builtin.required:
                return None
            fitted.append(None)
        elif type(value) is list and len(value) == 1 and type(value[0]) in kinds:
            fitted.append(value[0])
        else:
            return None
    return fitted


def _fit_lists(builtin: Builtin, values: list[Any]) -> list[Any] | None:
    # Where a list is wanted, a value stands for the list of it alone.
    lists, last = KINDS["list"], len(builtin.kinds) - 1
    if lists not in builtin.kinds:
        return None
    wrapped = [
        [value]
        if value is not None and type(value) is not list and builtin.kinds[min(index, last)] is lists
        else value
        for index, value in enumerate(values)
    ]
    return _fit(builtin, wrapped)
