from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from jieban.workdays.tables import WHOLE_COUNTRY, WorkCalendarDay
from jieban.workdays.working_days import mark_changed

_FIRST, _LAST_OFFICIAL = date(2004, 1, 1), date(2026, 12, 31)
_OFFICIAL_SOURCE = "国务院办公厅各年节假日安排通知（chinesecalendar 1.11）"
_PROVISIONAL_SOURCE = "按《全国年节及纪念日放假办法》推算，国务院办公厅尚未公布"
_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}
_PROVISIONAL_HOLIDAYS = {
    # Statutory holidays with their days in lieu when they fall on a weekend; no make-up working days are known.
    "元旦": ("2027-01-01", 1),
    "春节": ("2027-02-05", 6),
    "清明节": ("2027-04-05", 1),
    "劳动节": ("2027-05-01", 4),
    "端午节": ("2027-06-09", 1),
    "中秋节": ("2027-09-15", 1),
    "国庆节": ("2027-10-01", 5),
}
_PROVISIONAL_YEAR = 2027


def seed_calendar(session: Session) -> int:
    """Add the days of 2004 to 2027 that are not there yet; return how many. Days already there are not touched."""
    there = set(
        session.scalars(select(WorkCalendarDay.day).where(WorkCalendarDay.area_code == WHOLE_COUNTRY))
    )
    rows = [row for row in (*_official_days(), *_provisional_days()) if row["day"] not in there]
    if rows:
        session.execute(insert(WorkCalendarDay), rows)
        mark_changed(session)
    return len(rows)


@cache
def _official_days() -> tuple[dict[str, object], ...]:
    return tuple(_read_official_days())


def _read_official_days() -> Iterator[dict[str, object]]:
    import chinese_calendar

    for day in _days(_FIRST, _LAST_OFFICIAL):
        holiday, english = chinese_calendar.get_holiday_detail(day)
        name = _NAMES.get(english or "", "")
        if name and not holiday:
            name += "调休上班"
        yield _row(day, working=not holiday, name=name, status="official", source=_OFFICIAL_SOURCE)


def _provisional_days() -> Iterator[dict[str, object]]:
    holidays = {
        day: name
        for name, (first, length) in _PROVISIONAL_HOLIDAYS.items()
        for day in _days(date.fromisoformat(first), date.fromisoformat(first) + timedelta(days=length - 1))
    }
    for day in _days(date(_PROVISIONAL_YEAR, 1, 1), date(_PROVISIONAL_YEAR, 12, 31)):
        name = holidays.get(day, "")
        working = not name and day.weekday() < 5
        yield _row(day, working=working, name=name, status="provisional", source=_PROVISIONAL_SOURCE)


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _row(day: date, *, working: bool, name: str, status: str, source: str) -> dict[str, object]:
    return {"day": day, "working": working, "name": name, "status": status, "source": source}
