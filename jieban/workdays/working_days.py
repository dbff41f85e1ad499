import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.workdays.tables import WorkCalendarDay, WorkCalendarRevision

_SATURDAY = 5


@dataclass(frozen=True)
class Day:
    """What the calendar says of one day."""

    day: date
    working: bool
    provisional: bool = False


class Calendar:
    """Working days. Days that the table does not know follow the week and are provisional."""

    def __init__(self, days: Iterable[Day]) -> None:
        known = {entry.day.toordinal(): entry for entry in days}
        self._first = min(known, default=1)
        self._last = max(known, default=0)
        span = range(self._first, self._last + 1)
        self._working = [
            ordinal
            for ordinal in span
            if (known[ordinal].working if ordinal in known else _is_weekday(ordinal))
        ]
        self._open = frozenset(
            ordinal for ordinal in span if ordinal not in known or known[ordinal].provisional
        )
        self.provisional_from = date.fromordinal(min(self._open, default=self._last + 1))
        """The first day that the State Council has not yet spoken about."""

    def is_working(self, day: date) -> bool:
        """Tell whether a day is a working day."""
        ordinal = day.toordinal()
        if not self._first <= ordinal <= self._last:
            return _is_weekday(ordinal)
        at = bisect_left(self._working, ordinal)
        return at < len(self._working) and self._working[at] == ordinal

    def is_provisional(self, day: date) -> bool:
        """Tell whether the State Council has not yet said what this day is."""
        ordinal = day.toordinal()
        return ordinal in self._open or not self._first <= ordinal <= self._last

    def add_working_days(self, day: date, n: int) -> date:
        """Return the n-th working day after a day, which itself is not counted; before it, where n is negative."""
        ordinal = day.toordinal()
        if n > 0 and self._first <= ordinal:
            at = bisect_right(self._working, ordinal) + n - 1
            if at < len(self._working):
                return date.fromordinal(self._working[at])
        if n < 0 and ordinal <= self._last:
            at = bisect_left(self._working, ordinal) + n
            if at >= 0:
                return date.fromordinal(self._working[at])
        return self._walk(ordinal, n)

    def _walk(self, ordinal: int, n: int) -> date:
        # Only for days beyond the table, which the seeded calendar never meets in a running case.
        step = 1 if n > 0 else -1
        for _ in range(abs(n)):
            ordinal += step
            while not self.is_working(date.fromordinal(ordinal)):
                ordinal += step
        return date.fromordinal(ordinal)

    def working_days_between(self, first: date, last: date) -> int:
        """Count the working days after `first` up to and with `last`; negative where `last` is the earlier one."""
        if last < first:
            return -self.working_days_between(last, first)
        a, b = first.toordinal(), last.toordinal()
        if self._first <= a and b <= self._last:
            return bisect_right(self._working, b) - bisect_right(self._working, a)
        return sum(self.is_working(date.fromordinal(ordinal)) for ordinal in range(a + 1, b + 1))

    def next_working_day(self, day: date) -> date:
        """Return the day itself when it is a working day, else the next one that is."""
        return day if self.is_working(day) else self.add_working_days(day, 1)


def _is_weekday(ordinal: int) -> bool:
    return (ordinal + 6) % 7 < _SATURDAY


_loaded: tuple[uuid.UUID, Calendar] | None = None


def load_calendar(session: Session, revision: uuid.UUID | None = None) -> Calendar:
    """Load the calendar; the table is read once per process and revision, later calls only compare the revision.

    A caller that has just read the revision with something else hands it over.
    """
    global _loaded  # noqa: PLW0603 - one assignment of a pair, which threads see whole
    revision = revision or session.scalar(select(WorkCalendarRevision.revision))
    if revision is None:
        return Calendar([])
    kept = _loaded
    if kept is None or kept[0] != revision:
        query = select(WorkCalendarDay.day, WorkCalendarDay.working, WorkCalendarDay.status)
        days = [Day(row.day, row.working, row.status == "provisional") for row in session.execute(query)]
        kept = _loaded = (revision, Calendar(days))
    return kept[1]


def mark_changed(session: Session) -> None:
    """Give the calendar a new revision; call it in the transaction that changes a day."""
    session.merge(WorkCalendarRevision(id=1, revision=new_id()))
