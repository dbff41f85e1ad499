"""The decisions of a procedure's business rule tasks, bound to its DMN files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from bpmn.codec import plain_facts
from bpmn.decisions import compile_models, decide_strictly
from bpmn.dmn.errors import DMNError
from bpmn.dmn.lint import lint_model
from bpmn.dmn.source import Element, children, read
from bpmn.errors import ExpressionError, FactError, UnsafeXML
from bpmn.feel import FEELError
from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from bpmn.build import type_of_decisions
    from bpmn.dmn.model import Model
    from bpmn.elements import Decision
    from bpmn.graph import Drawing
    from bpmn.problems import Problem

DECIDING = ("decision", "decisionService", "businessKnowledgeModel")


@dataclass(frozen=True, slots=True)
class Bound:
    """A decision that is ready to be taken, and the facts that its file knows as inputs."""

    take: Callable[[Mapping[str, Any]], dict[str, Any]]
    reads: tuple[str, ...]

    def __call__(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Take it."""
        return self.take(facts)


def bind(
    drawing: Drawing, files: Mapping[str, bytes], problems: list[Problem]
) -> dict[str, type_of_decisions]:
    """Find the decision of each business rule task; those not found are missing from the answer."""
    tables: dict[str, bytes] = {}
    known: dict[str, tuple[bytes, str, tuple[str, ...]]] = {}
    for name, model in _models(files, problems):
        problems.extend(lint_model(model))
        data = tables[name] = files[name]
        reads = tuple(sorted(part.get("name", "") for part in children(model.root, "inputData")))
        for element in children(model.root, *DECIDING):
            title = element.get("name", "")
            known.setdefault(element.get("id", title), (data, title, reads))
            known.setdefault(title, (data, title, reads))
    bound: dict[str, type_of_decisions] = {}
    for scope in drawing.scopes():
        for node in scope.nodes.values():
            wanted = node.about.decision
            if wanted is not None and wanted.name in known:
                data, title, reads = known[wanted.name]
                others = tuple(other for other in tables.values() if other is not data)
                bound[node.id] = Bound(partial(_decide, data, title, others, wanted), reads)
    return bound


def _models(files: Mapping[str, bytes], problems: list[Problem]) -> Iterator[tuple[str, Model]]:
    roots: dict[str, Element] = {}
    for name in sorted(name for name in files if name.endswith(".dmn")):
        try:
            roots[name] = read(files[name])
        except (UnsafeXML, DMNError) as unusable:
            problems.append(problem("dmn-broken", name, reason=str(unusable)))
    try:
        models = compile_models(roots)
    except DMNError as unusable:
        problems.append(problem("dmn-broken", ", ".join(roots), reason=str(unusable)))
        return
    for name, model in models.items():
        if isinstance(model, DMNError):
            problems.append(problem("dmn-broken", name, reason=str(model)))
        else:
            yield name, model


def _decide(
    data: bytes, title: str, others: tuple[bytes, ...], wanted: Decision, facts: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        value = decide_strictly(data, facts, title, imports=others)
        # One value gets the name that the diagram gives it; a context brings its own names.
        named = (
            value if isinstance(value, dict) and wanted.result is None else {wanted.result or title: value}
        )
        return plain_facts(named)
    except (DMNError, FEELError, FactError) as failure:
        raise ExpressionError(title, str(failure)) from None
    except (ArithmeticError, ValueError, TypeError, LookupError, RecursionError, MemoryError) as unforeseen:
        # A hole in the evaluator must cost one incident, not the whole step.
        raise ExpressionError(title, type(unforeseen).__name__) from unforeseen
