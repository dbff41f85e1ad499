"""What happens by the clock to a task that waits: reminders and escalations. Nothing is decided.

A sweep may have a hundred thousand of them on one morning, so what it reads is asked in one prepared question for many
tasks, and what it writes goes out together.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, Uuid, bindparam, literal_column, select, update
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines import Deadline, Limit, last_moment, on_record, own_limit, words
from jieban.deadlines.cards import PlaceCards, card
from jieban.reads import Query
from jieban.staff.tables import User
from jieban.workdays import Calendar
from jieban.writes import change
from notifications import messages
from tasks.tables import Task
from workflows.receivers import Receivers, Told, role_name
from workflows.setting_aside import kept_back


@dataclass(frozen=True, slots=True)
class DueTask:
    """A task of which a step of the escalation chain is due, with its holder; its case is locked."""

    id: uuid.UUID
    case_id: uuid.UUID
    case_number: str
    applicant_name: str
    town_code: str
    county_code: str
    name: str
    element: str
    role: str
    due_at: datetime
    article: str
    """the articles of the step"""
    limit_article: str | None
    limit_provenance: str | None
    limit_unit: str | None
    limit_length: int | None
    limit_provisional: bool | None
    escalation: list[dict[str, Any]]
    escalation_level: int
    holder_id: uuid.UUID | None
    holder_name: str | None
    holder_active: bool | None

    @property
    def limit(self) -> Limit:
        """What is told of its limit."""
        return Limit(
            self.due_at,
            self.limit_unit or "wd",
            self.limit_article or "",
            self.limit_provenance,
            bool(self.limit_provisional),
            self.limit_length or 0,
        )


@dataclass(frozen=True)
class Sweep:
    """What the steps of one sweep have in common."""

    now: datetime
    run_id: str
    calendar: Calendar
    days: PlaceCards
    receivers: Receivers


_OPEN: Any = literal_column("'open'")
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_DUE_NOW = (
    Task.state == _OPEN,
    Task.escalate_at <= bindparam("the_now", type_=UtcDateTime()),
    Task.id.not_in(kept_back),
)
_WAITING = (
    select(
        Task.id,
        Task.case_id,
        Task.case_number,
        Task.applicant_name,
        Task.town_code,
        Task.county_code,
        Task.name,
        Task.element,
        Task.role,
        Task.due_at,
        Task.article,
        Deadline.article.label("limit_article"),
        Deadline.provenance.label("limit_provenance"),
        Deadline.unit.label("limit_unit"),
        Deadline.length.label("limit_length"),
        Deadline.provisional.label("limit_provisional"),
        Task.escalation,
        Task.escalation_level,
        User.id.label("holder_id"),
        User.name.label("holder_name"),
        User.active.label("holder_active"),
    )
    .join(Case, Case.id == Task.case_id)
    .outerjoin(User, User.id == Task.assignee_id)
    .outerjoin(Deadline, Deadline.id == Task.deadline_id)
    .where(*_DUE_NOW)
    .order_by(Task.escalate_at, Task.id)
    # Of a case that somebody works on nothing is taken, so a sweep never waits for a click.
    .with_for_update(of=[Case, Task], skip_locked=True)
)
_DUE = Query(_WAITING.limit(bindparam("the_limit", type_=Integer())))
_ONE = Query(_WAITING.where(Task.id == bindparam("the_task", type_=Uuid())))
_OF_CASE = Query(_WAITING.where(Task.case_id == bindparam("the_case", type_=Uuid())))
first_due = select(Task.id).where(*_DUE_NOW).order_by(Task.escalate_at, Task.id).limit(1).scalar_subquery()
"""The task that waits longest for a step of its chain; in the order of the index, so that a look never reads the table."""


def due_tasks(session: Session, now: datetime, limit: int) -> list[DueTask]:
    """Lock the cases of tasks of which a step is due, those that wait longest first; what somebody holds is left."""
    return [DueTask(*row) for row in _DUE.all(session, the_now=now, the_limit=limit)]


def due_tasks_of(session: Session, case_id: uuid.UUID, now: datetime) -> list[DueTask]:
    """Do the same for one case."""
    return [DueTask(*row) for row in _OF_CASE.all(session, the_now=now, the_case=case_id)]


def take_due_task(session: Session, task_id: uuid.UUID, now: datetime) -> DueTask | None:
    """Lock one of them; None where it is not due any more, or somebody holds it."""
    row = _ONE.first(session, the_now=now, the_task=task_id)
    return None if row is None else DueTask(*row)


def escalate(session: Session, task: DueTask, sweep: Sweep) -> list[str]:
    """Do the steps of a task's chain that are due and return their kinds; Conflict, when written, where another was first."""
    chain = [(datetime.fromisoformat(step["at"]), str(step["to"])) for step in task.escalation]
    level = task.escalation_level
    due = [step for step in chain[level:] if step[0] <= sweep.now]
    reached = level + len(due)
    given = {
        "the_task": task.id,
        "the_level": level,
        "the_reached": reached,
        "the_following": chain[reached][0] if reached < len(chain) else None,
    }
    change(session, _REACH, given, must_hit=True)
    # Whoever has to do the task gets one red card, with the first step that comes after the limit.
    carded = any(at >= task.due_at for at, _ in chain[:level])
    kinds = []
    for number, (at, to) in enumerate(due, start=level + 1):
        reminds = to == task.role
        late = sweep.now > task.due_at
        owes = late and not carded and (reminds or at >= task.due_at)
        kinds.append(_step(session, task, to, number, sweep, reminds=reminds, owes_card=owes))
        carded = carded or owes
    return kinds


