"""Whether a calendar can be one at all: bounds that rest on what the yearly notices have said so far.

Counted over the days of 2004 to 2026 as the State Council's notices set them (chinesecalendar 1.11): each year had 16 to 23
days of rest from Monday to Friday, 5 to 12 Saturdays and Sundays of work, and at most 10 days of rest in a row (2020). The
bounds leave some room on both sides; what lies beyond them is a mistake in the file, and nobody is asked to confirm it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from jieban.errors import Invalid
from jieban.workdays.reading import Listed
from jieban.workdays.tables import WHOLE_COUNTRY
from jieban.workdays.working_days import Calendar

_FEWEST_WEEKDAYS_OFF, _MOST_WEEKDAYS_OFF = 10, 30
_MOST_MOVED = 14
_LONGEST_REST = 12
_MOST_OWN = 15
"""Days from Monday to Friday that an area has off for itself: Tibet's New Year and Shoton are some ten."""
_LONGEST_OWN_REST = 16
"""The Tibetan New Year may join the Spring Festival."""
_ALWAYS_OFF = ((1, 1), (5, 1), (10, 1), (10, 2), (10, 3))
"""Statutory holidays of a fixed date; no notice has made one of them a day of work."""
_EDGE = timedelta(days=_LONGEST_OWN_REST + 1)
_SATURDAY = 5


def check_plausible(calendar: Calendar, listed: Iterable[Listed]) -> None:
    """Refuse days with which the calendar of their year, or of their area, cannot be right; Invalid says why."""
    entries = list(listed)
    for entry in entries:
        _check_moved(calendar, entry)
    for area, year in sorted({(entry.area, entry.day.year) for entry in entries}):
        _check_year(calendar, area, year)


def _check_moved(calendar: Calendar, entry: Listed) -> None:
    if not entry.working or entry.day.weekday() >= _SATURDAY:
        return
    own = entry.area != WHOLE_COUNTRY and not calendar.is_working(entry.day)
    if "班" in entry.name or own:
        raise Invalid(f"{entry.day} 不是周六、周日，不会是调休上班日，请核对文件。")


def _check_year(calendar: Calendar, area: str, year: int) -> None:
    here = calendar.at(area)
    whose = f"{area} 地区 {year} 年" if area else f"{year} 年"
    days = list(_days(date(year, 1, 1), date(year, 12, 31)))
    if works := [day for day in days if (day.month, day.day) in _ALWAYS_OFF and here.is_working(day)]:
        raise Invalid(f"{works[0]} 是法定节假日，不会是上班日，请核对文件。")
    off = sum(day.weekday() < _SATURDAY and not here.is_working(day) for day in days)
    if area:
        own = sum(calendar.is_working(day) and not here.is_working(day) for day in days)
        if own > _MOST_OWN:
            raise Invalid(f"{whose}自行放假 {own} 天，最多 {_MOST_OWN} 天，请核对文件。")
    elif not _FEWEST_WEEKDAYS_OFF <= off <= _MOST_WEEKDAYS_OFF:
        raise Invalid(
            f"{whose}周一至周五共放假 {off} 天，历年为 16 至 23 天，"
            f"少于 {_FEWEST_WEEKDAYS_OFF} 天或多于 {_MOST_WEEKDAYS_OFF} 天的不予导入，请核对文件。"
        )
    moved = sum(day.weekday() >= _SATURDAY and here.is_working(day) for day in days)
    if moved > _MOST_MOVED:
        raise Invalid(f"{whose}周六、周日上班 {moved} 天，最多 {_MOST_MOVED} 天，请核对文件。")
    longest, last = _longest_rest(here, year)
    most = _LONGEST_OWN_REST if area else _LONGEST_REST
    if longest > most:
        raise Invalid(f"{whose}截至 {last} 连续休息 {longest} 天，最多 {most} 天，请核对文件。")


def _longest_rest(calendar: Calendar, year: int) -> tuple[int, date]:
    run, longest, last = 0, 0, date(year, 1, 1)
    for day in _days(date(year, 1, 1) - _EDGE, date(year, 12, 31) + _EDGE):
        run = 0 if calendar.is_working(day) else run + 1
        if run > longest:
            longest, last = run, day
    return longest, last


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)
