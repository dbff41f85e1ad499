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
from notifications.letters.organs import WAYS_OF_DELAY, plain
from notifications.letters.words import CITABLE

_NO_REVIEW = frozenset({"hotline_matter", "petition_matter"})
"""Procedures of calls and petitions, against which other ways are open than administrative review."""


@dataclass(frozen=True)
class Remedy:
    """The limits that have passed, the oldest first, and the ways that are open."""

    clocks: list[Deadline]
    county: str
    ways: dict[str, tuple[int, str] | None]
    """keys of WAYS_OF_DELAY, with how long each is open and in which unit; None where no limit binds"""


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
    lengths = {key: rules.entry(values, key) for key in WAYS_OF_DELAY if key.startswith("remedy.")}
    ways = {
        key: (int(lengths[key].value), lengths[key].unit) if key in lengths else None for key in WAYS_OF_DELAY
    }
    return Remedy(clocks, plain(area_name(session, case.county_code)), ways)
