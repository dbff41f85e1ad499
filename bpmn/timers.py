"""When a timer fires: ISO 8601 written bare, or FEEL over the facts; never the clock."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any

from bpmn.errors import ExpressionError
from bpmn.expressions import Formula
from bpmn.feel.values import Months

if TYPE_CHECKING:
    from collections.abc import Mapping

# Law and offices count in one time zone; China has had no summer time since 1991.
HERE = timezone(timedelta(hours=8), "+08:00")

DURATION = re.compile(
    r"P(?=.)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,6})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,9}(?:\.\d{1,6})?)S)?)?"
)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?")
CYCLE = re.compile(r"R(\d{0,6})/(?:(\d{4}-\d\d-\d\d[^/]*)/)?(P[^/]+)")
LOOKS_ISO = re.compile(r"R\d*/.*|P[\dTYMWDHS.,]*\d[\dTYMWDHS.,]*|\d{4}[-/].*")
WORKING_DAYS = re.compile(r"P\d+WD")
DEADLINE = "deadline"
"""The time of a timer on the border of a task that has a deadline: it fires at the very moment that the task is due."""


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: whole months, and seconds."""

    months: int = 0
    seconds: float = 0.0

    def after(self, moment: datetime) -> datetime:
        """Count this span from a moment; a month ends with its last day at the latest."""
        if self.months:
            local = moment.astimezone(HERE)
            year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
            if not MINYEAR <= year <= MAXYEAR:
                raise OverflowError(f"the year {year} is out of range")
            day = min(local.day, monthrange(year, month + 1)[1])
            moment = local.replace(year=year, month=month + 1, day=day).astimezone(moment.tzinfo)
        return moment + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Alarm:
    """When a timer fires next, how often after that (-1: for ever), and at what distance."""

    at: datetime
    left: int = 0
    every: Span | None = None


def parse_span(text: str) -> Span | None:
    """Read an ISO 8601 duration, or answer nothing."""
    found = DURATION.fullmatch(text)
    if found is None:
        return None
    years, months, weeks, days, hours, minutes = (int(part or 0) for part in found.groups()[:6])
    seconds = float(found.group(7) or 0)
    whole = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes).total_seconds()
    return Span(years * 12 + months, whole + seconds)


def parse_moment(text: str) -> datetime | None:
    """Read an ISO 8601 date or date and time, or answer nothing; without a zone it is local time."""
    if MOMENT.fullmatch(text) is None:
        return None
    try:
        return local(datetime.fromisoformat(text))
    except ValueError:
        return None


def local(value: date) -> datetime:
    """Give a date or a moment without a zone ours."""
    if not isinstance(value, datetime):
        value = datetime.combine(value, time())
    return value if value.tzinfo is not None else value.replace(tzinfo=HERE)


class TimerRule:
    """The time written on a timer event."""

    def __init__(self, kind: str, text: str) -> None:
        self.kind = kind
        self.text = text.strip()
        if not self.text:
            raise ExpressionError("timer", "empty")
        if WORKING_DAYS.fullmatch(self.text):
            raise ExpressionError(self.text, "working days")
        literal = self._literal(self.text)
        # Without this, a slip of the pen such as PT24 would be read as the name of a fact that nobody ever tells.
        if not literal and LOOKS_ISO.fullmatch(self.text):
            raise ExpressionError(self.text, f"not ISO 8601 for {kind}")
        self.formula = None if literal else Formula(self.text)
        self.is_deadline = kind == "timeDate" and self.text.removeprefix("=").strip() == DEADLINE

    def _literal(self, text: str) -> bool:
        if self.kind == "timeCycle":
            return CYCLE.fullmatch(text) is not None
        return parse_span(text) is not None or parse_moment(text) is not None

    def alarm(self, facts: Mapping[str, Any], now: datetime) -> Alarm:
        """Answer when it fires, counted from now."""
        value: Any = self.text if self.formula is None else self.formula.value(facts)
        try:
            alarm = self._cycle(value, now) if self.kind == "timeCycle" else Alarm(self._moment(value, now))
            alarm.at.astimezone(UTC)  # near the years 1 and 9999 not every clock can show it
        except (OverflowError, ValueError) as beyond:
            raise ExpressionError(self.text, str(beyond)) from None
        return alarm

    def _moment(self, value: Any, now: datetime) -> datetime:
        if isinstance(value, date):
            return local(value)
        if isinstance(value, timedelta):
            return now + value
        if isinstance(value, Months):
            return Span(value.months).after(now)
        if isinstance(value, str):
            span = parse_span(value)
            found = parse_moment(value) if span is None else span.after(now)
            if found is not None:
                return found
        raise ExpressionError(self.text, f"not a time: {value!r}")

    def _cycle(self, value: Any, now: datetime) -> Alarm:
        found = CYCLE.fullmatch(value) if isinstance(value, str) else None
        every = None if found is None else parse_span(found.group(3))
        if found is None or every is None or every == Span():
            raise ExpressionError(self.text, f"not a cycle: {value!r}")
        times = int(found.group(1)) if found.group(1) else -1
        if times == 0:
            raise ExpressionError(self.text, "a cycle of no rounds")
        first = every.after(now)
        if found.group(2):
            start = parse_moment(found.group(2))
            if start is None:
                raise ExpressionError(self.text, f"not a time: {found.group(2)!r}")
            first = start
        return Alarm(first, times - 1 if times > 0 else -1, every)
