"""Invocations and function literals (DMN 1.5, 10.3.2.13 and table 63)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from bpmn.feel import nodes as n
from bpmn.feel.library import LIBRARY, invoke, invoke_named
from bpmn.feel.limits import Run
from bpmn.feel.scope import Code, Compilation, CompileNode, Frame
from bpmn.feel.types import Resolver, Type, convert, is_instance, weigh
from bpmn.feel.values import FEELFunction, to_feel


def compile_call(node: n.Call, unit: Compilation, compile_node: CompileNode) -> Code:
    """Compile an invocation with positional or named arguments."""
    unit.needs_run = True
    arguments = tuple(compile_node(argument, unit) for argument in node.arguments)
    lent = node.function.name if isinstance(node.function, n.Name) else ""
    names = node.names
    if lent and lent not in unit.names and unit.find(lent) == (None, ()):
        return _named_function(lent, arguments, names, unit)
    function = compile_node(node.function, unit)
    overloads = LIBRARY.get(lent)

    def call(frame: Frame) -> Any:
        target = function(frame)
        values = [argument(frame) for argument in arguments]
        run = frame[1]
        if type(target) is not FEELFunction:
            if lent and run.functions and lent in run.functions:
                return _lent(run.functions[lent], values, names)
            if overloads is not None:  # a fact may have the name of a built-in function
                return (
                    invoke(overloads, values, run)
                    if names is None
                    else invoke_named(overloads, values, names, run)
                )
        return apply(target, values, names, run)

    return call


def _named_function(
    name: str, arguments: tuple[Code, ...], names: tuple[str, ...] | None, unit: Compilation
) -> Code:
    """A function that no local name binds: lent by the caller, a fact, or one of the library."""
    overloads = LIBRARY.get(name)
    if overloads is None:
        unit.free.add(name)

    def call(frame: Frame) -> Any:
        run = frame[1]
        values = [argument(frame) for argument in arguments]
        if run.functions is not None and name in run.functions:
            return _lent(run.functions[name], values, names)
        if overloads is None:
            return apply(frame[0].get(name), values, names, run)
        run.charge(1)
        return (
            invoke(overloads, values, run) if names is None else invoke_named(overloads, values, names, run)
        )

    return call


def _lent(function: Callable[..., Any], values: list[Any], names: tuple[str, ...] | None) -> Any:
    if names is None:
        return to_feel(function(*values))
    return to_feel(function(**dict(zip(names, values, strict=True))))


def apply(target: Any, values: list[Any], names: tuple[str, ...] | None, run: Run) -> Any:
    """Invoke a function value; anything else, or arguments that do not fit, gives null."""
    if type(target) is not FEELFunction:
        return None
    run.charge(5)
    if target.name in LIBRARY:
        overloads = LIBRARY[target.name]
        return (
            invoke(overloads, values, run) if names is None else invoke_named(overloads, values, names, run)
        )
    if names is not None:
        if not set(names) <= set(target.parameters):
            return None
        given = dict(zip(names, values, strict=True))
        values = [given.get(parameter) for parameter in target.parameters]
    if target.variadic:
        return target.call(values, run)
    if len(values) != len(target.parameters):
        return None
    return target.call(values, run)


def compile_function(node: n.FunctionOf, unit: Compilation, compile_node: CompileNode) -> Code:
    """Compile a function literal to a closure over the frame it stands in."""
    unit.functions += 1
    unit.needs_run = True
    if node.body is None:
        external = FEELFunction(node.parameters, lambda _values, _run: None, types=node.types)
        return lambda _: external
    block = unit.push(*node.parameters)
    slots = tuple(block.slots[name] for name in node.parameters)
    body = compile_node(node.body, unit)
    unit.pop()
    parameters, types = node.parameters, node.types
    resolve = None if unit.resolve is None else partial(unit.resolve, bound=True)

    def build(frame: Frame) -> FEELFunction:
        def call(values: list[Any], run: Run) -> Any:
            inner = frame.copy()
            inner[1] = run
            for slot, value, type_ in zip(slots, values, types, strict=True):
                fits, inner[slot] = conform(value, type_, resolve, run)
                if not fits:
                    return None
            return body(inner)

        return FEELFunction(parameters, call, types=types)

    return build


def conform(value: Any, type_: Type | None, resolve: Resolver | None, run: Run) -> tuple[bool, Any]:
    """Fit an argument to its parameter's type, by an implicit conversion if need be."""
    if type_ is None or value is None or is_instance(weigh(value, run), type_, resolve) in {True, None}:
        return True, value
    fitted = convert(value, lambda part: is_instance(part, type_, resolve))
    return fitted is not None, fitted
