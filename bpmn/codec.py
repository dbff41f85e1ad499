"""The state of a run as a few hundred bytes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgpack  # type: ignore[import-untyped]

from bpmn.errors import FactError, StateError
from bpmn.feel.values import Months
from bpmn.machine import Machine
from bpmn.restored import check_head, check_places, check_token
from bpmn.scopes import Inner
from bpmn.steps.token import Token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bpmn.scopes import ScopeSpec

# The first bytes of every state; the last one is the version of the layout.
MARK = b"jb\x01"
LARGEST = 2**63 - 1

_WRITE: dict[type, tuple[int, Any]] = {
    Decimal: (1, str),
    datetime: (2, datetime.isoformat),
    date: (3, date.isoformat),
    time: (4, time.isoformat),
    timedelta: (5, lambda v: f"{v.days} {v.seconds} {v.microseconds}"),
    Months: (6, lambda v: str(v.months)),
}


def _span(text: str) -> timedelta:
    days, seconds, micro = (int(part) for part in text.split())
    return timedelta(days, seconds, micro)


_READ: dict[int, Any] = {
    1: Decimal,
    2: datetime.fromisoformat,
    3: date.fromisoformat,
    4: time.fromisoformat,
    5: _span,
    6: lambda text: Months(int(text)),
}


def plain_facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check that every fact is one plain value that survives saving."""
    return {_name(name): _plain(name, value) for name, value in values.items()}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name:
        raise FactError(f"A fact needs a name, not {name!r}.")
    return name


def _plain(name: str, value: Any) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, int):
        return int(value) if abs(value) <= LARGEST else Decimal(value)
    if isinstance(value, float):
        if value != value or value in {float("inf"), float("-inf")}:  # noqa: PLR0124 - only NaN differs from itself
            raise FactError(f"{name} is not a number that can be reckoned with: {value!r}.")
        return float(value)
    if type(value) in _WRITE:
        if type(value) is Decimal and not value.is_finite():
            raise FactError(f"{name} is not a number that can be reckoned with: {value!r}.")
        return value
    raise FactError(f"{name} must be one plain value, not {type(value).__name__}.")


def dump(machine: Machine, process: str, key: str, cancelled: str | None) -> bytes:
    """Write the state of a run."""
    scopes = [_scope(machine.case, 0), *(_scope(s, host) for host, s in machine.case.subprocesses.items())]
    state = [
        process,
        key,
        machine.counter,
        machine.outcome,
        machine.finished,
        cancelled,
        machine.values,
        scopes,
    ]
    packed: bytes = msgpack.packb(state, default=_encode)
    return MARK + packed


def _scope(scope: Any, host: int) -> list[Any]:
    tokens = [[t.id, t.task_spec.name, t.state, t.internal_data] for t in scope.tasks.values()]
    return [host, scope.spec.name, tokens]


def restore(state: bytes, specs: Mapping[str, ScopeSpec], process: str) -> tuple[Machine, str, str | None]:
    """Read the state of a run of this procedure."""
    if state[: len(MARK)] != MARK:
        raise StateError
    try:
        name, key, counter, outcome, finished, cancelled, values, scopes = msgpack.unpackb(
            state[len(MARK) :], ext_hook=_decode, strict_map_key=True
        )
    except (ValueError, TypeError, LookupError, ArithmeticError, msgpack.UnpackException) as broken:
        raise StateError(str(broken)) from None
    if name != process:
        raise StateError(f"A state of {name!r} is not one of {process!r}.")
    check_head(key, counter, outcome, finished, cancelled, values)
    machine = Machine(specs, process)
    machine.counter, machine.outcome, machine.finished = counter, outcome, finished
    try:
        machine.values = plain_facts(values)
        for host, spec, tokens in scopes:
            _fill(machine, host, spec, tokens)
    except (KeyError, TypeError, ValueError, FactError) as unknown:
        raise StateError(f"The state speaks of {unknown}, which the procedure does not have.") from None
    check_places(machine)
    return machine, key, cancelled


def _fill(machine: Machine, host: int, spec: str, tokens: list[Any]) -> None:
    scope: Any = machine.case
    if host:
        scope = Inner(machine.specs[spec], machine.case.get_task_from_id(host), machine.case)
        machine.case.subprocesses[host] = scope
    steps = scope.spec.task_specs
    for number, step, state, note in tokens:
        check_token(number, state, note, machine.counter)
        Token(scope, steps[step], number, state, note)


def _encode(value: Any) -> msgpack.ExtType:
    code, write = _WRITE[type(value)]
    return msgpack.ExtType(code, write(value).encode())


def _decode(code: int, data: bytes) -> Any:
    return _READ[code](data.decode())
