"""The running clocks that a change of the calendar can concern, and where each of them would end."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import NEVER, end_of_day, start_of_day
from jieban.deadlines.tables import LASTS, Deadline
from jieban.workdays import Calendar
from tasks.tables import Task

AT_ONCE = 200
"""Rows that are read, and moved, in one transaction: a click on one of their cases waits for it."""
# Written out in the statement, since a partial index does not know what a parameter will be.
_RUNNING = literal("running", literal_execute=True)


@dataclass(frozen=True, slots=True)
class Span:
    """The days that a change of the calendar concerns, the first and the last."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Clock:
    """A running clock of an open case, with what moves along with it."""

    id: uuid.UUID
    case_id: uuid.UUID
    task_id: uuid.UUID | None
    kind: str
    name: str
    element: str
    length: int
    unit: str
    starts_at: datetime
    due_at: datetime
    provisional: bool
    breached_at: datetime | None
    fact: str
    case_number: str
    county_code: str
    town_code: str
    """of the office that has to keep it"""
    model_version_id: uuid.UUID
    engine_id: str | None
    escalation_level: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """Where a clock ends by another calendar."""

    clock: Clock
    starts_at: datetime
    due_at: datetime
    provisional: bool
    bases: tuple[tuple[uuid.UUID, datetime, datetime], ...] = ()
    """earlier clocks from whose end this one was made longer: id, start, end"""

    @property
    def moved(self) -> bool:
        """Whether it ends at another moment; otherwise only the mark of a provisional day changes."""
        return self.due_at != self.clock.due_at

    def annuls(self, now: datetime) -> bool:
        """Tell whether the breach that stands on record is none: by this calendar the time is not over yet."""
        return self.clock.breached_at is not None and self.moved and self.due_at > now

    def falls_late(self, now: datetime) -> bool:
        """Tell whether a clock that was in time would suddenly be over."""
        return self.due_at < now <= self.clock.due_at


@dataclass(frozen=True)
class Page:
    """Some clocks and what is needed to go on behind them."""

    clocks: list[Clock]
    cursor: tuple[datetime, uuid.UUID]
    bases: Mapping[uuid.UUID, Deadline] = field(default_factory=dict)
    """by the clock that replaced it"""


def pages(span: Span, now: datetime) -> list[Select[*tuple[Any, ...]]]:
    """Give the questions that together find every clock concerned: those in time, and those in breach.

    A breach lies in the past, so it is only looked for where the change reaches back.
    """
    found = [_clocks(span, now, Deadline.breached_at.is_(None))]
    if start_of_day(span.first) <= now:
        found.append(_clocks(span, now, Deadline.breached_at.is_not(None)))
    return found


def read_page(
    session: Session,
    query: Select[*tuple[Any, ...]],
    cursor: tuple[datetime, uuid.UUID] | None,
    *,
    lock: bool,
) -> Page | None:
    """Read the next clocks, or None behind the last; with `lock` nobody else changes them or their cases meanwhile."""
    place = tuple_(Deadline.due_at, Deadline.id)
    if cursor is not None:
        query = query.where(place < cursor if lock else place > cursor)
    if lock:
        # From the latest to the earliest: what a holiday moves to a later day is not met again.
        query = query.order_by(Deadline.due_at.desc(), Deadline.id.desc()).with_for_update(
            of=[Case, Deadline]
        )
    else:
        query = query.order_by(Deadline.due_at, Deadline.id)
    clocks = [Clock(*row) for row in session.execute(query.limit(AT_ONCE))]
    if not clocks:
        return None
    bases = _bases(session, [one.id for one in clocks if one.task_id is None])
    return Page(clocks, (clocks[-1].due_at, clocks[-1].id), bases)


def work_out(clock: Clock, calendar: Calendar, bases: Mapping[uuid.UUID, Deadline]) -> Move | None:
    """Work out where a clock ends by a calendar; None where nothing changes."""
    here = calendar.at(clock.town_code)
    base = bases.get(clock.id)
    chain: list[tuple[uuid.UUID, datetime, datetime]] = []
    start = clock.starts_at
    if base is not None and base.due_at == start:
        start = _end_of(base, here, bases, chain)
    end = workdays.due(start, clock.length, clock.unit, here)
    if (end.at, end.provisional, start) == (clock.due_at, clock.provisional, clock.starts_at):
        return None
    return Move(clock, start, end.at, end.provisional, tuple(chain))


def _end_of(
    base: Deadline,
    calendar: Calendar,
    bases: Mapping[uuid.UUID, Deadline],
    chain: list[tuple[uuid.UUID, datetime, datetime]],
) -> datetime:
    start, earlier = base.starts_at, bases.get(base.id)
    if earlier is not None and earlier.due_at == start:
        start = _end_of(earlier, calendar, bases, chain)
    end = workdays.due(start, base.length, base.unit, calendar).at
    if (start, end) != (base.starts_at, base.due_at):
        chain.append((base.id, start, end))
    return end


def _bases(session: Session, ids: list[uuid.UUID]) -> dict[uuid.UUID, Deadline]:
    found: dict[uuid.UUID, Deadline] = {}
    while ids:
        query = select(Deadline).where(Deadline.replaced_by.in_(ids), Deadline.state == "extended")
        rows = list(session.scalars(query))
        found |= {row.replaced_by: row for row in rows if row.replaced_by}
        ids = [row.id for row in rows]
    return found


def _clocks(span: Span, now: datetime, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Deadline.id,
            Deadline.case_id,
            Deadline.task_id,
            Deadline.kind,
            Deadline.name,
            Deadline.element,
            Deadline.length,
            Deadline.unit,
            Deadline.starts_at,
            Deadline.due_at,
            Deadline.provisional,
            Deadline.breached_at,
            Deadline.fact,
            Case.number,
            Case.county_code,
            func.coalesce(Task.town_code, Case.town_code),
            Case.model_version_id,
            Task.engine_id,
            Task.escalation_level,
        )
        .join(Case, Case.id == Deadline.case_id)
        .outerjoin(Task, and_(Task.id == Deadline.task_id, Task.state == "open"))
        .where(
            Deadline.state == _RUNNING,
            which,
            Deadline.due_at >= start_of_day(span.first),
            Deadline.due_at < NEVER,
            Deadline.unit != "h",
            # What a clock was made longer from may have begun earlier than it did itself.
            or_(Deadline.starts_at <= end_of_day(span.last), Deadline.task_id.is_(None)),
            # What had to last a while has lasted; its end is no limit for anybody.
            or_(Deadline.kind != LASTS, Deadline.due_at >= now),
            Case.state == "open",
        )
    )
