import uuid
from datetime import datetime

from sqlalchemy import case as choose
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.workdays import Calendar, due


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


def meet(session: Session, deadline_id: uuid.UUID, now: datetime) -> None:
    """Stop a running clock because what it was for is done; one that had ended keeps the moment of its breach."""
    late = choose((Deadline.due_at < now, Deadline.due_at), else_=None)
    session.execute(
        update(Deadline)
        .where(Deadline.id == deadline_id, Deadline.state == "running")
        .values(
            state="met",
            met_at=now,
            breached_at=choose((Deadline.breached_at.is_(None), late), else_=Deadline.breached_at),
        )
    )


def meet_kind(session: Session, case_id: uuid.UUID, kind: str, now: datetime) -> None:
    """Stop every running clock of a kind in a case."""
    query = select(Deadline.id).where(
        Deadline.case_id == case_id, Deadline.kind == kind, Deadline.state == "running"
    )
    for deadline_id in session.scalars(query).all():
        meet(session, deadline_id, now)


def cancel_open(session: Session, case_id: uuid.UUID) -> None:
    """Stop what still runs when a case ends without it having been done."""
    session.execute(
        update(Deadline)
        .where(Deadline.case_id == case_id, Deadline.state == "running")
        .values(state="cancelled")
    )
