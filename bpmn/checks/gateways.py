"""Gateways: every way decided, and nothing waited for that cannot come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.graph import Node, Scope
    from bpmn.problems import Problem

WAITABLE = frozenset({"message", "timer", "signal", "conditional"})


def check_ways(node: Node, scope: Scope) -> Iterator[Problem]:
    """Check the flows out of a node."""
    if node.default is not None and node.default not in {f.id for f in node.outgoing}:
        yield problem("default-unknown", node.id, node.name, flow=node.default)
    if node.kind == "complexGateway":
        yield problem("gateway-complex", node.id, node.name)
    yield from _conditions(node)
    if node.kind == "parallelGateway":
        yield from _alternatives(node, scope)
    if node.kind == "eventBasedGateway":
        yield from _race(node, scope)


def _conditions(node: Node) -> Iterator[Problem]:
    chooses = node.kind in {"exclusiveGateway", "inclusiveGateway"} and len(node.outgoing) > 1
    takes_all = node.kind in {"parallelGateway", "eventBasedGateway"}
    for flow in node.outgoing:
        if chooses and flow.condition is None and flow.id != node.default:
            yield problem("gateway-flow-without-condition", node.id, node.name, flow=flow.name or flow.id)
        if takes_all and flow.condition is not None:
            yield problem("parallel-with-condition", node.id, node.name, flow=flow.name or flow.id)


def _alternatives(node: Node, scope: Scope) -> Iterator[Problem]:
    sources = [f.source for f in node.incoming]
    for source in sorted({s for s in sources if sources.count(s) > 1}):
        if scope.nodes[source].kind == "exclusiveGateway":
            name = scope.nodes[source].name or source
            yield problem("parallel-join-of-alternatives", node.id, node.name, gateway=name)


def _race(node: Node, scope: Scope) -> Iterator[Problem]:
    if node.instantiate or node.gateway_type == "Parallel":
        yield problem("event-gateway-kind", node.id, node.name)
    for flow in node.outgoing:
        target = scope.nodes[flow.target]
        kinds = {d.kind for d in target.definitions}
        event = target.kind == "intermediateCatchEvent" and kinds and kinds <= WAITABLE
        task = target.kind == "receiveTask" and target.loop is None and not scope.boundaries(target.id)
        if not (event or task) or len(target.incoming) != 1:
            yield problem("event-gateway-target", node.id, node.name, target=target.name or target.id)
