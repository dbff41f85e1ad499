"""By when whoever brought a matter hears back, and whether it was written down on its day (section F of the rules)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jieban import rules, workdays
from jieban.clock import local_day, read_moment, start_of_day
from jieban.ledger.limits import FeedbackLimit
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
    limit: FeedbackLimit


def received(
    values: RuleSet, calendar: workdays.Calendar, channel: str, told: Any, now: datetime
) -> Received:
    """Work out when a matter came by what its form says: sent by the hotline, else received; otherwise it is now."""
    said = told.get("dispatched_at") or told.get("received_at")
    at = min(read_moment(str(said)), now) if said else now
    day = rules.entry(values, "contact.register")
    late = workdays.due(at, int(day.value), day.unit, calendar).at < now
    return Received(at, late, feedback_limit(values, calendar, channel, at, now))


def feedback_limit(
    values: RuleSet, calendar: workdays.Calendar, channel: str, start: datetime, now: datetime
) -> FeedbackLimit:
    """Say by when the person hears back of a matter that came, or was reopened, at `start`."""
    entry = rules.entry(values, _FEEDBACK.get(channel, _OURS))
    length, unit = int(entry.value), entry.unit
    end = workdays.due(start, length, unit, calendar).at
    return FeedbackLimit(end, look_first(values, calendar, end, now), start, length, unit)


@dataclass(frozen=True)
class Counted:
    """From when a promised day was counted, where it is the end of a clock."""

    start: datetime
    length: int
    unit: str


def promised(
    values: RuleSet,
    calendar: workdays.Calendar,
    until: datetime,
    now: datetime,
    counted: Counted | None = None,
) -> FeedbackLimit:
    """Say the same of a day that the person was promised; one that was counted moves with the calendar."""
    look = look_first(values, calendar, until, now)
    if counted is None:
        return FeedbackLimit(until, look)
    return FeedbackLimit(until, look, counted.start, counted.length, counted.unit)


def look_first(values: RuleSet, calendar: workdays.Calendar, end: datetime, now: datetime) -> datetime:
    """Say when the first receiver is warned (contact.warn): on the morning of that working day; else at the end."""
    warn = rules.entry(values, "contact.warn")
    if warn.unit == "h":
        before = end - timedelta(hours=int(warn.value))
    else:
        before = start_of_day(calendar.add_working_days(local_day(end), -int(warn.value)))
    return before if now < before else end


def alarm_after(values: RuleSet, calendar: workdays.Calendar, end: datetime) -> datetime:
    """Say when the leader is told (contact.alarm): as that working day after the end begins; the first at once."""
    alarm = rules.entry(values, "contact.alarm")
    if alarm.unit == "h":
        return end + timedelta(hours=int(alarm.value))
    days = int(alarm.value)
    return end if days <= 1 else start_of_day(calendar.add_working_days(local_day(end), days))


def handed_on_late(values: RuleSet, calendar: workdays.Calendar, start: datetime, now: datetime) -> bool:
    """Tell whether a matter is handed on later than the first receiver may keep it (contact.handover)."""
    keep = rules.entry(values, "contact.handover")
    return workdays.due(start, int(keep.value), keep.unit, calendar).at < now
