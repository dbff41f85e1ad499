"""Tasks and sub-processes: each must be something that can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.graph import ACTIVITIES, PEOPLE, SUBPROCESSES
from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bpmn.graph import Drawing, Node, Scope
    from bpmn.problems import Problem


def check_activity(
    node: Node, scope: Scope, drawing: Drawing, decisions: Collection[str]
) -> Iterator[Problem]:
    """Check a task, a sub-process or a call."""
    yield from _never(node)
    if node.kind == "businessRuleTask":
        yield from _decision(node, decisions)
    if node.kind == "callActivity":
        yield from _call(node, drawing)
    if node.kind in SUBPROCESSES:
        yield from _inside(node, scope)
    if not node.outgoing and not node.by_event and node.kind in PEOPLE | {"serviceTask", "sendTask"}:
        yield problem("end-implicit", node.id, node.name)


def _never(node: Node) -> Iterator[Problem]:
    refused = {
        "script-task": node.kind == "scriptTask" or node.script,
        "ad-hoc": node.kind == "adHocSubProcess",
        "compensation": node.for_compensation,
        "quantity": node.quantity,
        "instantiate": node.kind == "receiveTask" and node.instantiate,
        "receive-without-message": node.kind == "receiveTask" and not node.message,
    }
    for rule, applies in refused.items():
        if applies:
            yield problem(rule, node.id, node.name)


def _decision(node: Node, decisions: Collection[str]) -> Iterator[Problem]:
    if node.about.decision is None or not node.about.decision.name:
        yield problem("decision-missing", node.id, node.name)
    elif node.id not in decisions:
        yield problem("decision-unknown", node.id, node.name, decision=node.about.decision.name)


def _call(node: Node, drawing: Drawing) -> Iterator[Problem]:
    if node.called not in drawing.processes:
        yield problem("call-unknown", node.id, node.name, called=node.called or "")
        return
    rest, seen = [node.called], set[str]()
    while rest:
        name = rest.pop()
        if name in seen or name not in drawing.processes:
            continue
        seen.add(name)
        for scope in _within(drawing.processes[name]):
            if node.id in scope.nodes:
                yield problem("call-circular", node.id, node.name)
                return
            rest.extend(n.called for n in scope.nodes.values() if n.called)


def _within(scope: Scope) -> Iterator[Scope]:
    yield scope
    for node in scope.nodes.values():
        if node.inside is not None:
            yield from _within(node.inside)


def _inside(node: Node, scope: Scope) -> Iterator[Problem]:
    if node.inside is None or not node.inside.nodes:
        yield problem("subprocess-empty", node.id, node.name)
        return
    starts = [n for n in node.inside.nodes.values() if n.kind == "startEvent"]
    if not node.by_event:
        return
    if len(starts) != 1 or len(starts[0].definitions) != 1:
        yield problem("event-subprocess-start", node.id, node.name)
    if node.incoming or node.outgoing or node.loop is not None or scope.boundaries(node.id):
        yield problem("event-subprocess-flow", node.id, node.name)


def check_loop(node: Node) -> Iterator[Problem]:
    """Check that what is done several times is something that can be done, and ends."""
    loop = node.loop
    if loop is None:
        return
    if node.kind not in ACTIVITIES:
        yield problem("element-unknown", node.id, node.name, tag="loopCharacteristics")
    elif loop.foreign:
        yield problem("loop-foreign", node.id, node.name, parts=loop.foreign)
    elif loop.kind == "loop":
        if not loop.condition and loop.maximum is None:
            yield problem("loop-without-end", node.id, node.name)
    elif not loop.cardinality:
        yield problem("loop-without-count", node.id, node.name)
