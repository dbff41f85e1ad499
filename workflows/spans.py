import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from jieban import workdays
from jieban.clock import end_of_day, local_day
from jieban.errors import JiebanError

_SPAN = re.compile(r"(?P<sign>-?)P(?:(?P<wd>\d{1,4})WD|(?P<d>\d{1,4})D|(?P<mo>\d{1,3})M|T(?P<h>\d{1,5})H)")


class SpanError(JiebanError):
    """期限应写作 P3WD(3 个工作日)、P7D(7 天)、PT24H(24 小时)或 P1M(1 个月)。"""


@dataclass(frozen=True)
class Span:
    """A length of time as models write it: P3WD working days, P7D days, P1M months, PT24H hours; may be negative."""

    length: int
    unit: str


def parse_span(text: str) -> Span:
    """Read a span; SpanError where it is none."""
    found = _SPAN.fullmatch(text.strip())
    if not found:
        raise SpanError
    unit = next(name for name in ("wd", "d", "mo", "h") if found[name])
    return Span(int(found[unit]) * (-1 if found["sign"] else 1), unit)


def shift(moment: datetime, span: Span, calendar: workdays.Calendar) -> datetime:
    """Move a due moment by a span, forwards or back; working days step over holidays."""
    if span.unit == "h":
        return moment + timedelta(hours=span.length)
    if span.length == 0:
        return moment
    day = local_day(moment)
    if span.unit == "wd":
        return end_of_day(calendar.add_working_days(day, span.length))
    if span.unit == "mo":
        raise SpanError("催办的时间请用工作日、天或小时表示。")
    return end_of_day(day + timedelta(days=span.length))


def shift_hours(moment: datetime, span: Span, before: timedelta) -> datetime:
    """Move the end of a limit of hours by a span: it runs day and night, so a working day is one of 24 hours.

    A step that is to come days before the end comes as long `before` it as the warning of such a limit.
    """
    if span.unit == "h" or span.length == 0:
        return moment + timedelta(hours=span.length if span.unit == "h" else 0)
    return moment - before if span.length < 0 else moment + timedelta(days=span.length)
