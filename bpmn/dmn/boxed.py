"""Boxed expressions compiled to functions of a scope (DMN 1.5, 10.2.1 and 10.5)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from bpmn.dmn.errors import DMNError, DMNTextError, TableProblem
from bpmn.dmn.source import Element, child, children, label, local, name_of, text_of, type_ref
from bpmn.dmn.types import Fit, Types
from bpmn.feel.calls import apply
from bpmn.feel.errors import FEELError
from bpmn.feel.expression import compile_expression
from bpmn.feel.limits import Run
from bpmn.feel.types import Type
from bpmn.feel.values import FEELFunction

Scope = dict[str, Any]


MAX_NAMES = 300_000
LONG_TEXT = 64  # a shorter expression costs no more than the step of whatever asks for it


class DecisionRun(Run):
    """One run of a model: steps left, and where broken tables are reported."""

    __slots__ = ("problems",)

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[TableProblem] = []


Code = Callable[[Scope, DecisionRun], Any]


@dataclass(frozen=True, slots=True)
class Place:
    """What is known where a boxed expression stands: the names in scope and the types."""

    types: Types
    names: frozenset[str]
    owner: str = ""
    broken: list[DMNTextError] = field(default_factory=list)
    spent: list[int] = field(default_factory=lambda: [0])

    def with_names(self, *names: str) -> Place:
        """The same place with more names in scope."""
        self.spend(len(self.names) + len(self.types.members))
        return Place(self.types, self.names | set(names), self.owner, self.broken, self.spent)

    def spend(self, names: int) -> None:
        """Count the names that are looked through while a model is compiled, and stop when they are too many."""
        self.spent[0] += names
        if self.spent[0] > MAX_NAMES:
            raise DMNError("Too many names are known in too many places of the model.")


def compile_box(element: Element, place: Place) -> Code:
    """Compile any boxed expression, and bind its value to the type it names."""
    compiler = COMPILERS.get(local(element))
    if compiler is None:
        return _refuse(element, local(element), "this kind of expression is unknown", place)
    code = compiler(element, place)
    if local(element) == "functionDefinition":
        return code
    return fitted(code, place.types.fit(type_ref(element)))


def fitted(code: Code, fit: Fit | None) -> Code:
    """Code whose value is bound to a type, if there is one."""
    return code if fit is None else lambda scope, run: fit(code(scope, run))


def _boxes(element: Element) -> list[Element]:
    return [part for part in children(element) if local(part) in COMPILERS]


def box_in(element: Element) -> Element | None:
    """The boxed expression that an element holds."""
    return next(iter(_boxes(element)), None)


def compile_inner(element: Element | None, place: Place) -> Code:
    """Compile the boxed expression inside an element; nothing at all means null."""
    box = box_in(element) if element is not None else None
    return _null if box is None else compile_box(box, place)


def compile_text(text: str, element: Element, place: Place) -> Code:
    """Compile FEEL text; an empty one means null."""
    if not text.strip():
        return _null
    place.spend((len(place.names) + len(place.types.members)) // 2)
    try:
        expression = compile_expression(
            text,
            names=place.names,
            members=place.types.members,
            resolve=place.types.resolve,
            trusted=True,
            several=True,
        )
    except FEELError as problem:
        return _refuse(element, text, str(problem), place)
    return expression.within if len(text) < LONG_TEXT else _charged(expression.within, len(text) // 16)


def _charged(code: Code, cost: int) -> Code:
    def charge(scope: Scope, run: DecisionRun) -> Any:
        run.charge(cost)
        return code(scope, run)

    return charge


def _refuse(element: Element, text: str, reason: str, place: Place) -> Code:
    # One broken expression does not stop the decisions that do not need it; what needs it gets null.
    place.broken.append(DMNTextError(element.get("id") or place.owner or label(element), text, reason))
    return _null


def _null(_scope: Scope, _run: DecisionRun) -> None:
    return None


def _literal(element: Element, place: Place) -> Code:
    language = element.get("expressionLanguage", "")
    if language and "feel" not in language.lower():
        return _refuse(element, text_of(element), f"the language {language} is not FEEL", place)
    return compile_text(text_of(element) if child(element, "text") is not None else "", element, place)


def _context(element: Element, place: Place) -> Code:
    entries: list[tuple[str | None, Callable[[Any], Any] | None, Code]] = []
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        name = name_of(variable) if variable is not None else None
        box = box_in(entry)
        if name and box is not None and local(box) == "functionDefinition":
            place = place.with_names(name)  # a function may call itself
        fit = place.types.fit(type_ref(variable))
        if box is not None and local(box) == "functionDefinition":
            fit = None
        entries.append((name, fit, compile_inner(entry, place)))
        if name:
            place = place.with_names(name)

    def build(scope: Scope, run: DecisionRun) -> Any:
        run.charge(1 + len(entries) + len(scope) // 8)
        inner = dict(scope)
        result = {}
        for name, fit, code in entries:
            value = code(inner, run)
            if name is None:
                return value
            if fit is not None:
                value = fit(value)
            inner[name] = result[name] = value
        return result

    return build


def _list(element: Element, place: Place) -> Code:
    items = [compile_box(item, place) for item in _boxes(element)]
    return _charged(lambda scope, run: [item(scope, run) for item in items], 1 + len(items))


def _relation(element: Element, place: Place) -> Code:
    columns = [name_of(column) for column in children(element, "column")]
    fits = [place.types.fit(type_ref(column)) for column in children(element, "column")]
    rows = [
        [fitted(compile_box(cell, place), fit) for cell, fit in zip(_boxes(row), fits, strict=False)]
        for row in children(element, "row")
    ]

    def build(scope: Scope, run: DecisionRun) -> Any:
        return [dict(zip(columns, [cell(scope, run) for cell in row], strict=False)) for row in rows]

    return _charged(build, 1 + sum(1 + len(row) for row in rows))


def compile_function(
    element: Element, place: Place
) -> Callable[[Callable[[], Mapping[str, Any]]], FEELFunction]:
    """Compile a function definition; the result takes the scope that the function closes over."""
    parameters = list(children(element, "formalParameter"))
    names = tuple(name_of(parameter) for parameter in parameters)
    declared = place.types.parameter_types(type_ref(element))
    fits = [place.types.fit(type_ref(part) or declared.get(name_of(part), "")) for part in parameters]
    external = element.get("kind", "FEEL").upper() not in {"FEEL", "F", ""}
    body = _null if external else compile_inner(element, place.with_names(*names))
    fit = place.types.fit_result(type_ref(element))
    types = tuple(_type(parameter) for parameter in parameters)
    result_type = _type(element)

    def close(outer: Callable[[], Mapping[str, Any]]) -> FEELFunction:
        def call(values: list[Any], run: Run) -> Any:
            scope = dict(outer())
            run.charge(len(scope) // 8)
            for name, value, bind in zip(names, values, fits, strict=True):
                scope[name] = value if bind is None else bind(value)
                if scope[name] is None and value is not None:
                    return None
            # Functions of a model only run inside a run of the model.
            result = body(scope, cast("DecisionRun", run))
            return result if fit is None else fit(result)

        return FEELFunction(names, call, types=types, result=result_type)

    return close


def _type(element: Element) -> Type | None:
    name = type_ref(element).rpartition(":")[2]
    return Type(name) if name else None


def _function(element: Element, place: Place) -> Code:
    close = compile_function(element, place)
    return lambda scope, _run: close(lambda: scope)


def _invocation(element: Element, place: Place) -> Code:
    function = compile_inner(element, place)
    bindings = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        name = name_of(parameter) if parameter is not None else ""
        bindings.append((name, fitted(compile_inner(binding, place), place.types.fit(type_ref(parameter)))))
    names = tuple(name for name, _ in bindings)

    def invoke(scope: Scope, run: DecisionRun) -> Any:
        run.charge(len(bindings))
        target = function(scope, run)
        return apply(target, [code(scope, run) for _, code in bindings], names or None, run)

    return invoke


def _conditional(element: Element, place: Place) -> Code:
    condition, then, otherwise = (
        compile_inner(child(element, name), place) for name in ("if", "then", "else")
    )
    return lambda scope, run: (then if condition(scope, run) is True else otherwise)(scope, run)


def _filter(element: Element, place: Place) -> Code:
    source = compile_inner(child(element, "in"), place)
    match = compile_inner(child(element, "match"), place.with_names("item", *place.types.members))

    def select(scope: Scope, run: DecisionRun) -> Any:
        items = source(scope, run)
        if items is None:
            return None
        result = []
        for item in items if type(items) is list else [items]:
            run.charge(10 + len(scope) // 8)
            inner = {**scope, "item": item}
            if type(item) is dict:
                inner.update(item)
            found = match(inner, run)
            if found is True:
                result.append(item)
            elif found is not False and found is not None:
                return None
        return result

    return select


def _for(element: Element, place: Place) -> Code:
    variable = element.get("iteratorVariable", "")
    source = _iterated(element, place)
    body = compile_inner(child(element, "return"), place.with_names(variable, "partial"))

    def loop(scope: Scope, run: DecisionRun) -> Any:
        items = source(scope, run)
        if items is None:
            return None
        result: list[Any] = []
        for item in items:
            run.charge(10 + (len(result) + len(scope)) // 8)
            # Each round sees the list as it was, not as it will be.
            result.append(body({**scope, variable: item, "partial": result.copy()}, run))
        return result

    return loop


def _iterated(element: Element, place: Place) -> Code:
    box = child(element, "in")
    inner = box_in(box) if box is not None else None
    if inner is not None and local(inner) == "literalExpression":
        # The domain may be written as `1..5`, which is no expression by itself (rule 63).
        return compile_text(f"for _item in {text_of(inner)} return _item", inner, place)
    code = compile_inner(box, place)

    def items(scope: Scope, run: DecisionRun) -> Any:
        value = code(scope, run)
        return value if type(value) is list or value is None else [value]

    return items


def _quantified(element: Element, place: Place) -> Code:
    variable = element.get("iteratorVariable", "")
    some = local(element) == "some"
    source = _iterated(element, place)
    body = compile_inner(child(element, "satisfies"), place.with_names(variable))

    def loop(scope: Scope, run: DecisionRun) -> Any:
        items = source(scope, run)
        if items is None:
            return None
        result: bool | None = not some
        for item in items:
            run.charge(10 + len(scope) // 8)
            value = body({**scope, variable: item}, run)
            if value is some:
                return some
            if value is None:
                result = None
            elif type(value) is not bool:
                return None
        return result

    return loop


def _table(element: Element, place: Place) -> Code:
    from bpmn.dmn.tables import compile_table

    return compile_table(element, place)


COMPILERS: dict[str, Callable[[Element, Place], Code]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "functionDefinition": _function,
    "invocation": _invocation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _for,
    "some": _quantified,
    "every": _quantified,
    "decisionTable": _table,
}
