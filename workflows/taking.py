"""Everything that a step must know before it may begin, read in one statement that also locks the case and its task."""

import uuid
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BindParameter, Text, Uuid, bindparam, exists, select
from sqlalchemy.orm import Session, undefer

from jieban import rules, workdays
from jieban.cases.tables import Case
from jieban.errors import NotFound
from jieban.reads import Query, loose_row
from jieban.staff.actor import Actor
from jieban.workdays.tables import WorkCalendarRevision
from tasks.scope import visible
from tasks.separation import Standing, standing_columns
from tasks.tables import Task, TaskDraft

_MISSING = "没有找到该任务，或您无权查看。"
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
    *standing, has_draft, calendar_revision, rule_count = row[_CASE_ENDS:]
    rules.tell_count(session, rule_count)
    return Taken(
        loose_row(Task, row[:_TASK_ENDS]),
        loose_row(Case, row[_TASK_ENDS:_CASE_ENDS]),
        Standing(*map(bool, standing)),
        bool(has_draft),
        calendar_revision,
    )


_CALENDAR_REVISION = select(WorkCalendarRevision.revision).limit(1).scalar_subquery()
_AROUND = Query(select(_CALENDAR_REVISION.label("calendar"), rules.value_count.label("rules")))


def look_around(session: Session) -> workdays.Calendar:
    """Begin a step without a task: learn in one question whether calendar and rules are those that the process knows."""
    row = _AROUND.first(session)
    rules.tell_count(session, row.rules)
    return workdays.load_calendar(session, row.calendar)


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
            _CALENDAR_REVISION,
            rules.value_count,
        )
        .join(Case, Case.id == Task.case_id)
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
