"""Item definitions as checks of values (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.dmn.errors import DMNTextError
from bpmn.dmn.source import Element, child, children, label, name_of, text_of, type_ref
from bpmn.feel.errors import FEELError
from bpmn.feel.expression import Expression, compile_unary_tests
from bpmn.feel.types import ALIASES, TYPE_NAMES, Type, is_instance
from bpmn.feel.values import FEELFunction, measure

Check = Callable[[Any], bool]
MAX_NESTING = 50


class Types:
    """The types that a model defines or imports, each compiled when it is first needed."""

    def __init__(self, root: Element, imports: Mapping[str, Types] | None = None) -> None:
        self._definitions = {name_of(item): item for item in children(root, "itemDefinition")}
        self._checks: dict[tuple[str, bool], Check] = {}
        self._imports = imports or {}
        self.members: frozenset[str] = frozenset(
            name_of(item)
            for item in root.iter()
            if isinstance(item.tag, str) and item.tag.endswith("}itemComponent")
        ).union(*(types.members for types in self._imports.values()))

    def resolve(self, name: str) -> Check | None:
        """The check of a type by its name, as `instance of` wants it; None when nobody knows the type."""
        return self._find(" ".join(name.split()), strict=True)

    def fit(self, name: str) -> Callable[[Any], Any] | None:
        """How a value is bound to a variable of the type: as it is, or null when it is not of the type."""
        check = self.accepts(name)
        if check is None:
            return None
        return lambda value: value if value is None or check(measure(value)) else None

    def accepts(self, name: str) -> Check | None:
        """The check that a bound value must pass, if the name says anything; absent entries are null."""
        plain = name.rpartition(":")[2]
        return (
            None
            if ALIASES.get(plain, plain) in {"", "Any"}
            else self._find(" ".join(name.split()), strict=False)
        )

    def is_function(self, name: str) -> bool:
        """Tell whether the type is one of functions."""
        item = self._definitions.get(name)
        return item is not None and child(item, "functionItem") is not None

    def _find(self, name: str, *, strict: bool) -> Check | None:
        key = (name, strict)
        if key in self._checks:
            return self._checks[key]
        if name in self._definitions:
            # Until it is compiled, a type that contains itself is looked up again with each value.
            self._checks[key] = lambda value: self._checks[key](value)  # noqa: PLW0108 - it changes below
            self._checks[key] = self._definition(self._definitions[name], strict=strict)
            return self._checks[key]
        prefix, point, rest = name.partition(".")
        if point and prefix in self._imports:
            return self._imports[prefix]._find(rest, strict=strict)  # noqa: SLF001 - of the same class
        plain = name.rpartition(":")[2]
        if ALIASES.get(plain, plain) in TYPE_NAMES:
            return _primitive(plain)
        if plain != name:
            return self._find(plain, strict=strict)
        found = (types._find(name, strict=strict) for types in self._imports.values())  # noqa: SLF001
        return next((check for check in found if check is not None), None)

    def _definition(self, item: Element, *, strict: bool) -> Check:
        check = self._shape(item, strict=strict)
        allowed = _tests(item, "allowedValues")
        if allowed is not None:
            check = _both(check, allowed)
        if item.get("isCollection") == "true":
            check = _collection(check)
        constraint = _tests(item, "typeConstraint")
        return check if constraint is None else _both(check, constraint)

    def _shape(self, item: Element, *, strict: bool) -> Check:
        components = [
            (name_of(part), self._definition(part, strict=strict)) for part in children(item, "itemComponent")
        ]
        if components:
            return _structure(components, strict=strict)
        function = child(item, "functionItem")
        if function is not None:
            return _function(len(list(children(function, "parameters"))))
        name = type_ref(item)
        return (self._find(name, strict=strict) if name else None) or _anything


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
    return lambda value: tests({"?": value}) is True


def _both(first: Check, second: Check) -> Check:
    return lambda value: first(value) and second(value)


def _collection(check: Check) -> Check:
    return lambda value: type(value) is list and all(item is None or check(item) for item in value)


def _structure(components: list[tuple[str, Check]], *, strict: bool) -> Check:
    def conforms(value: Any) -> bool:
        if type(value) is not dict or (strict and any(name not in value for name, _ in components)):
            return False
        return all(value.get(name) is None or check(value[name]) for name, check in components)

    return conforms


def _function(arity: int) -> Check:
    return lambda value: type(value) is FEELFunction and len(value.parameters) == arity
