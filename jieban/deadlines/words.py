from dataclasses import dataclass
from datetime import date, datetime

from jieban.clock import NEVER, local_day
from jieban.workdays import Calendar

_SOON = 2
"""From so many working days before its end a deadline is shown as near (our choice, not law)."""


@dataclass(frozen=True)
class Words:
    """What a person reads about a deadline, and how urgent it is: overdue, today, soon, ok or none."""

    text: str
    tone: str


def words(due_at: datetime, now: datetime, calendar: Calendar, locale: str = "zh") -> Words:
    """Say how long a deadline has to run, or since when it is over, in working days."""
    if due_at >= NEVER:
        return Words(_say(locale, "无时限", "No limit"), "none")
    today, last = local_day(now), local_day(due_at)
    if due_at < now:
        return Words(_late(calendar.working_days_between(last, today), locale), "overdue")
    if last == today:
        return Words(_say(locale, "今日到期", "Due today"), "today")
    return _ahead(today, last, calendar, locale)


def _late(days: int, locale: str) -> str:
    if days == 0:
        return _say(locale, "已超期", "Overdue")
    return _say(locale, f"超期 {days} 个工作日", f"{days} working {_plural(days)} overdue")


def _ahead(today: date, last: date, calendar: Calendar, locale: str) -> Words:
    left = calendar.working_days_between(today, last)
    tone = "soon" if left <= _SOON else "ok"
    if left == 0:
        # Only days of rest lie before the end; saying "0 working days" would sound like today.
        days = (last - today).days
        return Words(_say(locale, f"剩余 {days} 天", f"{days} {_plural(days)} left"), tone)
    return Words(_say(locale, f"剩余 {left} 个工作日", f"{left} working {_plural(left)} left"), tone)


def _say(locale: str, chinese: str, english: str) -> str:
    return english if locale.startswith("en") else chinese


def _plural(days: int) -> str:
    return "day" if days == 1 else "days"
