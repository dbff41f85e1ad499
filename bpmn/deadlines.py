"""Whether a passed deadline has already decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn.steps.events import Boundary, EventStart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bpmn.steps.token import Token


def decided_by(token: Token, now: datetime) -> Token | None:
    """Give the earliest due timer that takes this token away before it can act."""
    due = [t for t in _rivals(token) if t.waits and "at" in t.note and t.note["at"] <= now]
    return min(due, key=_when) if due else None


def _when(token: Token) -> tuple[datetime, int]:
    return token.note["at"], token.id


def _rivals(token: Token) -> Iterator[Token]:
    race = token.note.get("race")
    if race is not None:
        yield from (t for t in token.workflow.tasks.values() if t.note.get("race") == race and t is not token)
    # A boundary event or an armed start is itself bound to what it stands on, so that is looked at as well.
    here: Any = token
    hosts = {token.id, token.note.get("host"), token.note.get("frame")}
    while True:
        scope = here.workflow
        for other in scope.tasks.values():
            if other is token or not getattr(other.task_spec, "interrupting", False):
                continue
            on_border = isinstance(other.task_spec, Boundary) and other.note.get("host") in hosts
            if on_border or isinstance(other.task_spec, EventStart):
                yield other
        if scope.host is None:
            return
        here = scope.host
        hosts = {here.id, here.note.get("frame")}
