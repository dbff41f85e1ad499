"""Cases that come out of cases: opened with the step that asks for them, and heard of by it when they end."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.benefits.tables import Benefit
from jieban.cases.events import add_event
from jieban.cases.tables import Application, Case, Income, Member, Paper, Property, Relative
from jieban.clock import local_day
from jieban.ids import new_id
from jieban.intake.applications import (
    NewApplication,
    NewIncome,
    NewMatter,
    NewMember,
    NewProperty,
)
from jieban.ledger.tables import FirstContact
from jieban.links.tables import CaseLink
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from jieban.writes import add, write_out
from tasks.operations.registry import ToOpen
from workflows import effects, model_store
from workflows import opening as openings
from workflows.registering import Around, register_application, register_matter
from workflows.services import performer
from workflows.taking import lock_case
from workflows.writing_back import StepResult, after_step

_DEEPEST = 5
"""A linked case may open linked cases itself; models that open each other in turn are stopped here."""


def open_all(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    wishes: Sequence[ToOpen],
    run_id: str = "",
    depth: int = 0,
) -> list[Case]:
    """Open the linked cases that a step asked for, each with its own first task; return them."""
    opened = []
    for wish in wishes:
        if depth >= _DEEPEST:
            raise RecursionError(f"procedures open each other without end: {wish.procedure}")
        linked, further = _open(session, actor, now, case, wish, run_id)
        add(session, CaseLink(id=new_id(), from_id=case.id, to_id=linked.id, kind=wish.kind, linked_at=now))
        told = {
            "number": linked.number,
            "procedure": linked.procedure,
            "kind": wish.kind,
            "case": str(linked.id),
        }
        add_event(session, case_id=case.id, at=now, kind="case.linked", actor=actor, data=told, run_id=run_id)
        opened += [linked, *open_all(session, actor, now, linked, further, run_id, depth + 1)]
    return opened


def go_on(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    wishes: Sequence[ToOpen],
    result: StepResult,
    run_id: str = "",
) -> StepResult:
    """Finish a step: open what it asked for, and tell the cases that wait for this one that it has ended."""
    result.linked = [one.id for one in open_all(session, actor, now, case, wishes, run_id)]
    if result.closed:
        for source in _SOURCES.all(session, the_case=case.id):
            facts = {"linked_outcome": case.outcome, f"{case.procedure}_outcome": case.outcome}
            deliver(session, actor, now, source.from_id, f"{case.procedure}.finished", facts, run_id)
    return result


def deliver(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case_id: uuid.UUID,
    message: str,
    facts: Mapping[str, Any],
    run_id: str = "",
) -> bool:
    """Give a message to a case that waits for it; False where it does not, and nothing is changed."""
    case = lock_case(session, case_id)
    if case.state != "open":
        return False
    model = model_store.get_model(session, case.model_version_id)
    run = model.restore(case.engine_state)
    if not any(one.message == message for one in run.waits()):
        return False
    session.expunge(case)  # what changes on it is written with the other writes of the step
    before, calendar = effects.Before.of(run), workdays.load_calendar(session)
    wishes: list[ToOpen] = []
    run.perform_with(performer(session, actor, now, case, calendar, run_id, to_open=wishes))
    run.deliver(message, facts, now)
    told = {"message": message, **{name: str(value) for name, value in facts.items()}}
    add_event(
        session, case_id=case.id, at=now, kind="message.received", actor=actor, data=told, run_id=run_id
    )
    result = after_step(session, actor, now, case, model, run, before, calendar, run_id)
    go_on(session, actor, now, case, wishes, result, run_id)
    return True


_SOURCES = Query(select(CaseLink.from_id).where(CaseLink.to_id == bindparam("the_case", type_=Uuid())))


def _open(
    session: Session, actor: Actor | None, now: datetime, source: Case, wish: ToOpen, run_id: str
) -> tuple[Case, list[ToOpen]]:
    """Open one linked case: whoever received the first matter receives this one too (section F of the rules)."""
    write_out(session)  # what this step wrote about the household is part of what the new case begins with
    beginning = openings.beginning_of(session, wish.procedure)
    openings.check_data(session, beginning, wish.data, now)
    receiver = actor_of(session.get_one(User, source.first_receiver_id))
    calendar = workdays.load_calendar(session)
    around = Around(session, actor, now, calendar, receiver, source.sample, wish.facts, run_id)
    if beginning.opening.kind == "household":
        linked, further = register_application(around, _application(session, source, wish), beginning)
        _copy_relatives(session, source, linked)
        return linked, further
    matter = _of_benefit(session, wish) if wish.benefit_id else _same_person(session, source, wish)
    return register_matter(around, matter, beginning)


def _same_person(session: Session, source: Case, wish: ToOpen) -> NewMatter:
    person = session.get(Person, source.applicant_id) if source.applicant_id else None
    contact = session.get(FirstContact, source.first_contact_id) if source.first_contact_id else None
    return NewMatter(
        channel=wish.channel,
        area_code=wish.place or source.village_code or _area(source),
        subject=source.applicant_name,
        id_number=person.id_number if person else None,
        phone=(person.phone if person else "") or (contact.phone if contact else ""),
        urban=source.urban,
        data=wish.data,
    )


def _of_benefit(session: Session, wish: ToOpen) -> NewMatter:
    """Make a matter of whoever holds a benefit, at the place where it was granted."""
    benefit = session.get_one(Benefit, wish.benefit_id)
    person = session.get_one(Person, benefit.person_id)
    return NewMatter(
        channel=wish.channel,
        area_code=benefit.village_code or benefit.town_code,
        subject=person.name,
        id_number=person.id_number,
        phone=person.phone,
        urban=benefit.urban,
        data=wish.data,
    )


def _copy_relatives(session: Session, source: Case, linked: Case) -> None:
    """Whoever had to keep away from the first case keeps away from this one (DB-08)."""
    for row in session.scalars(select(Relative).where(Relative.case_id == source.id)):
        copy = {
            name: getattr(row, name)
            for name in ("user_id", "staff_name", "staff_unit", "member_name", "relation")
        }
        kept = {"registered_by": row.registered_by, "registered_at": row.registered_at}
        add(session, Relative(id=new_id(), case_id=linked.id, **copy, **kept))


def _area(case: Case) -> str:
    return case.county_code if case.town_code == f"{case.county_code}000" else case.town_code


def _application(session: Session, source: Case, wish: ToOpen) -> NewApplication:
    """Make an application of what is known already: nothing that the office holds is asked for again (SL-05)."""

    def of(table: Any) -> list[Any]:
        return list(session.scalars(select(table).where(table.case_id == source.id).order_by(table.id)))

    held = session.get_one(Application, source.id)
    members = of(Member)
    people = {
        person.id: person
        for person in session.scalars(
            select(Person).where(Person.id.in_([member.person_id for member in members]))
        )
    }
    names = {member.id: member.name for member in members}
    applicant = people[source.applicant_id] if source.applicant_id else None
    incomes = [one for one in of(Income) if one.source == "declared"]
    return NewApplication(
        channel=wish.channel,
        applied_on=held.applied_on if "accepted_with" in wish.facts else local_day(source.registered_at),
        urban=source.urban,
        village_code=wish.place or source.village_code or "",
        address=held.address,
        phone=applicant.phone if applicant else "",
        members=tuple(
            NewMember(
                member.name,
                people[member.person_id].id_number,
                member.relation,
                member.counted,
                member.not_counted_reason,
                member.work_ability,
                member.health,
                member.disability,
            )
            for member in members
        ),
        household_registration=held.household_registration,
        reason=held.reason,
        agent_name=held.agent_name,
        agent_authorised=held.agent_authorised,
        truth_promised=held.truth_promised,
        check_authorised=held.check_authorised,
        account_holder=held.account_holder,
        account_bank=held.account_bank,
        account_number=held.account_number,
        relatives_declared=source.has_relative,
        incomes=tuple(
            NewIncome(names.get(one.member_id, ""), one.kind, one.monthly, one.note) for one in incomes
        ),
        properties=tuple(NewProperty(one.kind, one.amount, one.exempt, one.note) for one in of(Property)),
        papers=tuple(one.kind for one in of(Paper) if one.state == "provided" and one.kind != "other"),
        extra=wish.data,
    )
