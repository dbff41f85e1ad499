"""Events: where each kind may stand, and who hears it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.graph import ACTIVITIES, PEOPLE, SUBPROCESSES
from bpmn.problems import problem
from bpmn.timers import DEADLINE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.graph import Definition, Node, Scope
    from bpmn.problems import Problem

ALLOWED: dict[str, tuple[str, ...]] = {
    "startEvent": ("message", "timer", "signal", "conditional"),
    "endEvent": ("message", "signal", "error", "escalation", "terminate", "cancel"),
    "intermediateThrowEvent": ("message", "signal", "escalation", "link"),
    "intermediateCatchEvent": ("message", "timer", "signal", "conditional", "link"),
    "boundaryEvent": ("message", "timer", "signal", "conditional", "error", "escalation", "cancel"),
}
KINDS = {
    "message": "消息",
    "timer": "定时",
    "signal": "信号",
    "conditional": "条件",
    "error": "错误",
    "escalation": "升级",
    "terminate": "终止",
    "cancel": "取消",
    "link": "连接",
    "compensate": "补偿",
}
WAKING = frozenset({"message", "timer", "signal", "conditional", "error", "escalation"})


def check_event(node: Node, scope: Scope) -> Iterator[Problem]:
    """Check an event."""
    if node.kind == "startEvent" and node.incoming:
        yield problem("start-with-incoming", node.id, node.name)
    if node.kind == "endEvent" and node.outgoing:
        yield problem("end-with-outgoing", node.id, node.name)
    if len(node.definitions) > 1 or node.parallel_multiple:
        yield problem("event-multiple", node.id, node.name)
    if not node.definitions and node.kind in {"intermediateCatchEvent", "boundaryEvent"}:
        yield problem("catch-without-definition", node.id, node.name)
    for definition in node.definitions:
        yield from _definition(node, definition, scope)
    if node.kind == "boundaryEvent":
        yield from _boundary(node, scope)


def _definition(node: Node, definition: Definition, scope: Scope) -> Iterator[Problem]:
    kind = definition.kind
    if kind == "compensate":
        yield problem("compensation", node.id, node.name)
        return
    if kind == "reference":
        yield problem("event-definition-ref", node.id, node.name)
        return
    if kind not in ALLOWED[node.kind] and node.kind != "startEvent":
        allowed = "、".join(KINDS[k] for k in ALLOWED[node.kind])
        yield problem("event-kind", node.id, node.name, kind=KINDS.get(kind, kind), allowed=allowed)
        return
    if kind == "message" and not definition.name:
        yield problem("message-without-name", node.id, node.name)
    if kind == "signal" and not definition.name:
        yield problem("signal-without-name", node.id, node.name)
    if kind == "conditional" and not definition.text:
        yield problem("condition-empty", node.id, node.name)
    if kind == "link":
        yield from _link(node, definition, scope)


def _link(node: Node, definition: Definition, scope: Scope) -> Iterator[Problem]:
    throws = node.kind == "intermediateThrowEvent"
    if (throws and node.outgoing) or (not throws and node.incoming):
        yield problem("link-with-flow", node.id, node.name)
    other = "intermediateCatchEvent" if throws else "intermediateThrowEvent"
    pairs = [
        n
        for n in scope.nodes.values()
        if n.kind == other and any(d.kind == "link" and d.name == definition.name for d in n.definitions)
    ]
    twins = [
        n
        for n in scope.nodes.values()
        if n.kind == node.kind and any(d.kind == "link" and d.name == definition.name for d in n.definitions)
    ]
    if not pairs or (throws and len(pairs) > 1) or (not throws and len(twins) > 1):
        yield problem("link-without-pair", node.id, node.name, link=definition.name)


def _boundary(node: Node, scope: Scope) -> Iterator[Problem]:
    host = scope.nodes.get(node.host or "")
    if host is None or host.kind not in ACTIVITIES or node.incoming:
        yield problem("boundary-host", node.id, node.name)
        return
    if not node.outgoing:
        yield problem("boundary-without-outgoing", node.id, node.name)
    for definition in node.definitions:
        kind = definition.kind
        if kind == "timer":
            yield from _beside_deadline(node, definition, host)
        if kind in {"error", "cancel"} and not node.interrupting:
            yield problem("boundary-must-interrupt", node.id, node.name, kind=KINDS[kind])
        thrower = host.kind in SUBPROCESSES or host.kind == "callActivity"
        if (kind in {"error", "escalation"} and not thrower) or (
            kind == "cancel" and host.kind != "transaction"
        ):
            yield problem("boundary-never", node.id, node.name, kind=KINDS[kind])


def _beside_deadline(node: Node, definition: Definition, host: Node) -> Iterator[Problem]:
    """See to it that a task and the timer on its border have one time, not two that can disagree.

    A timer that waits for the day from which the task's clock runs says something else, and may stand there.
    """
    deadline = host.about.deadline if host.kind in PEOPLE and host.loop is None else None
    text = definition.text.removeprefix("=").strip()
    if text == DEADLINE:
        if deadline is None or definition.timer != "timeDate":
            yield problem("timer-deadline", node.id, node.name)
    elif deadline is not None and (definition.timer != "timeDate" or text != deadline.start):
        yield problem("timer-beside-deadline", node.id, node.name, text=text)


def check_start(start: Node, *, by_event: bool, inner: bool) -> Iterator[Problem]:
    """Check how a scope is started; `inner` is what a sub-process or a call opens, and has no trigger of its own."""
    kinds = {d.kind for d in start.definitions}
    allowed = WAKING if by_event else frozenset() if inner else frozenset(ALLOWED["startEvent"])
    for kind in sorted(kinds - allowed - {"compensate", "reference"}):
        yield problem("start-event-kind", start.id, start.name, kind=KINDS.get(kind, kind))
    if not by_event and not inner and kinds & {"timer", "conditional", "signal"}:
        yield problem(
            "start-by-itself", start.id, start.name, kind="、".join(KINDS[k] for k in sorted(kinds))
        )
    if by_event and "error" in kinds and not start.interrupting:
        yield problem("event-start-must-interrupt", start.id, start.name)
