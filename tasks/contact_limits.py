"""By when whoever brought a matter hears back, and whether it was written down on its day (section F of the rules)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jieban import rules, workdays
from jieban.clock import read_moment
from jieban.rules.tables import RuleSet

_FEEDBACK = {"hotline": "hotline.finish"}
"""Channels that have a limit of their own; the others take ours."""
_OURS = "contact.feedback"


@dataclass(frozen=True)
class Received:
    """When a matter came, and what follows from that."""

    at: datetime
    late: bool
    """written down later than on the day on which it came, or on the next working day where that was a day of rest"""
    feedback_due: datetime


def received(
    values: RuleSet, calendar: workdays.Calendar, channel: str, told: Any, now: datetime
) -> Received:
    """Work out when a matter came by what its form says: sent by the hotline, else received; otherwise it is now."""
    said = told.get("dispatched_at") or told.get("received_at")
    at = min(read_moment(str(said)), now) if said else now
    day = rules.entry(values, "contact.register")
    late = workdays.due(at, int(day.value), day.unit, calendar).at < now
    return Received(at, late, feedback_due(values, calendar, channel, at))


def feedback_due(values: RuleSet, calendar: workdays.Calendar, channel: str, start: datetime) -> datetime:
    """Say by when the person hears back of a matter that came, or was reopened, at `start`."""
    limit = rules.entry(values, _FEEDBACK.get(channel, _OURS))
    return workdays.due(start, int(limit.value), limit.unit, calendar).at
