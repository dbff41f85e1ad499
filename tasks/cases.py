"""Reading cases: one case with all its facts, and lists of cases in the actor's area."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Uuid, exists, literal, or_, select, tuple_
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import (
    Application,
    Case,
    CaseEvent,
    CheckReport,
    Decision,
    Income,
    Member,
    Objection,
    Opinion,
    Paper,
    Payment,
    Property,
    PublicNotice,
    Relative,
    Visit,
)
from jieban.clock import local_day, start_of_day
from jieban.database import UtcDateTime
from jieban.deadlines.tables import Deadline, Extension
from jieban.errors import NotFound
from jieban.handovers.tables import Handover
from jieban.ledger.tables import FirstContact
from jieban.links.tables import CaseLink
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from jieban.rules.standards.behind import outdated
from jieban.staff.actor import Actor
from notifications.tables import Letter
from tasks.scope import listed, visible
from tasks.tables import Task

_EVENTS_SHOWN = 500


@dataclass(frozen=True)
class CasePage:
    rows: Sequence[Case]
    next: str | None


@dataclass(frozen=True)
class Dossier:
    """Everything that the case page shows."""

    case: Case
    application: Application
    contact: FirstContact | None
    """none for a matter of the office itself"""
    people: dict[uuid.UUID, Person]
    members: Sequence[Member]
    incomes: Sequence[Income]
    properties: Sequence[Property]
    papers: Sequence[Paper]
    relatives: Sequence[Relative]
    checks: Sequence[CheckReport]
    visits: Sequence[Visit]
    opinions: Sequence[Opinion]
    notices: Sequence[PublicNotice]
    objections: Sequence[Objection]
    decisions: Sequence[Decision]
    payments: Sequence[Payment]
    deadlines: Sequence[Deadline]
    extensions: Sequence[Extension]
    letters: Sequence[Letter]
    tasks: Sequence[Task]
    events: Sequence[CaseEvent]
    records: Sequence[CaseRecord] = ()
    handovers: Sequence[Handover] = ()
    benefits: Sequence[Benefit] = ()
    old_standards: Mapping[uuid.UUID, int] = field(default_factory=dict)
    """benefits that are still paid by the standards of an earlier year, with that year"""
    came_from: Sequence[tuple[CaseLink, Case]] = ()
    led_to: Sequence[tuple[CaseLink, Case]] = ()
    active: list[str] = field(default_factory=list)
    """elements with an open task"""
    done: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


def get_case(session: Session, actor: Actor, case_id: uuid.UUID) -> Case:
    """Return a case that the actor may open; NotFound otherwise, as if it did not exist."""
    if not actor.may("case.read"):
        raise NotFound("没有找到该案件，或您无权查看。")
    case = session.execute(select(Case).where(Case.id == case_id, visible(actor))).scalar_one_or_none()
    if case is None:
        raise NotFound("没有找到该案件，或您无权查看。")
    return case


def list_cases(
    session: Session,
    actor: Actor,
    *,
    search: str = "",
    stage: str = "",
    state: str = "",
    late_at: datetime | None = None,
    registered_from: date | None = None,
    after: str | None = None,
    limit: int = 25,
) -> CasePage:
    """List cases in the actor's area, the newest first.

    `search` is a case number, an ID number, or two characters of a name and more. `late_at` keeps cases with a
    running total clock that was due before that moment.
    """
    if not actor.may("case.read"):
        return CasePage([], None)
    query: Select[Any] = select(Case).where(listed(actor))
    if stage:
        query = query.where(Case.stage == stage)
    if state:
        query = query.where(Case.state == state)
    if late_at is not None:
        late = exists().where(
            Deadline.case_id == Case.id,
            Deadline.kind.in_(("total", "total_urban")),
            Deadline.state == "running",
            Deadline.due_at < late_at,
        )
        query = query.where(late)
    if registered_from is not None:
        query = query.where(Case.registered_at >= start_of_day(registered_from))
    query = _search(query, search)
    if after and (cursor := _cursor(after)) is not None:
        query = query.where(tuple_(Case.registered_at, Case.id) < cursor)
    rows = list(session.scalars(query.order_by(Case.registered_at.desc(), Case.id.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    return CasePage(rows, f"{rows[-1].registered_at.isoformat()}_{rows[-1].id.hex}" if more else None)


def dossier(session: Session, case: Case, now: datetime) -> Dossier:
    """Read everything about a case for its page."""

    def of(table: Any, *order: Any) -> list[Any]:
        return list(session.scalars(select(table).where(table.case_id == case.id).order_by(*order)))

    members = of(Member, Member.applicant.desc(), Member.id)
    people = session.scalars(select(Person).where(Person.id.in_([member.person_id for member in members])))
    tasks = of(Task, Task.opened_at, Task.id)
    open_tasks = [task for task in tasks if task.state == "open"]
    benefits = _benefits(session, case)
    return Dossier(
        case=case,
        application=session.get_one(Application, case.id),
        contact=session.get(FirstContact, case.first_contact_id) if case.first_contact_id else None,
        people={person.id: person for person in people},
        members=members,
        incomes=of(Income, Income.source, Income.id),
        properties=of(Property, Property.id),
        papers=of(Paper, Paper.added_at, Paper.id),
        relatives=of(Relative, Relative.registered_at),
        checks=of(CheckReport, CheckReport.requested_at),
        visits=of(Visit, Visit.recorded_at),
        opinions=of(Opinion, Opinion.given_at),
        notices=of(PublicNotice, PublicNotice.posted_on),
        objections=of(Objection, Objection.received_at),
        decisions=of(Decision, Decision.decided_at),
        payments=of(Payment, Payment.month),
        deadlines=of(Deadline, Deadline.starts_at, Deadline.due_at, Deadline.id),
        extensions=of(Extension, Extension.asked_at),
        letters=of(Letter, Letter.issued_at, Letter.id),
        tasks=tasks,
        events=list(
            session.scalars(
                select(CaseEvent)
                .where(CaseEvent.case_id == case.id)
                .order_by(CaseEvent.at.desc(), CaseEvent.id.desc())
                .limit(_EVENTS_SHOWN)
            )
        ),
        records=of(CaseRecord, CaseRecord.recorded_at, CaseRecord.id),
        handovers=of(Handover, Handover.handed_at, Handover.id),
        benefits=benefits,
        old_standards=outdated(session, benefits, f"{local_day(now):%Y-%m}"),
        came_from=_linked(session, CaseLink.from_id, CaseLink.to_id == case.id),
        led_to=_linked(session, CaseLink.to_id, CaseLink.from_id == case.id),
        active=[task.element for task in open_tasks],
        done=sorted({task.element for task in tasks if task.state == "done"}),
        late=[task.element for task in open_tasks if task.due_at < now],
    )


def _benefits(session: Session, case: Case) -> list[Benefit]:
    """List what the case granted, what it changed, or what it is about."""
    changed = select(BenefitStep.benefit_id).where(BenefitStep.case_id == case.id)
    about = select(CaseLink.from_id).where(CaseLink.to_id == case.id, CaseLink.kind.in_(("review", "change")))
    query = select(Benefit).where(
        or_(Benefit.case_id == case.id, Benefit.case_id.in_(about), Benefit.id.in_(changed))
    )
    return list(session.scalars(query.order_by(Benefit.id)))


def _linked(session: Session, other: Any, where: Any) -> list[tuple[CaseLink, Case]]:
    query = select(CaseLink, Case).join(Case, Case.id == other).where(where).order_by(CaseLink.linked_at)
    return [(row[0], row[1]) for row in session.execute(query)]


def _search(query: Select[Any], search: str) -> Select[Any]:
    text = search.strip()
    if not text:
        return query
    member = exists().where(
        Member.case_id == Case.id, Member.person_id == Person.id, Person.id_number == text.upper()
    )
    if len(text) < 2:
        return query.where(Case.number == text)
    return query.where(
        or_(
            Case.number.contains(text, autoescape=True),
            Case.applicant_name.contains(text, autoescape=True),
            member,
        )
    )


def _cursor(text: str) -> Any | None:
    moment, _, key = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return tuple_(literal(at, UtcDateTime()), literal(uuid.UUID(key), Uuid())) if at.tzinfo else None
    except ValueError:
        return None  # a cursor typed by hand starts at the first page
