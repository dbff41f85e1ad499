"""Following a matter from its first receiver on: feedback, rating, reopening, and what went wrong on the way."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import ledger, rules, workdays
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import NotAllowed
from jieban.ledger.following import DISSATISFIED
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.tables import ContactStep
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from notifications import applicants, letters, messages
from notifications.letters.telling import ON_THE_WAY, TELLING
from tasks.contact_limits import Counted, feedback_limit, promised

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
    told = False
    for letter, standing, clock in letters.take_issued(session, case.id):
        if letter.kind not in TELLING or letter.kind in _TOLD_WITH_THE_STEP or case.first_contact_id is None:
            continue
        # The second letter of a step finds the contact as the first has left it.
        contact = standing if standing and not told else ledger.contact_of(session, case)
        if contact.feedback_at is not None:
            continue
        if letter.kind not in ON_THE_WAY:
            ledger.told_the_end(session, case=case, actor=actor, now=now, contact=contact)
            told = True
            continue
        limit = _next_word(clock, values, calendar, contact.feedback_due, now)
        if limit is not None:
            said: dict[str, Any] = {
                "how": "letter",
                "words": letter.title,
                "until": limit,
                "contact": contact,
            }
            ledger.interim_reply(session, case=case, actor=actor, now=now, **said)
            told = True


def _next_word(
    clock: Any, values: RuleSet, calendar: workdays.Calendar, current: datetime | None, now: datetime
) -> FeedbackLimit | None:
    """Say by when the person hears next; nothing where that is as it was."""
    if clock is None:
        anew = feedback_limit(values, calendar, "", now, now)
        return anew if current is None or anew.due_at > current else None
    if clock.clock_due_at == current:
        return None
    return promised(values, calendar, clock.clock_due_at, now, _counted(clock, calendar))


def _counted(clock: Any, calendar: workdays.Calendar) -> Counted | None:
    """Tell from when a clock counts, so that the promise moves with the calendar as the clock does."""
    start, length, unit = clock.clock_starts_at, clock.clock_length, clock.clock_unit
    if clock.before_due_at is not None and clock.before_due_at == start:
        start, length = clock.before_starts_at, clock.before_length + length
        if clock.before_unit != unit:
            return None
    same = workdays.due(start, length, unit, calendar).at == clock.clock_due_at
    return Counted(start, length, unit) if same else None


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
