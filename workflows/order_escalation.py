"""A supervisor's order that nobody answers brings itself to the notice of the next level."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Integer, Table, Uuid, bindparam, literal_column, select, update
from sqlalchemy.orm import Session, aliased

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import UtcDateTime
from jieban.deadlines import Limit, last_moment, words
from jieban.reads import Query
from jieban.staff.tables import User
from jieban.supervision.tables import SupervisionOrder
from jieban.writes import change
from notifications import messages
from workflows.escalation import Sweep
from workflows.receivers import Told, role_name
from workflows.setting_aside import kept_back


@dataclass(frozen=True, slots=True)
class DueOrder:
    """An order of which a step is due; its case is locked."""

    id: uuid.UUID
    number: str
    case_id: uuid.UUID
    case_number: str
    county_code: str
    from_user: uuid.UUID
    from_name: str
    to_user: uuid.UUID | None
    to_role: str
    to_area: str
    to_name: str
    due_at: datetime
    escalation: list[dict[str, Any]]
    escalation_level: int
    person: str | None


_TO = aliased(User)
_WAITS: Any = literal_column("'issued'"), literal_column("'returned'")
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_DUE_NOW = (
    SupervisionOrder.state.in_(_WAITS),
    SupervisionOrder.escalate_at <= bindparam("the_now", type_=UtcDateTime()),
    SupervisionOrder.id.not_in(kept_back),
)
_WAITING = (
    select(
        SupervisionOrder.id,
        SupervisionOrder.number,
        SupervisionOrder.case_id,
        SupervisionOrder.case_number,
        SupervisionOrder.county_code,
        SupervisionOrder.from_user,
        SupervisionOrder.from_name,
        SupervisionOrder.to_user,
        SupervisionOrder.to_role,
        SupervisionOrder.to_area,
        SupervisionOrder.to_name,
        SupervisionOrder.due_at,
        SupervisionOrder.escalation,
        SupervisionOrder.escalation_level,
        _TO.name.label("person"),
    )
    .join(Case, Case.id == SupervisionOrder.case_id)
    .outerjoin(_TO, _TO.id == SupervisionOrder.to_user)
    .where(*_DUE_NOW)
    .order_by(SupervisionOrder.escalate_at, SupervisionOrder.id)
    .with_for_update(of=[Case, SupervisionOrder], skip_locked=True)
)
_DUE = Query(_WAITING.limit(bindparam("the_limit", type_=Integer())))
_ONE = Query(_WAITING.where(SupervisionOrder.id == bindparam("the_order", type_=Uuid())))
first_due = (
    select(SupervisionOrder.id)
    .where(*_DUE_NOW)
    .order_by(SupervisionOrder.escalate_at, SupervisionOrder.id)
    .limit(1)
    .scalar_subquery()
)
"""The order that waits longest to be brought to somebody's notice."""


def due_orders(session: Session, now: datetime, limit: int) -> list[DueOrder]:
    """Lock the orders of which a step is due, those that wait longest first."""
    return [DueOrder(*row) for row in _DUE.all(session, the_now=now, the_limit=limit)]


def take_order(session: Session, order_id: uuid.UUID, now: datetime) -> DueOrder | None:
    """Lock one of them; None where it was answered, or somebody holds it."""
    row = _ONE.first(session, the_now=now, the_order=order_id)
    return None if row is None else DueOrder(*row)


def escalate(session: Session, order: DueOrder, sweep: Sweep) -> list[str]:
    """Do the steps that are due and return their kinds; Conflict, when written, where another was first."""
    chain = [(datetime.fromisoformat(step["at"]), str(step["to"])) for step in order.escalation]
    level = order.escalation_level
    due = [step for step in chain[level:] if step[0] <= sweep.now]
    reached = level + len(due)
    given = {
        "the_order": order.id,
        "the_level": level,
        "the_reached": reached,
        "the_following": chain[reached][0] if reached < len(chain) else None,
    }
    change(session, _REACH, given, must_hit=True)
    return [_step(session, order, to, number, sweep) for number, (_, to) in enumerate(due, start=level + 1)]


_ORDER = cast("Table", SupervisionOrder.__table__)
_REACH = (
    update(_ORDER)
    .where(
        _ORDER.c.id == bindparam("the_order"),
        _ORDER.c.state.in_(_WAITS),
        _ORDER.c.escalation_level == bindparam("the_level"),
    )
    .values(
        escalation_level=bindparam("the_reached"),
        escalate_at=bindparam("the_following", type_=UtcDateTime()),
    )
)


def _step(session: Session, order: DueOrder, to: str, number: int, sweep: Sweep) -> str:
    kind = "order.overdue" if to else "order.reminded"
    here = sweep.calendar.at(order.to_area)
    last = last_moment(Limit(order.due_at, provisional=here.is_provisional(local_day(order.due_at))))
    left = words(order.due_at, sweep.now, here).text
    answering = _answering(session, order, sweep)
    if to:
        above = sweep.receivers.office(session, to, order.to_area)
        issuer = sweep.receivers.person(session, order.from_user, order.from_name)
        told = tuple(dict.fromkeys((*above, *issuer, *answering)))
        text = f"督办单{order.number}{left}（应于{last}答复），承办：{order.to_name}，请督促：{order.case_number}。"
    else:
        told = answering
        text = f"督办单{order.number}{left}，请于{last}前答复：{order.case_number}。"
        if order.due_at < sweep.now:
            text = f"督办单{order.number}{left}（应于{last}答复），请尽快答复：{order.case_number}。"
    for one in told:
        messages.leave(
            session,
            user_id=one.id,
            kind="order",
            text=text,
            now=sweep.now,
            case_id=order.case_id,
            run_id=sweep.run_id,
            proof=True,
            book=sweep.receivers.book,
        )
    body = {
        "number": order.number,
        "due": order.due_at.isoformat(),
        "step": number,
        "to": role_name(to) if to else order.to_name,
        "told": [one.name for one in told],
        "answers": order.to_name,
    }
    about: dict[str, Any] = {
        "case_id": order.case_id,
        "at": sweep.now,
        "kind": kind,
        "actor": None,
        "run_id": sweep.run_id,
    }
    add_event(session, **about, data=body)
    ledger.record(session, **about, county_code=order.county_code, case_number=order.case_number, body=body)
    return kind


def _answering(session: Session, order: DueOrder, sweep: Sweep) -> tuple[Told, ...]:
    if order.to_user is not None:
        return sweep.receivers.person(session, order.to_user, order.person or order.to_name)
    return sweep.receivers.office(session, order.to_role, order.to_area)
