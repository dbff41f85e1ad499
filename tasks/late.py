"""What is late in an area: what the law sets comes before limits of our own, then what is late the longest."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    exists,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import LASTS, Deadline
from jieban.rules import CITABLE
from jieban.staff.actor import Actor, within
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from tasks.inbox import COUNT_CAP
from tasks.scope import WITHHELD, is_withheld
from tasks.tables import Task

_LAW: Any = literal_column("0")
_OWN: Any = literal_column("1")
_OPEN: Any = literal_column("'open'")
_RUNNING: Any = literal_column("'running'")
"""Written out in the statement, since a partial index does not know what a parameter will be."""


@dataclass(frozen=True)
class Late:
    """A task that is late, or of whose case a limit of the law has passed."""

    task: Task
    """of a case in which nobody has anything to do now, one that stands for its clock and has no id"""
    law: Deadline | None
    """the limit of the law that passed first, of the whole case or of the task"""


@dataclass(frozen=True)
class LatePage:
    rows: Sequence[Late]
    next: str | None
    total: int
    by_law: int
    """how many of them are late by law"""
    names: dict[uuid.UUID, str]
    """names of the holders"""

    @property
    def law_capped(self) -> bool:
        """Tell the same of those that are late by law."""
        return self.by_law >= COUNT_CAP

    @property
    def capped(self) -> bool:
        """Tell whether there are more than were counted."""
        return self.total >= COUNT_CAP


def list_late(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    area: str = "",
    role: str = "",
    search: str = "",
    after: str = "",
    limit: int = 50,
    law_only: bool = False,
) -> LatePage:
    """List what is late in the actor's area, or below `area`; those that are late by law first, or alone."""
    rank, cursor = _cursor(after)
    by_law = _by_law(actor, now, area, role, search).subquery()
    own = [_by_own_limit(actor, now, area, one, search) for one in ([role] if role else ROLES)]
    first = select(by_law).where(false() if rank == 1 else _after(by_law.c.due, by_law.c.key, cursor))
    parts = [first.order_by(by_law.c.due, by_law.c.key).limit(limit + 1)]
    # One ordered index range per role, merged: a single query over several roles would sort them all.
    parts += [
        one.where(_after(Task.due_at, Task.id, cursor if rank == 1 else None))
        .order_by(Task.due_at, Task.id)
        .limit(limit + 1)
        for one in (() if law_only else own)
    ]
    merged = union_all(*(select(part.subquery()) for part in parts)).subquery()
    found = session.execute(
        select(merged).order_by(merged.c.rank, merged.c.due, merged.c.key).limit(limit + 1)
    ).all()
    more, found = len(found) > limit, found[:limit]
    last = found[-1] if more else None
    rows = _filled(session, actor, now, found)
    counted, of_law = _count(session, select(by_law.c.key), own)
    return LatePage(
        rows,
        f"{last.rank}_{last.due.isoformat()}_{last.key.hex}" if last else None,
        counted,
        of_law,
        _names(session, [row.task.assignee_id for row in rows if row.task.assignee_id]),
    )


def late_by_area(session: Session, actor: Actor, now: datetime, *, area: str = "") -> list[tuple[str, int]]:
    """Count what is late per area one level below the actor's (or below `area`): (area code, rows), most first."""
    base = area or actor.area_code or ""
    level = "city_code" if len(base) < 4 else "county_code" if len(base) < 6 else "town_code"
    late = select(getattr(Task, level).label("place")).where(
        Task.state == _OPEN, Task.due_at < now, *_within(actor, Task, area)
    )
    # What the law sets may be over while the task at hand still has time.
    only_law = (
        _by_law(actor, now, area, "", "")
        .where(or_(Task.id.is_(None), Task.due_at >= now))
        .add_columns(
            func.coalesce(func.min(getattr(Task, level)), func.min(getattr(Case, level))).label("place")
        )
        .subquery()
    )
    both = union_all(late, select(only_law.c.place)).subquery()
    query = select(both.c.place, func.count()).group_by(both.c.place)
    return [
        (code, count) for code, count in session.execute(query.order_by(func.count().desc(), both.c.place))
    ]


def _passed(now: datetime) -> ColumnElement[bool]:
    """Make the condition that a limit of the law has passed: only what was read in its source is held against an office."""
    return and_(
        Deadline.state == _RUNNING,
        Deadline.due_at < now,
        Deadline.kind != LASTS,
        Deadline.provenance.in_(sorted(CITABLE)),
        Deadline.article != "",
    )


