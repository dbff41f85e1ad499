"""One transaction per step: lock the case, check, run the engine, write everything back. The edge commits."""

import logging
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

import bpmn
from jieban import deadlines, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import PublicNotice
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.staff.actor import Actor
from jieban.writes import change
from tasks import forms, work
from tasks.operations import run_task
from tasks.operations.notice import keep_objection
from tasks.operations.registry import Done, Fact, ToOpen
from tasks.tables import Task, TaskDraft
from workflows import effects, model_store
from workflows.failures import DATABASE_TROUBLE
from workflows.incidents import OperationFailed
from workflows.linking import go_on
from workflows.services import performer
from workflows.tables import Timer
from workflows.taking import DueTimer, Taken, lock_case, take, take_timer
from workflows.writing_back import StepResult, after_step, pinned_rules, to_ledger

_log = logging.getLogger(__name__)


def complete_task(
    session: Session, actor: Actor, now: datetime, task_id: uuid.UUID, data: Mapping[str, Any]
) -> StepResult:
    """Complete a task with its form: the same for a click, a script and the API.

    Raises NotFound, NotAllowed (with the reason), AlreadyCompleted (who and when), Invalid (per field), and
    OperationFailed where something broke that nobody foresaw: roll back, and `keep_failure` loses no input.
    """
    taken = take(session, actor, task_id)
    task, case = taken.task, taken.case
    if refusal := work.refused(session, actor, task, taken.standing):
        raise refusal
    if errors := forms.validate(forms.form_of(session, case.model_version_id, task.form), data):
        raise Invalid(errors=errors)
    try:
        return _complete(session, actor, now, taken, data)
    except (Invalid, NotAllowed, Conflict, *DATABASE_TROUBLE):
        raise
    except Exception as failure:
        _log.exception("task %s of case %s could not be completed", task.element, case.number)
        raise OperationFailed(failure) from failure


def _complete(
    session: Session, actor: Actor, now: datetime, taken: Taken, data: Mapping[str, Any]
) -> StepResult:
    task, case = taken.task, taken.case
    model = model_store.get_model(session, case.model_version_id)
    run = model.restore(case.engine_state)
    before = effects.Before.of(run)
    calendar = workdays.load_calendar(session, taken.calendar_revision)
    told: dict[str, Any] = {}
    wishes: list[ToOpen] = []
    run.perform_with(performer(session, actor, now, case, calendar, told=told, to_open=wishes))
    if run.overtaken(task.engine_id, now):
        result = _overtaken(session, actor, now, taken, model, run, before, calendar)
        return go_on(session, actor, now, case, wishes, result)
    _close_task(session, actor, now, taken, data)
    values = pinned_rules(session, case, now)
    operation = model.elements[task.element].operation
    params = operation.params if operation else {}
    local = calendar.at(case.town_code)
    done = Done(session, actor, now, case, task, data, local, values, told, params, run.facts)
    facts = dict(run_task(task.operation, done))
    if task.assignee_id not in {None, actor.id}:
        work.note_standing_in(session, actor, now, task)
    _record_completion(session, actor, now, taken)
    run.complete(task.engine_id, facts, now)
    result = after_step(session, actor, now, case, model, run, before.without(task.engine_id), calendar)
    return go_on(session, actor, now, case, wishes, result)


def _overtaken(
    session: Session,
    actor: Actor,
    now: datetime,
    taken: Taken,
    model: bpmn.Model,
    run: bpmn.Run,
    before: "effects.Before",
    calendar: workdays.Calendar,
) -> StepResult:
    """Let the deadline that has passed decide; nothing of the form is taken."""
    task, case = taken.task, taken.case
    try:
        run.complete(task.engine_id, {}, now)
    except bpmn.DeadlinePassed as passed:
        told = {"task": task.name, "element": passed.timer, "due": passed.fire_at.isoformat()}
        add_event(
            session, case_id=case.id, at=now, kind="task.overtaken", actor=actor, task_id=task.id, data=told
        )
    result = after_step(session, actor, now, case, model, run, before, calendar)
    result.overtaken = True
    return result


def _record_completion(session: Session, actor: Actor, now: datetime, taken: Taken) -> None:
    task, case = taken.task, taken.case
    body: dict[str, Fact] = {
        "task": task.name,
        "element": task.element,
        "opened": task.opened_at.isoformat(),
        "due": task.due_at.isoformat(),
        "late": task.due_at < now,
        **deadlines.on_record(task.article, taken.limit_article, taken.limit_provenance),
    }
    add_event(
        session, case_id=case.id, at=now, kind="task.completed", actor=actor, task_id=task.id, data=body
    )
    to_ledger(session, case, now, "task.completed", actor, body)


