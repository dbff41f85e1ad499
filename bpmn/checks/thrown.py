"""Who hears what leaves a scope: every error and cancel has somebody, and whoever listens has something to hear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.checks.events import KINDS
from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.graph import Definition, Drawing, Node, Scope
    from bpmn.problems import Problem

LEAVING = frozenset({"error", "escalation", "cancel"})


class Nesting:
    """From which activities each scope is opened; a process may be called from several."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing = drawing
        self.places: dict[str, list[tuple[Scope, Node]]] = {}
        for outer in drawing.scopes():
            for node in outer.nodes.values():
                inner = self.inside(node)
                if inner is not None:
                    self.places.setdefault(inner.id, []).append((outer, node))
        self._thrown: dict[str, dict[tuple[str, str], Definition]] = {}
        self._caught: dict[tuple[str, str, str | None], bool] = {}

    def inside(self, node: Node) -> Scope | None:
        """Give the scope that an activity opens."""
        return node.inside or self.drawing.processes.get(node.called or "")

    def is_caught(self, thrown: Definition, scope: Scope, handler: Node | None = None) -> bool:
        """Say whether an error is caught wherever the scope is opened; a handler that runs is used up."""
        key = (scope.id, name_of(thrown), handler.id if handler is not None else None)
        if key not in self._caught:
            # A call in a circle is refused elsewhere; here it must only come to an end.
            self._caught[key] = False
            outside = self.places.get(scope.id, [])
            self._caught[key] = any(hears(d, thrown) for d in starts(scope, handler)) or (
                bool(outside)
                and scope is not self.drawing.main
                and all(
                    any(hears(d, thrown) for b in outer.boundaries(node.id) for d in b.definitions)
                    or self.is_caught(thrown, outer, node)
                    for outer, node in outside
                )
            )
        return self._caught[key]

    def thrown_in(self, scope: Scope) -> list[Definition]:
        """Give everything that is thrown in a scope and in what it opens, each once."""
        return list(self._thrown_in(scope).values())

    def _thrown_in(self, scope: Scope) -> dict[tuple[str, str], Definition]:
        if scope.id not in self._thrown:
            found = self._thrown[scope.id] = {}
            for node in scope.nodes.values():
                if node.kind in {"endEvent", "intermediateThrowEvent"}:
                    found |= {(d.kind, name_of(d)): d for d in node.definitions if d.kind in LEAVING}
                inner = self.inside(node)
                if inner is not None:
                    found |= self._thrown_in(inner)
            self._thrown[scope.id] = found
        return self._thrown[scope.id]


def name_of(definition: Definition) -> str:
    """Give what errors and escalations are matched by: the code, or the name where there is none."""
    return definition.code or definition.name


def hears(catching: Definition, thrown: Definition) -> bool:
    """Say whether one definition catches another; one without a name catches all of its kind."""
    if catching.kind != thrown.kind:
        return False
    return catching.kind == "cancel" or name_of(catching) in {"", name_of(thrown)}


def starts(scope: Scope, but: Node | None = None) -> list[Definition]:
    """Give what the event sub-processes of a scope listen for."""
    return [
        definition
        for node in scope.nodes.values()
        if node.by_event and node.inside is not None and node is not but
        for start in node.inside.nodes.values()
        if start.kind == "startEvent"
        for definition in start.definitions
    ]


def check_thrown(scope: Scope, nesting: Nesting) -> Iterator[Problem]:
    """Check the ends that throw, and the events that wait for what is thrown."""
    for node in scope.nodes.values():
        for definition in node.definitions:
            if node.kind == "endEvent" and definition.kind == "error":
                if not nesting.is_caught(definition, scope):
                    yield problem("error-uncaught", node.id, node.name)
            elif node.kind == "endEvent" and definition.kind == "cancel":
                if not _cancels(scope, nesting):
                    yield problem("cancel-uncaught", node.id, node.name)
            elif node.kind == "boundaryEvent" and definition.kind in LEAVING:
                host = scope.nodes.get(node.host or "")
                inner = nesting.inside(host) if host is not None else None
                if inner is not None and not any(hears(definition, t) for t in nesting.thrown_in(inner)):
                    yield _silence(node, definition)
        if node.by_event and node.inside is not None:
            yield from _unheard(node, scope, nesting)


def _cancels(scope: Scope, nesting: Nesting) -> bool:
    return any(
        host.kind == "transaction"
        and any(d.kind == "cancel" for border in outer.boundaries(host.id) for d in border.definitions)
        for outer, host in nesting.places.get(scope.id, [])
    )


def _unheard(handler: Node, scope: Scope, nesting: Nesting) -> Iterator[Problem]:
    assert handler.inside is not None
    for start in handler.inside.nodes.values():
        for definition in start.definitions if start.kind == "startEvent" else []:
            thrown = nesting.thrown_in(scope)
            if definition.kind in LEAVING and not any(hears(definition, t) for t in thrown):
                yield _silence(start, definition)


def _silence(node: Node, definition: Definition) -> Problem:
    return problem("never-thrown", node.id, node.name, kind=KINDS[definition.kind], code=name_of(definition))
