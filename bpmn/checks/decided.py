"""Whether a person stands on every way to an end, and the right one on every way to what only a decision brings about."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from bpmn.checks.thrown import LEAVING, Nesting, hears, name_of
from bpmn.graph import PEOPLE
from bpmn.problems import problem
from bpmn.reach import link_target

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from bpmn.graph import Definition, Node, Scope
    from bpmn.problems import Problem

LAST_STEPS = 12


def check_decided(
    main: Scope, nesting: Nesting, decisions: Mapping[str, Collection[str]]
) -> Iterator[Problem]:
    """Check every end of the case, and everything that `decisions` says needs one.

    Its keys are operations (`record_payment`), operations with a parameter (`issue_letter:approval`), notices
    (`notice:approval`) and ends by their outcome (`end:refused`); its values are the operations by which a person
    takes that decision.
    """
    passed = Passed(nesting, None)
    for scope, entry in passed.scopes(main):
        if entry != "inside":
            yield from _ends(scope, passed)
    for deciding in {frozenset(by) for by in decisions.values()}:
        wanted = {key for key, by in decisions.items() if frozenset(by) == deciding}
        passed = Passed(nesting, deciding)
        for scope, _ in passed.scopes(main):
            for node in scope.nodes.values():
                if wanted & _needs(node) and not passed.before(scope, node):
                    path = passed.path(main, scope, node)
                    yield problem("decision-without-person", node.id, node.name, path=path)


def _ends(scope: Scope, passed: Passed) -> Iterator[Problem]:
    for node in scope.nodes.values():
        ends = node.kind == "endEvent" or not (node.outgoing or node.by_event or _links(node))
        if ends and not passed.after(scope, node):
            yield problem("end-without-person", node.id, node.name, path=passed.path(scope, scope, node))


def _links(node: Node) -> bool:
    return node.kind == "intermediateThrowEvent" and any(d.kind == "link" for d in node.definitions)


def _needs(node: Node) -> set[str]:
    about, found = node.about, set[str]()
    if about.operation is not None:
        found |= {
            about.operation.name,
            *(f"{about.operation.name}:{v}" for v in about.operation.params.values()),
        }
    if about.notice:
        found.add(f"notice:{about.notice}")
    if node.kind == "endEvent":
        found.add(f"end:{node.id.removeprefix('end_')}")
    return found


class Passed:
    """For each node of each scope, whether every token that comes there has passed a person who counts.

    It is the greatest solution of simple equations: what comes from several flows is as good as the worst of them,
    and after a parallel join, which waits for all, as good as the best.
    """

    def __init__(self, nesting: Nesting, deciding: Collection[str] | None) -> None:
        self.nesting = nesting
        self.deciding = deciding
        self._known: dict[str, dict[str, bool]] = {}
        self._ended: dict[str, bool] = {}
        self._throwing: dict[tuple[str, str, str], bool] = {}

    def scopes(self, main: Scope) -> Iterator[tuple[Scope, str]]:
        """Give every scope that a case can come into before a decision, and how it is entered."""
        rest, seen = [(main, "main")], set[str]()
        while rest:
            scope, entry = rest.pop()
            if scope.id in seen:
                continue
            seen.add(scope.id)
            yield scope, entry
            for node in scope.nodes.values():
                inner = self.nesting.inside(node)
                if inner is None or (not node.by_event and self.before(scope, node)):
                    continue
                start = next((n for n in inner.nodes.values() if n.kind == "startEvent"), None)
                instead = node.by_event and entry != "inside" and start is not None and start.interrupting
                if not (node.by_event and self._heard(scope, start)):
                    rest.append((inner, "instead" if instead else "inside"))

    def before(self, scope: Scope, node: Node) -> bool:
        """Say whether whatever comes to a node has passed somebody."""
        return self._solve(scope)[node.id]

    def after(self, scope: Scope, node: Node) -> bool:
        """Say whether whatever leaves a node has passed somebody."""
        return self._after(node, self._solve(scope))

    def path(self, main: Scope, scope: Scope, node: Node) -> str:
        """Show a way to a node on which nobody stands."""
        names = self._way(scope, node)
        while scope is not main and self.nesting.places.get(scope.id):
            outer, host = next(
                (place for place in self.nesting.places[scope.id] if not self.before(*place)),
                self.nesting.places[scope.id][0],
            )
            names, scope = [*self._way(outer, host), *names], outer
        shown = names if len(names) <= LAST_STEPS else ["…", *names[-LAST_STEPS:]]
        return " → ".join(shown)

    def _solve(self, scope: Scope) -> dict[str, bool]:
        if scope.id in self._known:
            return self._known[scope.id]
        # A call in a circle is refused elsewhere; here it must only come to an end.
        self._known[scope.id] = dict.fromkeys(scope.nodes, False)
        starts = {n.id for n in scope.starts()} | {n.id for n in scope.nodes.values() if n.by_event}
        found = {key: key not in starts for key in scope.nodes}
        links: dict[str, list[Node]] = {}
        for other in scope.nodes.values():
            target = link_target(other, scope) if _links(other) else None
            if target is not None:
                links.setdefault(target.id, []).append(other)
        changed = True
        while changed:
            changed = False
            for node in scope.nodes.values():
                if found[node.id] and not self._arrives(scope, node, found, links.get(node.id, [])):
                    found[node.id], changed = False, True
        self._known[scope.id] = found
        return found

    def _arrives(self, scope: Scope, node: Node, found: Mapping[str, bool], links: list[Node]) -> bool:
        if node.kind == "boundaryEvent":
            return self._border(scope, node, found)
        came = [self._after(scope.nodes[flow.source], found) for flow in node.incoming]
        came += [self._after(other, found) for other in links]
        return any(came) if node.kind == "parallelGateway" else all(came)

    def _border(self, scope: Scope, node: Node, found: Mapping[str, bool]) -> bool:
        host = scope.nodes.get(node.host or "")
        if host is None or found[host.id]:
            return True
        if self.deciding is None and not node.interrupting:
            # What runs beside the activity is no way to the end of the case; the activity itself is.
            return True
        inner = self.nesting.inside(host)
        thrown = [d for d in node.definitions if d.kind in LEAVING]
        return bool(thrown) and inner is not None and self._thrown(inner, thrown[0])

    def _heard(self, scope: Scope, start: Node | None) -> bool:
        thrown = [d for d in start.definitions if d.kind in LEAVING] if start is not None else []
        return bool(thrown) and self._thrown(scope, thrown[0])

    def _thrown(self, scope: Scope, caught: Definition) -> bool:
        """Say whether whoever throws what is caught has passed somebody inside."""
        key = (scope.id, caught.kind, name_of(caught))
        if key not in self._throwing:
            self._throwing[key] = self._all_thrown(scope, caught)
        return self._throwing[key]

    def _all_thrown(self, scope: Scope, caught: Definition) -> bool:
        found, any_thrown = self._solve(scope), False
        for node in scope.nodes.values():
            throws = node.kind in {"endEvent", "intermediateThrowEvent"}
            if throws and any(hears(caught, d) for d in node.definitions):
                any_thrown = True
                if not found[node.id]:
                    return False
            inner = self.nesting.inside(node)
            if inner is not None and any(hears(caught, d) for d in self.nesting.thrown_in(inner)):
                any_thrown = True
                if not found[node.id] and not self._thrown(inner, caught):
                    return False
        return any_thrown

    def _after(self, node: Node, found: Mapping[str, bool]) -> bool:
        if found[node.id] or not _is_done(node):
            return found[node.id]
        if node.kind in PEOPLE:
            operation = node.about.operation.name if node.about.operation else ""
            return self.deciding is None or operation in self.deciding
        inner = self.nesting.inside(node)
        return inner is not None and not node.by_event and self._through(inner)

    def _through(self, inner: Scope) -> bool:
        if inner.id not in self._ended:
            self._ended[inner.id] = False  # as with `_known`, for calls in a circle
            ends = [n for n in inner.nodes.values() if not n.outgoing and not n.by_event and not _links(n)]
            known = self._solve(inner)
            self._ended[inner.id] = all(_leaves(n) or self._after(n, known) for n in ends)
        return self._ended[inner.id]

    def _way(self, scope: Scope, node: Node) -> list[str]:
        found = self._solve(scope)
        came: dict[str, str | None] = {n.id: None for n in scope.starts()}
        rest = deque(came)
        while rest and node.id not in came:
            here = scope.nodes[rest.popleft()]
            after = [f.target for f in here.outgoing] if not self._after(here, found) else []
            after += [b.id for b in scope.boundaries(here.id)]
            target = link_target(here, scope) if _links(here) else None
            after += [target.id] if target is not None else []
            for key in after:
                if key not in came and not found[key]:
                    came[key] = here.id
                    rest.append(key)
        names, last = [node.name or node.id], came.get(node.id)
        while last is not None:
            names.append(scope.nodes[last].name or last)
            last = came[last]
        return names[::-1]


def _leaves(node: Node) -> bool:
    return any(d.kind in {"error", "cancel"} for d in node.definitions)


def _is_done(node: Node) -> bool:
    """Say whether an activity is done at least once whenever it is reached."""
    loop = node.loop
    if loop is None:
        return True
    if loop.kind == "loop":
        return not loop.test_before
    # A count that is worked out may be none.
    return loop.cardinality.strip().isdecimal() and int(loop.cardinality) > 0
