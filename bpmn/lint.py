"""Everything that is wrong with a set of files, said at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bpmn.checks.activities import check_activity, check_loop
from bpmn.checks.chains import check_chain
from bpmn.checks.decided import check_decided
from bpmn.checks.events import check_event, check_start
from bpmn.checks.gateways import check_ways
from bpmn.checks.policy import Known, check_policy
from bpmn.checks.texts import check_texts, written
from bpmn.checks.thrown import Nesting, check_thrown
from bpmn.checks.whole import check_depth, check_scope, choose_main
from bpmn.graph import Drawing
from bpmn.problems import Severity, problem
from bpmn.read import read
from bpmn.soundness import check_soundness
from bpmn.tables import bind
from bpmn.xml import MOST_WRITTEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bpmn.build import type_of_decisions
    from bpmn.graph import Node, Scope
    from bpmn.problems import Problem


# Far above what a person can read; some checks look at every pair of nodes.
MOST_NODES = 1_000


@dataclass(slots=True)
class Examined:
    """A drawing with all that was found about it."""

    drawing: Drawing
    problems: list[Problem]
    decisions: dict[str, type_of_decisions] = field(default_factory=dict)


def lint(
    files: Mapping[str, bytes],
    *,
    operations: Collection[str] | None = None,
    roles: Collection[str] | None = None,
    forms: Collection[str] | None = None,
    rules: Collection[str] | None = None,
    decisions: Mapping[str, Collection[str]] | None = None,
    supervisors: Collection[str] | None = None,
) -> list[Problem]:
    """Say what is wrong with a procedure: errors forbid executing it, policy forbids publishing it, hints advise.

    `decisions` says what only a decision may bring about, and by which operations a person takes it: see
    bpmn.checks.decided. `supervisors` are the roles above the county, one of which every escalation chain must reach.
    """
    examined = examine(files, Known(operations, roles, forms, rules, supervisors))
    if not any(p.severity is Severity.ERROR for p in examined.problems):
        for scope in examined.drawing.scopes():
            examined.problems.extend(check_soundness(scope))
        assert examined.drawing.main is not None
        nesting = Nesting(examined.drawing)
        examined.problems.extend(check_decided(examined.drawing.main, nesting, decisions or {}))
    return examined.problems


def examine(files: Mapping[str, bytes], known: Known | None = None) -> Examined:
    """Read the files and check them."""
    problems: list[Problem] = []
    drawing = read(files, problems)
    count = sum(len(scope.nodes) for scope in drawing.scopes())
    if count > MOST_NODES:
        problems.append(problem("too-many-nodes", "", count=count, most=MOST_NODES))
        return Examined(Drawing(), problems)
    length = sum(map(written, drawing.scopes()))
    if length > MOST_WRITTEN:
        problems.append(problem("too-much-written", "", count=length, most=MOST_WRITTEN))
        return Examined(Drawing(), problems)
    if not problems or drawing.processes:
        problems.extend(choose_main(drawing))
    examined = Examined(drawing, problems, bind(drawing, files, problems))
    nesting = Nesting(drawing)
    if deep := list(check_depth(drawing, nesting)):
        problems.extend(deep)
        return examined
    known = known or Known()
    for process in drawing.processes.values():
        problems.extend(check_chain(process.escalation, process.id, process.name, known))
        problems.extend(_scope(process, None, nesting, examined, known))
    return examined


def _scope(
    scope: Scope, owner: Node | None, nesting: Nesting, examined: Examined, known: Known
) -> Iterator[Problem]:
    by_event = owner is not None and owner.by_event
    yield from check_scope(scope, by_event=by_event)
    yield from check_thrown(scope, nesting)
    for node in scope.nodes.values():
        if node.kind == "startEvent":
            yield from check_start(node, by_event=by_event, inner=scope is not examined.drawing.main)
        if node.kind.endswith("Event"):
            yield from check_event(node, scope)
        else:
            yield from check_ways(node, scope)
            if not node.kind.endswith("Gateway"):
                yield from check_activity(node, scope, examined.drawing, examined.decisions)
        yield from check_loop(node)
        yield from check_texts(node)
        yield from check_policy(node, known)
        if not node.about.inherits_escalation:
            yield from check_chain(node.about.escalation, node.id, node.name, known)
        if node.inside is not None:
            yield from _scope(node.inside, node, nesting, examined, known)
