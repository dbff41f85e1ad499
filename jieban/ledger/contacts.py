import secrets
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session

from jieban.clock import local_day
from jieban.database import UtcDateTime
from jieban.errors import Conflict, NotFound
from jieban.ids import new_id
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.records import record
from jieban.ledger.tables import FirstContact
from jieban.reads import Query, loose
from jieban.staff.actor import Actor
from jieban.writes import add, change

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""What can be read aloud on the telephone without mistaking one for another."""


def open_first_contact(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    channel: str,
    matter: str,
    person_name: str,
    phone: str,
    town_code: str,
    place: str,
    told: str,
    limit: FeedbackLimit | None,
    received_at: datetime | None = None,
    registered_late: bool = False,
) -> FirstContact:
    """Record who received a matter first; that person follows it up until it is closed.

    The person's name stays out of the ledger, whose records can never be taken back. `received_at` is for a matter that
    came earlier than it is written down.
    """
    county_code = town_code[:6]
    contact = loose(
        FirstContact,
        id=new_id(),
        number=f"SJ{county_code}-{local_day(now):%Y%m%d}-{_code(6)}",
        receipt_code="-".join(_code(4) for _ in range(3)),
        channel=channel,
        matter=matter,
        person_name=person_name,
        phone=phone,
        receiver_id=actor.id,
        receiver_name=actor.name,
        receiver_unit=actor.unit,
        town_code=town_code,
        county_code=county_code,
        place=place,
        received_at=received_at or now,
        registered_late=registered_late,
        told=told,
        **(limit.columns if limit else {"feedback_length": 0, "feedback_unit": ""}),
        feedback_name="",
        feedback_how="",
        result="",
        satisfaction="",
        reason="",
        rated_by="",
        reopened=0,
        state="open",
    )
    add(session, contact)
    body: dict[str, str | bool | None] = {
        "number": contact.number,
        "channel": channel,
        "matter": matter,
        "place": place,
        "town": town_code,
        "told": told,
        "feedback_due": limit.due_at.isoformat() if limit else None,
        "unit": actor.unit,
    }
    if received_at is not None:
        body |= {"received": received_at.isoformat(), "registered_late": registered_late}
    _write(session, county_code, "first_contact.opened", actor, now, body)
    return contact


def close_first_contact(
    session: Session, *, contact_id: uuid.UUID, actor: Actor | None, now: datetime, result: str
) -> None:
    """End the first receiver's duty to follow a matter up, once."""
    contact = _CONTACT.first(session, the_contact=contact_id)
    if contact is None:
        raise NotFound
    if contact.state != "open":
        raise Conflict("该首接事项已经办结。")
    change(session, _CLOSE, {"the_contact": contact_id, "the_now": now}, must_hit=True)
    late = contact.feedback_due is not None and now > contact.feedback_due
    _write(
        session,
        contact.county_code,
        "first_contact.closed",
        actor,
        now,
        {"number": contact.number, "result": result, "late": late},
    )


_TABLE = cast("Table", FirstContact.__table__)
_THE_ONE = _TABLE.c.id == bindparam("the_contact")
_CONTACT = Query(
    select(_TABLE.c.county_code, _TABLE.c.number, _TABLE.c.feedback_due, _TABLE.c.state).where(_THE_ONE)
)
_CLOSE = (
    update(_TABLE)
    .where(_THE_ONE, _TABLE.c.state == "open")
    .values(state="closed", closed_at=bindparam("the_now", type_=UtcDateTime()))
)


def _write(
    session: Session,
    county_code: str,
    kind: str,
    actor: Actor | None,
    now: datetime,
    body: Mapping[str, object],
) -> None:
    record(
        session,
        county_code=county_code,
        at=now,
        kind=kind,
        case_id=None,
        case_number="",
        actor=actor,
        body=body,
    )


def _code(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
