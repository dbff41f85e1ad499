"""A decision model: its elements, what requires what, and evaluating one of them (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from bpmn.dmn.boxed import Code, DecisionRun, Place, Scope, box_in, compile_box, compile_function
from bpmn.dmn.errors import DMNTextError, NoSuchDecision
from bpmn.dmn.source import Element, child, children, local, name_of, type_ref
from bpmn.dmn.types import Fit, Types, Use
from bpmn.feel.errors import FEELLimitError
from bpmn.feel.limits import ACTIVE, Run
from bpmn.feel.values import FEELFunction, measure, to_feel

REQUIRED = ("requiredInput", "requiredDecision", "requiredKnowledge")
_MISSING = object()
MAX_ROUTES = 100


@dataclass(slots=True)
class Node:
    """One element of the requirement graph."""

    model: Model
    kind: str
    name: str
    element: Element
    requires: list[tuple[str, str, Node]] = field(default_factory=list)
    fit: Fit | None = None
    code: Code | None = None
    function: FEELFunction | None = None
    service: Service | None = None


@dataclass(slots=True)
class Service:
    """What a decision service takes and gives."""

    inputs: list[tuple[Node, Fit | None]]
    outputs: list[Node]


@dataclass(slots=True)
class Session:
    """The values of one run, so that each decision is made once."""

    root: Model
    inputs: Mapping[str, Any]
    run: DecisionRun
    values: dict[int, Any] = field(default_factory=dict)


class Model:
    """A compiled DMN file with the files that it imports."""

    def __init__(self, root: Element, imports: Mapping[str, Model] | None = None) -> None:
        self.root = root
        self.namespace = root.get("namespace", "")
        self.imports = dict(imports or {})
        self.routes = _routes(self.imports)
        self.types: Types = Types(root, {name: model.types for name, model in self.imports.items()})
        self.broken: list[DMNTextError] = []
        self.spent = [0]
        self.nodes: dict[str, Node] = {}
        self.by_id: dict[str, Node] = {}
        for element in children(root, "decision", "inputData", "businessKnowledgeModel", "decisionService"):
            node = Node(self, local(element), _variable_name(element), element)
            self.nodes.setdefault(node.name, node)
            if element.get("id"):
                self.by_id[element.get("id", "")] = node
        for node in self.own():
            self._link(node)
        for node in self.own():
            self._compile(node)

    def own(self) -> list[Node]:
        """The elements of this file itself."""
        return list({id(node): node for node in (*self.by_id.values(), *self.nodes.values())}.values())

    def find(self, href: str) -> tuple[str, str, Node] | None:
        """The element that a reference names, with its import's name, if any, and its own."""
        namespace, _, identity = href.rpartition("#")
        if namespace in {"", self.namespace} and identity in self.by_id:
            return "", self.by_id[identity].name, self.by_id[identity]
        for prefix, model in self.imports.items():
            if namespace == model.namespace and identity in model.by_id:
                return prefix, model.by_id[identity].name, model.by_id[identity]
        return None

    def _link(self, node: Node) -> None:
        for requirement in children(node.element, "informationRequirement", "knowledgeRequirement"):
            for target in children(requirement, *REQUIRED):
                found = self.find(target.get("href", ""))
                if found is not None:
                    node.requires.append(found)
        reference = type_ref(child(node.element, "variable"))
        if node.kind in {"decision", "inputData"}:
            node.fit = self.types.fit(reference, Use.INPUT if node.kind == "inputData" else Use.VALUE)
        else:
            node.fit = self.types.fit_result(reference)

    def _compile(self, node: Node) -> None:
        if node.kind == "decision":
            box = box_in(node.element)
            if box is not None:
                place = Place(self.types, _scope_names(node), node.name, self.broken, self.spent)
                node.code = compile_box(box, place)
        elif node.kind == "businessKnowledgeModel":
            self._knowledge(node)
        elif node.kind == "decisionService":
            self._service(node)

    def _knowledge(self, node: Node) -> None:
        logic = child(node.element, "encapsulatedLogic")
        if logic is None:
            return
        place = Place(self.types, _scope_names(node) | {node.name}, node.name, self.broken, self.spent)
        close = compile_function(logic, place)
        outer: Scope = {}

        def scope() -> Scope:
            if not outer:
                outer[node.name] = node.function
                for prefix, name, required in node.requires:
                    bind(outer, prefix, name, required.function)
            return outer

        function = close(scope)
        fit = node.fit
        if fit is not None:
            inner = function.call
            node.function = FEELFunction(
                function.parameters, lambda values, run: fit(inner(values, run)), types=function.types
            )
        else:
            node.function = function

    def _service(self, node: Node) -> None:
        inputs, outputs = [], []
        for part in children(node.element, "inputData", "inputDecision", "outputDecision"):
            found = self.find(part.get("href", ""))
            if found is None:
                continue
            if local(part) == "outputDecision":
                outputs.append(found[2])
            else:
                inputs.append((local(part), found[2]))
        inputs.sort(key=lambda entry: entry[0] != "inputData")
        declared = self.types.parameter_types(type_ref(child(node.element, "variable")))
        service = Service(
            [(found, found.fit or self.types.fit(declared.get(found.name, ""))) for _, found in inputs],
            outputs,
        )
        node.service = service

        def call(values: list[Any], run: Run) -> Any:
            given = {}
            for (required, fit), value in zip(service.inputs, values, strict=True):
                given[required.name] = value if fit is None else fit(value)
                if given[required.name] is None and value is not None:
                    return None
            return run_service(node, given, cast("DecisionRun", run))

        names = tuple(required.name for required, _ in service.inputs)
        node.function = FEELFunction(names, call, types=(None,) * len(names))


