"""Orders to providers and the visits that a plan foresees: each visit is a row, so that none is forgotten (FW-05)."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, case, func, select, update
from sqlalchemy.orm import Session

from jieban.care.supply import Offered, free_place, take_place
from jieban.care.tables import CareOrder, CareSupply, CareVisit
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import append, change

MONTH = 30
"""Days over which the visits of a month are spread."""

_ORDER, _VISIT = cast("Table", CareOrder.__table__), cast("Table", CareVisit.__table__)
_SUPPLY = cast("Table", CareSupply.__table__)
_THE_CASE = bindparam("the_case", type_=Uuid())
_ACTIVE = Query(
    select(
        _ORDER.c.id,
        _ORDER.c.supply_id,
        _ORDER.c.what,
        _ORDER.c.times,
        _ORDER.c.from_on,
        _ORDER.c.until_on,
        _SUPPLY.c.label,
        _SUPPLY.c.provider,
        _SUPPLY.c.name,
        _SUPPLY.c.contact,
        _SUPPLY.c.phone,
    )
    .join(_SUPPLY, _SUPPLY.c.id == _ORDER.c.supply_id)
    .where(_ORDER.c.case_id == _THE_CASE, _ORDER.c.state == "active")
    .order_by(_SUPPLY.c.label)
)
_NEXT = Query(
    select(_VISIT.c.id, _VISIT.c.order_id, _VISIT.c.planned_on, _SUPPLY.c.label)
    .join(_ORDER, _ORDER.c.id == _VISIT.c.order_id)
    .join(_SUPPLY, _SUPPLY.c.id == _ORDER.c.supply_id)
    .where(_VISIT.c.case_id == _THE_CASE, _VISIT.c.state == "planned")
    .order_by(_VISIT.c.planned_on, _SUPPLY.c.label, _VISIT.c.id)
    .limit(1)
)
_COUNTS = Query(
    select(
        func.coalesce(func.sum(case((_VISIT.c.state == "planned", 1), else_=0)), 0).label("planned"),
        func.coalesce(func.sum(case((_VISIT.c.state == "done", 1), else_=0)), 0).label("done"),
        func.coalesce(func.sum(case((_VISIT.c.state == "missed", 1), else_=0)), 0).label("missed"),
    )
    .join(_ORDER, _ORDER.c.id == _VISIT.c.order_id)
    .where(_VISIT.c.case_id == _THE_CASE, _ORDER.c.state == "active")
)
_HAPPENED = (
    update(_VISIT)
    .where(_VISIT.c.id == bindparam("the_visit", type_=Uuid()), _VISIT.c.state == "planned")
    .values(state=bindparam("the_state"), visited_on=bindparam("the_day"))
)
_CANCEL = (
    update(_VISIT).where(_VISIT.c.case_id == _THE_CASE, _VISIT.c.state == "planned").values(state="cancelled")
)
_END = (
    update(_ORDER)
    .where(_ORDER.c.id == bindparam("the_order", type_=Uuid()), _ORDER.c.state == "active")
    .values(state="ended", ended_at=bindparam("the_now"), end_reason=bindparam("the_reason"))
)


@dataclass(frozen=True)
class Planned:
    """A line of a plan: what somebody gets from whom, how often, and from when until when."""

    supply: Offered
    what: str
    times: int
    from_on: date
    until_on: date

    @property
    def days(self) -> list[date]:
        """Spread the visits of each month evenly over it, the first on the first day."""
        found, number = [], 0
        while (day := self.from_on + timedelta(days=number * MONTH // self.times)) <= self.until_on:
            found.append(day)
            number += 1
        return found


def place_orders(session: Session, case_id: uuid.UUID, plan: list[Planned]) -> int:
    """Order what the person has agreed to: a place is taken, and every visit becomes a row; returns how many visits."""
    visits = 0
    for line in plan:
        order_id = new_id()
        take_place(session, line.supply.id)
        row = {"id": order_id, "case_id": case_id, "supply_id": line.supply.id, "what": line.what}
        span = {"times": line.times, "from_on": line.from_on, "until_on": line.until_on}
        append(session, CareOrder, {**row, **span, "state": "active", "ended_at": None, "end_reason": ""})
        for day in line.days:
            add_visit(session, case_id, order_id, day)
            visits += 1
    return visits


def add_visit(session: Session, case_id: uuid.UUID, order_id: uuid.UUID, day: date) -> None:
    """Plan one visit more."""
    row = {"id": new_id(), "case_id": case_id, "order_id": order_id, "planned_on": day}
    append(session, CareVisit, {**row, "state": "planned", "visited_on": None})


def active_orders(session: Session, case_id: uuid.UUID) -> list[Any]:
    """List the running orders of a case with their providers."""
    return _ACTIVE.all(session, the_case=case_id)


def next_visit(session: Session, case_id: uuid.UUID) -> Any:
    """Give the earliest visit that has not been signed in yet; None where there is none."""
    return _NEXT.first(session, the_case=case_id)


def count_visits(session: Session, case_id: uuid.UUID) -> Any:
    """Count the visits of the running orders: planned, done, missed."""
    return _COUNTS.first(session, the_case=case_id)


def sign_in(session: Session, visit_id: uuid.UUID, *, state: str, day: date | None) -> None:
    """Say of a visit that it took place or was missed; Conflict where that has been said already."""
    change(session, _HAPPENED, {"the_visit": visit_id, "the_state": state, "the_day": day}, must_hit=True)


def end_orders(session: Session, case_id: uuid.UUID, now: datetime, reason: str) -> None:
    """End the running orders of a case: their places are free again, and visits that were to come are cancelled."""
    for order in active_orders(session, case_id):
        change(session, _END, {"the_order": order.id, "the_now": now, "the_reason": reason}, must_hit=True)
        free_place(session, order.supply_id)
    change(session, _CANCEL, {"the_case": case_id})
