import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.workdays.tables import WHOLE_COUNTRY, WorkCalendarDay, WorkCalendarRevision

_SATURDAY = 5
_LEVELS = (2, 4, 6)
"""The lengths of the codes of provinces, cities and counties: the nearer one is heard last and so prevails."""


@dataclass(frozen=True)
class Day:
    """What the calendar says of one day."""

    day: date
    working: bool
    provisional: bool = False


class Calendar:
    """Working days. Days that the table does not know follow the week and are provisional.

    It counts for the whole country; `at` gives that of a place, where a government there made days of its own.
    """

    def __init__(
        self, days: Iterable[Day], exceptions: Mapping[str, Mapping[date, Day]] | None = None
    ) -> None:
        known = {entry.day.toordinal(): entry for entry in days}
        self._known = known
        self._exceptions = dict(exceptions or {})
        self._places: dict[tuple[str, ...], Calendar] = {}
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

    def at(self, code: str | None) -> "Calendar":
        """Return the calendar of a place, by its area code: its county's own days, then its city's and its province's."""
        places = tuple(code[:length] for length in _LEVELS if code and code[:length] in self._exceptions)
        if not places:
            return self
        found = self._places.get(places)
        if found is None:
            days = dict(self._known)
            for place in places:
                days |= {day.toordinal(): entry for day, entry in self._exceptions[place].items()}
            found = self._places[places] = Calendar(days.values())
        return found

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
        kept = _loaded = (revision, read_calendar(session))
    return kept[1]


def read_calendar(session: Session, other: Mapping[tuple[str, date], Day] | None = None) -> Calendar:
    """Read the calendar from its table, or what it would be with other days in place of some."""
    columns = (
        WorkCalendarDay.area_code,
        WorkCalendarDay.day,
        WorkCalendarDay.working,
        WorkCalendarDay.status,
    )
    days = {
        (row.area_code, row.day): Day(row.day, row.working, row.status == "provisional")
        for row in session.execute(select(*columns))
    }
    areas: dict[str, dict[date, Day]] = {}
    for (area, day), entry in (days | dict(other or {})).items():
        areas.setdefault(area, {})[day] = entry
    return Calendar(areas.pop(WHOLE_COUNTRY, {}).values(), areas)


def mark_changed(session: Session) -> None:
    """Give the calendar a new revision; call it in the transaction that changes a day."""
    session.merge(WorkCalendarRevision(id=1, revision=new_id()))
