"""What the calendar brings to what was granted: reviews that are due, ends that come near, and days that are over.

Nothing is decided here. A review is a case of its own; what ends by its day was decided together with that day.
"""

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from jieban import ledger, rules
from jieban.benefits import changing, choosing
from jieban.benefits.tables import Benefit
from jieban.cases.events import add_event
from jieban.cases.tables import Application, Case
from jieban.clock import local_day
from jieban.intake.applications import NewMatter
from jieban.people.tables import Person
from jieban.rules.tables import RuleSet
from jieban.staff.actor import actor_of
from jieban.staff.directory import staff_with_role
from jieban.staff.tables import User
from notifications import letters, messages
from notifications.letters.words import day
from workflows import opening as openings
from workflows.linking import open_all
from workflows.registering import Around, register_matter
from workflows.taking import look_around

PROCEDURE = "benefit_review"
FORETOLD_DAYS = 30
"""No end is told earlier than so many days before; the rule of a place may say fewer."""

# Written out in the statements, since a partial index does not know what a parameter will be.
_ACTIVE = literal("active", literal_execute=True)
Due = tuple[uuid.UUID, date]
"""A benefit with the day that has come."""


def due_reviews(session: Session, now: datetime, limit: int, after: Due | None = None) -> list[Due]:
    """List active benefits whose review is due, the longest overdue first."""
    query = select(Benefit.id, Benefit.review_due).where(
        Benefit.state == _ACTIVE, Benefit.review_due <= local_day(now)
    )
    return _page(session, query, Benefit.review_due, limit, after)


def over(session: Session, now: datetime, limit: int, after: Due | None = None) -> list[Due]:
    """List active benefits whose last day is over."""
    query = select(Benefit.id, Benefit.until).where(
        Benefit.state == _ACTIVE, Benefit.until.is_not(None), Benefit.until < local_day(now)
    )
    return _page(session, query, Benefit.until, limit, after)


def near_their_end(session: Session, now: datetime, limit: int, after: Due | None = None) -> list[Due]:
    """List active benefits that end within the days of which the end is told, and were not told yet."""
    query = select(Benefit.id, Benefit.until).where(
        Benefit.state == _ACTIVE,
        Benefit.until.is_not(None),
        Benefit.warned_at.is_(None),
        Benefit.until <= local_day(now) + timedelta(days=FORETOLD_DAYS),
    )
    return _page(session, query, Benefit.until, limit, after)


def start_due_reviews(session: Session, now: datetime, limit: int, run_id: str = "") -> list[Case]:
    """Open a review for each benefit whose day has come, and return the cases; a benefit has one at a time."""
    found = (start_review(session, now, benefit, run_id) for benefit, _ in due_reviews(session, now, limit))
    return [case for case in found if case is not None]


def start_review(session: Session, now: datetime, benefit_id: uuid.UUID, run_id: str = "") -> Case | None:
    """Open the review of a benefit; None where somebody works on it, it is not due any more, or one is open already.

    Whoever received the application first receives the review too, and follows it up until it is closed.
    """
    benefit = _take(session, benefit_id)
    today = local_day(now)
    if benefit is None or benefit.review_due is None or benefit.review_due > today:
        return None
    if choosing.open_about(session, benefit.case_id, PROCEDURE):
        changing.review_again(session, benefit, today)
        return None
    calendar = look_around(session)
    beginning = openings.beginning_of(session, PROCEDURE)
    granted = session.get_one(Case, benefit.case_id)
    person = session.get_one(Person, benefit.person_id)
    address = session.scalar(select(Application.address).where(Application.case_id == benefit.case_id))
    matter = NewMatter(
        channel="office",
        area_code=benefit.village_code or benefit.town_code,
        subject=person.name,
        id_number=person.id_number,
        phone=person.phone,
        address=address or "",
        urban=benefit.urban,
        data={"benefit": str(benefit.id), "reason": "due"},
    )
    openings.check_data(session, beginning, matter.data, now)
    receiver = actor_of(_receiver(session, granted, benefit))
    around = Around(session, None, now, calendar, receiver, benefit.sample, run_id=run_id)
    case, wishes = register_matter(around, matter, beginning)
    open_all(session, None, now, case, wishes, run_id)
    return case


def try_tomorrow(session: Session, now: datetime, benefit_id: uuid.UUID) -> None:
    """Leave a review that could not be opened for the next day, so that it does not fail every minute."""
    benefit = _take(session, benefit_id)
    if benefit is not None:
        changing.put_off_review(session, benefit, local_day(now) + timedelta(days=1))


