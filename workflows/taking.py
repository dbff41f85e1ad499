"""Everything that a step must know before it may begin, read in one statement that also locks the case."""

import uuid
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Executable, Uuid, bindparam, exists, select
from sqlalchemy.orm import Session, undefer

from jieban.cases.tables import Case
from jieban.errors import NotFound
from jieban.staff.actor import Actor
from jieban.workdays.tables import WorkCalendarRevision
from tasks.separation import is_related
from tasks.tables import Task, TaskDraft

_MISSING = "没有找到该任务，或您无权查看。"


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
    """Lock the case of a task in the actor's area; NotFound where there is none.

    On PostgreSQL the task may still be what it was before the lock was waited for, so whoever changes it
    compares and sets.
    """
    if not actor.area_code or not actor.may("case.read"):
        raise NotFound(_MISSING)
    given = {"task": task_id, "actor": actor.id, "place": actor.area_code}
    row = session.execute(_statement(len(actor.area_code)), given).one_or_none()
    if row is None:
        raise NotFound(_MISSING)
    # Both leave the session: what changes on them is written with the other writes of the step.
    session.expunge(row[0])
    session.expunge(row[1])
    return Taken(row[0], row[1], bool(row[2]), bool(row[3]), row[4])


@cache
def _statement(length: int) -> Executable:
    actor_id = bindparam("actor", type_=Uuid())
    columns = {9: Task.town_code, 6: Task.county_code, 4: Task.city_code}
    place = (
        columns[length] == bindparam("place")
        if length in columns
        else Task.city_code.startswith(bindparam("place"))
    )
    revision = select(WorkCalendarRevision.revision).limit(1).scalar_subquery()
    return (
        select(
            Task, Case, is_related(actor_id, Case.id), exists().where(TaskDraft.task_id == Task.id), revision
        )
        .join(Case, Case.id == Task.case_id)
        .where(Task.id == bindparam("task", type_=Uuid()), place)
        .options(undefer(Case.engine_state))
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )
