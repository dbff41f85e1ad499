"""The record that a deadline passed: once, with who answers for it. The case goes on as before."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, Uuid, bindparam, literal_column, or_, select, update
from sqlalchemy.orm import Session, aliased

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines import Limit, basis, own_limit
from jieban.deadlines.tables import LASTS, Deadline
from jieban.reads import Query
from jieban.staff.tables import User
from jieban.writes import change
from notifications import messages
from tasks.tables import Task
from workflows.receivers import Receivers, role_name
from workflows.setting_aside import kept_back


@dataclass(frozen=True, slots=True)
class DueBreach:
    """A running deadline that has passed, with its case, which is locked, and whoever answers for it."""

    id: uuid.UUID
    name: str
    kind: str
    rule_key: str
    article: str
    provenance: str
    due_at: datetime
    case_id: uuid.UUID
    case_number: str
    county_code: str
    applicant_name: str
    receiver_id: uuid.UUID
    receiver_name: str
    task_id: uuid.UUID | None
    task_name: str | None
    role: str | None
    holder_name: str | None


_RUNNING: Any = literal_column("'running'")
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_HOLDER, _RECEIVER = aliased(User), aliased(User)
_PASSED = (
    select(
        Deadline.id,
        Deadline.name,
        Deadline.kind,
        Deadline.rule_key,
        Deadline.article,
        Deadline.provenance,
        Deadline.due_at,
        Case.id.label("case_id"),
        Case.number.label("case_number"),
        Case.county_code,
        Case.applicant_name,
        Case.first_receiver_id.label("receiver_id"),
        _RECEIVER.name.label("receiver_name"),
        Task.id.label("task_id"),
        Task.name.label("task_name"),
        Task.role,
        _HOLDER.name.label("holder_name"),
    )
    .join(Case, Case.id == Deadline.case_id)
    .join(_RECEIVER, _RECEIVER.id == Case.first_receiver_id)
    .outerjoin(Task, Task.id == Deadline.task_id)
    .outerjoin(_HOLDER, _HOLDER.id == Task.assignee_id)
    .where(
        Deadline.state == _RUNNING,
        Deadline.breached_at.is_(None),
        Deadline.due_at < bindparam("the_now", type_=UtcDateTime()),
        Deadline.kind != LASTS,
        Deadline.id.not_in(kept_back),
        or_(Deadline.task_id.is_(None), Task.state == "open"),
    )
    .order_by(Deadline.due_at, Deadline.id)
)
_LOCKED = _PASSED.with_for_update(of=[Case, Deadline], skip_locked=True)
_DUE = Query(_LOCKED.limit(bindparam("the_limit", type_=Integer())))
_ONE = Query(_LOCKED.where(Deadline.id == bindparam("the_deadline", type_=Uuid())))
_OF_CASE = Query(_LOCKED.where(Deadline.case_id == bindparam("the_case", type_=Uuid())))
first_due = _PASSED.with_only_columns(Deadline.id).limit(1).scalar_subquery()
"""The oldest deadline that has passed and that nobody wrote down."""


def due_breaches(session: Session, now: datetime, limit: int) -> list[DueBreach]:
    """Lock the cases of deadlines that have passed, the oldest first; what somebody holds is left."""
    return [DueBreach(*row) for row in _DUE.all(session, the_now=now, the_limit=limit)]


def due_breaches_of(session: Session, case_id: uuid.UUID, now: datetime) -> list[DueBreach]:
    """Do the same for one case."""
    return [DueBreach(*row) for row in _OF_CASE.all(session, the_now=now, the_case=case_id)]


def take_breach(session: Session, deadline_id: uuid.UUID, now: datetime) -> DueBreach | None:
    """Lock one of them; None where it is written down already, its step is done, or somebody holds it."""
    row = _ONE.first(session, the_now=now, the_deadline=deadline_id)
    return None if row is None else DueBreach(*row)


def record_breach(session: Session, due: DueBreach, now: datetime, run_id: str, receivers: Receivers) -> None:
    """Write down that a deadline passed; Conflict, when written, where another sweep was first.

    The clock of a step answers by whoever holds its task; the clock of the whole case answers by its first
    receiver, who is told, since no single task's escalation chain covers it.
    """
    change(session, _BREACH, {"the_deadline": due.id}, must_hit=True)
    limit = Limit(due.due_at, article=due.article, provenance=due.provenance)
    body = {
        "deadline": due.name,
        "kind": due.kind,
        "rule": due.rule_key,
        "limit_basis": basis(limit),
        "provenance": due.provenance,
        "due": due.due_at.isoformat(),
        "task": due.task_name or "",
        "answers": _who_answers(due),
    }
    about: dict[str, Any] = {
        "case_id": due.case_id,
        "at": now,
        "kind": "deadline.breached",
        "actor": None,
        "run_id": run_id,
    }
    add_event(session, **about, task_id=due.task_id, data=body)
    ledger.record(session, **about, county_code=due.county_code, case_number=due.case_number, body=body)
    if due.task_id is None:
        text = f"您首接的案件已超过“{due.name}”时限，请跟踪督促：{due.applicant_name}，{due.case_number}。"
        if not limit.law:
            text += f"此为{own_limit()}。"
        for told in receivers.person(session, due.receiver_id, due.receiver_name):
            messages.leave(
                session,
                user_id=told.id,
                kind="escalation",
                text=text,
                now=now,
                case_id=due.case_id,
                run_id=run_id,
                private=due.applicant_name,
                proof=True,
                book=receivers.book,
            )


_DEADLINE = cast("Table", Deadline.__table__)
_BREACH = (
    update(_DEADLINE)
    .where(
        _DEADLINE.c.id == bindparam("the_deadline"),
        _DEADLINE.c.state == "running",
        _DEADLINE.c.breached_at.is_(None),
    )
    .values(breached_at=_DEADLINE.c.due_at)
)


def _who_answers(due: DueBreach) -> str:
    if due.task_id is None:
        return due.receiver_name
    return due.holder_name or role_name(due.role or "")
