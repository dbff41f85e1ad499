"""The parts of an expression to Python closures; each is compiled once and then only called."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel import operators as op
from bpmn.feel.binary import compile_binary
from bpmn.feel.calls import compile_call, compile_function
from bpmn.feel.errors import FEELSyntaxError
from bpmn.feel.far import NEAR
from bpmn.feel.library import builtin
from bpmn.feel.loops import compile_filter, compile_loop
from bpmn.feel.paths import read_path
from bpmn.feel.scope import Code, Compilation, Frame
from bpmn.feel.types import Type, is_instance, weigh
from bpmn.feel.unary import compile_tests
from bpmn.feel.values import NUMBERS, PLAIN, Range, to_feel

_EXACT = 10**34  # whole numbers below this need no rounding


def compile_node(node: n.Node, unit: Compilation) -> Code:
    """Compile any part of an expression."""
    unit.size += 1
    return _COMPILERS[type(node)](node, unit)


def _literal(node: n.Literal, unit: Compilation) -> Code:  # noqa: ARG001 - one signature for all parts
    value = node.value
    return lambda _: value


def _name(node: n.Name, unit: Compilation) -> Code:
    slot, items = unit.find(node.name)
    base = _slot(slot) if slot is not None else _fact(node.name, unit)
    if not items:
        return base
    name = node.name

    def from_item(frame: Frame) -> Any:
        for item in items:
            context = frame[item]
            if type(context) is dict and name in context:
                return context[name]
        return base(frame)

    return from_item


def _slot(slot: int) -> Code:
    return lambda frame: frame[slot]


def _fact(name: str, unit: Compilation) -> Code:
    function = builtin(name)
    if function is not None and name not in unit.names:
        return lambda frame: to_feel(frame[0][name]) if name in frame[0] else function
    unit.free.add(name)
    if unit.trusted:
        return lambda frame: frame[0].get(name)

    def fact(frame: Frame) -> Any:
        value = frame[0].get(name)
        kind = type(value)
        if kind in PLAIN:
            return value
        if kind is Decimal and value.is_finite() and value.adjusted() < NUMBERS.Emax:
            return value
        if kind is int and -_EXACT < value < _EXACT:
            return Decimal(value)
        return to_feel(value)

    return fact


def _negation(node: n.Negation, unit: Compilation) -> Code:
    operand = compile_node(node.operand, unit)
    if isinstance(node.operand, n.Literal):
        value = op.negate(node.operand.value)
        return lambda _: value
    return lambda frame: op.negate(operand(frame))


def _logic(node: n.Logic, unit: Compilation) -> Code:
    operands = tuple(compile_node(operand, unit) for operand in node.operands)
    decided = node.operator == "or"
    neutral = not decided
    if len(operands) == 2:
        first, second = operands

        def pair(frame: Frame) -> Any:
            a = first(frame)
            if a is decided:
                return decided
            b = second(frame)
            if b is decided:
                return decided
            return neutral if a is neutral and b is neutral else None

        return pair

    def chain(frame: Frame) -> Any:
        result: bool | None = neutral
        for operand in operands:
            value = operand(frame)
            if value is decided:
                return decided
            if value is not neutral:
                result = None
        return result

    return chain


def _between(node: n.Between, unit: Compilation) -> Code:
    value, low, high = (compile_node(part, unit) for part in (node.value, node.low, node.high))

    def between(frame: Frame) -> Any:
        subject = value(frame)
        return op.both(op.greater_or_equal(subject, low(frame)), op.less_or_equal(subject, high(frame)))

    return between


def _in(node: n.In, unit: Compilation) -> Code:
    value = compile_node(node.value, unit)
    block = unit.push("?")
    slot = block.slots["?"]
    tests = compile_tests(node.tests, unit, slot, compile_node)
    unit.pop()

    def contained(frame: Frame) -> Any:
        frame[slot] = value(frame)
        return tests(frame)

    return contained


def _operator_range(node: n.UnaryOperator, unit: Compilation) -> Code:
    bound = compile_node(node.value, unit)
    build: dict[str, Callable[[Any], Range]] = {
        "<": lambda end: Range(None, end, start_included=False, end_included=False),
        "<=": lambda end: Range(None, end, start_included=False, end_included=True),
        ">": lambda start: Range(start, None, start_included=False, end_included=False),
        ">=": lambda start: Range(start, None, start_included=True, end_included=False),
        "=": lambda only: Range(only, only),
    }
    make = build.get(node.operator)
    if make is None:
        return lambda _: None

    def construct(frame: Frame) -> Any:
        value = bound(frame)
        return None if value is None else make(value)

    return construct


def _kind(value: Any) -> type:
    return NEAR.get(type(value), type(value))


def _range(node: n.RangeOf, unit: Compilation) -> Code:
    start, end = compile_node(node.start, unit), compile_node(node.end, unit)
    low, high = node.start_included, node.end_included

    def construct(frame: Frame) -> Any:
        first, last = start(frame), end(frame)
        if first is None and last is None:
            return None
        closed = first is not None and last is not None
        if closed and (_kind(first) is not _kind(last) or op.order(first, last) not in {-1, 0}):
            return None
        return Range(first, last, low, high)

    return construct


def _instance(node: n.InstanceOf, unit: Compilation) -> Code:
    value = compile_node(node.value, unit)
    type_: Type = node.type
    resolve = unit.resolve
    if type_.name in {"list", "range", "context", "function"} and type_.item is None and type_.fields is None:
        return lambda _: None  # such a type needs its parameters (Table 61)
    unit.needs_run = True
    return lambda frame: is_instance(weigh(value(frame), frame[1]), type_, resolve)


def _path(node: n.Path, unit: Compilation) -> Code:
    value = compile_node(node.value, unit)
    name = node.name

    def follow(frame: Frame) -> Any:
        subject = value(frame)
        return subject.get(name) if type(subject) is dict else read_path(subject, name, frame[1])

    return follow


def _if(node: n.If, unit: Compilation) -> Code:
    condition, then, otherwise = (
        compile_node(part, unit) for part in (node.condition, node.then, node.otherwise)
    )
    return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)


def _list(node: n.ListOf, unit: Compilation) -> Code:
    items = tuple(compile_node(item, unit) for item in node.items)
    if all(isinstance(item, n.Literal) for item in node.items):
        values = [item.value for item in node.items if isinstance(item, n.Literal)]
        return lambda _: values
    return lambda frame: [item(frame) for item in items]


def _context(node: n.ContextOf, unit: Compilation) -> Code:
    block = unit.push()
    entries = []
    for key, value in node.entries:
        slot = unit.new_slot()
        if isinstance(value, n.FunctionOf):  # a function may call itself
            block.slots[key] = slot
        code = compile_node(value, unit)
        block.slots[key] = slot
        entries.append((key, slot, code))
    unit.pop()

    def build(frame: Frame) -> Any:
        result = {}
        for key, slot, code in entries:
            frame[slot] = result[key] = code(frame)
        return result

    return build


def _misplaced(node: n.Node, unit: Compilation) -> Code:  # noqa: ARG001 - one signature for all parts
    raise FEELSyntaxError("This cannot stand here", "", 0)


_COMPILERS: dict[type, Callable[[Any, Compilation], Code]] = {
    n.Literal: _literal,
    n.Name: _name,
    n.Negation: _negation,
    n.Binary: lambda node, unit: compile_binary(node, unit, compile_node),
    n.Logic: _logic,
    n.Between: _between,
    n.In: _in,
    n.UnaryOperator: _operator_range,
    n.RangeOf: _range,
    n.InstanceOf: _instance,
    n.Path: _path,
    n.If: _if,
    n.ListOf: _list,
    n.ContextOf: _context,
    n.Tests: _misplaced,
    n.Span: _misplaced,
    n.Filter: lambda node, unit: compile_filter(node, unit, compile_node),
    n.Loop: lambda node, unit: compile_loop(node, unit, compile_node),
    n.Call: lambda node, unit: compile_call(node, unit, compile_node),
    n.FunctionOf: lambda node, unit: compile_function(node, unit, compile_node),
}
