"""Taking in a calendar: what a file would change is planned first, written as one act, and can be taken back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jieban.errors import Conflict, Invalid, NotFound
from jieban.workdays.plausible import check_plausible
from jieban.workdays.reading import Listed
from jieban.workdays.tables import WHOLE_COUNTRY, WorkCalendarDay
from jieban.workdays.working_days import Calendar, Day, mark_changed, read_calendar

_FEWEST_HOLIDAYS = 11
"""13 statutory days, less those that can fall together; fewer cannot be the notice of a whole year."""
_FIELDS = ("working", "name", "status", "source")


@dataclass(frozen=True)
class DayChange:
    """One day of the table before and after; before is None where it was not there, after where it goes."""

    area: str
    day: date
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        return {"area": self.area, "day": self.day.isoformat(), "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "DayChange":
        day = date.fromisoformat(given["day"])
        return cls(given["area"], day, given["before"], given["after"])

    @property
    def turns(self) -> bool:
        """Whether the day becomes a working day, or a day of rest, and was not before."""
        return self.after is not None and (
            self.before is None or self.before["working"] != self.after["working"]
        )

    @property
    def was_official(self) -> bool:
        return self.before is not None and self.before["status"] == "official"

    def backwards(self) -> "DayChange":
        """The change that takes this one back."""
        return replace(self, before=self.after, after=self.before)


@dataclass(frozen=True)
class CalendarImport:
    """What an import would do."""

    years: list[int]
    listed: int
    changes: tuple[DayChange, ...]

    @property
    def changed(self) -> int:
        return len(self.changes)

    def settled(self, today: date) -> list[DayChange]:
        """Give the days that turn though they lie in the past, or were official already: what nobody changes by the way."""
        return [one for one in self.changes if one.turns and (one.day < today or one.was_official)]


def plan_import(session: Session, listed: Iterable[Listed], source: str) -> CalendarImport:
    """Work out what the days of a file would change; nothing is written. Invalid where no calendar can be like that.

    A year that was provisional becomes official as a whole: days that the notice does not list follow the week.
    In a year that is official already, and for an area's own days, only the listed days change.
    """
    entries = list(listed)
    country = {entry.day: entry for entry in entries if entry.area == WHOLE_COUNTRY}
    own = [entry for entry in entries if entry.area != WHOLE_COUNTRY]
    changes = [
        change
        for year in sorted({day.year for day in country})
        for change in _plan_year(session, year, country, source)
    ]
    changes += _plan_own(session, own, source)
    check_plausible(calendar_with(session, changes), entries)
    return CalendarImport(sorted({entry.day.year for entry in entries}), len(entries), tuple(changes))


def calendar_with(session: Session, changes: Iterable[DayChange]) -> Calendar:
    """Give the calendar as it would be with these changes."""
    other = {
        (one.area, one.day): Day(one.day, one.after["working"], one.after["status"] == "provisional")
        for one in changes
        if one.after
    }
    return read_calendar(session, other)


def write_days(session: Session, changes: Iterable[DayChange]) -> None:
    """Write planned changes; Conflict where a day is not any more what it was when they were planned."""
    for one in changes:
        row = session.get(WorkCalendarDay, (one.day, one.area), with_for_update=True)
        if (_kept(row) if row else None) != one.before:
            raise Conflict(f"{one.day} 的安排已被他人更改，请重新导入。")
        if one.after is None:
            session.execute(
                delete(WorkCalendarDay).where(
                    WorkCalendarDay.day == one.day, WorkCalendarDay.area_code == one.area
                )
            )
        elif row is None:
            session.add(WorkCalendarDay(day=one.day, area_code=one.area, **one.after))
        else:
            for name, value in one.after.items():
                setattr(row, name, value)
    mark_changed(session)


def days_of_year(session: Session, year: int, area: str = WHOLE_COUNTRY) -> list[WorkCalendarDay]:
    """List the days of a year as the table has them, for the whole country or an area's own; NotFound where none."""
    query = select(WorkCalendarDay).where(
        WorkCalendarDay.area_code == area,
        WorkCalendarDay.day.between(date(year, 1, 1), date(year, 12, 31)),
    )
    rows = list(session.scalars(query.order_by(WorkCalendarDay.day)))
    if not rows and area == WHOLE_COUNTRY:
        raise NotFound("日历中没有这一年。")
    return rows


def _plan_year(
    session: Session, year: int, listed: Mapping[date, Listed], source: str
) -> Iterable[DayChange]:
    days = _days_of(year)
    rows = _rows(session, WHOLE_COUNTRY, days)
    whole = len(rows) < len(days) or any(row["status"] == "provisional" for row in rows.values())
    if whole:
        _check_whole_year(year, listed.values())
    for day in days:
        entry = listed.get(day)
        if entry is None and not whole:
            continue
        working = entry.working if entry else day.weekday() < 5
        yield from _change(WHOLE_COUNTRY, day, rows.get(day), working, entry.name if entry else "", source)


def _plan_own(session: Session, own: list[Listed], source: str) -> list[DayChange]:
    changes: list[DayChange] = []
    for area in sorted({entry.area for entry in own}):
        entries = [entry for entry in own if entry.area == area]
        rows = _rows(session, area, [entry.day for entry in entries])
        for entry in sorted(entries, key=lambda one: one.day):
            changes += _change(area, entry.day, rows.get(entry.day), entry.working, entry.name, source)
    return changes


def _change(
    area: str, day: date, before: dict[str, Any] | None, working: bool, name: str, source: str
) -> Iterable[DayChange]:
    after = {"working": working, "name": name, "status": "official", "source": source[:200]}
    # The source alone is no change: the same notice under another file name says nothing new.
    if before is None or any(before[key] != after[key] for key in ("working", "name", "status")):
        yield DayChange(area, day, before, after)


def _rows(session: Session, area: str, days: list[date]) -> dict[date, dict[str, Any]]:
    if not days:
        return {}
    query = select(WorkCalendarDay).where(
        WorkCalendarDay.area_code == area, WorkCalendarDay.day.between(min(days), max(days))
    )
    return {row.day: _kept(row) for row in session.scalars(query)}


def _kept(row: WorkCalendarDay) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FIELDS}


def _check_whole_year(year: int, listed: Iterable[Listed]) -> None:
    holidays = sum(entry.day.year == year and not entry.working for entry in listed)
    if holidays < _FEWEST_HOLIDAYS:
        raise Invalid(
            f"{year} 年的日历尚未正式公布，文件应列出全年的放假日（至少 {_FEWEST_HOLIDAYS} 天），现只有 {holidays} 天。"
        )


def _days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]
