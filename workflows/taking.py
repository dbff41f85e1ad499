"""Everything that a step must know before it may begin, read in one statement that also locks the case and its task."""

import uuid
from dataclasses import dataclass
from functools import cache

from sqlalchemy import BindParameter, Uuid, bindparam, exists, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.errors import NotFound
from jieban.reads import Query, loose
from jieban.staff.actor import Actor
from jieban.workdays.tables import WorkCalendarRevision
from tasks.separation import is_related
from tasks.tables import Task, TaskDraft

_MISSING = "没有找到该任务，或您无权查看。"
_WIDTH = len(Task.__table__.columns)


@dataclass(frozen=True)
class Taken:
    """A task with its locked case, and what stands around them."""

    task: Task
    case: Case
    is_kin: bool
    """the actor is of the household or registered as a near relative"""
    has_draft: bool
    calendar_revision: uuid.UUID | None


def take(session: Session, actor: Actor, task_id: uuid.UUID) -> Taken:
    """Lock a task and its case in the actor's area, and return both as they are; NotFound where there is none."""
    if not actor.area_code or not actor.may("case.read"):
        raise NotFound(_MISSING)
    query = _query(len(actor.area_code))
    row = query.first(session, the_task=task_id, the_actor=actor.id, the_place=actor.area_code)
    if row is None:
        raise NotFound(_MISSING)
    return Taken(
        loose(Task, row[:_WIDTH]), loose(Case, row[_WIDTH:-3]), bool(row[-3]), bool(row[-2]), row[-1]
    )


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
            is_related(actor_id, Case.id),
            exists().where(TaskDraft.task_id == Task.id),
            select(WorkCalendarRevision.revision).limit(1).scalar_subquery(),
        )
        .join(Case, Case.id == Task.case_id)
        .where(Task.id == bindparam("the_task", type_=Uuid()), inside)
        .with_for_update(of=[Case, Task])
    )
