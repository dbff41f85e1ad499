"""Unary tests: the right side of `in`, and the cells of decision tables (DMN 1.5, table 55)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel import operators as op
from bpmn.feel.binary import COMPARE
from bpmn.feel.scope import Code, Compilation, CompileNode, Frame
from bpmn.feel.values import Range


def compile_tests(node: n.Tests, unit: Compilation, slot: int, compile_node: CompileNode) -> Code:
    """Compile unary tests of the value in the slot."""
    if not node.tests:
        return lambda _: True
    tests = [compile_test(test, unit, slot, compile_node) for test in node.tests]
    if node.negated:
        single = _any(tests)

        def negated(frame: Frame) -> Any:
            result = single(frame)
            return None if result is None else not result

        return negated
    return _any(tests)


def _any(tests: list[Code]) -> Code:
    if len(tests) == 1:
        return tests[0]

    def any_of(frame: Frame) -> Any:
        result: bool | None = False
        for test in tests:
            value = test(frame)
            if value is True:
                return True
            if value is None:
                result = None
        return result

    return any_of


def compile_test(node: n.Node, unit: Compilation, slot: int, compile_node: CompileNode) -> Code:
    """Compile one positive unary test of the value in the slot."""
    if isinstance(node, n.UnaryOperator):
        bound = compile_node(node.value, unit)
        compare = COMPARE[node.operator]
        if node.operator in {"=", "!="}:
            same = op.equal if node.operator == "=" else op.not_equal
            return lambda frame: same(frame[slot], bound(frame), frame[1])
        return lambda frame: compare(frame[slot], bound(frame))
    if isinstance(node, n.RangeOf):
        return _range_test(node, unit, slot, compile_node)
    uses = mentions_input(node)
    test = compile_node(node, unit)
    unit.needs_run = True
    if uses:
        return lambda frame: True if test(frame) is True else False  # noqa: SIM210 - anything else is no match

    def matches(frame: Frame) -> Any:
        value, wanted = frame[slot], test(frame)
        if type(value) is str and type(wanted) is str:
            return value == wanted
        if wanted is True and type(value) is not bool and not isinstance(node, n.Literal):
            return True
        return op.belongs(value, wanted, frame[1])

    return matches


def _range_test(node: n.RangeOf, unit: Compilation, slot: int, compile_node: CompileNode) -> Code:
    # An end that is null is compared with like any null: the comparison has no answer (table 55).
    if isinstance(node.start, n.Literal) and isinstance(node.end, n.Literal):
        low, high = node.start.value, node.end.value
        span = Range(low, high, node.start_included, node.end_included)
        if low is None or high is None:
            return lambda _: None
        return lambda frame: op.belongs(frame[slot], span)
    build = compile_node(node, unit)

    def within(frame: Frame) -> Any:
        span = build(frame)
        open_ended = type(span) is not Range or span.start is None or span.end is None
        return None if open_ended else op.belongs(frame[slot], span)

    return within


def mentions_input(node: Any) -> bool:
    """Tell whether the test speaks of the tested value itself, as `?`."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, n.Name) and part.name == "?":
            return True
        if isinstance(part, n.Node):
            stack.extend(getattr(part, field.name) for field in fields(part))
        elif isinstance(part, tuple):
            stack.extend(part)
    return False
