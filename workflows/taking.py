"""Everything that a step must know before it may begin, read in one statement that also locks the case and its task."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Text,
    Uuid,
    bindparam,
    exists,
    literal_column,
    select,
)
from sqlalchemy.orm import Session, undefer

from jieban import rules, workdays
from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.errors import NotFound
from jieban.reads import Query, loose_row
from jieban.staff.actor import Actor
from jieban.workdays.tables import WorkCalendarRevision
from tasks.scope import visible
from tasks.separation import Standing, standing_columns
from tasks.tables import Task, TaskDraft
from workflows.tables import Timer

_MISSING = "没有找到该任务，或您无权查看。"
_TIMER_ENDS = len(Timer.__table__.columns)
_TASK_ENDS = len(Task.__table__.columns)
_CASE_ENDS = _TASK_ENDS + len(Case.__table__.columns)


@dataclass(frozen=True)
class Taken:
    """A task with its locked case, and what stands around them."""

    task: Task
    case: Case
    standing: Standing
    """what the actor has to do with the case"""
    has_draft: bool
    limit_article: str | None
    limit_provenance: str | None
    calendar_revision: uuid.UUID | None


def take(session: Session, actor: Actor, task_id: uuid.UUID) -> Taken:
    """Lock a task and its case in the actor's area, and return both as they are; NotFound where there is none."""
    if not actor.area_code or not actor.may("case.read"):
        raise NotFound(_MISSING)
    query = _query(len(actor.area_code))
    given = {"the_task": task_id, "the_actor": actor.id, "the_text": str(actor.id)}
    row = query.first(session, **given, the_place=actor.area_code)
    if row is None:
        raise NotFound(_MISSING)
    *standing, has_draft, article, provenance, calendar_revision, rule_count = row[_CASE_ENDS:]
    rules.tell_count(session, rule_count)
    return Taken(
        loose_row(Task, row[:_TASK_ENDS]),
        loose_row(Case, row[_TASK_ENDS:_CASE_ENDS]),
        Standing(*map(bool, standing)),
        bool(has_draft),
        article,
        provenance,
        calendar_revision,
    )


@dataclass(frozen=True)
class DueTimer:
    """A timer whose time has come, with its locked case."""

    timer: Timer
    case: Case
    calendar_revision: uuid.UUID | None


def due_timers(session: Session, now: datetime, limit: int) -> list[DueTimer]:
    """Lock the cases of the timers that are due, the oldest first, and return both; cases that somebody holds are left."""
    return _due(session, _DUE.all(session, the_now=now, the_limit=limit))


def take_timer(session: Session, timer_id: uuid.UUID, now: datetime) -> DueTimer | None:
    """Lock the case of a timer and return both; None where it is not due, or another sweep was first."""
    found = _due(session, _ONE_TIMER.all(session, the_timer=timer_id, the_now=now))
    return found[0] if found else None


def _due(session: Session, rows: Sequence[Any]) -> list[DueTimer]:
    if rows:
        rules.tell_count(session, rows[0][-1])
    return [
        DueTimer(
            loose_row(Timer, row[:_TIMER_ENDS]),
            loose_row(Case, row[_TIMER_ENDS : _TIMER_ENDS + len(Case.__table__.columns)]),
            row[-2],
        )
        for row in rows
    ]


_CALENDAR_REVISION = select(WorkCalendarRevision.revision).limit(1).scalar_subquery()
_AROUND = Query(select(_CALENDAR_REVISION.label("calendar"), rules.value_count.label("rules")))


def look_around(session: Session) -> workdays.Calendar:
    """Begin a step without a task: learn in one question whether calendar and rules are those that the process knows."""
    row = _AROUND.first(session)
    rules.tell_count(session, row.rules)
    return workdays.load_calendar(session, row.calendar)


_ARMED: ColumnElement[str] = literal_column("'armed'")
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_TIMERS = (
    select(*Timer.__table__.columns, *Case.__table__.columns, _CALENDAR_REVISION, rules.value_count)
    .join(Case, Case.id == Timer.case_id)
    .where(Timer.state == _ARMED, Timer.fire_at <= bindparam("the_now", type_=UtcDateTime()))
)
_DUE = Query(
    _TIMERS.order_by(Timer.fire_at, Timer.id)
    .limit(bindparam("the_limit", type_=Integer()))
    .with_for_update(of=[Case, Timer], skip_locked=True)
)
_ONE_TIMER = Query(
    _TIMERS.where(Timer.id == bindparam("the_timer", type_=Uuid())).with_for_update(of=[Case, Timer])
)
# The timers are locked with their cases: PostgreSQL looks again only at rows that it locks, and would give a timer that
# another sweep has fired since this question began.


@cache
def _query(length: int) -> Query:
    actor_id = bindparam("the_actor", type_=Uuid())
    place: BindParameter[str] = bindparam("the_place")
    columns = {9: Task.town_code, 6: Task.county_code, 4: Task.city_code}
    inside = columns[length] == place if length in columns else Task.city_code.startswith(place)
    return Query(
        select(
            *Task.__table__.columns,
            *Case.__table__.columns,
            *standing_columns(actor_id, bindparam("the_text", type_=Text()), Case.id),
            exists().where(TaskDraft.task_id == Task.id),
            Deadline.article,
            Deadline.provenance,
            _CALENDAR_REVISION,
            rules.value_count,
        )
        .join(Case, Case.id == Task.case_id)
        .outerjoin(Deadline, Deadline.id == Task.deadline_id)
        .where(Task.id == bindparam("the_task", type_=Uuid()), inside)
        .with_for_update(of=[Case, Task])
    )


def lock_case(session: Session, case_id: uuid.UUID, actor: Actor | None = None) -> Case:
    """Lock the case for this transaction and return it as it stands; with an actor, only where they may open it."""
    query = (
        select(Case).where(Case.id == case_id).options(undefer(Case.engine_state)).with_for_update(of=Case)
    )
    if actor is not None:
        query = query.where(visible(actor))
    case = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if case is None:
        raise NotFound("没有找到该案件，或您无权查看。")
    return case
