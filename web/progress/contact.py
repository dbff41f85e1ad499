"""What an applicant is told of who follows their matter, and how they rate it: no names but the first receiver's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.handovers.tables import Handover
from jieban.ledger.tables import FirstContact
from tasks.contacts import steps_of
from web.contacts.chain import SATISFACTION, Link, chain


@dataclass(frozen=True)
class First:
    links: list[Link]
    """the chain in plain words"""
    feedback_due: datetime | None
    """none where the person has heard what they were to hear"""
    may_rate: bool
    rating: str


def first_of(session: Session, case: Case, now: datetime, locale: str) -> First:
    """Tell the chain of a case, by when the person hears back, and whether they may rate it now."""
    contact = session.get_one(FirstContact, case.first_contact_id)
    query = select(Handover).where(Handover.case_id == case.id).order_by(Handover.handed_at, Handover.id)
    handovers = list(session.scalars(query))
    links = chain(locale, contact, handovers, steps_of(session, [contact.id]), now, plain=True)
    return First(
        links,
        contact.feedback_due
        if contact.follow_at or (contact.breached_at and not contact.feedback_at)
        else None,
        case.state == "closed" and contact.state == "closed" and contact.rated_by != "person",
        SATISFACTION.get(contact.satisfaction, ""),
    )
