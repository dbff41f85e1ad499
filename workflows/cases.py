"""Opening a case: one application in, one transaction, a first receiver with a name, and the first task."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

import bpmn
from jieban import ledger, rules
from jieban.areas.lookup import full_name
from jieban.areas.tables import Area
from jieban.cases.events import add_event
from jieban.cases.tables import Application, Case, Income, Member, Paper, Property
from jieban.clock import local_day
from jieban.counters import Counter
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.ids import new_id
from jieban.intake.applications import PAPERS, NewApplication, NewMember
from jieban.intake.checks import check
from jieban.ledger.tables import FirstContact
from jieban.people.registry import Registered, find_or_add
from jieban.reads import Query, loose
from jieban.staff.actor import Actor
from jieban.writes import add
from notifications import letters
from workflows import effects, model_store
from workflows.services import performer
from workflows.tables import CaseNumber
from workflows.taking import look_around
from workflows.writing_back import after_step

_NUMBERS = Counter(CaseNumber)
_LETTER = {"subsistence_allowance": "DB"}


def open_case(
    session: Session,
    actor: Actor,
    now: datetime,
    application: NewApplication,
    *,
    procedure: str = "subsistence_allowance",
    sample: bool = False,
) -> Case:
    """Register an application: people, household, first-contact record and receipt, and the first task.

    Raises NotAllowed outside the actor's area and Invalid with one error per field.
    """
    actor.require("case.register")
    # A code that no place has is told by the check below, not as somebody else's place.
    if not actor.covers(application.village_code[:9]) and full_name(
        session, application.village_code, unknown=""
    ):
        raise NotAllowed("只能登记本乡镇（街道）辖区内的申请。")
    calendar = look_around(session)
    if errors := check(application, session, local_day(now), procedure=procedure, hold=True):
        raise Invalid(errors=[{"field": one["field"], "message": one["message"]} for one in errors])
    version = model_store.current(session, procedure)
    town, county, city = (
        application.village_code[:9],
        application.village_code[:6],
        application.village_code[:4],
    )
    values = rules.rule_set_for(session, town, local_day(now), now)
    delegated = rules.entry(values, "dibao.decision.level").value == "town"
    series = f"{county}-{_LETTER.get(procedure, 'SA')}-{local_day(now).year}"
    number = f"{series}-{_NUMBERS.next(session, series):05d}"
    place = _PLACE.first(session, the_town=town, the_county=county)
    contact = ledger.open_first_contact(
        session,
        actor=actor,
        now=now,
        channel=application.channel,
        matter=f"{version.name}申请",
        person_name=_applicant(application).name,
        phone=application.phone,
        town_code=town,
        place=place.town_full,
        told="",
        feedback_due=None,
    )
    people = []  # in the order of the members, of whom two may have the same name
    for member in application.members:
        phone = application.phone if member.relation == "self" else ""
        people.append(
            find_or_add(
                session, name=member.name, id_number=member.id_number, phone=phone, now=now, sample=sample
            )
        )
    applicant = people[application.members.index(_applicant(application))]
    model = model_store.get_model(session, version.id)
    facts = {
        "urban": application.urban,
        "delegated": delegated,
        "relative_declared": application.relatives_declared,
        "needs_county_visit": application.relatives_declared,
    }
    case = loose(
        Case,
        id=new_id(),
        number=number,
        procedure=procedure,
        model_version_id=version.id,
        state="open",
        stage="registered",
        urban=application.urban,
        delegated=delegated,
        has_relative=application.relatives_declared,
        has_complaint=False,
        village_code=application.village_code,
        town_code=town,
        county_code=county,
        city_code=city,
        applicant_id=applicant.id,
        applicant_name=applicant.name,
        first_receiver_id=actor.id,
        first_contact_id=contact.id,
        registered_at=now,
        revision=0,
        engine_state=b"",
        sample=sample,
    )
    add(session, case)
    _write_facts(session, actor, now, case, application, people)
    told = {
        "channel": application.channel,
        "receipt": contact.receipt_code,
        "members": len(application.members),
    }
    add_event(session, case_id=case.id, at=now, kind="case.registered", actor=actor, data=told)
    ledger.record(
        session,
        county_code=county,
        at=now,
        kind="case.registered",
        case_id=case.id,
        case_number=number,
        actor=actor,
        body={"first_contact": contact.number, "channel": application.channel},
    )
    base = _base(application, actor, contact, place)
    letters.issue(session, case=case, kind="receipt", now=now, actor=actor, told={"base": base})
    try:
        run = model.start(facts, now, perform=performer(session, actor, now, case, calendar))
    except bpmn.StepLimit:
        raise Conflict("该事项的流程不停循环，不能登记申请。请告知流程管理员。") from None
    after_step(session, actor, now, case, model, run, effects.Before.nothing(), calendar)
    return case


_TOWN, _COUNTY = aliased(Area), aliased(Area)
_PLACE = Query(
    select(
        _TOWN.full_name.label("town_full"),
        _TOWN.name.label("town"),
        _COUNTY.name.label("county"),
        _COUNTY.sample,
    )
    .join(_COUNTY, _COUNTY.code == bindparam("the_county"))
    .where(_TOWN.code == bindparam("the_town"))
)


def _base(application: NewApplication, actor: Actor, contact: FirstContact, place: Any) -> letters.Base:
    """Say what the receipt says of the case, which its own step knows before it is written."""
    return letters.Base(
        address=application.address,
        account_number=application.account_number,
        account_bank=application.account_bank,
        receiver_name=contact.receiver_name,
        receiver_unit=contact.receiver_unit,
        receipt_code=contact.receipt_code,
        receipt_number=contact.number,
        matter=contact.matter,
        phone=actor.phone,
        town=place.town,
        county=place.county,
        sample_place=place.sample,
        applied_on=application.applied_on,
        members=sum(member.counted for member in application.members),
    )


def _applicant(application: NewApplication) -> NewMember:
    return next(member for member in application.members if member.relation == "self")


def _write_facts(
    session: Session,
    actor: Actor,
    now: datetime,
    case: Case,
    application: NewApplication,
    people: Sequence[Registered],
) -> None:
    add(
        session,
        loose(
            Application,
            case_id=case.id,
            channel=application.channel,
            applied_on=application.applied_on,
            reason=application.reason,
            address=application.address,
            household_registration=application.household_registration,
            agent_name=application.agent_name,
            agent_authorised=application.agent_authorised,
            truth_promised=application.truth_promised,
            check_authorised=application.check_authorised,
            account_holder=application.account_holder,
            account_bank=application.account_bank,
            account_number=application.account_number,
        ),
    )
    members: dict[str, uuid.UUID] = {}
    for member, person in zip(application.members, people, strict=True):
        row = loose(
            Member,
            id=new_id(),
            case_id=case.id,
            person_id=person.id,
            name=member.name,
            relation=member.relation,
            applicant=member.relation == "self",
            counted=member.counted,
            not_counted_reason=member.not_counted_reason,
            work_ability=member.work_ability,
            health=member.health,
            disability=member.disability,
        )
        members.setdefault(member.name, row.id)
        add(session, row)
    for income in application.incomes:
        add(
            session,
            loose(
                Income,
                id=new_id(),
                case_id=case.id,
                member_id=members.get(income.member_name),
                kind=income.kind,
                monthly=income.monthly,
                source="declared",
                note=income.note,
            ),
        )
    for owned in application.properties:
        add(
            session,
            loose(
                Property,
                id=new_id(),
                case_id=case.id,
                kind=owned.kind,
                amount=owned.amount,
                exempt=owned.exempt,
                note=owned.note,
            ),
        )
    for kind in application.papers:
        add(
            session,
            loose(
                Paper,
                id=new_id(),
                case_id=case.id,
                kind=kind,
                name=PAPERS.get(kind, kind),
                state="provided",
                added_by=actor.id,
                added_at=now,
            ),
        )


def case_by_number(session: Session, number: str) -> Case | None:
    """Find a case by its number."""
    return session.scalars(select(Case).where(Case.number == number)).one_or_none()
