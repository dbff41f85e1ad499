"""How the offices of an area did in a month: received, settled in time and late, days, breaches, orders that wait."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, extract, func, or_, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.deadlines.tables import LASTS, Deadline
from jieban.ledger.tables import FirstContact
from jieban.staff.actor import Actor, within
from jieban.supervision.tables import SupervisionOrder
from tasks.supervision_orders import WAITS

_TOTAL = ("total", "total_urban")
BREACHES = ("total", "step", "other", "unheard")
"""Of the whole case, of a step, of another limit, of the feedback to the person."""
_LEVELS = ((4, Case.city_code), (6, Case.county_code), (9, Case.town_code))


@dataclass
class Office:
    """One place in one month."""

    code: str
    received: int = 0
    in_time: int = 0
    late: int = 0
    days: float | None = None
    """from acceptance to the end, of the cases that ended in the month, on average"""
    breaches: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BREACHES, 0))
    orders: int = 0
    """orders that wait for an answer now"""


@dataclass(frozen=True)
class Month:
    """What came in and what ended in a month, of the whole area."""

    first: date
    received: int
    in_time: int
    late: int


def start_of(day: date, back: int = 0) -> date:
    """Give the first day of the month of a day, or of one so many months before."""
    months = day.year * 12 + day.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)


def offices(session: Session, actor: Actor, month: date, area: str = "") -> list[Office]:
    """Tell of each place one level below the area how it did in a month; four questions, whatever its size."""
    place = _column(area or actor.area_code or "")
    begin, end = _span(month)
    here = _here(actor, area)
    found: dict[str, Office] = {}

    def office(code: str) -> Office:
        return found.setdefault(code, Office(code))

    received, ended, was_late = _counts(begin, end)
    columns = (place, received, ended, was_late, _days(session, begin, end))
    touched = or_(_inside(Case.registered_at, begin, end), _inside(Case.closed_at, begin, end))
    for code, came, settled, late, days in session.execute(
        select(*columns).where(here, touched).group_by(place)
    ):
        one = office(code)
        one.received, one.in_time, one.late = came, settled - late, late
        one.days = None if days is None else float(days)
    kind = case((Deadline.kind.in_(_TOTAL), "total"), (Deadline.kind == "step", "step"), else_="other")
    breached = (
        select(place, kind.label("what"), func.count())
        .join(Deadline, Deadline.case_id == Case.id)
        .where(here, Deadline.kind != LASTS, _inside(Deadline.breached_at, begin, end))
        .group_by(place, "what")
    )
    for code, what, count in session.execute(breached):
        office(code).breaches[what] += count
    unheard = (
        select(place, func.count())
        .join(FirstContact, FirstContact.id == Case.first_contact_id)
        .where(here, _inside(FirstContact.breached_at, begin, end))
        .group_by(place)
    )
    for code, count in session.execute(unheard):
        office(code).breaches["unheard"] = count
    orders = (
        select(place, func.count())
        .join(SupervisionOrder, SupervisionOrder.case_id == Case.id)
        .where(here, SupervisionOrder.state.in_(WAITS))
        .group_by(place)
    )
    for code, count in session.execute(orders):
        office(code).orders = count
    return sorted(found.values(), key=lambda one: one.code)


def course(session: Session, actor: Actor, months: Sequence[date], area: str = "") -> list[Month]:
    """Tell how an area did month by month; one question."""
    columns = [column for month in months for column in _counts(*_span(month))]
    since = _span(min(months))[0]
    touched = or_(Case.registered_at >= since, Case.closed_at >= since)
    row = session.execute(select(*columns).where(_here(actor, area), touched)).one()
    numbers = [int(number or 0) for number in row]
    return [
        Month(month, numbers[at], numbers[at + 1] - numbers[at + 2], numbers[at + 2])
        for month, at in zip(months, range(0, len(numbers), 3), strict=True)
    ]


def _counts(begin: datetime, end: datetime) -> tuple[ColumnElement[int], ...]:
    """Count what was received, what ended, and what of that ended after its total limit."""
    ended = _inside(Case.closed_at, begin, end)
    return tuple(
        func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
        for condition in (_inside(Case.registered_at, begin, end), ended, and_(ended, _LATE))
    )


_LATE = exists().where(
    Deadline.case_id == Case.id, Deadline.kind.in_(_TOTAL), Deadline.breached_at.is_not(None)
)


def _days(session: Session, begin: datetime, end: datetime) -> ColumnElement[Any]:
    if session.get_bind().dialect.name == "sqlite":
        length = func.julianday(Case.closed_at) - func.julianday(Case.accepted_at)
    else:
        length = extract("epoch", Case.closed_at - Case.accepted_at) / 86400
    return func.avg(case((_inside(Case.closed_at, begin, end), length)))


def _inside(column: Any, begin: datetime, end: datetime) -> ColumnElement[bool]:
    return and_(column >= begin, column < end)


def _span(month: date) -> tuple[datetime, datetime]:
    last = start_of(month + timedelta(days=31))
    return (
        datetime(month.year, month.month, 1, tzinfo=CHINA),
        datetime(last.year, last.month, 1, tzinfo=CHINA),
    )


def _here(actor: Actor, area: str) -> ColumnElement[bool]:
    own = within(actor, Case)
    exact = {length: column == area for length, column in _LEVELS}
    if not area:
        return own
    return and_(own, exact.get(len(area), Case.city_code.startswith(area, autoescape=True)))


def _column(base: str) -> Any:
    return next((column for length, column in _LEVELS if length > len(base)), Case.town_code)
