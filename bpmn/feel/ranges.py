"""A range read from its text, as the function `range` does (DMN 1.5, table 72)."""

from __future__ import annotations

from bpmn.feel import nodes as n
from bpmn.feel.errors import FEELError
from bpmn.feel.values import Range

_DATES = frozenset(("date", "time", "date and time", "duration"))


def parse_range(text: str) -> Range | None:
    """The range that the text writes with literal end points; null for anything else."""
    from bpmn.feel.expression import evaluate
    from bpmn.feel.parser import parse_expression

    try:
        node = parse_expression(text)
    except FEELError:
        return None
    if isinstance(node, n.RangeOf):
        ends: tuple[n.Node, ...] = (node.start, node.end)
    elif isinstance(node, n.UnaryOperator) and node.operator not in {"=", "!="}:
        ends = (node.value,)
    else:
        return None
    if not all(_literal(end) for end in ends):
        return None
    value = evaluate(text, {})
    return value if type(value) is Range else None


def _literal(node: n.Node) -> bool:
    if isinstance(node, n.Negation):
        return _literal(node.operand)
    if isinstance(node, n.Call) and isinstance(node.function, n.Name):
        return node.function.name in _DATES and all(isinstance(item, n.Literal) for item in node.arguments)
    return isinstance(node, n.Literal)
