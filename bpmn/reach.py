"""What can be reached from where, along the flows of a scope."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.graph import Node, Scope


def link_target(node: Node, scope: Scope) -> Node | None:
    """Find the catching link event of the same name."""
    name = node.definitions[0].name
    for other in scope.nodes.values():
        if other.kind == "intermediateCatchEvent" and other.definitions:
            definition = other.definitions[0]
            if definition.kind == "link" and definition.name == name:
                return other
    return None


def reach(gateway: Node, scope: Scope) -> dict[str, frozenset[str]]:
    """Give for each node the flows into the gateway that can be reached without passing the gateway."""
    found: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for node in scope.nodes.values():
        for flow in node.outgoing:
            before.setdefault(flow.target, set()).add(node.id)
        if node.kind == "intermediateThrowEvent" and node.definitions and node.definitions[0].kind == "link":
            catch = link_target(node, scope)
            if catch is not None:
                before.setdefault(catch.id, set()).add(node.id)
    for arrival in gateway.incoming:
        rest, seen = [arrival.source], {gateway.id}
        while rest:
            place = rest.pop()
            if place in seen:
                continue
            seen.add(place)
            found.setdefault(place, set()).add(arrival.id)
            rest.extend(before.get(place, ()))
    return {place: frozenset(flows) for place, flows in found.items()}
