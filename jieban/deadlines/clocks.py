import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, null, update
from sqlalchemy import case as choose
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.reads import loose
from jieban.workdays import Calendar, due
from jieban.writes import add, change

_TABLE = cast("Table", Deadline.__table__)
_NOW = bindparam("now", type_=UtcDateTime())
_LATE = choose((_TABLE.c.due_at < _NOW, _TABLE.c.due_at), else_=null())
_RUNNING = _TABLE.c.state == "running"
_MET = {
    "state": "met",
    "met_at": _NOW,
    "breached_at": choose((_TABLE.c.breached_at.is_(None), _LATE), else_=_TABLE.c.breached_at),
}
_MEET = update(_TABLE).where(_TABLE.c.id == bindparam("clock"), _RUNNING).values(_MET)
_MEET_KIND = (
    update(_TABLE)
    .where(_TABLE.c.case_id == bindparam("the_case"), _TABLE.c.kind == bindparam("the_kind"), _RUNNING)
    .values(_MET)
)
_CANCEL_OPEN = (
    update(_TABLE).where(_TABLE.c.case_id == bindparam("the_case"), _RUNNING).values(state="cancelled")
)


def start_deadline(
    session: Session,
    *,
    case: Case,
    kind: str,
    name: str,
    rule_key: str,
    length: int,
    unit: str,
    start: datetime,
    article: str,
    provenance: str,
    calendar: Calendar,
    task_id: uuid.UUID | None = None,
    element: str = "",
    fact: str = "",
) -> Deadline:
    """Start a clock of a case or a task; how the moment of its end came about stays on the row.

    It is written with the other rows of the step. `fact` names the fact of the run that holds its end too.
    """
    end = due(start, length, unit, calendar)
    clock = loose(
        Deadline,
        id=new_id(),
        case_id=case.id,
        task_id=task_id,
        kind=kind,
        name=name,
        element=element,
        fact=fact,
        rule_key=rule_key,
        length=length,
        unit=unit,
        starts_at=start,
        due_at=end.at,
        article=article,
        provenance=provenance,
        provisional=end.provisional,
        state="running",
    )
    add(session, clock)
    return clock


def meet(session: Session, deadline_id: uuid.UUID, now: datetime) -> None:
    """Stop a running clock because what it was for is done; one that had ended keeps the moment of its breach."""
    change(session, _MEET, {"clock": deadline_id, "now": now})


def meet_kind(session: Session, case_id: uuid.UUID, kind: str, now: datetime) -> None:
    """Stop every running clock of a kind in a case."""
    change(session, _MEET_KIND, {"the_case": case_id, "the_kind": kind, "now": now})


def cancel_tasks(session: Session, task_ids: Iterable[uuid.UUID]) -> None:
    """Stop the clocks of tasks that nobody needs to do any more."""
    session.execute(
        update(Deadline)
        .where(Deadline.task_id.in_(list(task_ids)), Deadline.state == "running")
        .values(state="cancelled")
    )


def cancel_open(session: Session, case_id: uuid.UUID) -> None:
    """Stop what still runs when a case ends without it having been done."""
    change(session, _CANCEL_OPEN, {"the_case": case_id})
