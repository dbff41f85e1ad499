"""Yellow and red cards: how near its end a deadline is, and how far beyond it, in the colours of supervision."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date, bindparam, or_, select
from sqlalchemy.orm import Session

from jieban.clock import NEVER, local_day
from jieban.reads import Query
from jieban.rules.tables import RuleValue
from jieban.workdays import Calendar

YELLOW, RED = "yellow", "red"


@dataclass(frozen=True)
class CardDays:
    """From which day a card is shown, in working days."""

    warn: int = 1
    """so many before the end: yellow"""
    alarm: int = 1
    """from which working day after the end: red; the days of rest right after the end belong to the first"""


_THE_DAY = bindparam("the_day", type_=Date())
_VALUES = Query(
    select(RuleValue.key, RuleValue.value)
    .where(
        or_(RuleValue.key == "contact.warn", RuleValue.key == "contact.alarm"),
        RuleValue.area_code == "",
        RuleValue.effective_from <= _THE_DAY,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= _THE_DAY),
    )
    .order_by(RuleValue.effective_from)
)


def card_days(session: Session, day: date) -> CardDays:
    """Read from the rules which days they are (XF-10); one of each where there is no rule."""
    found = {row.key: int(row.value) for row in _VALUES.all(session, the_day=day)}
    return CardDays(found.get("contact.warn", 1), found.get("contact.alarm", 1))


def card(due_at: datetime, now: datetime, calendar: Calendar, days: CardDays) -> str:
    """Tell the card that a deadline shows: yellow, red, or "" where it is far off."""
    if due_at >= NEVER:
        return ""
    today, last = local_day(now), local_day(due_at)
    if due_at < now:
        return RED if max(1, calendar.working_days_between(last, today)) >= days.alarm else YELLOW
    return YELLOW if calendar.working_days_between(today, last) <= days.warn else ""
