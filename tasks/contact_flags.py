"""What went wrong with a first contact (section F of the rules), for its case page and the board of those who supervise."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, literal_column, or_, select, tuple_, union
from sqlalchemy import Uuid as UuidType
from sqlalchemy.orm import Session, aliased

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.handovers.tables import Handover
from jieban.ledger.tables import ContactStep, FirstContact
from jieban.staff.actor import Actor, within
from tasks.contacts import steps_of
from tasks.scope import visible

FLAGS = (
    "registered_late",
    "handed_late",
    "returned_wrongly",
    "unheard",
    "pushed_away",
    "dissatisfied",
)
"""Registered after its day · handed on late, or handed over and unanswered, or answered, past the limit · returned past the limit, without a
reason, or by the office that the county then designated · nothing heard by a day that was promised · returned, or left without
an answer past the limit, twice or more, and accepted by nobody · reopened, since the person was not satisfied."""
_PUSHED = 2
_TOWN = 9


@dataclass(frozen=True)
class Followed:
    """A first contact with its case, what went wrong, and the whole chain."""

    case: Case
    contact: FirstContact
    flags: tuple[str, ...]
    handovers: Sequence[Handover] = ()
    steps: Sequence[ContactStep] = ()


@dataclass(frozen=True)
class Page:
    rows: Sequence[Followed]
    next: str | None
    counts: dict[str, int]
    """how many matters of the place have each flag, whichever is chosen"""


def flags_of(session: Session, case: Case, now: datetime) -> tuple[str, ...]:
    """List what went wrong with one case; nothing for a matter of the office itself."""
    query = _flagged(now).where(Case.id == case.id)
    row = session.execute(query).first()
    return _named(row) if row else ()


def list_flagged(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    area: str = "",
    flag: str = "",
    search: str = "",
    after: str = "",
    limit: int = 50,
) -> Page:
    """List the matters of the actor's area with which something went wrong, the newest first, each with its chain."""
    actor.require("overdue.read")
    place = within(actor, Case) if not area else and_(within(actor, Case), _in(area))
    conditions = _conditions(now)
    candidates = union(*_candidates(now)).subquery()
    some = _flagged(now).join(candidates, candidates.c.case_id == Case.id).where(place, visible(actor))
    if search.strip():
        text = search.strip()
        some = some.where(
            or_(
                Case.number.contains(text, autoescape=True),
                Case.applicant_name.contains(text, autoescape=True),
                FirstContact.receiver_name.contains(text, autoescape=True),
            )
        )
    inner = some.with_only_columns(*(conditions[one].label(one) for one in FLAGS)).subquery()
    tally = select(*(func.count().filter(inner.c[one]).label(one) for one in FLAGS))
    counts = dict(session.execute(tally).mappings().one())
    if flag in conditions:
        some = some.where(conditions[flag])
    if after and (cursor := _cursor(after)) is not None:
        some = some.where(tuple_(FirstContact.received_at, FirstContact.id) < cursor)
    some = some.order_by(FirstContact.received_at.desc(), FirstContact.id.desc()).limit(limit + 1)
    found = session.execute(some).all()
    more, found = len(found) > limit, found[:limit]
    last = found[-1].FirstContact if more else None
    follows = f"{last.received_at.isoformat()}_{last.id.hex}" if last else None
    return Page(_with_chains(session, found), follows, counts)


def _with_chains(session: Session, found: Sequence[Any]) -> list[Followed]:
    handed: dict[uuid.UUID, list[Handover]] = {}
    ids = [row.Case.id for row in found]
    query = select(Handover).where(Handover.case_id.in_(ids)).order_by(Handover.handed_at, Handover.id)
    for one in session.scalars(query):
        handed.setdefault(one.case_id, []).append(one)
    stepped: dict[uuid.UUID, list[ContactStep]] = {}
    for step in steps_of(session, [row.FirstContact.id for row in found]):
        stepped.setdefault(step.contact_id, []).append(step)
    return [
        Followed(
            row.Case,
            row.FirstContact,
            _named(row),
            handed.get(row.Case.id, []),
            stepped.get(row.FirstContact.id, []),
        )
        for row in found
    ]


def _flagged(now: datetime) -> Select[Any]:
    conditions = _conditions(now)
    flags = (conditions[one].label(one) for one in FLAGS)
    query: Select[Any] = select(Case, FirstContact).add_columns(*flags)
    return query.join(FirstContact, FirstContact.id == Case.first_contact_id)


def _named(row: Any) -> tuple[str, ...]:
    return tuple(one for one in FLAGS if getattr(row, one))


def _conditions(now: datetime) -> dict[str, ColumnElement[bool]]:
    return {
        "registered_late": and_(FirstContact.registered_late),
        "handed_late": Case.id.in_(_handed_late(now)),
        "returned_wrongly": Case.id.in_(_returned_wrongly()),
        "unheard": FirstContact.breached_at.is_not(None),
        "pushed_away": Case.id.in_(_pushed_away(now)),
        "dissatisfied": FirstContact.reopened > literal_column("0"),
    }


def _candidates(now: datetime) -> list[Select[Any]]:
    # What is wrong is rare, so the few are gathered first and not looked for among all cases of a place.
    own = or_(
        FirstContact.registered_late,
        FirstContact.breached_at.is_not(None),
        FirstContact.reopened > literal_column("0"),
    )
    recorded = (
        select(Case.id.label("case_id"))
        .join(FirstContact, FirstContact.id == Case.first_contact_id)
        .where(own)
    )
    return [_handed_late(now), _returned_wrongly(), _pushed_away(now), recorded]


def _handed_late(now: datetime) -> Select[Any]:
    late = or_(
        and_(Handover.made_late),
        Handover.answered_at > Handover.due_at,
        and_(Handover.answer == "", Handover.due_at < literal(now, UtcDateTime())),
    )
    return select(Handover.case_id).where(Handover.part == "lead", late)


def _returned_wrongly() -> Select[Any]:
    later = aliased(Handover)
    designated = (
        select(later.id)
        .where(
            later.case_id == Handover.case_id,
            later.designated,
            later.to_area == Handover.to_area,
            later.handed_at >= Handover.answered_at,
        )
        .exists()
    )
    wrong = or_(Handover.answered_at > Handover.due_at, func.trim(Handover.answer_reason) == "", designated)
    return select(Handover.case_id).where(Handover.answer == "returned", wrong)


def _pushed_away(now: datetime) -> Select[Any]:
    # Whether it was two offices or one that was asked again: nobody took it.
    not_taken = or_(
        Handover.answer == "returned",
        and_(Handover.answer == "", Handover.due_at < literal(now, UtcDateTime())),
    )
    pushed = func.count().filter(not_taken)
    accepted = func.count().filter(Handover.answer == "accepted")
    return (
        select(Handover.case_id)
        .where(Handover.part == "lead")
        .group_by(Handover.case_id)
        .having(pushed >= _PUSHED, accepted == 0)
    )


def _in(area: str) -> ColumnElement[bool]:
    columns = {4: Case.city_code, 6: Case.county_code, _TOWN: Case.town_code}
    return columns.get(len(area), Case.town_code) == area


def _cursor(text: str) -> Any | None:
    moment, _, key = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return tuple_(literal(at, UtcDateTime()), literal(uuid.UUID(key), UuidType())) if at.tzinfo else None
    except ValueError:
        return None  # a cursor typed by hand starts at the first page