def _routes(imports: Mapping[str, Model]) -> list[tuple[tuple[str, ...], Model]]:
    """The names of imports that lead to each imported model, nearer models first."""
    routes = [((name,), model) for name, model in imports.items()]
    further = [((name, *route), model) for name, inner in imports.items() for route, model in inner.routes]
    return sorted(routes + further, key=lambda entry: len(entry[0]))[:MAX_ROUTES]


def bind(scope: Scope, prefix: str, name: str, value: Any) -> None:
    """Put a value under its name; one from an import goes into the context of that import."""
    if prefix:
        scope = scope.setdefault(prefix, {})
    scope[name] = value


def _variable_name(element: Element) -> str:
    variable = child(element, "variable")
    return name_of(element) or (name_of(variable) if variable is not None else "")


def _scope_names(node: Node) -> frozenset[str]:
    return frozenset(part for prefix, name, _ in node.requires for part in (prefix, name) if part)


def value_of(node: Node, session: Session) -> Any:
    """The value of an input or a decision, made at most once in a session."""
    key = id(node)
    value = session.values.get(key, _MISSING)
    if value is not _MISSING:
        return value
    if node.kind == "inputData":
        value = _input(node, session)
    elif node.kind == "decision":
        session.values[key] = None  # a decision that requires itself is null, not an endless loop
        value = _decision(node, session)
    else:
        value = node.function
    session.values[key] = value
    return value


def _input(node: Node, session: Session) -> Any:
    value = _given(node, session)
    return value if node.fit is None else node.fit(value)


def _given(node: Node, session: Session) -> Any:
    # An input of an imported model may be given under the names of the imports that lead to it.
    for route, model in session.root.routes:
        if model is node.model:
            inner: Any = session.inputs
            for prefix in route:
                inner = inner.get(prefix) if isinstance(inner, Mapping) else None
            if isinstance(inner, Mapping) and node.name in inner:
                return inner[node.name]
            dotted = ".".join((*route, node.name))
            if dotted in session.inputs:
                return session.inputs[dotted]
    return session.inputs.get(node.name)


def _decision(node: Node, session: Session) -> Any:
    if node.code is None:
        return None
    session.run.charge(5 + len(node.requires))
    scope: Scope = {}
    for prefix, name, required in node.requires:
        bind(scope, prefix, name, value_of(required, session))
    value = node.code(scope, session.run)
    return value if node.fit is None else node.fit(value)


def run_service(node: Node, given: Mapping[str, Any], run: DecisionRun) -> Any:
    """The output of a decision service for values of its inputs and input decisions."""
    service = node.service
    if service is None:
        return None
    session = Session(node.model, {}, run)
    for required, fit in service.inputs:
        value = given.get(required.name)
        session.values[id(required)] = value if fit is None else fit(value)
    run.charge(10 + len(service.inputs) + len(service.outputs))
    outputs = [value_of(output, session) for output in service.outputs]
    if len(outputs) == 1:
        result = outputs[0]
    else:
        result = {output.name: value for output, value in zip(service.outputs, outputs, strict=True)}
    return result if node.fit is None else node.fit(result)


def evaluate_model(model: Model, inputs: Mapping[str, Any], name: str | None, run: DecisionRun) -> Any:
    """The value of the named element, or the values of all decisions by their names."""
    given: dict[str, Any] = {" ".join(key.split()): to_feel(value) for key, value in inputs.items()}
    session = Session(model, given, run)
    before = ACTIVE.set(run)
    try:
        if name is None:
            decisions = [node for node in model.nodes.values() if node.kind == "decision"]
            return measure({node.name: value_of(node, session) for node in decisions})
        return measure(_named(_find(model, name), given, session))
    except (RecursionError, MemoryError):
        raise FEELLimitError("The decision nests its invocations too deeply.") from None
    finally:
        ACTIVE.reset(before)


def _find(model: Model, name: str) -> Node:
    node = model.nodes.get(" ".join(name.split())) or model.by_id.get(name)
    prefix, point, rest = name.partition(".")
    if node is None and point and prefix in model.imports:
        return _find(model.imports[prefix], rest)
    if node is None:
        raise NoSuchDecision(name)
    return node


def _named(node: Node, given: Mapping[str, Any], session: Session) -> Any:
    if node.kind == "decisionService":
        return run_service(node, given, session.run)
    if node.kind == "businessKnowledgeModel":
        function = node.function
        return (
            None
            if function is None
            else function.call([given.get(name) for name in function.parameters], session.run)
        )
    return value_of(node, session)
