"""Arithmetic and comparisons, with short paths for what gateways ask most."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel import operators as op
from bpmn.feel.scope import Code, Compilation, CompileNode, Frame
from bpmn.feel.values import NUMBERS

_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": op.add,
    "-": op.subtract,
    "*": op.multiply,
    "/": op.divide,
    "**": op.power,
}
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": op.equal,
    "!=": op.not_equal,
    "<": op.less,
    "<=": op.less_or_equal,
    ">": op.greater,
    ">=": op.greater_or_equal,
}
_EXACT_ARITHMETIC = {"+": NUMBERS.add, "-": NUMBERS.subtract, "*": NUMBERS.multiply}


def compile_binary(node: n.Binary, unit: Compilation, compile_node: CompileNode) -> Code:
    """Compile an arithmetic operation or a comparison."""
    left, right = compile_node(node.left, unit), compile_node(node.right, unit)
    operator = node.operator
    if operator in {"=", "!="}:
        return _equality(node, left, right)
    if operator in COMPARE:
        return _ordering(left, right, operator)
    function = _ARITHMETIC[operator]
    exact = _EXACT_ARITHMETIC.get(operator)
    if exact is None:
        return lambda frame: function(left(frame), right(frame))

    def calculate(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is Decimal and type(b) is Decimal:
            try:
                return exact(a, b)
            except DecimalException:
                return None
        if (
            type(a) is str and type(b) is str and frame[1] is not None
        ):  # long texts in loops cost as they grow
            frame[1].charge((len(a) + len(b)) // 16)
        return function(a, b)

    return calculate


def _equality(node: n.Binary, left: Code, right: Code) -> Code:
    wanted = node.operator == "="
    equal = op.equal
    if isinstance(node.right, n.Literal) and type(node.right.value) is str:
        constant = node.right.value

        def compare_text(frame: Frame) -> Any:
            a = left(frame)
            if type(a) is str:
                return (a == constant) is wanted
            return (not wanted) if a is None else None

        return compare_text

    def compare(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        if type(a) is str and type(b) is str:
            return (a == b) is wanted
        same = equal(a, b, frame[1])
        return None if same is None else same is wanted

    return compare


def _ordering(left: Code, right: Code, operator: str) -> Code:
    # The four comparisons are written out: each is on the path of every gateway.
    if operator == "<":

        def less(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            return a < b if type(a) is Decimal and type(b) is Decimal else op.less(a, b)

        return less
    if operator == "<=":

        def less_or_equal(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            return a <= b if type(a) is Decimal and type(b) is Decimal else op.less_or_equal(a, b)

        return less_or_equal
    if operator == ">":

        def greater(frame: Frame) -> Any:
            a, b = left(frame), right(frame)
            return a > b if type(a) is Decimal and type(b) is Decimal else op.greater(a, b)

        return greater

    def greater_or_equal(frame: Frame) -> Any:
        a, b = left(frame), right(frame)
        return a >= b if type(a) is Decimal and type(b) is Decimal else op.greater_or_equal(a, b)

    return greater_or_equal
