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
    heard = listeners(run, name)
    for token in heard:
        if token.alive and token.waits:
            token.task_spec.trigger(token)
    return len(heard)


def listeners(run: Machine, name: str) -> list[Token]:
    """Give everyone who waits for a signal now."""
    return [t for t in run.tokens() if _waits_for(t, "signal", name)]


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


def caught(token: Token, definition: Definition) -> bool:
    """Say whether somebody would hear what leaves a scope."""
    return next(_catchers(token, definition), None) is not None


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
        starts = [t for t in scope.tasks.values() if isinstance(t.task_spec, EventStart)]
        yield from _named_first(starts, definition)
        host = scope.host
        if host is None:
            return
        hosts = {host.id, host.note.get("frame")}
        borders = [
            t
            for t in host.workflow.tasks.values()
            if isinstance(t.task_spec, Boundary) and t.note.get("host") in hosts
        ]
        yield from _named_first(borders, definition)
        scope = host.workflow


def _named_first(tokens: list[Token], definition: Definition) -> list[Token]:
    # Who names the very error hears it before who takes any, however they were drawn.
    return sorted((t for t in tokens if _matches(t, definition)), key=_takes_any)


def _takes_any(token: Token) -> bool:
    return not (token.task_spec.definition.code or token.task_spec.definition.name)


def _matches(token: Token, definition: Definition) -> bool:
    caught = token.task_spec.definition
    if not token.waits or caught.kind != definition.kind:
        return False
    if definition.kind == "cancel" or (not caught.code and not caught.name):
        return True
    # Errors and escalations are matched by code; a drawing without codes can only mean the name.
    return bool((caught.code or caught.name) == (definition.code or definition.name))
