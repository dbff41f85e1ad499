from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.audit import record_admin
from jieban.errors import Invalid
from jieban.workdays.reading import Listed, read_days
from jieban.workdays.tables import WorkCalendarDay
from jieban.workdays.working_days import mark_changed

_FEWEST_HOLIDAYS = 11
"""13 statutory days, less those that can fall together; fewer cannot be the notice of a whole year."""


@dataclass(frozen=True)
class CalendarImport:
    """What an import did."""

    years: list[int]
    listed: int
    changed: int


def import_calendar(
    session: Session, content: bytes, file_name: str, *, actor_name: str, now: datetime
) -> CalendarImport:
    """Take in the holidays and make-up working days of a notice; the same file again changes nothing.

    A year that was provisional becomes official as a whole: days that the notice does not list follow the week.
    In a year that is official already only the listed days change.
    """
    listed = {entry.day: entry for entry in read_days(content, file_name)}
    years = sorted({day.year for day in listed})
    changed = sum(_import_year(session, year, listed, file_name) for year in years)
    if changed:
        mark_changed(session)
        data = {"file": file_name, "years": years, "listed": len(listed), "changed": changed}
        record_admin(session, kind="calendar.imported", now=now, actor_name=actor_name, data=data)
    return CalendarImport(years, len(listed), changed)


def _import_year(session: Session, year: int, listed: dict[date, Listed], file_name: str) -> int:
    days = _days_of(year)
    query = select(WorkCalendarDay).where(WorkCalendarDay.day.between(days[0], days[-1]))
    rows = {row.day: row for row in session.scalars(query)}
    whole = len(rows) < len(days) or any(row.status == "provisional" for row in rows.values())
    if whole:
        _check_whole_year(year, listed.values())
    changed = 0
    for day in days:
        entry = listed.get(day)
        if entry is None and not whole:
            continue
        working = entry.working if entry else day.weekday() < 5
        fresh = (working, entry.name if entry else "", "official", file_name[:200])
        row = rows.get(day)
        if row is None:
            row = WorkCalendarDay(day=day)
            session.add(row)
        # The source alone is no change: the same notice under another file name says nothing new.
        if (row.working, row.name, row.status) != fresh[:3]:
            row.working, row.name, row.status, row.source = fresh
            changed += 1
    return changed


def _check_whole_year(year: int, listed: Iterable[Listed]) -> None:
    holidays = sum(entry.day.year == year and not entry.working for entry in listed)
    if holidays < _FEWEST_HOLIDAYS:
        raise Invalid(
            f"{year} 年的日历尚未正式公布，文件应列出全年的放假日（至少 {_FEWEST_HOLIDAYS} 天），现只有 {holidays} 天。"
        )


def _days_of(year: int) -> list[date]:
    return [
        date.fromordinal(o) for o in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    ]
