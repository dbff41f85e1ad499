"""What happens by the clock to a task that waits: reminders and escalations. Nothing is decided."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.clock import local_day
from jieban.deadlines import words
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from jieban.workdays import Calendar
from notifications import messages
from tasks.tables import Task


def escalate(session: Session, task: Task, now: datetime, run_id: str, calendar: Calendar) -> list[str]:
    """Do the steps of a task's escalation chain that are due; return their kinds, none where another was first."""
    chain = task.escalation
    level = task.escalation_level
    due = [step for step in chain[level:] if _at(step) <= now]
    reached = level + len(due)
    following = _at(chain[reached]) if reached < len(chain) else None
    won = session.execute(
        update(Task)
        .where(Task.id == task.id, Task.state == "open", Task.escalation_level == level)
        .values(escalation_level=reached, escalate_at=following)
        .execution_options(synchronize_session=False)
        .returning(Task.id)
    ).scalar_one_or_none()
    if won is None:
        return []
    return [
        _step(session, task, step, number, now, run_id, calendar)
        for number, step in enumerate(due, start=level + 1)
    ]


def _at(step: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(step["at"])


def _step(
    session: Session,
    task: Task,
    step: dict[str, Any],
    number: int,
    now: datetime,
    run_id: str,
    calendar: Calendar,
) -> str:
    reminds = step["to"] == task.role
    kind = "task.reminded" if reminds else "task.escalated"
    holder = session.get(User, task.assignee_id) if task.assignee_id else None
    answers = holder.name if holder else _role_name(task.role)
    told = _receivers(session, task, step["to"], holder)
    text = _text(
        task, answers, words(task.due_at, now, calendar).text, late=task.due_at < now, reminds=reminds
    )
    for user in told:
        messages.send(
            session,
            user_id=user.id,
            kind="reminder" if reminds else "escalation",
            text=text,
            now=now,
            case_id=task.case_id,
            task_id=task.id,
            run_id=run_id,
        )
    body = {
        "task": task.name,
        "element": task.element,
        "due": task.due_at.isoformat(),
        "step": number,
        "to": _role_name(step["to"]),
        "told": [user.name for user in told],
        "answers": answers,
        "article": task.article,
    }
    add_event(
        session,
        case_id=task.case_id,
        at=now,
        kind=kind,
        actor=None,
        task_id=task.id,
        data=body,
        run_id=run_id,
    )
    ledger.record(
        session,
        county_code=task.county_code,
        at=now,
        kind=kind,
        case_id=task.case_id,
        case_number=task.case_number,
        actor=None,
        body=body,
        run_id=run_id,
    )
    return kind


def _receivers(session: Session, task: Task, role: str, holder: User | None) -> list[User]:
    """Choose who is told: who holds the task, where the step is for their own post; otherwise the nearest of the role."""
    if role == task.role and holder is not None and holder.active:
        return [holder]
    found = staff_with_role(session, role, task.town_code)
    nearest = len(found[0].area_code or "") if found else 0
    return [user for user in found if len(user.area_code or "") == nearest]


def _role_name(role: str) -> str:
    return ROLES[role].name if role in ROLES else role


def _text(task: Task, answers: str, left: str, *, late: bool, reminds: bool) -> str:
    day = local_day(task.due_at)
    last = f"{day.month}月{day.day}日"
    about = f"{task.applicant_name}，{task.case_number}"
    if reminds and late:
        return f"“{task.name}”{left}（应于{last}办结），请尽快办理：{about}。"
    if reminds:
        return f"“{task.name}”{left}，请于{last}前办结：{about}。"
    return f"“{task.name}”{left}（应于{last}办结），办理人：{answers}，请督促办结：{about}。"
