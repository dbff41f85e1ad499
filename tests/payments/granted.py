"""Benefits that a payment list can be made of, and lists without the procedure around them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Application, Case, Member
from jieban.ids import new_id
from jieban.payments.lines import Line, digest_of, total_of
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.staff.actor import Actor
from jieban.writes import append, write_out
from tests.factories import add_case
from tests.people import COUNTY, VILLAGE

KIND = "subsistence_allowance"


def grant(
    session: Session,
    actor: Actor,
    now: datetime,
    amount: str = "600",
    from_month: str = "2026-01",
    **values: Any,
) -> Benefit:
    """Add a benefit with its case, its account and its first amount."""
    village = values.pop("village", VILLAGE)
    account = values.pop("account", None)
    case = add_case(session, actor, now, village=village, state="closed")
    number = account if account is not None else f"62{case.applicant_id.int % 10**15:015d}"  # type: ignore[union-attr]
    applied = session.get_one(Application, case.id)
    applied.account_holder, applied.account_bank, applied.account_number = (
        case.applicant_name,
        "示例农商银行",
        number,
    )
    session.add(_member(case))
    benefit = Benefit(
        **{
            "id": new_id(),
            "case_id": case.id,
            "case_number": case.number,
            "procedure": KIND,
            "kind": "monthly",
            "person_id": case.applicant_id,
            "holder": case.applicant_name,
            "village_code": village,
            "town_code": case.town_code,
            "county_code": case.county_code,
            "city_code": case.city_code,
            "urban": False,
            "members": 1,
            "amount": Decimal(amount),
            "from_month": from_month,
            "state": "active",
        }
        | values
    )
    session.add(benefit)
    session.flush()
    change_amount(session, benefit, now, amount, from_month)
    return benefit


def change_amount(session: Session, benefit: Benefit, now: datetime, amount: str, from_month: str) -> None:
    """Let a benefit have another amount from a month on."""
    session.add(
        BenefitStep(
            id=new_id(),
            benefit_id=benefit.id,
            case_id=benefit.case_id,
            from_month=from_month,
            amount=Decimal(amount),
            members=1,
            reason="granted",
            made_at=now,
        )
    )
    session.flush()


def keep_list(
    session: Session, actor: Actor, now: datetime, lines: tuple[Line, ...], month: str, state: str = "sent"
) -> PaymentList:
    """Write a list as a step of the procedure would."""
    case_id = session.scalars(select(Case.id).limit(1)).one()
    the_list = PaymentList(
        id=new_id(),
        case_id=case_id,
        county_code=COUNTY,
        month=month,
        kind=KIND,
        state=state,
        count=len(lines),
        total=total_of(lines),
        digest=digest_of(lines),
        made_by=actor.id,
        made_at=now,
    )
    session.add(the_list)
    session.flush()
    for line in lines:
        row = {name: getattr(line, name) for name in Line.__dataclass_fields__}
        append(session, PaymentLine, {**row, "id": new_id(), "list_id": the_list.id})
    write_out(session)
    return the_list


def _member(case: Case) -> Member:
    return Member(
        id=new_id(),
        case_id=case.id,
        person_id=case.applicant_id,
        name=case.applicant_name,
        relation="self",
        applicant=True,
        counted=True,
    )