def _by_law(actor: Actor, now: datetime, area: str, role: str, search: str) -> Select[Any]:
    of_task = and_(
        Task.case_id == Deadline.case_id,
        Task.state == _OPEN,
        or_(Deadline.task_id.is_(None), Deadline.task_id == Task.id),
    )
    query = (
        select(
            _LAW.label("rank"),
            func.min(Deadline.due_at).label("due"),
            func.coalesce(Task.id, Case.id).label("key"),
            Case.id.label("case_id"),
            Task.id.label("task_id"),
        )
        .select_from(Deadline)
        .join(Case, Case.id == Deadline.case_id)
        .outerjoin(Task, of_task)
        .where(
            _passed(now),
            Case.state == _OPEN,
            or_(Deadline.task_id.is_(None), Task.id.is_not(None)),
            or_(and_(*_within(actor, Task, area)), and_(Task.id.is_(None), *_within(actor, Case, area))),
            *_matches(
                search, Task.name, Case.number, func.coalesce(Task.applicant_name, Case.applicant_name)
            ),
        )
        .group_by(Case.id, Task.id)
    )
    return query.where(Task.role == role) if role else query


def _by_own_limit(actor: Actor, now: datetime, area: str, role: str, search: str) -> Select[Any]:
    over_by_law = exists().where(
        _passed(now),
        Deadline.case_id == Task.case_id,
        or_(Deadline.task_id.is_(None), Deadline.task_id == Task.id),
    )
    return select(
        _OWN.label("rank"),
        Task.due_at.label("due"),
        Task.id.label("key"),
        Task.case_id.label("case_id"),
        Task.id.label("task_id"),
    ).where(
        Task.state == _OPEN,
        Task.role == role,
        Task.due_at < now,
        *_within(actor, Task, area),
        *_matches(search, Task.name, Task.case_number, Task.applicant_name),
        ~over_by_law,
    )


def _within(actor: Actor, table: Any, area: str) -> list[ColumnElement[bool]]:
    place = true() if actor.area_code == "*" else within(actor, table)
    return [place, table.town_code.startswith(area, autoescape=True)] if area else [place]


def _matches(search: str, *columns: Any) -> list[ColumnElement[bool]]:
    text = search.strip()
    return [or_(*(column.contains(text, autoescape=True) for column in columns))] if text else []


def _count(session: Session, law: Select[Any], own: list[Select[Any]]) -> tuple[int, int]:
    """Count up to the cap: all rows, and those that are late by law."""
    parts = [select(_LAW.label("rank"), law.limit(COUNT_CAP).subquery())]
    parts += [
        select(_OWN.label("rank"), one.with_only_columns(Task.id).limit(COUNT_CAP).subquery()) for one in own
    ]
    merged = union_all(*parts).subquery()
    total, of_law = session.execute(
        select(func.count(), func.count().filter(merged.c.rank == _LAW)).select_from(merged)
    ).one()
    return min(total, COUNT_CAP), min(of_law, COUNT_CAP)


def _filled(session: Session, actor: Actor, now: datetime, found: Sequence[Any]) -> list[Late]:
    """Load the tasks, the cases without one, and the limits of the law, each in one question."""
    tasks = {
        one.id: one
        for one in session.scalars(
            select(Task).where(Task.id.in_([row.task_id for row in found if row.task_id]))
        )
    }
    without = [row.case_id for row in found if row.task_id is None]
    cases = {one.id: one for one in session.scalars(select(Case).where(Case.id.in_(without)))}
    over: dict[uuid.UUID, list[Deadline]] = {}
    query = select(Deadline).where(_passed(now), Deadline.case_id.in_({row.case_id for row in found}))
    for clock in session.scalars(query.order_by(Deadline.due_at, Deadline.id)):
        over.setdefault(clock.case_id, []).append(clock)
    rows = []
    for row in found:
        clocks = (one for one in over.get(row.case_id, ()) if one.task_id in (None, row.task_id))
        law = next(clocks, None)
        if row.task_id is not None:
            rows.append(Late(tasks[row.task_id], law))
        elif law is not None:
            rows.append(Late(_standing_for(cases[row.case_id], law, actor), law))
    return rows


def _standing_for(case: Case, clock: Deadline, actor: Actor) -> Task:
    """Make a row of a case in which nobody has a task now: its first receiver answers for the whole of it."""
    return Task(
        case_id=case.id,
        case_number=case.number,
        applicant_name=WITHHELD if is_withheld(case, actor.area_code or "") else case.applicant_name,
        town_code=case.town_code,
        county_code=case.county_code,
        city_code=case.city_code,
        name=clock.name,
        role="",
        article="",
        assignee_id=case.first_receiver_id,
        opened_at=clock.starts_at,
        due_at=clock.due_at,
        deadline_id=clock.id,
        escalation_level=0,
    )


def _after(due: Any, key: Any, cursor: Any | None) -> ColumnElement[bool]:
    return true() if cursor is None else tuple_(due, key) > cursor


def _cursor(text: str) -> tuple[int, Any | None]:
    rank, _, rest = text.partition("_")
    moment, _, key = rest.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        place = tuple_(literal(at, UtcDateTime()), literal(uuid.UUID(key), Uuid())) if at.tzinfo else None
    except ValueError:
        return 0, None  # a cursor typed by hand starts at the first page
    return (1, place) if rank == "1" and place is not None else (0, place)


def _names(session: Session, holders: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    found = session.execute(select(User.id, User.name).where(User.id.in_(set(holders))))
    return dict(found.all())
