"""Where cases cannot go on by themselves: rows beside what the engine says, for people to see and put right."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

import bpmn
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.errors import Conflict
from jieban.ids import new_id
from jieban.staff.actor import Actor, within
from jieban.writes import append
from tasks.tables import Task, TaskDraft
from workflows.failures import describe
from workflows.tables import Incident, Timer

_LONGEST_TEXT = 2000


class OperationFailed(Conflict):
    """系统办理该步骤时出错，没有办成。您填写的内容没有丢失，流程管理员已经能看到，请稍后再提交。"""

    def __init__(self, failure: BaseException) -> None:
        self.reason = describe(failure)
        super().__init__(self.__doc__)


def write_incidents(
    session: Session,
    case: Case,
    now: datetime,
    model: bpmn.Model,
    run: bpmn.Run,
    before: frozenset[str],
    run_id: str = "",
) -> None:
    """Add rows for what got stuck in this step, and settle those that go on again or were taken away."""
    stuck = {one.id: one for one in run.incidents()}
    if gone := before - stuck.keys():
        session.execute(
            update(Incident)
            .where(Incident.case_id == case.id, Incident.engine_id.in_(sorted(gone)), _OPEN)
            .values(state="settled", settled_at=now)
            .execution_options(synchronize_session=False)
        )
    for key, one in stuck.items():
        if key in before:
            continue
        name = model.elements[one.element].name or one.element
        told = {"element": one.element, "name": name, "reason": one.message, "expression": one.expression}
        _add(session, case.id, now, told, engine_id=key, facts=_shown(one.facts, one.reads), reads=one.reads)
        add_event(
            session,
            case_id=case.id,
            at=now,
            kind="incident.opened",
            actor=None,
            data={name: text[:_LONGEST_TEXT] for name, text in told.items()},
            run_id=run_id,
        )


def note_again(session: Session, incident: Incident, one: bpmn.Incident) -> None:
    """Keep of an incident that is still there what is in the way now."""
    incident.tries += 1
    incident.expression, incident.reason = one.expression[:_LONGEST_TEXT], one.message[:500]
    incident.facts = _shown(one.facts, one.reads)
    session.flush()


def keep_failure(
    session: Session,
    actor: Actor,
    now: datetime,
    task_id: uuid.UUID,
    data: Mapping[str, Any],
    failed: OperationFailed,
) -> None:
    """Keep what was filled in as a draft and tell of the failure, in a transaction of its own."""
    task = session.get_one(Task, task_id)
    session.merge(TaskDraft(task_id=task.id, user_id=actor.id, data=dict(data), saved_at=now))
    known = session.scalars(
        select(Incident).where(Incident.task_id == task.id, Incident.state == "open")
    ).first()
    told = {
        "element": task.element,
        "name": task.name,
        "reason": failed.reason,
        "expression": task.operation,
    }
    if known is None:
        _add(session, task.case_id, now, told, engine_id=task.engine_id, task_id=task.id)
    else:
        known.tries, known.reason = known.tries + 1, failed.reason
    add_event(
        session, case_id=task.case_id, at=now, kind="task.failed", actor=actor, task_id=task.id, data=told
    )


def open_incidents(
    session: Session, actor: Actor, case_id: uuid.UUID | None = None
) -> Sequence[tuple[Incident, Case]]:
    """List what is open in the actor's area, or of one case, the oldest first."""
    query = (
        select(Incident, Case)
        .join(Case, Case.id == Incident.case_id)
        .outerjoin(Task, Task.id == Incident.task_id)
        .where(_OPEN, within(actor, Case))
        .order_by(Incident.opened_at, Incident.id)
    )
    if case_id is not None:
        query = query.where(Case.id == case_id)
    return [(row[0], row[1]) for row in session.execute(query.limit(200))]


def stuck_timers(session: Session, actor: Actor) -> Sequence[tuple[Timer, Case]]:
    """List the timers in the actor's area that were set aside, the oldest first."""
    query = (
        select(Timer, Case)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.state == "stuck", within(actor, Case))
        .order_by(Timer.fire_at, Timer.id)
    )
    return [(row[0], row[1]) for row in session.execute(query.limit(200))]


def count_open(session: Session) -> int:
    """Count what is open everywhere."""
    query = select(func.count()).select_from(Incident).outerjoin(Task, Task.id == Incident.task_id)
    return session.scalar(query.where(_OPEN)) or 0


# What a task ran into is over when the task is done or gone.
_OPEN: ColumnElement[bool] = (Incident.state == "open") & or_(
    Incident.task_id.is_(None), Incident.task_id.in_(select(Task.id).where(Task.state == "open"))
)


def _add(
    session: Session,
    case_id: uuid.UUID,
    now: datetime,
    told: Mapping[str, str],
    *,
    engine_id: str,
    facts: Mapping[str, Any] | None = None,
    reads: Sequence[str] = (),
    task_id: uuid.UUID | None = None,
) -> None:
    row = {
        "id": new_id(),
        "case_id": case_id,
        "task_id": task_id,
        "engine_id": engine_id,
        "element": told["element"],
        "name": told["name"][:200],
        "expression": told["expression"][:_LONGEST_TEXT],
        "reason": told["reason"][:500],
        "facts": dict(facts or {}),
        "reads": list(reads),
        "opened_at": now,
        "state": "open",
        "tries": 0,
        "settled_at": None,
    }
    append(session, Incident, row)


def _shown(facts: Mapping[str, Any], reads: Sequence[str]) -> dict[str, Any]:
    """Give the facts that were looked at, as text; those that nobody told are there without a value."""
    names = reads or sorted(facts)
    return {name: None if facts.get(name) is None else str(facts[name])[:200] for name in names}
