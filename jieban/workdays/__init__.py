from jieban.workdays.due import Due, due
from jieban.workdays.importing import CalendarImport, import_calendar
from jieban.workdays.seed import seed_calendar
from jieban.workdays.working_days import Calendar, load_calendar

__all__ = ["Calendar", "CalendarImport", "Due", "due", "import_calendar", "load_calendar", "seed_calendar"]
