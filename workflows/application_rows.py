"""What was applied for, as rows of its case: the application, the household, what it has, the papers."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from jieban.cases.tables import Application, Case, Income, Member, Paper, Property
from jieban.clock import local_day
from jieban.ids import new_id
from jieban.intake.applications import PAPERS, NewApplication, NewMatter
from jieban.people.registry import Registered
from jieban.reads import loose
from jieban.staff.actor import Actor
from jieban.writes import add


def write_matter(
    session: Session, now: datetime, case: Case, matter: NewMatter, person: Registered | None
) -> None:
    """Write one person's matter, or one of the office itself, which has nobody who applies."""
    applied = Application(
        case_id=case.id,
        channel=matter.channel,
        applied_on=local_day(now),
        reason=str(matter.data.get("content") or ""),
        address=matter.address,
        household_registration="",
        agent_name="",
        agent_authorised=False,
        truth_promised=False,
        check_authorised=False,
        account_holder="",
        account_bank="",
        account_number="",
    )
    add(session, applied)
    if person is not None:
        member = loose(
            Member,
            id=new_id(),
            case_id=case.id,
            person_id=person.id,
            name=person.name,
            relation="self",
            applicant=True,
            counted=True,
            not_counted_reason="",
            work_ability="",
            health="",
            disability="",
        )
        add(session, member)


def write_application(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    application: NewApplication,
    people: Sequence[Registered],
) -> None:
    """Write what a household declared: its members in the order of `people`, income, property, papers."""
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
                added_by=actor.id if actor else None,
                added_at=now,
            ),
        )
