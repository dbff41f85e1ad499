"""A procedure as nodes and flows, free of XML and of the engine behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bpmn.elements import Element, English, EscalationStep

EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
SUBPROCESSES = frozenset({"subProcess", "transaction"})
PEOPLE = frozenset({"userTask", "manualTask", "task"})
TASKS = PEOPLE | {"serviceTask", "sendTask", "receiveTask", "businessRuleTask", "scriptTask"}
ACTIVITIES = TASKS | SUBPROCESSES | {"callActivity"}


@dataclass(slots=True)
class Definition:
    """What an event throws or catches; kind is the word before EventDefinition."""

    kind: str
    name: str = ""
    code: str | None = None
    timer: str = ""
    text: str = ""


@dataclass(slots=True)
class Loop:
    """How often an activity is done: one after another, side by side, or while a condition holds."""

    kind: str
    cardinality: str = ""
    condition: str = ""
    maximum: int | None = None
    test_before: bool = False
    foreign: str = ""


@dataclass(slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: str | None = None
    language: str = ""


@dataclass(slots=True)
class Node:
    """A flow node with everything that was drawn on it."""

    id: str
    kind: str
    name: str
    about: Element
    definitions: list[Definition] = field(default_factory=list)
    incoming: list[Flow] = field(default_factory=list)
    outgoing: list[Flow] = field(default_factory=list)
    default: str | None = None
    host: str | None = None
    interrupting: bool = True
    parallel_multiple: bool = False
    instantiate: bool = False
    for_compensation: bool = False
    by_event: bool = False
    message: str | None = None
    called: str | None = None
    loop: Loop | None = None
    inside: Scope | None = None
    gateway_type: str = ""
    script: bool = False
    quantity: bool = False
    languages: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Scope:
    """A process or a sub-process: what runs, and ends, together."""

    id: str
    name: str
    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    executable: bool | None = None
    file: str = ""
    english: English | None = None
    escalation: tuple[EscalationStep, ...] = ()
    """the chain of every task of people in it that has none of its own"""

    def starts(self) -> list[Node]:
        """Give the nodes where a token can be born: start events, or else every node without a way in."""
        drawn = [n for n in self.nodes.values() if n.kind == "startEvent"]
        return drawn or self.orphans()

    def orphans(self) -> list[Node]:
        """Give the nodes that no flow reaches and that nothing but a start could bring to life."""
        return [
            n
            for n in self.nodes.values()
            if not n.incoming
            and n.kind not in {"startEvent", "boundaryEvent"}
            and not n.by_event
            and not n.for_compensation
            and not (n.kind == "intermediateCatchEvent" and any(d.kind == "link" for d in n.definitions))
        ]

    def boundaries(self, host: str) -> list[Node]:
        """Give the boundary events of an activity."""
        return [n for n in self.nodes.values() if n.kind == "boundaryEvent" and n.host == host]


@dataclass(slots=True)
class Drawing:
    """All processes of a set of files, and the one that a case runs."""

    processes: dict[str, Scope] = field(default_factory=dict)
    main: Scope | None = None

    def scopes(self) -> list[Scope]:
        """Give every process and every sub-process, outer ones first."""
        found: list[Scope] = []
        rest = list(self.processes.values())
        while rest:
            scope = rest.pop(0)
            found.append(scope)
            rest.extend(n.inside for n in scope.nodes.values() if n.inside is not None)
        return found
