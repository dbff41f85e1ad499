"""Following a matter from its first receiver on: feedback, rating, reopening, and what went wrong on the way."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from jieban import ledger, rules, workdays
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline
from jieban.errors import NotAllowed
from jieban.ledger.following import DISSATISFIED
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.tables import ContactStep, FirstContact
from jieban.reads import Query
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from notifications import applicants, letters, messages
from notifications.letters import KINDS
from notifications.tables import Letter
from tasks.contact_limits import Counted, feedback_limit, promised

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
ON_THE_WAY = (
    "acceptance",
    "care_assessment",
    "check_result",
    "extension",
    "hearing_notice",
    "hearing_reminder",
    "hotline_interim",
    "hotline_longer",
    "petition_accepted",
    "petition_longer",
    "supplement",
    "temp_backfill",
)
"""Those after which the matter goes on, so that the person is to hear again; with any other they have heard its end."""
_TOLD_WITH_THE_STEP = frozenset({"hotline_interim"})
"""Its step has recorded already what was promised."""


def told_by_letters(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    values: RuleSet,
    calendar: workdays.Calendar,
) -> None:
    """Follow what the letters of a step tell the person who brought the matter.

    One that ends it is the feedback. One on the way moves the limit of feedback to the day by which the person hears
    next: that of the decision, as the running clock has it; where none runs, the limit is counted anew from the letter.
    """
    for letter in letters.take_issued(session, case.id):
        if letter.kind not in TELLING or letter.kind in _TOLD_WITH_THE_STEP or case.first_contact_id is None:
            continue
        stands = _STANDS.first(session, the_contact=case.first_contact_id, the_letter=letter.id)
        if stands is None or stands.feedback_at is not None:
            continue
        if letter.kind not in ON_THE_WAY:
            ledger.told_the_end(session, case=case, actor=actor, now=now)
            continue
        limit = _next_word(session, case, values, calendar, stands.feedback_due, now)
        if limit is not None:
            ledger.interim_reply(
                session, case=case, actor=actor, now=now, how="letter", words=letter.title, until=limit
            )


def _next_word(
    session: Session,
    case: Case,
    values: RuleSet,
    calendar: workdays.Calendar,
    current: datetime | None,
    now: datetime,
) -> FeedbackLimit | None:
    """Say by when the person hears next; nothing where that is as it was."""
    clock = _TOTAL.first(session, the_case=case.id, the_now=now)
    if clock is None:
        anew = feedback_limit(values, calendar, "", now, now)
        return anew if current is None or anew.due_at > current else None
    if clock.due_at == current:
        return None
    return promised(values, calendar, clock.due_at, now, _counted(session, clock, calendar))


def _counted(session: Session, clock: Any, calendar: workdays.Calendar) -> Counted | None:
    """Tell from when a clock counts, so that the promise moves with the calendar as the clock does."""
    start, length = clock.starts_at, clock.length
    base = _BASE.first(session, the_clock=clock.id)
    if base is not None and base.due_at == start:
        start, length = base.starts_at, base.length + length
        if base.unit != clock.unit:
            return None
    same = workdays.due(start, length, clock.unit, calendar).at == clock.due_at
    return Counted(start, length, clock.unit) if same else None


_CONTACT = cast("Table", FirstContact.__table__)
_LETTER = cast("Table", Letter.__table__)
_CLOCK = cast("Table", Deadline.__table__)
_STANDS = Query(
    select(_CONTACT.c.feedback_due, _CONTACT.c.feedback_at).where(
        _CONTACT.c.id == bindparam("the_contact", type_=Uuid()),
        exists().where(_LETTER.c.id == bindparam("the_letter", type_=Uuid())),
    )
)
_TOTAL = Query(
    select(_CLOCK.c.id, _CLOCK.c.starts_at, _CLOCK.c.due_at, _CLOCK.c.length, _CLOCK.c.unit)
    .where(
        _CLOCK.c.case_id == bindparam("the_case", type_=Uuid()),
        or_(_CLOCK.c.kind == "total", _CLOCK.c.kind == "total_urban"),
        _CLOCK.c.state == "running",
        _CLOCK.c.due_at > bindparam("the_now", type_=UtcDateTime()),
    )
    .order_by(_CLOCK.c.due_at)
    .limit(1)
)
_BASE = Query(
    select(_CLOCK.c.starts_at, _CLOCK.c.due_at, _CLOCK.c.length, _CLOCK.c.unit).where(
        _CLOCK.c.replaced_by == bindparam("the_clock", type_=Uuid())
    )
)


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
