"""Compiled expressions, and compiling each text only once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from bpmn.feel.compiler import compile_node
from bpmn.feel.errors import FEELLimitError
from bpmn.feel.limits import Run
from bpmn.feel.parser import parse_expression, parse_unary_tests
from bpmn.feel.scope import Code, Compilation
from bpmn.feel.types import Resolver
from bpmn.feel.unary import compile_tests
from bpmn.feel.values import measure, to_feel

Functions = Mapping[str, Callable[..., Any]]
MAX_LOOKED = 1_000
MAX_KEPT = 500  # characters; thousands of longer ones would fill the memory


class Expression:
    """A compiled expression: call it with facts to get its value."""

    __slots__ = ("_blank", "_code", "_needs_run", "names", "text")

    def __init__(self, text: str, code: Code, unit: Compilation) -> None:
        self.text = text
        self.names = frozenset(unit.free)
        self._code = code
        self._needs_run = unit.needs_run
        self._blank = [None] * (unit.slots - 2)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __call__(self, facts: Mapping[str, object], functions: Functions | None = None) -> Any:
        run = Run(functions) if self._needs_run else None
        try:
            value = self._code([facts, run, *self._blank])
        except (RecursionError, MemoryError):
            raise FEELLimitError("The expression nests its invocations too deeply.") from None
        return measure(value) if type(value) is list or type(value) is dict else value

    def within(self, facts: Mapping[str, object], run: Run) -> Any:
        """The value as a part of a larger evaluation, whose steps it uses."""
        return self._code([facts, run, *self._blank])


def compile_expression(
    text: str,
    *,
    names: Collection[str] = (),
    members: Collection[str] = (),
    resolve: Resolver | None = None,
    trusted: bool = False,
    several: bool = False,
) -> Expression:
    """Compile a FEEL expression; `names` are the names of facts, needed for those with spaces or signs."""
    if resolve is not None or members or several or len(text) > MAX_KEPT:
        return _compile(
            text, frozenset(names), frozenset(members), resolve, trusted, tests=False, several=several
        )
    return _cached(text, frozenset(names), trusted, tests=False)


def compile_unary_tests(
    text: str,
    *,
    names: Collection[str] = (),
    members: Collection[str] = (),
    resolve: Resolver | None = None,
    trusted: bool = False,
) -> Expression:
    """Compile unary tests, such as a cell of a decision table; the tested value is the fact `?`."""
    if resolve is not None or members or len(text) > MAX_KEPT:
        return _compile(text, frozenset(names), frozenset(members), resolve, trusted, tests=True)
    return _cached(text, frozenset(names), trusted, tests=True)


def evaluate(
    expression: str | Expression, facts: Mapping[str, object], functions: Functions | None = None
) -> Any:
    """The value of an expression; names of facts may hold spaces."""
    if isinstance(expression, str):
        expression = compile_expression(expression, names=facts.keys(), members=_inner_names(facts))
    return expression(facts, functions)


def satisfies(tests: str, value: object, facts: Mapping[str, object] | None = None) -> Any:
    """Whether a value passes unary tests, such as a cell of a decision table: true, false, or null where unknown."""
    known = {**(facts or {}), "?": to_feel(value)}
    names = [name for name in known if name != "?"]
    return compile_unary_tests(tests, names=names, members=_inner_names(known))(known)


def _inner_names(facts: Mapping[str, object]) -> frozenset[str]:
    """The keys inside the facts that are more than a word, such as `a-b`, and so must be known to be read."""
    names: set[str] = set()
    stack = [value for value in facts.values() if isinstance(value, (Mapping, list, tuple))]
    looked = 0
    while stack and looked < MAX_LOOKED:
        looked += 1
        part = stack.pop()
        if isinstance(part, Mapping):
            names.update(key for key in part if type(key) is str and not key.isidentifier())
        items = part.values() if isinstance(part, Mapping) else part
        stack.extend(value for value in items if isinstance(value, (Mapping, list, tuple)))
    return frozenset(names)


@lru_cache(maxsize=4096)
def _cached(text: str, names: frozenset[str], trusted: bool, *, tests: bool) -> Expression:
    return _compile(text, names, frozenset(), None, trusted, tests=tests)


def _compile(
    text: str,
    names: frozenset[str],
    members: frozenset[str],
    resolve: Resolver | None,
    trusted: bool,
    *,
    tests: bool,
    several: bool = False,
) -> Expression:
    unit = Compilation(trusted=trusted, resolve=resolve, names=names)
    known = names | members
    try:
        if not tests:
            return Expression(text, compile_node(parse_expression(text, known, several=several), unit), unit)
        slot = unit.push("?").slots["?"]
        code = compile_tests(parse_unary_tests(text, known), unit, slot, compile_node)
    except (RecursionError, MemoryError):
        raise FEELLimitError("The expression is nested too deeply.") from None

    def test(frame: list[Any]) -> Any:
        frame[slot] = frame[0].get("?")
        return code(frame)

    return Expression(text, test, unit)
