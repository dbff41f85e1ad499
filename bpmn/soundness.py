"""Whether every state that a drawing can reach can still end, with the gateways taken as free choices."""

from __future__ import annotations

from collections import Counter, deque
from itertools import combinations, islice
from typing import TYPE_CHECKING

from bpmn.graph import ACTIVITIES
from bpmn.problems import problem
from bpmn.reach import link_target, reach

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from bpmn.graph import Flow, Node, Scope
    from bpmn.problems import Problem

MOST_STATES = 4_000
MOST_TOKENS = 3
# A gateway with many ways has more choices than a state has tokens, so the moves are counted as well, each as what it
# costs: the number of tokens.
MOST_MOVES = 1_000_000
MOST_CHOICES = 64
LAST_STEPS = 12

# Where the tokens are: names of nodes, and for what waits at a join names of flows.
type_of_state = tuple[str, ...]
# A host whose events beside it have happened once is written with this mark.
SEEN = " !"


class Net:
    """A scope as places and moves; what is inside its activities is looked at by itself."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.joins = {
            n.id: n
            for n in scope.nodes.values()
            if n.kind in {"parallelGateway", "inclusiveGateway"} and len(n.incoming) > 1
        }
        self.target = {f.id: f.target for n in self.joins.values() for f in n.incoming}
        self.reach = {key: reach(n, scope) for key, n in self.joins.items() if n.kind == "inclusiveGateway"}
        # Whether a gateway has more choices than are looked at.
        self.cut = False
        self.ways = {n.id: self._ways(n) for n in scope.nodes.values()}

    def start(self) -> type_of_state:
        """Give the first state."""
        return tuple(sorted(n.id for n in self.scope.starts()))

    def moves(self, state: type_of_state, known: Container[type_of_state]) -> list[tuple[str, type_of_state]]:
        """Give every state that may follow, with the node that makes it so."""
        found: list[tuple[str, type_of_state]] = []
        for place in dict.fromkeys(state):
            if place in self.target:
                continue
            moves = list(self._node_moves(place, state))
            # What has but one thing to do hinders nobody, so the order in which such things are done is left out;
            # not in a circle, though, or a loop would keep the others from ever having their turn, and not where it
            # takes the tokens of the others away.
            if len(moves) == 1 and moves[0][1] not in known and not self._sweeps(place):
                return moves
            found += moves
        for key in self.joins:
            joined = self._join(key, state)
            if joined is not None:
                tokens = [key, *self._without(state, joined)]
                found += [(key, self._put(tokens, key, way)) for way in self.ways[key]]
        return found

    def _node_moves(self, place: str, state: type_of_state) -> Iterator[tuple[str, type_of_state]]:
        key = place.removesuffix(SEEN)
        node = self.scope.nodes[key]
        if self._sweeps(key):
            yield key, ()
            return
        for way in self.ways[key]:
            yield key, self._put(state, place, way)
        if node.kind not in ACTIVITIES:
            return
        for event in self.scope.boundaries(key):
            if event.interrupting:
                yield event.id, self._put(state, place, (event.id,))
            elif place == key:
                yield event.id, self._put(state, place, (key + SEEN, event.id))

    def _sweeps(self, place: str) -> bool:
        """Say whether an end takes all other tokens of the scope with it."""
        node = self.scope.nodes[place.removesuffix(SEEN)]
        return node.kind == "endEvent" and any(
            d.kind in {"terminate", "error", "cancel"} for d in node.definitions
        )

    def _put(self, state: type_of_state | list[str], place: str, way: tuple[str, ...]) -> type_of_state:
        rest = list(state)
        rest.remove(place)
        return tuple(sorted([*rest, *way]))

    def _without(self, state: type_of_state, flows: list[str]) -> list[str]:
        rest = list(state)
        for flow in flows:
            rest.remove(flow)
        return rest

    def _join(self, key: str, state: type_of_state) -> list[str] | None:
        node = self.joins[key]
        came = [f.id for f in node.incoming if f.id in state]
        if node.kind == "parallelGateway":
            return came if len(came) == len(node.incoming) else None
        if not came:
            return None
        full = frozenset(came)
        for place in state:
            at = self.target.get(place, place.removesuffix(SEEN))
            reached = self.reach[key].get(at, frozenset()) if at != key else frozenset()
            if reached - full and not reached & full:
                return None
        return came

    def _ways(self, node: Node) -> list[tuple[str, ...]]:
        flows = node.outgoing
        if node.kind in {"exclusiveGateway", "eventBasedGateway"} and flows:
            return [(self._place(f),) for f in flows]
        if node.kind == "intermediateThrowEvent" and any(d.kind == "link" for d in node.definitions):
            catch = link_target(node, self.scope)
            return [(catch.id,)] if catch is not None else [()]
        free = [f for f in flows if f.condition is None and f.id != node.default]
        asked = [f for f in flows if f.condition is not None and f.id != node.default]
        if not asked or node.kind == "parallelGateway":
            return [tuple(self._place(f) for f in flows)]
        every = 2 ** len(asked) <= MOST_CHOICES
        self.cut = self.cut or not every
        sizes = range(len(asked) + 1) if every else (1, len(asked), 2)
        choices = ([*free, *some] for size in sizes for some in combinations(asked, size) if free or some)
        chosen = islice(choices, MOST_CHOICES)
        default = [f for f in flows if f.id == node.default]
        return [tuple(self._place(f) for f in way) for way in [*chosen, *([default] if default else [])]]

    def _place(self, flow: Flow) -> str:
        return flow.id if flow.target in self.joins else flow.target


def check_soundness(scope: Scope) -> Iterator[Problem]:
    """Walk through the states of a scope and tell where it cannot go on, never ends, or leaves tokens behind."""
    net = Net(scope)
    first = net.start()
    came: dict[type_of_state, tuple[type_of_state, str] | None] = {first: None}
    before: dict[type_of_state, list[type_of_state]] = {}
    said: set[tuple[str, str]] = set()
    rest = deque([first])
    piled, tried = False, 0
    while rest and len(came) <= MOST_STATES and tried <= MOST_MOVES:
        state = rest.popleft()
        # Looking back costs the length of the path, so it is done whenever a number has doubled.
        full = [p for p, count in Counter(state).items() if count > MOST_TOKENS and not count & (count - 1)]
        if full and _grows(state, came):
            piled = True
            yield from _say("tokens-pile-up", full[0], state, net, came, said)
            continue
        moves = net.moves(state, came)
        if state and not moves:
            yield from _say("deadlock", state[0], state, net, came, said)
        tried += len(moves) * len(state)
        for label, after in moves:
            before.setdefault(after, []).append(state)
            if after not in came:
                came[after] = (state, label)
                rest.append(after)
    if rest or net.cut:
        yield problem("too-many-states", scope.id, scope.name, count=MOST_STATES)
    if not rest and not piled and not said:
        yield from _endless(net, came, before, said)
    if not rest and not net.cut and not piled:
        yield from _untouched(net, came)


def _grows(state: type_of_state, came: dict[type_of_state, tuple[type_of_state, str] | None]) -> bool:
    """Say whether a state holds all that an earlier one on its path held and more, so that it goes on growing."""
    now = Counter(state)
    step = came[state]
    while step is not None:
        if len(step[0]) < len(state) and Counter(step[0]) <= now:
            return True
        step = came[step[0]]
    return False


def _untouched(net: Net, came: dict[type_of_state, tuple[type_of_state, str] | None]) -> Iterator[Problem]:
    """Tell of what the flows lead to and no token ever comes to, as behind a join that never has all of its own."""
    seen = {net.target.get(place, place.removesuffix(SEEN)) for state in came for place in state}
    for node in net.scope.nodes.values():
        waited = [net.scope.nodes[f.source] for f in node.incoming if f.source in seen]
        if node.kind in ACTIVITIES and node.id not in seen and not node.by_event:
            before = "、".join(n.name or n.id for n in waited) or "—"
            yield problem("never-reached", node.id, node.name, before=before)


def _endless(
    net: Net,
    came: dict[type_of_state, tuple[type_of_state, str] | None],
    before: dict[type_of_state, list[type_of_state]],
    said: set[tuple[str, str]],
) -> Iterator[Problem]:
    ending: set[type_of_state] = set()
    rest: list[type_of_state] = [()]
    while rest:
        state = rest.pop()
        if state not in ending:
            ending.add(state)
            rest.extend(before.get(state, ()))
    lost = [state for state in came if state not in ending]
    if lost:
        yield from _say("never-ends", lost[0][0], lost[0], net, came, said)


def _say(
    rule: str,
    place: str,
    state: type_of_state,
    net: Net,
    came: dict[type_of_state, tuple[type_of_state, str] | None],
    said: set[tuple[str, str]],
) -> Iterator[Problem]:
    node = net.scope.nodes[net.target.get(place, place.removesuffix(SEEN))]
    if (rule, node.id) in said:
        return
    said.add((rule, node.id))
    path: list[str] = []
    step = came[state]
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    names = [net.scope.nodes[key].name or key for key in reversed(path)]
    shown = names if len(names) <= LAST_STEPS else ["…", *names[-LAST_STEPS:]]
    yield problem(rule, node.id, node.name, path=" → ".join(shown))