def fire_timer(session: Session, now: datetime, timer_id: uuid.UUID, run_id: str = "") -> bool:
    """Fire a due timer; False where another sweep was first, or it is not due yet. A timer decides nothing."""
    due = take_timer(session, timer_id, now)
    if due is None:
        return False
    fire(session, now, due, run_id)
    return True


def fire(session: Session, now: datetime, due: DueTimer, run_id: str = "") -> None:
    """Fire a timer that was taken with its case: it opens the next step and writes down that it did."""
    timer, case = due.timer, due.case
    fired = {"the_timer": timer.id, "the_now": now, "the_run": run_id}
    change(session, _FIRED, fired, must_hit=True)
    model = model_store.get_model(session, case.model_version_id)
    run = model.restore(case.engine_state)
    before = effects.Before.of(run).without_timer(timer.engine_id)
    calendar = workdays.load_calendar(session, due.calendar_revision)
    data = {
        "element": timer.element,
        "name": model.elements[timer.element].name,
        "due": timer.fire_at.isoformat(),
    }
    add_event(session, case_id=case.id, at=now, kind="timer.fired", actor=None, data=data, run_id=run_id)
    wishes: list[ToOpen] = []
    run.perform_with(performer(session, None, now, case, calendar, run_id, to_open=wishes))
    run.fire(timer.engine_id, now)
    result = after_step(session, None, now, case, model, run, before, calendar, run_id)
    go_on(session, None, now, case, wishes, result, run_id)


_TIMER = cast("Table", Timer.__table__)
_FIRED = (
    update(_TIMER)
    .where(_TIMER.c.id == bindparam("the_timer"), _TIMER.c.state == "armed")
    .values(state="fired", fired_at=bindparam("the_now"), run_id=bindparam("the_run"))
)


def register_objection(
    session: Session, actor: Actor, now: datetime, case_id: uuid.UUID, data: Mapping[str, Any]
) -> uuid.UUID:
    """Register an objection to the posted notice (DB-16), or with kind "complaint" a complaint about the case.

    An objection is dealt with when the notice ends; a complaint makes a home visit of the county compulsory (DB-17).
    """
    actor.require("objection.register")
    case = lock_case(session, case_id, actor)
    if errors := [
        {"field": name, "message": "请填写此项。"}
        for name in ("raised_by", "content")
        if not str(data.get(name) or "").strip()
    ]:
        raise Invalid(errors=errors)
    kind = "complaint" if data.get("kind") == "complaint" else "notice"
    if kind == "notice" and not _notice_hangs(session, case.id):
        raise Conflict("本案现在没有正在公示，不能登记公示异议。")
    if case.state != "open":
        raise Conflict("本案已办结，请按投诉举报另行登记。")
    objection = keep_objection(session, actor, now, case, data, kind)
    if kind == "complaint":
        case.has_complaint = True
    # Whoever complains is not named in records that can never be taken back.
    add_event(
        session,
        case_id=case.id,
        at=now,
        kind=f"{kind}.registered",
        actor=actor,
        data={"objection": str(objection.id)},
    )
    to_ledger(session, case, now, f"{kind}.registered", actor, {"objection": str(objection.id)})
    return objection.id


def _notice_hangs(session: Session, case_id: uuid.UUID) -> bool:
    query = select(PublicNotice.id).where(
        PublicNotice.case_id == case_id,
        PublicNotice.phase != "decision",
        PublicNotice.taken_down_at.is_(None),
    )
    return session.scalar(query.limit(1)) is not None


_TASK = cast("Table", Task.__table__)
_CLOSE = (
    update(_TASK)
    .where(
        _TASK.c.id == bindparam("the_task"),
        _TASK.c.state == "open",
        or_(_TASK.c.assignee_id.is_(None), _TASK.c.assignee_id == bindparam("the_holder")),
    )
    .values(
        state="done",
        completed_at=bindparam("the_now"),
        completed_by=bindparam("the_actor"),
        completed_by_name=bindparam("the_name"),
        result=bindparam("the_data"),
        assignee_id=bindparam("the_actor"),
        escalate_at=None,
    )
)


_DRAFT = cast("Table", TaskDraft.__table__)
_DROP_DRAFT = delete(_DRAFT).where(_DRAFT.c.task_id == bindparam("the_task"))


def _close_task(session: Session, actor: Actor, now: datetime, taken: Taken, data: Mapping[str, Any]) -> None:
    task = taken.task
    given = {
        "the_task": task.id,
        "the_actor": actor.id,
        # Whom the actor may stand in for was settled when the step began.
        "the_holder": task.assignee_id or actor.id,
        "the_now": now,
        "the_name": actor.name,
        "the_data": dict(data),
    }
    change(session, _CLOSE, given, must_hit=True)
    if task.deadline_id:
        deadlines.meet(session, task.deadline_id, now)
    if taken.has_draft:
        change(session, _DROP_DRAFT, {"the_task": task.id})
