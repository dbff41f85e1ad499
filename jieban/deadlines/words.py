from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jieban.clock import CHINA, NEVER, local_day
from jieban.rules import CITABLE
from jieban.workdays import Calendar

_SOON = 2
"""From so many working days before its end a deadline is shown as near (our choice, not law)."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Words:
    """What a person reads about a deadline, and how urgent it is: overdue, today, soon, ok or none."""

    text: str
    tone: str


@dataclass(frozen=True)
class Limit:
    """What is told of a deadline wherever it stands: of a clock, of a task with its clock, of a bare moment."""

    due_at: datetime
    unit: str = "wd"
    article: str = ""
    """the article that sets it, or from which it was drawn"""
    provenance: str | None = None
    """whether that article says so; None of a bare moment, of which nobody knows what sets it"""
    provisional: bool = False
    length: int = 0
    """of a limit of hours, how many they are"""
    step: str = ""
    """the articles of the step that has to be done by then: they say what is to be done, not by when"""

    @property
    def law(self) -> bool:
        """Tell whether the article sets the limit itself, as read in its source."""
        return self.provenance in CITABLE and bool(self.article)


def words(due_at: datetime, now: datetime, calendar: Calendar, locale: str = "zh", unit: str = "wd") -> Words:
    """Say how long a deadline has to run, or since when it is over, in working days; in hours where it is one of hours."""
    if due_at >= NEVER:
        return Words(_say(locale, "无时限", "No limit"), "none")
    today, last = local_day(now), local_day(due_at)
    if unit == "h":
        return _hours(due_at, now, locale)
    if due_at < now:
        return Words(_late(calendar.working_days_between(last, today), locale), "overdue")
    if last == today:
        return Words(_say(locale, "今日到期", "Due today"), "today")
    return _ahead(today, last, calendar, locale)


def explained(limit: Limit, locale: str = "zh") -> str:
    """Say what stands behind the words: the moment, the article, and that the day is not certain yet."""
    of_step = f"{_say(locale, '本步骤依据', 'Law of the step: ')}{limit.step}" if limit.step else ""
    if limit.due_at >= NEVER:
        return of_step
    set_by = basis(limit, locale)
    parts = [limit.due_at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"), set_by]
    if limit.step != set_by:
        parts.append(of_step)
    if limit.provisional:
        parts.append(uncertain(locale))
    return " · ".join(part for part in parts if part)


def last_moment(limit: Limit) -> str:
    """Say in a message by when: the day, of a limit of hours with the time of day, and whether it is certain."""
    local = limit.due_at.astimezone(CHINA)
    moment = f"{local.month}月{local.day}日"
    if limit.unit == "h":
        moment += f" {local:%H:%M}"
    return f"{moment}（暂定）" if limit.provisional else moment


def basis(limit: Limit, locale: str = "zh") -> str:
    """Say what sets a limit: its article, or that it is a limit of our own; empty for a bare moment."""
    if limit.law:
        return limit.article
    return "" if limit.provenance is None else own_limit(locale)


def own_limit(locale: str = "zh") -> str:
    """Say that a limit is ours: no article that was read in its source sets it."""
    return _say(locale, "本系统期限（非法定）", "set by this system, not by law")


def on_record(step: str, article: str | None, provenance: str | None) -> dict[str, str]:
    """Give what a record that cannot be taken back says of both: the law of the step, and what sets its limit."""
    limit = Limit(NEVER, article=article or "", provenance=provenance)
    return {"step_article": step, "limit_basis": basis(limit)}


def uncertain(locale: str = "zh") -> str:
    """Say why a day may still change."""
    return _say(
        locale,
        "该年度放假安排尚未公布，到期日可能调整",
        "The holidays of that year are not published yet, so the date may change",
    )


def _hours(due_at: datetime, now: datetime, locale: str) -> Words:
    hours = abs(due_at - now) // _HOUR
    if due_at < now:
        if hours == 0:
            return Words(_say(locale, "已超期", "Overdue"), "overdue")
        return Words(
            _say(locale, f"超期 {hours} 小时", f"{hours} {_plural(hours, 'hour')} overdue"), "overdue"
        )
    # Hours run at night and on days of rest too, so a limit of hours is always near.
    tone = "today" if local_day(due_at) == local_day(now) else "soon"
    if hours == 0:
        return Words(_say(locale, "剩余不足 1 小时", "Less than an hour left"), tone)
    return Words(_say(locale, f"剩余 {hours} 小时", f"{hours} {_plural(hours, 'hour')} left"), tone)


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


def _plural(number: int, what: str = "day") -> str:
    return what if number == 1 else f"{what}s"
