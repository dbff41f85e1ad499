"""The drawing as a whole: one procedure, with a beginning, all of it within reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.checks.thrown import Nesting
    from bpmn.graph import Drawing, Scope
    from bpmn.problems import Problem

MOST_LEVELS = 40


def choose_main(drawing: Drawing) -> Iterator[Problem]:
    """Find the procedure that a case runs: the one that no other calls."""
    called = {n.called for s in drawing.scopes() for n in s.nodes.values() if n.kind == "callActivity"}
    free = [p for p in drawing.processes.values() if p.id not in called]
    marked = [p for p in free if p.executable]
    candidates = marked or free
    if not candidates:
        candidates = list(drawing.processes.values())[:1]
    if not candidates:
        yield problem("process-none", "")
        return
    drawing.main = candidates[0]
    if len(candidates) > 1:
        yield problem("process-many", candidates[0].id, names="、".join(p.name for p in candidates))
    else:
        yield from _drop(drawing, _run_by(drawing.main, drawing))
    if drawing.main.executable is False:
        yield problem("process-marked-not-executable", drawing.main.id, drawing.main.name)


def _run_by(process: Scope, drawing: Drawing) -> set[str]:
    rest, found = [process], set[str]()
    while rest:
        scope = rest.pop()
        found.add(scope.id)
        for node in scope.nodes.values():
            called = drawing.processes.get(node.called or "")
            if called is not None and called.id not in found:
                rest.append(called)
            if node.inside is not None:
                rest.append(node.inside)
    return found


def _drop(drawing: Drawing, run: set[str]) -> Iterator[Problem]:
    for process in list(drawing.processes.values()):
        if process.id not in run:
            # A pool of somebody else, drawn to explain, is not held to what is demanded of ours.
            del drawing.processes[process.id]
            yield problem("process-not-run", process.id, process.name)


def check_depth(drawing: Drawing, nesting: Nesting) -> Iterator[Problem]:
    """Check that scopes do not lie in each other without end; a step goes down through all of them at once."""
    known: dict[str, int] = {}
    for scope in drawing.processes.values():
        if _depth(scope, nesting, known, 1) > MOST_LEVELS:
            yield problem("nested-too-deep", scope.id, scope.name, most=MOST_LEVELS)
            return


def _depth(scope: Scope, nesting: Nesting, known: dict[str, int], level: int) -> int:
    if scope.id in known or level > MOST_LEVELS:
        return known.get(scope.id, 1)
    known[scope.id] = 1
    inner = [nesting.inside(node) for node in scope.nodes.values()]
    deepest = max((_depth(s, nesting, known, level + 1) for s in inner if s is not None), default=0)
    known[scope.id] = deepest + 1
    return known[scope.id]


def check_scope(scope: Scope, *, by_event: bool) -> Iterator[Problem]:
    """Check where a scope begins, and that everything in it can be reached."""
    drawn = [n for n in scope.nodes.values() if n.kind == "startEvent"]
    if len(drawn) > 1:
        yield problem("start-many", scope.id, scope.name, names="、".join(n.name or n.id for n in drawn))
    if not by_event and not scope.starts():
        yield problem("start-none", scope.id, scope.name)
    seen = _reached(scope)
    for node in scope.nodes.values():
        if node.id not in seen:
            yield problem("node-unreachable", node.id, node.name)


def _reached(scope: Scope) -> set[str]:
    rest = [n.id for n in scope.starts()] + [n.id for n in scope.nodes.values() if n.by_event]
    catches = {
        n.definitions[0].name: n.id
        for n in scope.nodes.values()
        if n.kind == "intermediateCatchEvent" and n.definitions and n.definitions[0].kind == "link"
    }
    seen: set[str] = set()
    while rest:
        key = rest.pop()
        if key in seen or key not in scope.nodes:
            continue
        seen.add(key)
        node = scope.nodes[key]
        rest.extend(f.target for f in node.outgoing)
        rest.extend(b.id for b in scope.boundaries(key))
        if node.kind == "intermediateThrowEvent" and node.definitions and node.definitions[0].kind == "link":
            rest.append(catches.get(node.definitions[0].name, ""))
    return seen
