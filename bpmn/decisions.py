"""Deciding by DMN: the port to decision models (DMN 1.5)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from bpmn.dmn.boxed import DecisionRun
from bpmn.dmn.errors import DecisionError, DMNError, DMNTextError, NoSuchDecision, TableProblem
from bpmn.dmn.lint import lint_model
from bpmn.dmn.model import Model, evaluate_model
from bpmn.dmn.source import NAMESPACES, Element, children, name_of, read
from bpmn.problems import Problem
from bpmn.xml import MOST_WRITTEN

MAX_IMPORTS = 50
Report = Callable[[TableProblem], None]


def decide(
    dmn: bytes,
    inputs: Mapping[str, object],
    name: str | None = None,
    *,
    imports: Sequence[bytes] = (),
    report: Report | None = None,
) -> Any:
    """The value of a decision, decision service or business knowledge model.

    Without a name, the values of all decisions by their names. A table that breaks its hit policy,
    or that has no rule for its inputs where the policy wants one, gives null, as the specification
    says, and is told to `report` with the rules concerned.
    """
    run = DecisionRun()
    value = evaluate_model(compile_model(dmn, tuple(imports)), inputs, name, run)
    if report is not None:
        for problem in run.problems:
            report(problem)
    return value


def decide_strictly(
    dmn: bytes, inputs: Mapping[str, object], name: str | None = None, *, imports: Sequence[bytes] = ()
) -> Any:
    """The same, but a broken table or a broken expression is an error."""
    imports = tuple(imports)
    model = compile_model(dmn, imports)
    if model.broken:
        raise model.broken[0]
    problems: list[TableProblem] = []
    value = decide(dmn, inputs, name, imports=imports, report=problems.append)
    if problems:
        raise DecisionError(tuple(problems))
    return value


def lint_decisions(dmn: bytes, *, imports: Sequence[bytes] = ()) -> list[Problem]:
    """What is wrong with a decision model before it runs: syntax, references, overlaps and gaps."""
    return lint_model(compile_model(dmn, tuple(imports)))


@lru_cache(maxsize=128)
def compile_model(dmn: bytes, imports: tuple[bytes, ...] = ()) -> Model:
    """Compile a DMN file once; the same bytes give the same model."""
    if len(imports) > MAX_IMPORTS:
        raise DMNError(f"A decision model may import at most {MAX_IMPORTS} files.")
    root, *further = (read(data) for data in (dmn, *imports))
    _measure([root, *further])
    return _build(root, {other.get("namespace", ""): other for other in further}, {}, ())


def compile_models(roots: Mapping[str, Element]) -> dict[str, Model | DMNError]:
    """Compile files that may import each other, each of them once, or say why one cannot be used."""
    if len(roots) > MAX_IMPORTS:
        raise DMNError(f"There may be at most {MAX_IMPORTS} decision models.")
    _measure(roots.values())
    others = {root.get("namespace", ""): root for root in roots.values()}
    built: dict[str, Model] = {}
    models: dict[str, Model | DMNError] = {}
    for name, root in roots.items():
        known = built.get(root.get("namespace", ""))
        try:
            models[name] = (
                known if known is not None and known.root is root else _build(root, others, built, ())
            )
        except DMNError as unusable:
            models[name] = unusable
    return models


def _measure(roots: Iterable[Element]) -> None:
    length = sum(len(part.text or "") for root in roots for part in root.iter("{*}text"))
    if length > MOST_WRITTEN:
        raise DMNError(f"The expressions have {length} characters together; {MOST_WRITTEN} are allowed.")


def _build(
    root: Element, others: Mapping[str, Element], built: dict[str, Model], above: tuple[str, ...]
) -> Model:
    namespace = root.get("namespace", "")
    if namespace in above:
        raise DMNError(f"The model {namespace} imports itself.")
    imported: dict[str, Model] = {}
    for statement in children(root, "import"):
        if statement.get("importType", "") not in NAMESPACES:
            continue  # PMML and XML Schema are not executed here
        wanted = statement.get("namespace", "")
        if wanted not in others:
            raise DMNError(f"The imported model {wanted} is missing.")
        if wanted not in built or wanted in (*above, namespace):
            built[wanted] = _build(others[wanted], others, built, (*above, namespace))
        imported[name_of(statement)] = built[wanted]
    return Model(root, imported)


__all__ = [
    "DMNError",
    "DMNTextError",
    "DecisionError",
    "NoSuchDecision",
    "TableProblem",
    "compile_model",
    "compile_models",
    "decide",
    "decide_strictly",
    "lint_decisions",
]
