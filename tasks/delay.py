"""What an applicant can do once a limit of the law has passed: told from that day on, to them and to the office."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.areas.lookup import area_name
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.deadlines.tables import LASTS, Deadline
from notifications.letters.organs import remedies_of_delay
from notifications.letters.words import CITABLE

_NO_REVIEW = frozenset({"hotline_matter", "petition_matter"})
"""Procedures of calls and petitions, against which other ways are open than administrative review."""


@dataclass(frozen=True)
class Remedy:
    """The limits that have passed, the oldest first, and the ways that are open."""

    clocks: list[Deadline]
    ways: list[str]


def remedy(session: Session, case: Case, now: datetime) -> Remedy | None:
    """Say what is open to the applicant of an open case; None while no limit of the law has passed.

    Only what was read in its source is held against an office: limits of our own, and remembered ones, give no remedy.
    """
    if case.state != "open" or case.applicant_id is None or case.procedure in _NO_REVIEW:
        return None
    query = (
        select(Deadline)
        .where(
            Deadline.case_id == case.id,
            Deadline.state == "running",
            Deadline.kind != LASTS,
            Deadline.due_at < now,
            Deadline.provenance.in_(sorted(CITABLE)),
            Deadline.article != "",
        )
        .order_by(Deadline.due_at, Deadline.id)
    )
    clocks = list(session.scalars(query))
    if not clocks:
        return None
    values = rules.rule_set_for(session, case.town_code, local_day(now), now)
    return Remedy(clocks, remedies_of_delay(area_name(session, case.county_code), values))
