"""Rows of the sweep over late matters that could not be dealt with: set aside with the reason, tried again later.

A limit and a chain are left as they are, so nothing else sees a moment that is not theirs.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select
from sqlalchemy.orm import Session

from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.errors import Conflict, NotFound
from jieban.staff.actor import Actor, within
from jieban.supervision.tables import SupervisionOrder
from tasks.tables import Task
from workflows.tables import SetAside
from workflows.taking import lock_case

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(hours=1), timedelta(days=1)
_MOST_SHOWN = 200

kept_back = select(SetAside.id).where(SetAside.retry_at > bindparam("the_now", type_=UtcDateTime()))
"""The ids of rows whose pause is not over at the moment `the_now`."""


def set_aside(
    session: Session,
    now: datetime,
    run_id: str,
    *,
    kind: str,
    row_id: uuid.UUID,
    case_id: uuid.UUID,
    name: str,
    due_at: datetime,
    reason: str,
) -> None:
    """Keep a row back for a pause that doubles each time, from an hour to a day; the case's history tells of it once."""
    row = session.get(SetAside, row_id)
    if row is None:
        row = SetAside(
            id=row_id, kind=kind, case_id=case_id, name=name[:200], due_at=due_at, opened_at=now, tries=0
        )
        session.add(row)
        data = {"element": name, "due": due_at.isoformat(), "reason": reason}
        add_event(session, case_id=case_id, at=now, kind="timer.stuck", actor=None, data=data, run_id=run_id)
    row.tries += 1
    row.reason, row.run_id = reason[:500], run_id
    # Not a power of the tries alone: after years of trying it would be a number that no date can take.
    row.retry_at = now + min(_FIRST_PAUSE * 2 ** min(row.tries - 1, 10), _LONGEST_PAUSE)


def known(session: Session) -> frozenset[uuid.UUID]:
    """Give the ids of all rows that were set aside, whether their pause is over or not."""
    return frozenset(session.scalars(select(SetAside.id)))


def settle(session: Session, ids: Collection[uuid.UUID]) -> None:
    """Take off the list what was dealt with."""
    session.execute(delete(SetAside).where(SetAside.id.in_(ids)).execution_options(synchronize_session=False))


def drop_gone(session: Session) -> None:
    """Take off the list what nobody waits for any more: the task is done, the limit kept or the order answered."""
    session.execute(delete(SetAside).where(~_WAITS).execution_options(synchronize_session=False))


def listed(session: Session, actor: Actor) -> Sequence[tuple[SetAside, Case]]:
    """List what is set aside in the actor's area, the oldest first."""
    query = (
        select(SetAside, Case)
        .join(Case, Case.id == SetAside.case_id)
        .where(_WAITS, within(actor, Case))
        .order_by(SetAside.opened_at, SetAside.id)
        .limit(_MOST_SHOWN)
    )
    return [(row[0], row[1]) for row in session.execute(query)]


def count_set_aside(session: Session) -> int:
    """Count what is set aside everywhere."""
    return session.scalar(select(func.count()).select_from(SetAside).where(_WAITS)) or 0


def try_again(session: Session, actor: Actor, now: datetime, row_id: uuid.UUID) -> None:
    """Let the next sweep take a row that was set aside, whatever is left of its pause."""
    actor.require("incident.retry")
    case_id = session.scalar(
        select(SetAside.case_id)
        .join(Case, Case.id == SetAside.case_id)
        .where(SetAside.id == row_id, within(actor, Case))
    )
    if case_id is None:
        # The sweep deletes what it dealt with, so a page that was open meanwhile may still name it.
        raise NotFound("没有找到该事项，或您无权查看。")
    lock_case(session, case_id)
    row = session.get(SetAside, row_id, populate_existing=True)
    if row is None:
        raise Conflict("该事项已经恢复办理。")
    row.retry_at = now
    data: dict[str, Any] = {"element": row.name, "due": row.due_at.isoformat()}
    add_event(session, case_id=case_id, at=now, kind="timer.rearmed", actor=actor, data=data)


_WAITS: ColumnElement[bool] = (
    exists().where(Task.id == SetAside.id, Task.state == "open", Task.escalate_at.is_not(None))
    | exists().where(Deadline.id == SetAside.id, Deadline.state == "running", Deadline.breached_at.is_(None))
    | exists().where(
        SupervisionOrder.id == SetAside.id,
        SupervisionOrder.state.in_(("issued", "returned")),
        SupervisionOrder.escalate_at.is_not(None),
    )
)
