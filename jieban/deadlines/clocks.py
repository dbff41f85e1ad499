import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, null, select, update
from sqlalchemy import case as choose
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.workdays import Calendar, due
from jieban.writes import append, change

_TABLE = cast("Table", Deadline.__table__)
_NOW = bindparam("now", type_=UtcDateTime())
_LATE = choose((_TABLE.c.due_at < _NOW, _TABLE.c.due_at), else_=null())
_MEET = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("clock"), _TABLE.c.state == "running")
    .values(
        state="met",
        met_at=_NOW,
        breached_at=choose((_TABLE.c.breached_at.is_(None), _LATE), else_=_TABLE.c.breached_at),
    )
)


def start_deadline(
    session: Session,
    *,
    case: Case,
    kind: str,
    name: str,
    rule_key: str | None,
    length: int,
    unit: str,
    start: datetime,
    article: str,
    provenance: str,
    calendar: Calendar,
    task_id: uuid.UUID | None = None,
    element: str = "",
) -> Deadline:
    """Start a clock of a case; how the moment of its end came about stays on the row."""
    end = due(start, length, unit, calendar)
    deadline = Deadline(
        id=new_id(),
        case_id=case.id,
        task_id=task_id,
        kind=kind,
        name=name,
        element=element,
        rule_key=rule_key or "",
        length=length,
        unit=unit,
        starts_at=start,
        due_at=end.at,
        article=article,
        provenance=provenance,
        provisional=end.provisional,
        state="running",
    )
    session.add(deadline)
    return deadline


@dataclass(frozen=True)
class StepClock:
    """The clock of one task, started."""

    id: uuid.UUID
    due_at: datetime


def start_step(
    session: Session,
    *,
    case: Case,
    task_id: uuid.UUID,
    element: str,
    name: str,
    rule_key: str,
    length: int,
    unit: str,
    start: datetime,
    article: str,
    provenance: str,
    calendar: Calendar,
) -> StepClock:
    """Start the clock of a task that opens; written with the other rows of the step, right before the commit."""
    end = due(start, length, unit, calendar)
    clock = StepClock(new_id(), end.at)
    row = {
        "id": clock.id,
        "case_id": case.id,
        "task_id": task_id,
        "kind": "step",
        "name": name,
        "element": element,
        "rule_key": rule_key,
        "length": length,
        "unit": unit,
        "starts_at": start,
        "due_at": end.at,
        "article": article,
        "provenance": provenance,
        "provisional": end.provisional,
        "state": "running",
    }
    append(session, Deadline, row)
    return clock


def meet(session: Session, deadline_id: uuid.UUID, now: datetime) -> None:
    """Stop a running clock because what it was for is done; one that had ended keeps the moment of its breach."""
    change(session, _MEET, {"clock": deadline_id, "now": now})


def meet_kind(session: Session, case_id: uuid.UUID, kind: str, now: datetime) -> None:
    """Stop every running clock of a kind in a case."""
    query = select(Deadline.id).where(
        Deadline.case_id == case_id, Deadline.kind == kind, Deadline.state == "running"
    )
    for deadline_id in session.scalars(query).all():
        meet(session, deadline_id, now)


def cancel_tasks(session: Session, task_ids: Iterable[uuid.UUID]) -> None:
    """Stop the clocks of tasks that nobody needs to do any more."""
    session.execute(
        update(Deadline)
        .where(Deadline.task_id.in_(list(task_ids)), Deadline.state == "running")
        .values(state="cancelled")
    )


def cancel_open(session: Session, case_id: uuid.UUID) -> None:
    """Stop what still runs when a case ends without it having been done."""
    session.execute(
        update(Deadline)
        .where(Deadline.case_id == case_id, Deadline.state == "running")
        .values(state="cancelled")
    )
