"""Days beside the clocks that a change of the calendar moves too: of orders, of word to a person, of facts of a run.

They are few beside the clocks. Each kind is read in pages by its id, worked out anew from what it was counted from, and
written where it differs, so that a page that is read twice changes nothing the second time.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Select, Table, bindparam, or_, select, update
from sqlalchemy.orm import Session

from jieban import rules, workdays
from jieban.cases.tables import Case
from jieban.clock import end_of_day, local_day, start_of_day
from jieban.database import UtcDateTime
from jieban.deadlines.tables import FactDay
from jieban.ledger.tables import FirstContact
from jieban.supervision.tables import SupervisionOrder
from jieban.workdays import Calendar
from jieban.writes import change
from tasks.contact_limits import look_first
from tasks.supervision import order_chain
from tasks.supervision_orders import WAITS
from workflows.calendars.clocks import AT_ONCE, Span

_CHAIN = timedelta(days=31)
"""A step of an order's chain lies so far from its end at the most, also over the longest holidays."""


@dataclass(frozen=True, slots=True)
class DayMove:
    """Where a day lies by another calendar."""

    id: uuid.UUID
    case_id: uuid.UUID
    case_number: str
    county_code: str
    kind: str
    """order, feedback, fact"""
    name: str
    before: datetime
    after: datetime
    provisional: bool
    breached_at: datetime | None = None
    fact: str = ""

    @property
    def moved(self) -> bool:
        """Whether the day itself is another one; otherwise only who is told when changes."""
        return self.after != self.before

    def annuls(self, now: datetime) -> bool:
        """Tell whether what stands on record as too late is none: by this calendar the time is not over yet."""
        return self.breached_at is not None and self.moved and self.after > now

    def falls_late(self, now: datetime) -> bool:
        """Tell whether what was in time would suddenly be over."""
        return self.after < now <= self.before


@dataclass(frozen=True)
class Kind:
    """One kind of days: how they are found, worked out and written."""

    table: Any
    """its rows are read page by page, in the order of their ids"""
    query: Callable[[Span], Select[*tuple[Any, ...]]]
    work_out: Callable[[Any, Calendar], DayMove | None]
    write: Callable[[Session, Any, DayMove, Calendar, datetime], None]

    def key_of(self, row: Any) -> uuid.UUID:
        """Give the id of a row that was read."""
        key: uuid.UUID = getattr(row, self.table.__name__).id
        return key


def read_days(session: Session, kind: Kind, span: Span, after: uuid.UUID | None, *, lock: bool) -> list[Any]:
    """Read the next rows of a kind; with `lock` nobody else changes them or their cases meanwhile."""
    query = kind.query(span).order_by(kind.table.id).limit(AT_ONCE)
    if after is not None:
        query = query.where(kind.table.id > after)
    if lock:
        query = query.with_for_update(of=[Case, kind.table])
    return list(session.execute(query))


_COMMON = (
    Case.id.label("case_id"),
    Case.number.label("case_number"),
    Case.county_code.label("county_code"),
)


def _orders(span: Span) -> Select[*tuple[Any, ...]]:
    order = SupervisionOrder
    return (
        select(*_COMMON, order)
        .join(Case, Case.id == order.case_id)
        .where(
            or_(*(order.state == state for state in WAITS)),
            order.due_on.is_not(None),
            order.due_at >= start_of_day(span.first) - _CHAIN,
            order.due_at <= end_of_day(span.last) + _CHAIN,
        )
    )


def _order_moves(row: Any, calendar: Calendar) -> DayMove | None:
    order = row.SupervisionOrder
    here = calendar.at(order.to_area)
    last = here.next_working_day(order.due_on)
    after = end_of_day(last)
    if after == order.due_at and _chain(order, after, here) == order.escalation:
        return None
    return DayMove(
        order.id,
        row.case_id,
        row.case_number,
        row.county_code,
        "order",
        f"督办单{order.number}答复期限",
        order.due_at,
        after,
        here.is_provisional(last),
    )


_ORDER, _CONTACT, _FACT = (cast("Table", one.__table__) for one in (SupervisionOrder, FirstContact, FactDay))
_SET_ORDER = (
    update(_ORDER)
    .where(_ORDER.c.id == bindparam("the_id"))
    .values(
        due_at=bindparam("the_due", type_=UtcDateTime()),
        escalation=bindparam("the_chain"),
        escalation_level=bindparam("the_level"),
        escalate_at=bindparam("the_next", type_=UtcDateTime()),
    )
)


def _chain(order: SupervisionOrder, due_at: datetime, calendar: Calendar) -> list[dict[str, str]]:
    return order_chain(due_at, [step["to"] for step in order.escalation if step["to"]], calendar)


