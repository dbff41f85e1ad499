"""A range read from its text, as the function `range` does (DMN 1.5, table 72 and rule 66)."""

from __future__ import annotations

from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.errors import FEELError
from bpmn.feel.values import Range

_DATES = frozenset(("date", "time", "date and time", "duration"))
_NOTHING = object()


def parse_range(text: str) -> Range | None:
    """The range that the text writes with literal end points; null for anything else."""
    from bpmn.feel.expression import evaluate
    from bpmn.feel.parser import parse_expression

    text = text.strip()
    inner = text[1:-1].strip()
    if text[:1] in {"(", "]"} and inner.startswith(".."):
        return _below(inner[2:], text[-1:])
    if text[-1:] in {")", "["} and inner.endswith(".."):
        return _above(inner[:-2], text[:1])
    try:
        node = parse_expression(text)
    except FEELError:
        return None
    if not isinstance(node, n.RangeOf) or not (_literal(node.start) and _literal(node.end)):
        return None
    value = evaluate(text, {})
    return value if type(value) is Range else None


def _below(text: str, closing: str) -> Range | None:
    end = _end_point(text)
    if end is _NOTHING or closing not in {")", "]", "["}:
        return None
    return Range(None, end, start_included=False, end_included=closing == "]")


def _above(text: str, opening: str) -> Range | None:
    start = _end_point(text)
    if start is _NOTHING or opening not in {"(", "[", "]"}:
        return None
    return Range(start, None, start_included=opening == "[", end_included=False)


def _end_point(text: str) -> Any:
    from bpmn.feel.expression import evaluate
    from bpmn.feel.parser import parse_expression

    try:
        value = evaluate(text, {}) if _literal(parse_expression(text)) else None
    except FEELError:
        return _NOTHING
    return _NOTHING if value is None else value


def _literal(node: n.Node) -> bool:
    if isinstance(node, n.Negation):
        return _literal(node.operand)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name):
        return node.function.name in _DATES and all(isinstance(item, n.Literal) for item in node.arguments)
    return isinstance(node, n.Literal)
