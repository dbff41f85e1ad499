"""Taking a task, giving it back, handing it over; each a compare-and-set on the row."""

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.clock import CHINA
from jieban.errors import Conflict, Invalid, JiebanError, NotAllowed, NotFound
from jieban.staff.actor import Actor, actor_of, within
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from notifications import messages
from tasks.scope import own_tasks
from tasks.separation import Refusal, Standing, refusal_for, standing
from tasks.tables import Task


class AlreadyCompleted(Conflict):
    """该任务已办理完成。"""


def get_task(session: Session, actor: Actor, task_id: uuid.UUID) -> Task:
    """Return a task in the actor's area, for whoever only pays one of their own; NotFound otherwise."""
    inside = within(actor, Task) if actor.may("case.area") else own_tasks(actor)
    task = session.execute(select(Task).where(Task.id == task_id, inside)).scalar_one_or_none()
    if task is None or not actor.may("case.read"):
        raise NotFound("没有找到该任务，或您无权查看。")
    return task


def may_work(session: Session, actor: Actor, task: Task, known: Standing | None = None) -> Refusal | None:
    """Say why the actor may not do this task, or None: role, place, holder and separation of duties."""
    if task.role not in actor.roles or not actor.covers(task.town_code):
        role = ROLES[task.role].name if task.role in ROLES else task.role
        return Refusal("role", f"该任务由{role}办理，您没有这个岗位。")
    if task.assignee_id is not None and task.assignee_id not in {actor.id, *actor.stands_in_for}:
        return Refusal("holder", f"该任务正由{name_of(session, task.assignee_id)}办理。")
    return refusal_for(known or standing(session, actor, task.case_id), task)


def claim(session: Session, actor: Actor, now: datetime, task_id: uuid.UUID) -> Task:
    """Take a task from the pool, or from whom the actor stands in for; Conflict says who was first."""
    task = get_task(session, actor, task_id)
    _must_be_open(task)
    _must_be_allowed(may_work(session, actor, task))
    absent = task.assignee_id if task.assignee_id in actor.stands_in_for else None
    won = session.execute(
        update(Task)
        .where(
            Task.id == task_id,
            Task.state == "open",
            Task.assignee_id == absent if absent else Task.assignee_id.is_(None),
        )
        .values(assignee_id=actor.id, claimed_at=now)
        .execution_options(synchronize_session=False)
        .returning(Task.id)
    ).scalar_one_or_none()
    session.refresh(task)
    if won is None:
        _must_be_open(task)
        if task.assignee_id != actor.id:
            raise Conflict(f"该任务已由{name_of(session, task.assignee_id)}领取。")
        return task
    if absent:
        _stood_in(session, actor, now, task, absent)
        return task
    add_event(
        session,
        case_id=task.case_id,
        at=now,
        kind="task.claimed",
        actor=actor,
        task_id=task.id,
        data={"task": task.name},
    )
    return task


def note_standing_in(session: Session, actor: Actor, now: datetime, task: Task) -> None:
    """Write down that a task is done for the person who holds it and is away."""
    _stood_in(session, actor, now, task, task.assignee_id)


def _stood_in(session: Session, actor: Actor, now: datetime, task: Task, absent: uuid.UUID | None) -> None:
    data = {"task": task.name, "element": task.element, "for": name_of(session, absent)}
    kind = "task.stood_in"
    add_event(session, case_id=task.case_id, at=now, kind=kind, actor=actor, task_id=task.id, data=data)
    ledger.record(
        session,
        county_code=task.county_code,
        at=now,
        kind=kind,
        case_id=task.case_id,
        case_number=task.case_number,
        actor=actor,
        body=data,
    )


def release(session: Session, actor: Actor, now: datetime, task_id: uuid.UUID) -> Task:
    """Give a task back to the pool of the office."""
    task = get_task(session, actor, task_id)
    _change_holder(session, actor, task, None, now)
    add_event(
        session,
        case_id=task.case_id,
        at=now,
        kind="task.released",
        actor=actor,
        task_id=task.id,
        data={"task": task.name},
    )
    return task