_TASK = cast("Table", Task.__table__)
_REACH = (
    update(_TASK)
    .where(
        _TASK.c.id == bindparam("the_task"),
        _TASK.c.state == "open",
        _TASK.c.escalation_level == bindparam("the_level"),
    )
    .values(
        escalation_level=bindparam("the_reached"),
        escalate_at=bindparam("the_following", type_=UtcDateTime()),
    )
)


def _step(
    session: Session,
    task: DueTask,
    to: str,
    number: int,
    sweep: Sweep,
    *,
    reminds: bool,
    owes_card: bool,
) -> str:
    kind = "task.reminded" if reminds else "task.escalated"
    limit, here = task.limit, sweep.calendar.at(task.town_code)
    days = sweep.days.at(task.town_code)
    mark = card(task.due_at, sweep.now, here, days, limit.unit, limit.length)
    answers = task.holder_name or role_name(task.role)
    doers = _doers(session, task, sweep) if reminds or owes_card else ()
    told = doers if reminds else sweep.receivers.office(session, to, task.town_code)
    asks = f"{mark}_card" if mark else "reminder"
    for one in doers:
        _tell(session, task, one, asks, _asking(task, sweep), sweep)
    if not reminds:
        for one in told:
            _tell(session, task, one, "escalation", _pressing(task, sweep), sweep)
    body = {
        "task": task.name,
        "element": task.element,
        "due": task.due_at.isoformat(),
        "step": number,
        "to": role_name(to),
        "told": [one.name for one in told],
        "answers": answers,
        **on_record(task.article, task.limit_article, task.limit_provenance),
        "card": mark,
    }
    if owes_card and not reminds:
        body["carded"] = [one.name for one in doers]
    about: dict[str, Any] = {"case_id": task.case_id, "at": sweep.now, "kind": kind, "actor": None}
    add_event(session, **about, task_id=task.id, data=body, run_id=sweep.run_id)
    ledger.record(
        session,
        **about,
        county_code=task.county_code,
        case_number=task.case_number,
        body=body,
        run_id=sweep.run_id,
    )
    return kind


def _doers(session: Session, task: DueTask, sweep: Sweep) -> tuple[Told, ...]:
    """Choose who is asked to do the task: who holds it, otherwise those of its post."""
    if task.holder_id is not None and task.holder_active:
        return sweep.receivers.person(session, task.holder_id, task.holder_name or "")
    return sweep.receivers.office(session, task.role, task.town_code)


def _tell(session: Session, task: DueTask, told: Told, kind: str, text: str, sweep: Sweep) -> None:
    messages.leave(
        session,
        user_id=told.id,
        kind=kind,
        text=text,
        now=sweep.now,
        case_id=task.case_id,
        task_id=task.id,
        run_id=sweep.run_id,
        private=task.applicant_name,
        proof=True,
        book=sweep.receivers.book,
    )


def _asking(task: DueTask, sweep: Sweep) -> str:
    left, last, about = _words(task, sweep)
    if task.due_at < sweep.now:
        return f"“{task.name}”{left}（应于{last}办结），请尽快办理：{about}。{_own(task)}"
    return f"“{task.name}”{left}，请于{last}前办结：{about}。{_own(task)}"


def _pressing(task: DueTask, sweep: Sweep) -> str:
    left, last, about = _words(task, sweep)
    answers = f"办理人：{task.holder_name}" if task.holder_name else f"尚未领取（{role_name(task.role)}）"
    return f"“{task.name}”{left}（应于{last}办结），{answers}，请督促办结：{about}。{_own(task)}"


def _own(task: DueTask) -> str:
    """Say of a limit of our own that it is one, so that nobody is pressed as if by law."""
    return "" if task.limit.law else f"此为{own_limit()}。"


def _words(task: DueTask, sweep: Sweep) -> tuple[str, str, str]:
    limit = task.limit
    left = words(task.due_at, sweep.now, sweep.calendar.at(task.town_code), unit=limit.unit).text
    return left, last_moment(limit), f"{task.applicant_name}，{task.case_number}"
