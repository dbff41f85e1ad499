"""Filters, `for`, `some` and `every` (DMN 1.5, 10.3.2.5, 10.3.2.14 and table 49)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from itertools import repeat
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.errors import FEELLimitError
from bpmn.feel.limits import MAX_ITEMS, check_items
from bpmn.feel.scope import Block, Code, Compilation, CompileNode, Frame
from bpmn.feel.values import Range, to_int


def compile_filter(node: n.Filter, unit: Compilation, compile_node: CompileNode) -> Code:
    """Compile `list[condition]` or `list[position]`."""
    value = compile_node(node.value, unit)
    position = _constant(node.condition)
    if position is not None:
        return lambda frame: pick(value(frame), position)
    unit.needs_run = True
    before, functions = unit.size, unit.functions
    slot = unit.new_slot()
    unit.blocks.append(Block(item=slot))
    condition = compile_node(node.condition, unit)
    unit.pop()
    cost, copies = unit.size - before, unit.functions > functions

    def select(frame: Frame) -> Any:
        items = value(frame)
        if items is None:
            return None
        if type(items) is not list:
            items = [items]
        run = frame[1]
        result = []
        frame[slot] = None
        if not items:
            return None if type(condition(frame)) is Decimal else []
        for index, item in enumerate(items):
            run.charge(cost)
            inner = frame.copy() if copies else frame
            inner[slot] = item
            found = condition(inner)
            if found is True:
                result.append(item)
            elif index == 0 and type(found) is Decimal:
                return pick(items, found)
            elif found is not False and found is not None:
                return None  # neither a condition nor a position
        return result

    return select


def _constant(node: n.Node) -> Decimal | None:
    if isinstance(node, n.Literal) and type(node.value) is Decimal:
        return node.value
    if isinstance(node, n.Negation):
        inner = _constant(node.operand)
        return None if inner is None else -inner
    return None


def pick(items: Any, position: Decimal) -> Any:
    """The item at a position, counted from 1, or from the end by a negative number."""
    if items is None:
        return None
    if type(items) is not list:
        items = [items]
    index = to_int(position)
    if index is None or index == 0 or abs(index) > len(items):
        return None
    return items[index - 1 if index > 0 else index]


def compile_loop(node: n.Loop, unit: Compilation, compile_node: CompileNode) -> Code:
    """Compile an iteration over one or more domains."""
    unit.needs_run = True
    before, functions = unit.size, unit.functions
    domains: list[tuple[int, Code]] = []
    opened = 0
    for name, domain in node.domains:
        if isinstance(domain, n.Span):
            code = _span(compile_node(domain.start, unit), compile_node(domain.end, unit))
        else:
            code = _domain(compile_node(domain, unit))
        block = unit.push(name)
        opened += 1
        domains.append((block.slots[name], code))
    partial = unit.push("partial").slots["partial"] if node.kind == "for" else 0
    opened += bool(partial)
    body = compile_node(node.body, unit)
    for _ in range(opened):
        unit.pop()
    cost, copies = unit.size - before, unit.functions > functions
    if node.kind == "for":
        return _for(domains, partial, body, cost, copies=copies, escapes=_escapes(node.body))
    return _quantified(domains, body, node.kind == "some", cost, copies)


def _frames(
    frame: Frame, domains: list[tuple[int, Code]], cost: int, copies: bool, level: int = 0
) -> Iterator[Frame | None]:
    """The frame once for each combination; None for a domain that is no list."""
    slot, domain = domains[level]
    values = domain(frame)
    if values is None:
        yield None
        return
    run = frame[1]
    for value in values:
        run.charge(cost)
        inner = frame.copy() if copies else frame
        inner[slot] = value
        if level + 1 == len(domains):
            yield inner
        else:
            yield from _frames(inner, domains, cost, copies, level + 1)


def _escapes(body: n.Node) -> bool:
    """Tell whether `partial` is used as a value, and must then be the list as it was, not as it will be."""
    stack: list[Any] = [body]
    while stack:
        part = stack.pop()
        if isinstance(part, n.Name) and part.name == "partial":
            return True
        if isinstance(part, n.Filter) and part.value == _PARTIAL and _constant(part.condition) is not None:
            continue
        if isinstance(part, n.Call) and part.function in _READERS and part.arguments[:1] == (_PARTIAL,):
            stack.extend(part.arguments[1:])
        elif isinstance(part, n.Node):
            stack.extend(getattr(part, name.name) for name in fields(part))
        elif isinstance(part, tuple):
            stack.extend(part)
    return False


_PARTIAL = n.Name("partial")
_READERS = frozenset(n.Name(name) for name in ("count", "sum", "min", "max", "mean", "list contains"))


def _for(
    domains: list[tuple[int, Code]], partial: int, body: Code, cost: int, *, copies: bool, escapes: bool
) -> Code:
    def loop(frame: Frame) -> Any:
        result: list[Any] = []
        frame[partial] = result
        for inner in _frames(frame, domains, cost, copies):
            if inner is None:
                return None
            if escapes:
                frame[1].charge(len(result) // 8)
            inner[partial] = result.copy() if escapes else result
            result.append(body(inner))
            check_items(len(result))
        return result

    return loop


def _quantified(domains: list[tuple[int, Code]], body: Code, some: bool, cost: int, copies: bool) -> Code:
    def loop(frame: Frame) -> Any:
        result: bool | None = not some
        for inner in _frames(frame, domains, cost, copies):
            if inner is None:
                return None
            value = body(inner)
            if value is some:
                return some
            if value is None:
                result = None
            elif type(value) is not bool:
                return None
        return result

    return loop


def _domain(code: Code) -> Code:
    def values(frame: Frame) -> Any:
        value = code(frame)
        if type(value) is list or value is None:
            return value
        if type(value) is Range:
            if value.start_included and value.end_included:
                return span(value.start, value.end)
            return _open_span(value)
        return (value,)

    return values


def _open_span(value: Range) -> Any:
    whole = span(value.start, value.end)
    if whole is None:
        return None
    items = list(whole)
    return items[0 if value.start_included else 1 : None if value.end_included else -1]


def _span(start: Code, end: Code) -> Code:
    return lambda frame: span(start(frame), end(frame))


def span(start: Any, end: Any) -> Any:
    """The whole numbers, or the days, from the start to the end, forwards or backwards."""
    if type(start) is Decimal and type(end) is Decimal:
        first, last = to_int(start), to_int(end)
        if first is None or last is None:
            return None
        if abs(last - first) >= MAX_ITEMS:
            raise FEELLimitError(f"An iteration may have at most {MAX_ITEMS} rounds.")
        step = 1 if last >= first else -1
        return map(Decimal, range(first, last + step, step))
    if type(start) is dt.date and type(end) is dt.date:
        days = (end - start).days
        if abs(days) >= MAX_ITEMS:
            raise FEELLimitError(f"An iteration may have at most {MAX_ITEMS} rounds.")
        step = 1 if days >= 0 else -1
        return map(_shift, repeat(start), range(0, days + step, step))
    return None


def _shift(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days)
