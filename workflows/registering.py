"""From an application or a matter to a case with its people, its first receiver, its receipt and its first task."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jieban import ledger, rules, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.ids import new_id
from jieban.intake.applications import NewApplication, NewMatter
from jieban.intake.matters import ACCUSED_OFFICE, ACCUSED_STAFF
from jieban.ledger.tables import FirstContact
from jieban.people.registry import Registered, find_or_add
from jieban.reads import loose
from jieban.staff.actor import Actor
from jieban.writes import add
from notifications import applicants, letters
from tasks.contact_limits import received
from tasks.operations.recusal import keep_away
from tasks.operations.registry import ToOpen
from workflows import opening as openings
from workflows.application_rows import write_application, write_matter
from workflows.opening import Beginning

TOLD_AT_ONCE = "出具首接回执，当场告知首接人、反馈期限、查询办法、咨询电话和监督投诉电话。"
"""What everybody is told when a matter is taken down; what papers are missing is told in one letter of its own."""


@dataclass(frozen=True)
class Around:
    """What opening a case needs to know besides what is applied for."""

    session: Session
    actor: Actor | None
    """whoever opens it; nobody where the clock does"""
    now: datetime
    calendar: workdays.Calendar
    receiver: Actor
    """the first receiver, who follows it up until it is closed"""
    sample: bool = False
    facts: Mapping[str, Any] = field(default_factory=dict)
    """what is known besides, as of the case that it came out of"""
    run_id: str = ""
    """the run of the sweep that opens it"""


def register_application(
    around: Around, application: NewApplication, beginning: Beginning
) -> tuple[Case, list[ToOpen]]:
    """Write a checked application of a household as a case, and start its procedure."""
    session, now, opening = around.session, around.now, beginning.opening
    town = application.village_code[:9]
    delegated = openings.decided_by_town(session, opening, town, now)
    number = openings.next_number(session, opening, town[:6], now)
    place = openings.place_of(session, town)
    applicant_at = application.members.index(openings.applicant_of(application.members))
    contact = _first_contact(
        around,
        application.channel,
        beginning,
        application.members[applicant_at].name,
        application.phone,
        town,
        place,
        application.extra,
    )
    people = []  # in the order of the members, of whom two may have the same name
    for member in application.members:
        phone = application.phone if member.relation == "self" else ""
        people.append(
            find_or_add(
                session,
                name=member.name,
                id_number=member.id_number,
                phone=phone,
                now=now,
                sample=around.sample,
            )
        )
    case = _case(
        around,
        beginning,
        number=number,
        town=town,
        village_code=application.village_code,
        urban=application.urban,
        delegated=delegated,
        has_relative=application.relatives_declared,
        applicant=people[applicant_at],
        subject="",
        contact=contact,
    )
    add(session, case)
    write_application(session, around.actor, now, case, application, people)
    openings.keep_registration(session, around.actor, now, case, beginning, application.extra)
    _record(around, case, application.channel, contact, len(application.members))
    base = _base(application, contact, place, around.receiver.phone)
    _give_receipt(around, case, base, contact)
    facts = {
        "urban": application.urban,
        "delegated": delegated,
        "relative_declared": application.relatives_declared,
        "needs_county_visit": application.relatives_declared,
        "channel": application.channel,
        **openings.known_facts(opening, application.extra),
        **around.facts,
    }
    return case, openings.begin(
        session, around.actor, now, case, beginning.model, facts, around.calendar, around.run_id
    )


def register_matter(around: Around, matter: NewMatter, beginning: Beginning) -> tuple[Case, list[ToOpen]]:
    """Write one person's matter, or one of the office itself, as a case, and start its procedure."""
    session, now, opening = around.session, around.now, beginning.opening
    town = openings.town_of(matter.area_code)
    delegated = openings.decided_by_town(session, opening, town, now)
    number = openings.next_number(session, opening, town[:6], now)
    place = openings.place_of(session, town)
    personal = opening.kind == "person"
    person = contact = None
    if personal:
        contact = _first_contact(
            around, matter.channel, beginning, matter.subject, matter.phone, town, place, matter.data
        )
        person = find_or_add(
            session,
            name=matter.subject,
            id_number=matter.id_number,
            phone=matter.phone,
            now=now,
            sample=around.sample,
        )
    case = _case(
        around,
        beginning,
        number=number,
        town=town,
        village_code=matter.area_code if len(matter.area_code) == 12 else None,
        urban=matter.urban,
        delegated=delegated,
        has_relative=False,
        applicant=person,
        subject=matter.subject,
        contact=contact,
        withheld_from=str(matter.data.get(ACCUSED_OFFICE) or ""),
    )
    add(session, case)
    accused = str(matter.data.get(ACCUSED_STAFF) or "")
    if accused:
        by = around.actor.id if around.actor else around.receiver.id
        keep_away(session, case, accused, "被投诉、举报人", by, now, ACCUSED_STAFF)
    write_matter(session, now, case, matter, person)
    openings.keep_registration(session, around.actor, now, case, beginning, matter.data)
    _record(around, case, matter.channel, contact, 1 if person else 0)
    if contact is not None:
        base = letters.Base(
            address=matter.address,
            account_number="",
            account_bank="",
            receiver_name=contact.receiver_name,
            receiver_unit=contact.receiver_unit,
            receipt_code=contact.receipt_code,
            receipt_number=contact.number,
            matter=contact.matter,
            phone=around.receiver.phone,
            town=place.town or "",
            county=place.county,
            sample_place=place.sample,
            applied_on=local_day(now),
            members=1,
        )
        _give_receipt(around, case, base, contact)
    facts = {
        "urban": matter.urban,
        "delegated": delegated,
        "needs_county_visit": False,
        "channel": matter.channel,
        "office": matter.area_code[:9],
        **openings.known_facts(opening, matter.data),
        **around.facts,
    }
    return case, openings.begin(
        session, around.actor, now, case, beginning.model, facts, around.calendar, around.run_id
    )


