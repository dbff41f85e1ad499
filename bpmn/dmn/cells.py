"""The input cells of a decision table: literal ones as plain tests of a value, the others as FEEL."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.operators import belongs, negate
from bpmn.feel.parser import parse_unary_tests
from bpmn.feel.temporal import parse_date, parse_datetime, parse_duration, parse_time
from bpmn.feel.values import Range

Test = Callable[[Any], bool]
_PARSERS: dict[str, Callable[[str], Any]] = {
    "date": parse_date,
    "time": parse_time,
    "date and time": parse_datetime,
    "duration": parse_duration,
}
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
UNKNOWN = object()


def literal_spans(text: str, names: frozenset[str] = frozenset()) -> tuple[list[Any], bool] | None:
    """The ranges and values that a literal cell allows, and whether it is negated; None for any other cell."""
    tests = parse_unary_tests(text, names)
    spans = []
    for test in tests.tests:
        span = _span(test)
        if span is UNKNOWN:
            return None
        spans.append(span)
    return spans, tests.negated


def literal(node: n.Node) -> Any:
    """The value of a literal, or UNKNOWN."""
    if isinstance(node, n.Literal):
        return node.value
    if isinstance(node, n.Negation):
        value = literal(node.operand)
        return UNKNOWN if value is UNKNOWN or value is None else negate(value)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name) and len(node.arguments) == 1:
        parse, argument = _PARSERS.get(node.function.name), node.arguments[0]
        if parse is not None and isinstance(argument, n.Literal) and type(argument.value) is str:
            return parse(argument.value)
    return UNKNOWN


def _span(node: n.Node) -> Any:
    if isinstance(node, n.UnaryOperator):
        value = literal(node.value)
        if value is UNKNOWN or value is None or node.operator == "!=":
            return UNKNOWN
        return {
            "<": Range(None, value, start_included=False, end_included=False),
            "<=": Range(None, value, start_included=False, end_included=True),
            ">": Range(value, None, start_included=False, end_included=False),
            ">=": Range(value, None, start_included=True, end_included=False),
            "=": value,
        }[node.operator]
    if isinstance(node, n.RangeOf):
        start, end = literal(node.start), literal(node.end)
        if any(end_point is UNKNOWN or end_point is None for end_point in (start, end)):
            return UNKNOWN
        return Range(start, end, node.start_included, node.end_included)
    return literal(node)


def literal_test(spans: list[Any], negated: bool) -> Test | None:
    """A plain test of a value; None when every value passes, as with a dash."""
    if not spans:
        return None
    test = _single(spans[0]) if len(spans) == 1 else _several(spans)
    if not negated:
        return test
    return _none_of(spans)


def _single(span: Any) -> Test:
    if type(span) is str:
        return lambda value: value == span and type(value) is str
    if type(span) is Decimal:
        return lambda value: type(value) is Decimal and value == span
    if type(span) is bool:
        return lambda value: value is span
    if type(span) is Range and Decimal in {type(span.start), type(span.end)}:
        return _numbers(span)
    return lambda value: belongs(value, span) is True


def _numbers(span: Range) -> Test:
    start, end = span.start, span.end
    if start is None:
        below = _COMPARE["<=" if span.end_included else "<"]
        return lambda value: type(value) is Decimal and below(value, end)
    above = _COMPARE[">=" if span.start_included else ">"]
    if end is None:
        return lambda value: type(value) is Decimal and above(value, start)
    if type(start) is not type(end):
        return lambda _: False
    below = _COMPARE["<=" if span.end_included else "<"]
    return lambda value: type(value) is Decimal and above(value, start) and below(value, end)


def _several(spans: list[Any]) -> Test:
    if all(type(span) is str for span in spans):
        words = frozenset(spans)
        return lambda value: type(value) is str and value in words
    tests = tuple(_single(span) for span in spans)
    return lambda value: any(test(value) for test in tests)


def _none_of(spans: list[Any]) -> Test:
    # not(...) holds where the tests are false; where they are null, as between kinds, it does not (table 51).
    def test(value: Any) -> bool:
        return all(belongs(value, span) is False for span in spans)

    return test
