"""Who hears an event: a scope and its borders first, outwards from where it was thrown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.steps.events import Boundary, Catch, EventStart

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.graph import Definition
    from bpmn.machine import Machine
    from bpmn.steps.token import Token


def throw(run: Machine, token: Token, definition: Definition) -> None:
    """Let an event be heard."""
    kind, about = definition.kind, token.task_spec.about
    if kind == "message":
        run.effect("message", about, definition.name)
    elif kind == "signal":
        run.effect("signal", about, definition.name)
        broadcast(run, definition.name)
    elif kind == "terminate":
        _terminate(run, token)
    elif kind in {"cancel", "error"}:
        _outwards(run, token, definition)
    elif kind == "escalation":
        run.effect("escalation", about, definition.code or definition.name)
        _outwards(run, token, definition)


def broadcast(run: Machine, name: str) -> int:
    """Let everyone hear a signal who waits for it now; answer how many did."""
    heard = [t for t in run.tokens() if _waits_for(t, "signal", name)]
    for token in heard:
        if token.alive and token.waits:
            token.task_spec.trigger(token)
    return len(heard)


def waiting_for(run: Machine, name: str) -> Token | None:
    """Find the token that has waited longest for a message."""
    found = [t for t in run.tokens() if _waits_for(t, "message", name)]
    return min(found, key=_age) if found else None


def _age(token: Token) -> int:
    number: int = token.id
    return number


def _waits_for(token: Token, kind: str, name: str) -> bool:
    step = token.task_spec
    if not token.waits or not isinstance(step, Catch):
        return False
    return step.definition.kind == kind and step.definition.name == name


def _terminate(run: Machine, token: Token) -> None:
    scope = token.workflow
    run.ended(token)
    token.remove()
    run.empty(scope)


def _outwards(run: Machine, token: Token, definition: Definition) -> None:
    for catcher in _catchers(token, definition):
        if definition.kind != "escalation":
            # What was thrown ends here; the branch that threw must not be cancelled by its own error.
            token.remove()
            run.ended(token)
        catcher.task_spec.trigger(catcher)
        return


def _catchers(token: Token, definition: Definition) -> Iterator[Token]:
    scope: Any = token.workflow
    while True:
        for other in list(scope.tasks.values()):
            if isinstance(other.task_spec, EventStart) and _matches(other, definition):
                yield other
        host = scope.host
        if host is None:
            return
        borders = {host.id, host.note.get("frame")}
        for other in list(host.workflow.tasks.values()):
            if (
                isinstance(other.task_spec, Boundary)
                and other.note.get("host") in borders
                and _matches(other, definition)
            ):
                yield other
        scope = host.workflow


def _matches(token: Token, definition: Definition) -> bool:
    caught = token.task_spec.definition
    if not token.waits or caught.kind != definition.kind:
        return False
    if definition.kind == "cancel" or (not caught.code and not caught.name):
        return True
    # Errors and escalations are matched by code; a drawing without codes can only mean the name.
    return bool((caught.code or caught.name) == (definition.code or definition.name))