def hand_over(
    session: Session, actor: Actor, now: datetime, task_id: uuid.UUID, to_user_id: uuid.UUID, reason: str
) -> Task:
    """Hand a task to a colleague who may do it, with the reason; both names go into the ledger."""
    if not reason.strip():
        raise Invalid(errors=[{"field": "reason", "message": "请写明转交的原因。"}])
    task = get_task(session, actor, task_id)
    _must_be_open(task)
    user = session.get(User, to_user_id)
    if user is None or not user.active:
        raise Invalid(errors=[{"field": "to", "message": "请选择接手人。"}])
    receiver = actor_of(user)
    if task.role not in receiver.roles or not receiver.covers(task.town_code):
        raise Invalid(errors=[{"field": "to", "message": "接手人没有办理该任务的岗位。"}])
    if refusal := refusal_for(standing(session, receiver, task.case_id), task):
        raise Invalid(errors=[{"field": "to", "message": f"不能转交给{user.name}:{refusal.message}"}])
    _change_holder(session, actor, task, to_user_id, now)
    data = {"task": task.name, "element": task.element, "to": user.name, "reason": reason.strip()}
    add_event(
        session,
        case_id=task.case_id,
        at=now,
        kind="task.handed_over",
        actor=actor,
        task_id=task.id,
        data=data,
    )
    ledger.record(
        session,
        county_code=task.county_code,
        at=now,
        kind="task.handed_over",
        case_id=task.case_id,
        case_number=task.case_number,
        actor=actor,
        body=data,
    )
    messages.send(
        session,
        user_id=to_user_id,
        kind="handover",
        text=f"{actor.name}将“{task.name}”转交给您：{task.applicant_name}，{task.case_number}。",
        now=now,
        case_id=task.case_id,
        task_id=task.id,
        private=task.applicant_name,
    )
    return task


def name_of(session: Session, user_id: uuid.UUID | None) -> str:
    """Return the name of a member of staff."""
    return session.execute(select(User.name).where(User.id == user_id)).scalar_one_or_none() or "他人"


def _change_holder(session: Session, actor: Actor, task: Task, to: uuid.UUID | None, now: datetime) -> None:
    _must_be_open(task)
    holder = task.assignee_id
    leads = actor.may("task.assign")
    in_pool_of_actor = holder is None and task.role in actor.roles
    if holder != actor.id and not leads and not in_pool_of_actor:
        raise NotAllowed("只有办理人本人或负责人可以这样做。")
    changed = session.execute(
        update(Task)
        .where(
            Task.id == task.id,
            Task.state == "open",
            Task.assignee_id == holder if holder else Task.assignee_id.is_(None),
        )
        .values(assignee_id=to, claimed_at=now if to else None)
        .execution_options(synchronize_session=False)
        .returning(Task.id)
    ).scalar_one_or_none()
    session.refresh(task)
    if changed is None:
        _must_be_open(task)
        raise Conflict


def _must_be_open(task: Task) -> None:
    if task.state == "done":
        raise AlreadyCompleted(already(task))
    if task.state != "open":
        raise Conflict("该任务已取消，不再需要办理。")


def refused(session: Session, actor: Actor, task: Task, known: Standing | None = None) -> JiebanError | None:
    """Say, as the error to raise, why the actor cannot do this task now: done, cancelled, another's, or not allowed."""
    if task.state == "done":
        return AlreadyCompleted(already(task))
    if task.state != "open":
        return Conflict("该任务已取消，不再需要办理。")
    refusal = may_work(session, actor, task, known)
    if refusal is None:
        return None
    return Conflict(refusal.message) if refusal.rule == "holder" else NotAllowed(refusal.message)


def _must_be_allowed(refusal: Refusal | None) -> None:
    if refusal is None:
        return
    raise Conflict(refusal.message) if refusal.rule == "holder" else NotAllowed(refusal.message)


def already(task: Task) -> str:
    """Say who completed a task, and when."""
    at = task.completed_at.astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M") if task.completed_at else ""
    return f"该任务已由{task.completed_by_name}于{at}办理完成。"
