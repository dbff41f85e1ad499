"""The standard built-in functions (DMN 1.5, 10.3.4)."""

from __future__ import annotations

from typing import Any

from bpmn.feel.library import contexts, lists, numbers, ranges, strings, temporal
from bpmn.feel.library.registry import Builtin, invoke, invoke_named
from bpmn.feel.limits import Run
from bpmn.feel.values import FEELFunction

LIBRARY: dict[str, tuple[Builtin, ...]] = {
    **contexts.FUNCTIONS,
    **lists.FUNCTIONS,
    **numbers.FUNCTIONS,
    **ranges.FUNCTIONS,
    **strings.FUNCTIONS,
    **temporal.FUNCTIONS,
}
NAMES = frozenset(LIBRARY)


def _as_function(name: str, overloads: tuple[Builtin, ...]) -> FEELFunction:
    def call(values: list[Any], run: Run) -> Any:
        return invoke(overloads, values, run)

    first = overloads[0]
    return FEELFunction(first.names, call, name=name, types=(None,) * len(first.names), variadic=True)


_VALUES = {name: _as_function(name, overloads) for name, overloads in LIBRARY.items()}


def builtin(name: str) -> FEELFunction | None:
    """A built-in function as a value."""
    return _VALUES.get(name)


__all__ = ["LIBRARY", "NAMES", "Builtin", "builtin", "invoke", "invoke_named"]
