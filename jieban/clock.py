from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")
"""The zone in which days are counted; limits of the law end at midnight here."""

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The due time of a task that no limit binds, so that the inbox index has no NULL."""


def now() -> datetime:
    """Read the clock, once, at the edge: an aware time in UTC."""
    return datetime.now(UTC)


def read_moment(text: str) -> datetime:
    """Read a moment as forms and facts write it; without a zone it is Chinese time."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def local_day(moment: datetime) -> date:
    """Return the Chinese calendar day of an aware moment."""
    return moment.astimezone(CHINA).date()


def end_of_day(day: date) -> datetime:
    """Return the last second of a Chinese day, as UTC."""
    return datetime.combine(day, time(23, 59, 59), CHINA).astimezone(UTC)


def start_of_day(day: date) -> datetime:
    """Return the first moment of a Chinese day, as UTC."""
    return datetime.combine(day, time(0), CHINA).astimezone(UTC)