def _write_order(session: Session, row: Any, move: DayMove, calendar: Calendar, now: datetime) -> None:
    """Set the order's end and its chain: whoever was told too early is told again when it is time."""
    order = row.SupervisionOrder
    chain = _chain(order, move.after, calendar.at(order.to_area))
    passed = sum(datetime.fromisoformat(step["at"]) <= now for step in chain)
    # An order of an earlier version had no step for what was over when it was given.
    told = min(order.escalation_level + len(chain) - len(order.escalation), passed)
    given = {
        "the_id": order.id,
        "the_due": move.after,
        "the_chain": chain,
        "the_level": told,
        "the_next": datetime.fromisoformat(chain[told]["at"]) if told < len(chain) else None,
    }
    change(session, _SET_ORDER, given)


def _contacts(span: Span) -> Select[*tuple[Any, ...]]:
    contact = FirstContact
    return (
        select(*_COMMON, contact)
        .join(Case, Case.first_contact_id == contact.id)
        .where(
            contact.feedback_from <= end_of_day(span.last),
            contact.feedback_due >= start_of_day(span.first),
            contact.feedback_at.is_(None),
            # Where the person took the matter back nobody waits any more.
            or_(contact.follow_at.is_not(None), contact.breached_at == contact.feedback_due),
        )
    )


def _contact_moves(row: Any, calendar: Calendar) -> DayMove | None:
    contact = row.FirstContact
    here = calendar.at(contact.town_code)
    end = workdays.due(contact.feedback_from, contact.feedback_length, contact.feedback_unit, here)
    if end.at == contact.feedback_due:
        return None
    return DayMove(
        contact.id,
        row.case_id,
        row.case_number,
        row.county_code,
        "feedback",
        "首接反馈期限",
        contact.feedback_due,
        end.at,
        end.provisional,
        contact.breached_at if contact.breached_at == contact.feedback_due else None,
    )


_DUE = {"feedback_due": bindparam("the_due", type_=UtcDateTime())}
_SET_CONTACT = (
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("the_id"))
    .values(**_DUE, follow_at=bindparam("the_next", type_=UtcDateTime()))
)
_SET_UNTOLD = (
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("the_id"))
    .values(
        **_DUE,
        follow_at=bindparam("the_next", type_=UtcDateTime()),
        breached_at=bindparam("the_breach", type_=UtcDateTime()),
        warned_at=None,
        alarmed_at=None,
    )
)
_SET_PASSED = (
    update(_CONTACT)
    .where(_CONTACT.c.id == bindparam("the_id"))
    .values(**_DUE, breached_at=bindparam("the_due", type_=UtcDateTime()))
)


def _write_contact(session: Session, row: Any, move: DayMove, calendar: Calendar, now: datetime) -> None:
    contact = row.FirstContact
    given: dict[str, Any] = {"the_id": contact.id, "the_due": move.after}
    if move.breached_at is not None and not move.annuls(now):
        change(session, _SET_PASSED, given)
        return
    values = rules.rule_set_for(session, contact.town_code, local_day(now), now)
    given["the_next"] = look_first(values, calendar.at(contact.town_code), move.after, now)
    if move.after <= now:
        change(session, _SET_CONTACT, given)
        return
    # Whoever was warned of a day that is another one now is warned of that. An earlier day that passed stays passed.
    given["the_breach"] = contact.breached_at if move.breached_at is None else None
    change(session, _SET_UNTOLD, given)


def _facts(span: Span) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COMMON, Case.town_code.label("town_code"), FactDay)
        .join(Case, Case.id == FactDay.case_id)
        .where(
            FactDay.due_at >= start_of_day(span.first) - _CHAIN,
            FactDay.starts_at <= end_of_day(span.last),
            Case.state == "open",
        )
    )


def _fact_moves(row: Any, calendar: Calendar) -> DayMove | None:
    day = row.FactDay
    end = workdays.due(day.starts_at, day.length, day.unit, calendar.at(row.town_code))
    after = end.at - timedelta(days=day.ahead)
    if after == day.due_at:
        return None
    return DayMove(
        day.id,
        row.case_id,
        row.case_number,
        row.county_code,
        "fact",
        day.name,
        day.due_at,
        after,
        end.provisional,
        fact=day.fact,
    )


_SET_FACT = (
    update(_FACT)
    .where(_FACT.c.id == bindparam("the_id"))
    .values(due_at=bindparam("the_due", type_=UtcDateTime()))
)


def _write_fact(session: Session, row: Any, move: DayMove, calendar: Calendar, now: datetime) -> None:  # noqa: ARG001 - as the others
    change(session, _SET_FACT, {"the_id": move.id, "the_due": move.after})


KINDS = (
    Kind(SupervisionOrder, _orders, _order_moves, _write_order),
    Kind(FirstContact, _contacts, _contact_moves, _write_contact),
    Kind(FactDay, _facts, _fact_moves, _write_fact),
)
