"""From a drawing to SpiffWorkflow specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.expressions import Formula
from bpmn.graph import PEOPLE, SUBPROCESSES, Definition, Node
from bpmn.reach import link_target, reach
from bpmn.scopes import ScopeSpec
from bpmn.steps.activities import Activity, Automatic, Decide, Inside, Person, Receive, Send
from bpmn.steps.base import Step, Way
from bpmn.steps.events import Boundary, Catch, EventStart, Throw
from bpmn.steps.gateways import Exclusive, Inclusive, Join, Parallel, Race
from bpmn.steps.several import Several

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from bpmn.graph import Drawing, Scope

    type_of_decisions = Callable[[Mapping[str, Any]], Mapping[str, Any]]

GATEWAYS: dict[str, type[Step]] = {
    "exclusiveGateway": Exclusive,
    "parallelGateway": Parallel,
    "inclusiveGateway": Inclusive,
    "eventBasedGateway": Race,
}


def build(drawing: Drawing, decisions: Mapping[str, type_of_decisions]) -> dict[str, ScopeSpec]:
    """Make the specification of every scope of a drawing without errors."""
    return {scope.id: _scope(scope, drawing, decisions) for scope in drawing.scopes()}


def _scope(scope: Scope, drawing: Drawing, decisions: Mapping[str, type_of_decisions]) -> ScopeSpec:
    spec = ScopeSpec(scope.id)
    steps = {key: _step(spec, node, drawing) for key, node in scope.nodes.items()}
    for key, node in scope.nodes.items():
        step = steps[key]
        step.ways = [_way(flow, node, steps) for flow in node.outgoing] or _link(node, scope, steps)
        for way in step.ways:
            step.connect(way.target)
        if isinstance(step, Join):
            step.sources = tuple(flow.id for flow in node.incoming)
        if isinstance(step, Inclusive) and step.joins:
            step.reach = reach(node, scope)
            spec.inclusive.append(step)
        if isinstance(step, Boundary) and node.host:
            host = steps[node.host]
            assert isinstance(host, Activity)
            host.boundaries.append(step)
        body = step.body if isinstance(step, Several) else step
        if isinstance(body, Decide):
            body.table = decisions[key]
    spec.begin = [steps[node.id] for node in scope.starts()]
    return spec


def _step(spec: ScopeSpec, node: Node, drawing: Drawing) -> Step:
    if node.loop is not None:
        frame = Several(spec, node, node.loop)
        frame.body = _activity(spec, node, drawing, f"{node.id} turn")
        frame.body.several = frame
        return frame
    if node.kind in GATEWAYS:
        return GATEWAYS[node.kind](spec, node)
    if node.kind.endswith("Event"):
        return _event(spec, node)
    activity = _activity(spec, node, drawing, None)
    if node.by_event and node.inside is not None:
        start = node.inside.starts()[0]
        alert = EventStart(spec, start, start.definitions[0])
        alert.frame = activity
        assert isinstance(activity, Inside)
        activity.handler = "instead" if start.interrupting else "beside"
        spec.alerts.append(alert)
    return activity


def _activity(spec: ScopeSpec, node: Node, drawing: Drawing, name: str | None) -> Activity:
    if node.kind in PEOPLE:
        return Person(spec, node, name)
    if node.kind == "sendTask":
        return Send(spec, node, node.message, name)
    if node.kind == "receiveTask":
        return Receive(spec, node, Definition("message", node.message or ""), name)
    if node.kind == "businessRuleTask":
        return Decide(spec, node, name)
    if node.kind in SUBPROCESSES or node.kind == "callActivity":
        inside = Inside(spec, node, name)
        scope = node.inside or drawing.processes[node.called or ""]
        inside.scope = scope
        return inside
    return Automatic(spec, node, name)


def _event(spec: ScopeSpec, node: Node) -> Step:
    definition = node.definitions[0] if node.definitions else None
    if node.kind == "boundaryEvent" and definition is not None:
        return Boundary(spec, node, definition)
    if node.kind == "intermediateCatchEvent" and definition is not None and definition.kind != "link":
        return Catch(spec, node, definition)
    if node.kind in {"startEvent", "intermediateCatchEvent"}:
        return Step(spec, node)
    return Throw(spec, node, definition)


def _way(flow: Any, node: Node, steps: Mapping[str, Step]) -> Way:
    default = flow.id == node.default
    condition = None
    if flow.condition and not default and node.kind not in {"parallelGateway", "eventBasedGateway"}:
        condition = Formula(flow.condition)
    return Way(flow.id, steps[flow.target], condition, default)


def _link(node: Node, scope: Scope, steps: Mapping[str, Step]) -> list[Way]:
    if node.kind != "intermediateThrowEvent" or not node.definitions or node.definitions[0].kind != "link":
        return []
    catch = link_target(node, scope)
    return [] if catch is None else [Way("", steps[catch.id], None, default=False)]
