"""Yellow and red cards: how near its end a deadline is, and how far beyond it, in the colours of supervision."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, or_, select
from sqlalchemy.orm import Session

from jieban.clock import NEVER, local_day
from jieban.reads import Query
from jieban.rules.precedence import holding
from jieban.rules.tables import RuleValue
from jieban.workdays import Calendar

YELLOW, RED = "yellow", "red"


@dataclass(frozen=True)
class CardDays:
    """From which day a card is shown in one place, in working days unless the place counts in hours."""

    warn: int = 1
    """so many before the end: yellow"""
    alarm: int = 1
    """from which working day after the end: red; the days of rest right after the end belong to the first"""
    share: float = 0.25
    """of a limit of hours, which runs day and night: when so much of it is left, yellow; red at its end"""
    warn_unit: str = "wd"
    """wd or h"""
    alarm_unit: str = "wd"

    def last_hours(self, length: int) -> timedelta:
        """Give how long before its end a limit of so many hours shows yellow."""
        return timedelta(hours=length * self.share)


_WARN, _ALARM, _HOURS = "contact.warn", "contact.alarm", "contact.warn.hours"
_THE_DAY = bindparam("the_day", type_=Date())
_VALUES = Query(
    select(
        RuleValue.key,
        RuleValue.value,
        RuleValue.unit,
        RuleValue.rank,
        RuleValue.provenance,
        RuleValue.area_code,
    )
    .where(
        or_(*(RuleValue.key == key for key in (_WARN, _ALARM, _HOURS))),
        RuleValue.effective_from <= _THE_DAY,
        or_(RuleValue.effective_to.is_(None), RuleValue.effective_to >= _THE_DAY),
    )
    .order_by(RuleValue.area_code, RuleValue.effective_from)
)


class PlaceCards:
    """The days of cards of every place, read in one question; `at` gives those of one, as the calendar does."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self._values = list(values)
        self._areas = frozenset(one.area_code for one in self._values) - {""}
        self._kept: dict[frozenset[str], CardDays] = {}

    def at(self, code: str | None) -> CardDays:
        """Give the days that hold in a place, by the code of its office (XF-10); one of each where there is no rule."""
        mine = frozenset(area for area in self._areas if code and code.startswith(area))
        found = self._kept.get(mine)
        if found is None:
            found = self._kept[mine] = _days_of(one for one in self._values if one.area_code in mine | {""})
        return found


def card_days(session: Session, day: date) -> PlaceCards:
    """Read from the rules of all places, once for a page or a sweep, from which day a card is shown."""
    return PlaceCards(_VALUES.all(session, the_day=day))


def _days_of(values: Iterable[Any]) -> CardDays:
    found, usual = holding(values), CardDays()
    warn, alarm, hours = found.get(_WARN), found.get(_ALARM), found.get(_HOURS)
    return CardDays(
        int(warn.value) if warn else usual.warn,
        int(alarm.value) if alarm else usual.alarm,
        float(hours.value) if hours else usual.share,
        warn.unit if warn else usual.warn_unit,
        alarm.unit if alarm else usual.alarm_unit,
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
        if days.alarm_unit == "h":
            return RED if now >= due_at + timedelta(hours=days.alarm) else YELLOW
        return RED if max(1, calendar.working_days_between(last, today)) >= days.alarm else YELLOW
    if days.warn_unit == "h":
        return YELLOW if due_at - now <= timedelta(hours=days.warn) else ""
    return YELLOW if calendar.working_days_between(today, last) <= days.warn else ""
