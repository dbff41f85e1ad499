"""Yellow and red cards: how near its end a deadline is, and how far beyond it, in the colours of supervision."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

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
    share: float = 0.25
    """of a limit of hours, which runs day and night: when so much of it is left, yellow; red at its end"""

    def last_hours(self, length: int) -> timedelta:
        """Give how long before its end a limit of so many hours shows yellow."""
        return timedelta(hours=length * self.share)


_WARN, _ALARM, _HOURS = "contact.warn", "contact.alarm", "contact.warn.hours"
_THE_DAY = bindparam("the_day", type_=Date())
_VALUES = Query(
    select(RuleValue.key, RuleValue.value)
    .where(
        or_(*(RuleValue.key == key for key in (_WARN, _ALARM, _HOURS))),
        RuleValue.area_code == "",
        RuleValue.effective_from <= _THE_DAY,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= _THE_DAY),
    )
    .order_by(RuleValue.effective_from)
)


def card_days(session: Session, day: date) -> CardDays:
    """Read from the rules which days they are (XF-10); one of each where there is no rule."""
    found = {row.key: row.value for row in _VALUES.all(session, the_day=day)}
    usual = CardDays()
    return CardDays(
        int(found.get(_WARN, usual.warn)),
        int(found.get(_ALARM, usual.alarm)),
        float(found.get(_HOURS, usual.share)),
    )


def card(
    due_at: datetime, now: datetime, calendar: Calendar, days: CardDays, unit: str = "wd", length: int = 0
) -> str:
    """Tell the card that a deadline shows: yellow, red, or "" where it is far off; of one of hours, by its length."""
    if due_at >= NEVER:
        return ""
    if unit == "h":
        return RED if due_at < now else YELLOW if due_at - now <= days.last_hours(length) else ""
    today, last = local_day(now), local_day(due_at)
    if due_at < now:
        return RED if max(1, calendar.working_days_between(last, today)) >= days.alarm else YELLOW
    return YELLOW if calendar.working_days_between(today, last) <= days.warn else ""