def foretell_ends(session: Session, now: datetime, limit: int, run_id: str = "") -> int:
    """Tell the ends that come near; return how many."""
    return sum(foretell_end(session, now, one, run_id) for one, _ in near_their_end(session, now, limit))


def foretell_end(session: Session, now: datetime, benefit_id: uuid.UUID, run_id: str = "") -> bool:
    """Tell the person by letter and the first receiver by message that a benefit comes to its end (GX-07, DB-31)."""
    benefit, today = _take(session, benefit_id), local_day(now)
    if benefit is None or benefit.until is None or benefit.warned_at is not None:
        return False
    values = rules.rule_set_for(session, benefit.town_code, today, now)
    if benefit.until - timedelta(days=_warned_before(values, benefit)) > today:
        return False
    changing.mark_warned(session, benefit, now)
    case, grace = session.get_one(Case, benefit.case_id), benefit.end_reason == "grace"
    item, until = choosing.item(benefit.procedure), day(benefit.until)
    letters.issue(
        session,
        case=case,
        kind="end_foretold",
        now=now,
        actor=None,
        extra={"benefit_item": item, "until": until, "grace": grace},
    )
    what = "渐退期" if grace else "有效期"
    messages.send(
        session,
        user_id=_receiver(session, case, benefit).id,
        kind="reminder",
        text=f"{benefit.holder}的{item}{what}将于{until}届满，请告知本人：{benefit.case_number}。",
        now=now,
        case_id=case.id,
        run_id=run_id,
        private=benefit.holder,
    )
    _tell(session, now, benefit, "benefit.ending", run_id)
    return True


def end_what_ran_out(session: Session, now: datetime, limit: int, run_id: str = "") -> int:
    """End the benefits whose last day is over; return how many."""
    return sum(end_one(session, now, one, run_id) for one, _ in over(session, now, limit))


def end_one(session: Session, now: datetime, benefit_id: uuid.UUID, run_id: str = "") -> bool:
    """End a benefit whose last day is over, as was decided when that day was set; never in silence."""
    benefit = _take(session, benefit_id)
    if benefit is None or benefit.until is None or benefit.until >= local_day(now):
        return False
    changing.run_out(session, benefit)
    _tell(session, now, benefit, "benefit.ended", run_id)
    return True


def _page(session: Session, query: Any, column: Any, limit: int, after: Due | None) -> list[Due]:
    if after is not None:
        query = query.where(tuple_(column, Benefit.id) > (after[1], after[0]))
    rows = session.execute(query.order_by(column, Benefit.id).limit(limit)).all()
    return [(row[0], row[1]) for row in rows]


def _take(session: Session, benefit_id: uuid.UUID) -> Benefit | None:
    """Lock an active benefit; None where another step has it, which the next sweep will find."""
    query = select(Benefit.id).where(Benefit.id == benefit_id, Benefit.state == "active")
    if session.execute(query.with_for_update(skip_locked=True)).scalar_one_or_none() is None:
        return None
    return changing.hold(session, benefit_id)


def _receiver(session: Session, granted: Case, benefit: Benefit) -> User:
    first = session.get_one(User, granted.first_receiver_id)
    if first.active and (benefit.town_code.startswith(first.area_code or "-")):
        return first
    # Who has left, or has nothing to do with the place any more, cannot follow it up.
    return next(iter(staff_with_role(session, "town.window", benefit.town_code)), first)


def _warned_before(values: RuleSet, benefit: Benefit) -> int:
    key = "dibao.grace.warn" if benefit.end_reason == "grace" else "rigid.validity.warn"
    return min(int(rules.number(values, key)), FORETOLD_DAYS)


def _tell(session: Session, now: datetime, benefit: Benefit, kind: str, run_id: str) -> None:
    until = benefit.until.isoformat() if benefit.until else ""
    body = {"item": choosing.item(benefit.procedure), "until": until, "reason": benefit.end_reason}
    add_event(session, case_id=benefit.case_id, at=now, kind=kind, actor=None, data=body, run_id=run_id)
    ledger.record(
        session,
        county_code=benefit.county_code,
        at=now,
        kind=kind,
        case_id=benefit.case_id,
        case_number=benefit.case_number,
        actor=None,
        body=body,
        run_id=run_id,
    )
