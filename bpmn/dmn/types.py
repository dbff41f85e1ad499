"""Item definitions as checks of values (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from bpmn.dmn.errors import DMNError, DMNTextError
from bpmn.dmn.source import Element, child, children, label, name_of, text_of, type_ref
from bpmn.feel.errors import FEELError
from bpmn.feel.expression import Expression, compile_unary_tests
from bpmn.feel.limits import active
from bpmn.feel.types import ALIASES, TYPE_NAMES, Type, convert, is_instance, weigh
from bpmn.feel.values import FEELFunction

Check = Callable[[Any], bool]
Fit = Callable[[Any], Any]
MAX_NESTING = 50


class Use(Enum):
    """What a type is asked for: `instance of`, binding a value made here, or one that comes from outside."""

    KIND = 1  # constraints say nothing about the kind of a value
    VALUE = 2
    INPUT = 3  # what is absent from a structure is null


class Types:
    """The types that a model defines or imports, each compiled when it is first needed."""

    def __init__(self, root: Element, imports: Mapping[str, Types] | None = None) -> None:
        self._definitions = {name_of(item): item for item in children(root, "itemDefinition")}
        self._checks: dict[tuple[str, Use, bool], Check] = {}
        self._imports = imports or {}
        self.members: frozenset[str] = frozenset(
            name_of(item)
            for item in root.iter()
            if isinstance(item.tag, str) and item.tag.endswith("}itemComponent")
        ).union(*(types.members for types in self._imports.values()))

    def resolve(self, name: str, *, bound: bool = False) -> Check | None:
        """The check of a type by its name, for `instance of` or for a parameter; None when nobody knows it."""
        return self._find(" ".join(name.split()), Use.VALUE if bound else Use.KIND)

    def fit(self, name: str, use: Use = Use.VALUE) -> Fit | None:
        """How a value is bound to a variable of the type: as it is, converted, or else null."""
        check = self.accepts(name, use)
        if check is None:
            return None

        def bind(value: Any) -> Any:
            return value if value is None or check(weigh(value, active())) else convert(value, check)

        return bind

    def accepts(self, name: str, use: Use = Use.VALUE) -> Check | None:
        """The check that a bound value must pass, if the name says anything."""
        plain = name.rpartition(":")[2]
        if ALIASES.get(plain, plain) in {"", "Any"}:
            return None
        try:
            return self._find(" ".join(name.split()), use)
        except RecursionError:
            raise DMNError(f"The type {name} is made of too many others.") from None

    def fit_result(self, name: str) -> Fit | None:
        """How the result of a function is bound, when the function or else its result is of the type."""
        function = self._function_item(name)
        return self.fit(name if function is None else function.get("outputTypeRef", ""))

    def parameter_types(self, name: str) -> dict[str, str]:
        """The types of the parameters, by their names, if the type is one of functions."""
        function = self._function_item(name)
        parameters = () if function is None else children(function, "parameters")
        return {name_of(parameter): type_ref(parameter) for parameter in parameters}

    def _function_item(self, name: str) -> Element | None:
        item = self._definitions.get(" ".join(name.split()))
        if item is not None:
            return child(item, "functionItem")
        prefix, point, rest = name.partition(".")
        return self._imports[prefix]._function_item(rest) if point and prefix in self._imports else None  # noqa: SLF001

    def _find(self, name: str, use: Use, *, bare: bool = False) -> Check | None:
        key = (name, use, bare)
        if key in self._checks:
            return self._checks[key]
        if name in self._definitions:
            # Until it is compiled, a type that contains itself is looked up again with each value.
            self._checks[key] = lambda value: self._checks[key](value)  # noqa: PLW0108 - it changes below
            self._checks[key] = self._definition(self._definitions[name], use, bare=bare)
            return self._checks[key]
        prefix, point, rest = name.partition(".")
        if point and prefix in self._imports:
            return self._imports[prefix]._find(rest, use, bare=bare)  # noqa: SLF001 - of the same class
        plain = name.rpartition(":")[2]
        if ALIASES.get(plain, plain) in TYPE_NAMES:
            return _primitive(plain)
        if plain != name:
            return self._find(plain, use, bare=bare)
        found = (types._find(name, use, bare=bare) for types in self._imports.values())  # noqa: SLF001
        return next((check for check in found if check is not None), None)

    def _definition(self, item: Element, use: Use, *, bare: bool = False) -> Check:
        free = bare or use is Use.KIND
        allowed = None if free else _tests(item, "allowedValues")
        # Allowed values of its own replace those of the type that it is derived from.
        check = self._shape(item, use, bare=bare or allowed is not None)
        if allowed is not None:
            check = _both(check, allowed)
        if item.get("isCollection") == "true":
            check = _collection(check)
        constraint = None if free else _tests(item, "typeConstraint")
        return check if constraint is None else _both(check, constraint)

    def _shape(self, item: Element, use: Use, *, bare: bool) -> Check:
        components = [
            (name_of(part), self._definition(part, use)) for part in children(item, "itemComponent")
        ]
        if components:
            return _structure(components, whole=use is not Use.INPUT)
        function = child(item, "functionItem")
        if function is not None:
            return _function(len(list(children(function, "parameters"))))
        name = type_ref(item)
        return (self._find(name, use, bare=bare) if name else None) or _anything


def _primitive(name: str) -> Check:
    type_ = Type(name)
    return lambda value: bool(is_instance(value, type_))


def _anything(_: Any) -> bool:
    return True


def _tests(item: Element, name: str) -> Check | None:
    text = text_of(child(item, name)).strip()
    if not text:
        return None
    try:
        tests: Expression = compile_unary_tests(text)
    except FEELError as problem:
        raise DMNTextError(label(item), text, problem.message) from None
    cost = 1 + len(text) // 8

    def holds(value: Any) -> bool:
        run = active()
        run.charge(cost)
        return tests.within({"?": value}, run) is True

    return holds


def _both(first: Check, second: Check) -> Check:
    return lambda value: first(value) and second(value)


def _collection(check: Check) -> Check:
    return lambda value: type(value) is list and all(item is None or check(item) for item in value)


def _structure(components: list[tuple[str, Check]], *, whole: bool) -> Check:
    def conforms(value: Any) -> bool:
        if type(value) is not dict or (whole and any(name not in value for name, _ in components)):
            return False
        return all(value.get(name) is None or check(value[name]) for name, check in components)

    return conforms


def _function(arity: int) -> Check:
    return lambda value: type(value) is FEELFunction and len(value.parameters) == arity
