from jieban.workdays.due import Due, due
from jieban.workdays.importing import (
    CalendarImport,
    DayChange,
    calendar_with,
    days_of_year,
    plan_import,
    write_days,
)
from jieban.workdays.reading import Listed, read_days
from jieban.workdays.seed import seed_calendar
from jieban.workdays.working_days import Calendar, load_calendar

__all__ = [
    "Calendar",
    "CalendarImport",
    "DayChange",
    "Due",
    "Listed",
    "calendar_with",
    "days_of_year",
    "due",
    "load_calendar",
    "plan_import",
    "read_days",
    "seed_calendar",
    "write_days",
]