def _case(
    around: Around,
    beginning: Beginning,
    *,
    number: str,
    town: str,
    village_code: str | None,
    urban: bool,
    delegated: bool,
    has_relative: bool,
    applicant: Registered | None,
    subject: str,
    contact: FirstContact | None,
    withheld_from: str = "",
) -> Case:
    return loose(
        Case,
        id=new_id(),
        number=number,
        procedure=beginning.version.key,
        model_version_id=beginning.version.id,
        state="open",
        stage="registered",
        urban=urban,
        delegated=delegated,
        has_relative=has_relative,
        has_complaint=False,
        village_code=village_code,
        town_code=town,
        county_code=town[:6],
        city_code=town[:4],
        applicant_id=applicant.id if applicant else None,
        applicant_name=applicant.name if applicant else subject,
        withheld_from=withheld_from,
        first_receiver_id=around.receiver.id,
        first_contact_id=contact.id if contact else None,
        registered_at=around.now,
        revision=0,
        engine_state=b"",
        sample=around.sample,
    )


def _first_contact(
    around: Around,
    channel: str,
    beginning: Beginning,
    name: str,
    phone: str,
    town: str,
    place: Any,
    told: Mapping[str, Any],
) -> FirstContact:
    values = rules.rule_set_for(around.session, town, local_day(around.now), around.now)
    came = received(values, around.calendar.at(town), channel, told, around.now)
    return ledger.open_first_contact(
        around.session,
        actor=around.receiver,
        now=around.now,
        channel=channel,
        matter=f"{beginning.version.name}申请"
        if beginning.opening.kind == "household"
        else beginning.version.name,
        person_name=name,
        phone=phone,
        town_code=town,
        place=place.town_full or place.county_full,
        told=TOLD_AT_ONCE,
        limit=came.limit,
        received_at=came.at,
        registered_late=came.late,
    )


def _give_receipt(around: Around, case: Case, base: letters.Base, contact: FirstContact) -> None:
    """Give the person a receipt at once: on paper, and by text message where a channel is set up for it."""
    due = contact.feedback_due
    unsure = due is not None and around.calendar.at(contact.town_code).is_provisional(local_day(due))
    letters.issue(
        around.session,
        case=case,
        kind="receipt",
        now=around.now,
        actor=around.receiver,
        extra=letters.times_of(contact.received_at, due, provisional=unsure),
        told={"base": base},
    )
    applicants.give_receipt(around.session, case, contact, base.phone, around.now, around.run_id)


def _record(around: Around, case: Case, channel: str, contact: FirstContact | None, members: int) -> None:
    told = {"channel": channel, "receipt": contact.receipt_code if contact else "", "members": members}
    add_event(
        around.session,
        case_id=case.id,
        at=around.now,
        kind="case.registered",
        actor=around.actor,
        data=told,
        run_id=around.run_id,
    )
    ledger.record(
        around.session,
        county_code=case.county_code,
        at=around.now,
        kind="case.registered",
        case_id=case.id,
        case_number=case.number,
        actor=around.actor,
        body={"first_contact": contact.number if contact else "", "channel": channel},
        run_id=around.run_id,
    )


def _base(application: NewApplication, contact: FirstContact, place: Any, phone: str) -> letters.Base:
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
        phone=phone,
        town=place.town,
        county=place.county,
        sample_place=place.sample,
        applied_on=application.applied_on,
        members=sum(member.counted for member in application.members),
    )
