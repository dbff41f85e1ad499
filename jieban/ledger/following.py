"""What the first receiver owes after the receipt: word on the way, feedback, and an answer to the rating."""

import uuid
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.errors import Conflict, Invalid
from jieban.ids import new_id
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.records import record
from jieban.ledger.tables import ContactStep, FirstContact
from jieban.reads import Query
from jieban.staff.actor import Actor
from jieban.writes import append, change

SATISFACTION = ("very_satisfied", "satisfied", "fair", "dissatisfied", "very_dissatisfied")
DISSATISFIED = frozenset({"dissatisfied", "very_dissatisfied"})
HOW = ("phone", "sms", "in_person", "letter", "not_wanted")
"""How somebody was told; not_wanted where they asked not to be."""
_LONGEST = 2000


class Contact(NamedTuple):
    """A first contact, as far as what is owed to the person hangs on it."""

    id: uuid.UUID
    number: str
    receiver_name: str
    feedback_due: datetime | None
    feedback_at: datetime | None
    breached_at: datetime | None
    rated_by: str
    reopened: int


_TABLE = cast("Table", FirstContact.__table__)
CONTACT = tuple(_TABLE.c[name] for name in Contact._fields)
"""The columns of it, for a question that asks for more at once."""


def interim_reply(
    session: Session,
    *,
    case: Case,
    actor: Actor | None,
    now: datetime,
    how: str,
    words: str,
    until: FeedbackLimit | None = None,
    contact: Contact | None = None,
) -> None:
    """Record that the person was told how far the matter is, and by when they hear more, where a day was promised.

    Whoever has just read the contact hands it over.
    A promise moves the limit of feedback. One that comes when the limit has passed does not undo that it passed unheard.
    """
    contact = contact or contact_of(session, case)
    _must_say("content", words)
    late = contact.feedback_due is not None and now > contact.feedback_due
    if until is not None and contact.feedback_at is None:
        if late and contact.breached_at != contact.feedback_due:
            _breach(session, case, contact, now, None)
        _set(session, contact.id, until.columns)
    body = {"how": how, "late": late, "until": until.due_at.isoformat() if until else None}
    _step(session, case, contact, "interim", actor, now, body, how=how, words=words)


def told_the_end(
    session: Session, *, case: Case, actor: Actor | None, now: datetime, contact: Contact | None = None
) -> None:
    """Count the letter that ends the matter as the feedback, where nothing else was recorded before."""
    contact = contact or contact_of(session, case)
    if contact.feedback_at is not None:
        return
    if contact.feedback_due is not None and contact.breached_at != contact.feedback_due < now:
        _breach(session, case, contact, now, None)
    values = {
        "feedback_at": now,
        "feedback_by": actor.id if actor else None,
        "feedback_name": actor.name if actor else "",
        "feedback_how": "letter",
        "follow_at": None,
    }
    _set(session, contact.id, values)


def give_feedback(
    session: Session, *, case: Case, actor: Actor, now: datetime, how: str, result: str
) -> None:
    """Record that the person was told what became of the matter; the first time counts for the limit.

    Of a case that is closed already, it ends the first receiver's duty again.
    """
    contact = contact_of(session, case)
    if how not in HOW:
        raise Invalid(errors=[{"field": "how", "message": "请选择反馈方式。"}])
    _must_say("content", result)
    late = contact.feedback_due is not None and now > contact.feedback_due
    values: dict[str, Any] = {"result": result, "feedback_how": how, "follow_at": None}
    if contact.feedback_at is None:
        values |= {"feedback_at": now, "feedback_by": actor.id, "feedback_name": actor.name}
    if case.state == "closed":
        values |= {"state": "closed", "closed_at": now}
    _set(session, contact.id, values)
    _step(session, case, contact, "feedback", actor, now, {"how": how, "late": late}, how=how, words=result)


def rate(
    session: Session, *, case: Case, actor: Actor | None, now: datetime, satisfaction: str, reason: str
) -> None:
    """Record how the person rates what was done: once when staff asks, once on the public page, until it is reopened.

    Without an actor it is the person, whose own rating stands above the one that staff recorded. The words stay out of
    the ledger.
    """
    contact = contact_of(session, case)
    if satisfaction not in SATISFACTION:
        raise Invalid(errors=[{"field": "satisfaction", "message": "请选择满意程度。"}])
    if satisfaction in DISSATISFIED:
        _must_say("reason", reason)
    by = "staff" if actor else "person"
    if contact.rated_by and (actor or contact.rated_by == "person"):
        raise Conflict("本次办理已经评价过。")
    values = {"satisfaction": satisfaction, "reason": reason[:_LONGEST], "rated_at": now, "rated_by": by}
    _set(session, contact.id, values)
    body = {"satisfaction": satisfaction, "by": by}
    _step(session, case, contact, "rated", actor, now, body, satisfaction=satisfaction, words=reason)


