"""Whether a state that was read can be one of its procedure: every field of its kind, every token where it may be."""

from __future__ import annotations

from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from bpmn.errors import StateError
from bpmn.steps.activities import Inside
from bpmn.steps.events import Boundary, Catch, EventStart
from bpmn.steps.gateways import Join
from bpmn.steps.several import Several
from bpmn.steps.token import FUTURE, READY, STARTED, WAITING

if TYPE_CHECKING:
    from bpmn.machine import Machine
    from bpmn.steps.token import Token

STATES = frozenset({FUTURE, WAITING, READY, STARTED})
PHASES = ("enter", "run", "turn")
# What a token may remember.
NOTES: dict[str, type] = {
    "at": datetime,
    "check": bool,
    "did": int,
    "done": int,
    "esp": int,
    "every": list,
    "frame": int,
    "gateway": str,
    "host": int,
    "left": int,
    "of": int,
    "race": int,
    "stuck": list,
    "turn": int,
    "via": str,
    "was": bool,
}

# Who alone may remember it.
OWNERS: dict[str, type] = {"at": Catch, "esp": EventStart, "host": Boundary}


def check_head(key: Any, counter: Any, outcome: Any, finished: Any, cancelled: Any, values: Any) -> None:
    """Refuse a state whose first fields are not of their kinds."""
    kinds = (type(key), type(counter), type(finished), type(values))
    named = all(isinstance(text, str | None) for text in (outcome, cancelled))
    if kinds != (str, int, bool, dict) or not named:
        raise StateError("The state is not laid out as a state is.")


def check_token(number: Any, state: Any, note: Any, counter: int) -> None:
    """Refuse a token whose fields are not of their kinds."""
    sound = type(number) is int and 0 < number <= counter and type(state) is int and state in STATES
    if not sound or type(note) is not dict:
        raise StateError("The state has a token that is none.")
    for key, value in note.items():
        if type(value) is not NOTES.get(key):
            raise StateError(f"The state has a token that remembers {key!r} wrongly.")
    if "at" in note and note["at"].tzinfo is None:
        raise StateError("The state has a time without a zone.")
    every, stuck = note.get("every"), note.get("stuck")
    if every is not None and ("at" not in note or not _is_span(every)):
        raise StateError("The state has a cycle that is none.")
    if stuck is not None and ([type(part) for part in stuck] != [str, str, str] or stuck[0] not in PHASES):
        raise StateError("The state has an incident that is none.")


def _is_span(every: list[Any]) -> bool:
    kinds = [type(part) for part in every]
    return kinds in ([int, float], [int, int]) and isfinite(every[1])


def check_places(machine: Machine) -> None:
    """Refuse a state in which a token leans on another one that is not there."""
    numbers = [token.id for token in machine.tokens()]
    if len(set(numbers)) != len(numbers):
        raise StateError("The state has two tokens of one number.")
    for host, inner in machine.case.subprocesses.items():
        step = inner.host.task_spec
        if not isinstance(step, Inside) or step.scope.id != inner.spec.name:
            raise StateError(f"The state has a scope in token {host}, which holds none.")
    for token in machine.tokens():
        if not _stands(token):
            raise StateError(f"The state has a token at {token.task_spec.bpmn_id} that cannot be there.")


def _stands(token: Token) -> bool:
    step, note, others = token.task_spec, token.note, token.workflow.tasks
    for key, kind in OWNERS.items():
        if key in note and not isinstance(step, kind):
            return False
    if isinstance(step, Boundary) and token.waits and note.get("host") not in others:
        return False
    if isinstance(step, Join) and step.joins and token.waits and "via" not in note:
        return False
    if getattr(step, "several", None) is None:
        return True
    frame = others.get(note.get("frame"))
    return (
        frame is not None
        and isinstance(frame.task_spec, Several)
        and frame.task_spec.body is step
        and "done" in frame.note
        and (frame.task_spec.cardinality is None or "of" in frame.note)
    )
