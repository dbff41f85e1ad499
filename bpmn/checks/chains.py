"""Escalation chains: of a task, or of the process for every task that has none of its own."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from bpmn.checks.texts import is_span
from bpmn.elements import ASSIGNEE
from bpmn.problems import problem
from bpmn.timers import WORKING_DAYS, parse_span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bpmn.checks.policy import Known
    from bpmn.elements import EscalationStep
    from bpmn.problems import Problem


def check_chain(chain: Sequence[EscalationStep], key: str, name: str, known: Known) -> Iterator[Problem]:
    """Check that a chain is complete, goes forward in time, names roles that exist, and reaches the supervisor."""
    for step in chain:
        # A reminder comes before the deadline: -P1WD.
        if not step.to or not is_span(step.after.removeprefix("-")):
            yield problem("escalation-wrong", key, name, text=f"{step.after} → {step.to}")
        for role in step.to.split():
            if known.roles is not None and role != ASSIGNEE and role not in known.roles:
                yield problem("role-unknown", key, name, value=role)
    for earlier, later in pairwise(chain):
        if _falls(earlier.after, later.after):
            yield problem("escalation-order", key, name, text=f"{earlier.after}、{later.after}")
    told = {role for step in chain for role in step.to.split()}
    if chain and known.supervisors is not None and not told & set(known.supervisors):
        yield problem("escalation-short", key, name)


def _falls(earlier: str, later: str) -> bool:
    """Tell whether a step comes before the one drawn above it; units that only a calendar can compare are let pass."""
    (one, first), (other, second) = _length(earlier), _length(later)
    if one == other or first * second <= 0:
        return first > second
    return False


def _length(after: str) -> tuple[str, float]:
    """Give the unit of a step and how far it lies behind the deadline; one that nobody can read lies nowhere."""
    sign, text = (-1, after[1:]) if after.startswith("-") else (1, after)
    if WORKING_DAYS.fullmatch(text) is not None:
        return "working days", sign * int(text[1:-2])
    span = parse_span(text)
    if span is None:
        return "", 0
    return ("months", sign * span.months) if span.months else ("seconds", sign * span.seconds)