def reopen(
    session: Session,
    *,
    case: Case,
    actor: Actor | None,
    now: datetime,
    reason: str,
    limit: FeedbackLimit,
) -> None:
    """Make the first receiver owe feedback again, by a new limit; how often it happened is counted."""
    contact = contact_of(session, case)
    _must_say("reason", reason)
    values = {
        "state": "open",
        "closed_at": None,
        "feedback_at": None,
        "feedback_by": None,
        "feedback_name": "",
        "feedback_how": "",
        "result": "",
        "rated_at": None,
        "rated_by": "",
        "reopened": contact.reopened + 1,
        "reopened_at": now,
        **limit.columns,
    }
    _set(session, contact.id, values)
    body = {"times": contact.reopened + 1, "due": limit.due_at.isoformat()}
    _step(session, case, contact, "reopened", actor, now, body, words=reason)


def note_warned(session: Session, *, case: Case, now: datetime, run_id: str) -> None:
    """Write down, once, that the first receiver was warned that the limit of feedback is near."""
    contact = contact_of(session, case)
    _set(session, contact.id, {"warned_at": now, "follow_at": contact.feedback_due})
    _step(session, case, contact, "warned", None, now, _said_of(contact), run_id=run_id)


def note_unheard(
    session: Session, *, case: Case, now: datetime, run_id: str, alarm_at: datetime | None
) -> None:
    """Write down, once, that the limit of feedback passed and the person had heard nothing; then comes the alarm."""
    _breach(session, case, contact_of(session, case), now, alarm_at, run_id)


def _breach(
    session: Session, case: Case, contact: Contact, now: datetime, alarm_at: datetime | None, run_id: str = ""
) -> None:
    _set(session, contact.id, {"breached_at": contact.feedback_due, "follow_at": alarm_at})
    _step(session, case, contact, "breached", None, now, _said_of(contact), run_id=run_id)


def note_alarmed(session: Session, *, case: Case, now: datetime, run_id: str, told: list[str]) -> None:
    """Write down, once, which leaders were told that the person has still heard nothing."""
    contact = contact_of(session, case)
    _set(session, contact.id, {"alarmed_at": now, "follow_at": None})
    _step(session, case, contact, "alarmed", None, now, {**_said_of(contact), "told": told}, run_id=run_id)


def _said_of(contact: Contact) -> dict[str, Any]:
    due = contact.feedback_due.isoformat() if contact.feedback_due else None
    return {"due": due, "answers": contact.receiver_name}


def stop_following(session: Session, contact_id: uuid.UUID) -> None:
    """Stop looking whether the person has heard: they took the matter back themselves."""
    _set(session, contact_id, {"follow_at": None})


_OF = Query(select(*CONTACT).where(_TABLE.c.id == bindparam("the_contact", type_=Uuid())))


def contact_of(session: Session, case: Case) -> Contact:
    """Read the first contact of a case; Conflict where the office opened it by itself."""
    contact = _OF.first(session, the_contact=case.first_contact_id) if case.first_contact_id else None
    if contact is None:
        raise Conflict("本事项由单位自行开办，没有首接登记。")
    return Contact(*contact)


def _must_say(field: str, words: str) -> None:
    if not words.strip():
        raise Invalid(errors=[{"field": field, "message": "请填写内容。"}])
    if len(words) > _LONGEST:
        raise Invalid(errors=[{"field": field, "message": f"不能超过 {_LONGEST} 个字。"}])


def _set(session: Session, contact_id: uuid.UUID, values: dict[str, Any]) -> None:
    named = tuple(sorted(values))
    if named not in _statements:
        changed = {name: bindparam(f"the_{name}", type_=_TABLE.c[name].type) for name in named}
        _statements[named] = (
            update(_TABLE).where(_TABLE.c.id == bindparam("the_contact", type_=Uuid())).values(changed)
        )
    given = {f"the_{name}": one for name, one in values.items()} | {"the_contact": contact_id}
    change(session, _statements[named], given, must_hit=True)


_statements: dict[tuple[str, ...], Any] = {}
"""One statement per set of columns, since statements live as long as the process."""


def _step(
    session: Session,
    case: Case,
    contact: Contact,
    kind: str,
    actor: Actor | None,
    now: datetime,
    body: dict[str, Any],
    *,
    how: str = "",
    satisfaction: str = "",
    words: str = "",
    run_id: str = "",
) -> None:
    row = {
        "id": new_id(),
        "contact_id": contact.id,
        "at": now,
        "kind": kind,
        "by_id": actor.id if actor else None,
        "by_name": actor.name if actor else "",
        "how": how,
        "satisfaction": satisfaction,
        "words": words,
    }
    append(session, ContactStep, row)
    record(
        session,
        county_code=case.county_code,
        at=now,
        kind=f"first_contact.{kind}",
        case_id=case.id,
        case_number=case.number,
        actor=actor,
        body={"number": contact.number, **body},
        run_id=run_id,
    )
