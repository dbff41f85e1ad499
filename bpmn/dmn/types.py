"""Item definitions as checks of values (DMN 1.5, 7.3.2 and 10.3.2.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bpmn.dmn.errors import DMNTextError
from bpmn.dmn.source import Element, child, children, label, name_of, text_of, type_ref
from bpmn.feel.errors import FEELError
from bpmn.feel.expression import Expression, compile_unary_tests
from bpmn.feel.types import ALIASES, TYPE_NAMES, Type, is_instance
from bpmn.feel.values import FEELFunction

Check = Callable[[Any], bool]
MAX_NESTING = 50


class Types:
    """The types that a model defines or imports, each compiled when it is first needed."""

    def __init__(self, root: Element, imports: Mapping[str, Types] | None = None) -> None:
        self._definitions = {name_of(item): item for item in children(root, "itemDefinition")}
        self._checks: dict[str, Check] = {}
        self._imports = imports or {}
        self.members = frozenset(
            name_of(item)
            for item in root.iter()
            if isinstance(item.tag, str) and item.tag.endswith("}itemComponent")
        )

    def resolve(self, name: str) -> Check | None:
        """The check of a type by its name; None when nobody knows the type."""
        name = " ".join(name.split())
        if name in self._checks:
            return self._checks[name]
        if name in self._definitions:
            # Until it is compiled, a type that contains itself is looked up again with each value.
            self._checks[name] = lambda value: self._checks[name](value)
            self._checks[name] = self._definition(self._definitions[name])
            return self._checks[name]
        prefix, point, rest = name.partition(".")
        if point and prefix in self._imports:
            return self._imports[prefix].resolve(rest)
        plain = name.rpartition(":")[2]
        if ALIASES.get(plain, plain) in TYPE_NAMES:
            return _primitive(plain)
        return self.resolve(plain) if plain != name else None

    def fit(self, name: str) -> Callable[[Any], Any] | None:
        """How a value is bound to a variable of the type: as it is, or null when it is not of the type."""
        if not name or ALIASES.get(name, name) == "Any":
            return None
        check = self.resolve(name)
        if check is None or name.rpartition(":")[2] in {"Any", "any"}:
            return None
        return lambda value: value if value is None or check(value) else None

    def accepts(self, name: str) -> Check | None:
        """The check that an argument must pass, if the parameter names a type."""
        return None if not name or ALIASES.get(name, name) == "Any" else self.resolve(name)

    def _definition(self, item: Element) -> Check:
        check = self._shape(item)
        allowed = _tests(item, "allowedValues")
        if allowed is not None:
            check = _both(check, allowed)
        if item.get("isCollection") == "true":
            check = _collection(check)
        constraint = _tests(item, "typeConstraint")
        return check if constraint is None else _both(check, constraint)

    def _shape(self, item: Element) -> Check:
        components = [(name_of(part), self._definition(part)) for part in children(item, "itemComponent")]
        if components:
            return _structure(components)
        function = child(item, "functionItem")
        if function is not None:
            return _function(len(list(children(function, "parameters"))))
        name = type_ref(item)
        return (self.resolve(name) if name else None) or _anything


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


def _structure(components: list[tuple[str, Check]]) -> Check:
    def conforms(value: Any) -> bool:
        if type(value) is not dict:
            return False
        return all(value.get(name) is None or check(value[name]) for name, check in components)

    return conforms


def _function(arity: int) -> Check:
    return lambda value: type(value) is FEELFunction and len(value.parameters) == arity
