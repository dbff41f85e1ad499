"""Following a matter from its first receiver on: feedback, rating, reopening, and what went wrong on the way."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    String,
    Table,
    Uuid,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from jieban import ledger, rules, workdays
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import UtcDateTime
from jieban.errors import NotAllowed
from jieban.ledger.following import DISSATISFIED
from jieban.ledger.tables import ContactStep, FirstContact
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from jieban.writes import change
from notifications import applicants, messages
from notifications.letters import KINDS
from notifications.tables import Letter
from tasks.contact_limits import feedback_limit, promised

_NO_WORD = frozenset(
    {
        "receipt",
        "hotline_transfer",
        "petition_transferred",
        "one_transfer",
        "one_transfer_notice",
        "check_request",
        "check_reminder",
        "check_consent",
        "meeting_minutes",
    }
)
"""Letters to somebody else, and those that only say that a matter was taken down or passed on."""
TELLING = tuple(
    sorted(
        key
        for key, kind in KINDS.items()
        if kind.layout != "notice" and kind.addressee is None and key not in _NO_WORD
    )
)
"""Letters by which the person hears how their matter stands."""


def heard(contact: Any, case_id: Any) -> ColumnElement[bool]:
    """Make the condition that a letter told the person something since the matter came, or was reopened."""
    since = func.coalesce(contact.c.reopened_at, contact.c.received_at)
    return exists().where(
        Letter.case_id == case_id,
        or_(*(Letter.kind == literal_column(f"'{kind}'") for kind in TELLING)),
        Letter.issued_at >= since,
    )


_TABLE = cast("Table", FirstContact.__table__)
_BY_LETTER = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("the_contact", type_=Uuid()),
        _TABLE.c.feedback_at.is_(None),
        heard(_TABLE, bindparam("the_case", type_=Uuid())),
    )
    .values(
        feedback_at=bindparam("the_now", type_=UtcDateTime()),
        feedback_by=bindparam("the_actor", type_=Uuid()),
        feedback_name=bindparam("the_name", type_=String(100)),
        feedback_how="letter",
        follow_at=None,
    )
)


def fed_back_by_letter(
    session: Session, contact_id: uuid.UUID, case_id: uuid.UUID, actor: Actor | None, now: datetime
) -> None:
    """Count the letter of a case that ends as the feedback, where nothing else was recorded."""
    values = {
        "the_contact": contact_id,
        "the_case": case_id,
        "the_now": now,
        "the_actor": actor.id if actor else None,
        "the_name": actor.name if actor else "",
    }
    change(session, _BY_LETTER, values)


def may_follow(actor: Actor, case: Case) -> bool:
    """Tell whether somebody is the first receiver of a case, or stands in for them today."""
    return case.first_contact_id is not None and (
        case.first_receiver_id == actor.id or case.first_receiver_id in actor.stands_in_for
    )


def feed_back(session: Session, actor: Actor, now: datetime, case: Case, how: str, content: str) -> None:
    """Let the first receiver record the feedback, also after the end of the case."""
    _must_follow(actor, case)
    ledger.give_feedback(session, case=case, actor=actor, now=now, how=how, result=content)
    applicants.tell_progress(session, case, "feedback", how, now)


def reply_meanwhile(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    how: str,
    content: str,
    until: datetime | None,
) -> None:
    """Let the first receiver record that the person was told how far it is."""
    _must_follow(actor, case)
    limit = promised(*_counting(session, case, now), until, now) if until else None
    ledger.interim_reply(session, case=case, actor=actor, now=now, how=how, words=content, until=limit)
    applicants.tell_progress(session, case, "interim", how, now, limit.due_at if limit else None)


def record_rating(
    session: Session, actor: Actor, now: datetime, case: Case, satisfaction: str, reason: str
) -> None:
    """Let the first receiver record how the person rates it when asked back; who is not satisfied is owed feedback anew."""
    _must_follow(actor, case)
    ledger.rate(session, case=case, actor=actor, now=now, satisfaction=satisfaction, reason=reason)
    if satisfaction in DISSATISFIED:
        _reopen(session, actor, now, case, reason)


def rate_as_person(session: Session, now: datetime, case: Case, satisfaction: str, reason: str) -> None:
    """Take the rating of whoever brought the matter; where they are not satisfied, the first receiver hears at once."""
    ledger.rate(session, case=case, actor=None, now=now, satisfaction=satisfaction, reason=reason)
    if satisfaction in DISSATISFIED:
        _reopen(session, None, now, case, reason)
        text = f"群众对您首接的事项不满意，请在期限内重新办理并反馈：{case.applicant_name}，{case.number}。"
        messages.send(
            session,
            user_id=case.first_receiver_id,
            kind="contact",
            text=text,
            now=now,
            case_id=case.id,
            private=case.applicant_name,
        )


def _reopen(session: Session, actor: Actor | None, now: datetime, case: Case, reason: str) -> None:
    limit = feedback_limit(*_counting(session, case, now), "", now, now)
    ledger.reopen(session, case=case, actor=actor, now=now, reason=reason, limit=limit)


def _counting(session: Session, case: Case, now: datetime) -> tuple[RuleSet, workdays.Calendar]:
    """Give the rules and the calendar by which days are counted where the case is."""
    values = rules.rule_set_for(session, case.town_code, local_day(now), now)
    return values, workdays.load_calendar(session).at(case.town_code)


def _must_follow(actor: Actor, case: Case) -> None:
    if not may_follow(actor, case):
        raise NotAllowed("只有首接人（或者其代岗人）可以登记反馈和回访。")


def steps_of(session: Session, contact_ids: Sequence[uuid.UUID]) -> list[ContactStep]:
    """List what was recorded of first contacts, oldest first."""
    query = select(ContactStep).where(ContactStep.contact_id.in_(contact_ids))
    return list(session.scalars(query.order_by(ContactStep.at, ContactStep.id)))


def receiver_of(session: Session, case: Case) -> User:
    """Give the first receiver's account."""
    return session.get_one(User, case.first_receiver_id)
