"""The record that a deadline passed: once, with who answers for it. The case goes on as before."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from notifications import messages
from tasks.tables import Task


def record_breach(
    session: Session, deadline: Deadline, case: Case, task: Task | None, now: datetime, run_id: str
) -> bool:
    """Write down that a running deadline passed; False where another sweep was first or the step is done.

    The clock of a step answers by whoever holds its task; the clock of the whole case answers by its first
    receiver, who is told, since no single task's escalation chain covers it.
    """
    won = session.execute(
        update(Deadline)
        .where(Deadline.id == deadline.id, Deadline.state == "running", Deadline.breached_at.is_(None))
        .values(breached_at=Deadline.due_at)
        .execution_options(synchronize_session=False)
        .returning(Deadline.id)
    ).scalar_one_or_none()
    if won is None:
        return False
    body = {
        "deadline": deadline.name,
        "kind": deadline.kind,
        "rule": deadline.rule_key,
        "article": deadline.article,
        "provenance": deadline.provenance,
        "due": deadline.due_at.isoformat(),
        "task": task.name if task else "",
        "answers": _who_answers(session, case, task),
    }
    task_id = task.id if task else None
    kind = "deadline.breached"
    add_event(
        session,
        case_id=case.id,
        at=now,
        kind=kind,
        actor=None,
        task_id=task_id,
        data=body,
        run_id=run_id,
    )
    ledger.record(
        session,
        county_code=case.county_code,
        at=now,
        kind=kind,
        case_id=case.id,
        case_number=case.number,
        actor=None,
        body=body,
        run_id=run_id,
    )
    if task is None:
        messages.send(
            session,
            user_id=case.first_receiver_id,
            kind="escalation",
            text=f"您首接的案件已超过“{deadline.name}”时限，请跟踪督促：{case.applicant_name}，{case.number}。",
            now=now,
            case_id=case.id,
            run_id=run_id,
        )
    return True


def _who_answers(session: Session, case: Case, task: Task | None) -> str:
    if task is None:
        return session.get_one(User, case.first_receiver_id).name
    if task.assignee_id:
        return session.get_one(User, task.assignee_id).name
    return ROLES[task.role].name if task.role in ROLES else task.role
