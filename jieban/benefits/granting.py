"""What was granted goes on after its case: the benefit with its first amount, and when it is to be reviewed."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.ids import new_id
from jieban.reads import loose
from jieban.writes import add


def grant(
    session: Session,
    case: Case,
    now: datetime,
    *,
    kind: str,
    amount: Decimal | None,
    members: int,
    method: str,
    from_month: str,
    until: date | None = None,
    review_months: int | None = None,
    care_form: str = "",
    care_tier: str = "",
) -> Benefit:
    """Begin a benefit of the applicant, monthly or as a status; the review is due so many months after the decision."""
    benefit = loose(
        Benefit,
        id=new_id(),
        case_id=case.id,
        case_number=case.number,
        procedure=case.procedure,
        kind=kind,
        person_id=case.applicant_id,
        holder=case.applicant_name,
        village_code=case.village_code,
        town_code=case.town_code,
        county_code=case.county_code,
        city_code=case.city_code,
        urban=case.urban,
        members=members,
        members_case_id=None,
        method=method,
        amount=amount,
        care_form=care_form,
        care_tier=care_tier,
        from_month=from_month,
        until=until,
        warned_at=None,
        review_months=review_months,
        review_due=months_later(local_day(now), review_months) if review_months else None,
        state="active",
        ended_month="",
        end_reason="",
        account_holder="",
        account_bank="",
        account_number="",
        sample=case.sample,
    )
    add(session, benefit)
    if amount is not None:
        step = BenefitStep(
            id=new_id(),
            benefit_id=benefit.id,
            case_id=case.id,
            from_month=from_month,
            amount=amount,
            members=members,
            reason="granted",
            made_at=now,
        )
        add(session, step)
    return benefit


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, or the last day of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(granted: date, months: int) -> date:
    """Return the last day of a status that lasts so many months from the day it was granted (GX-07)."""
    return months_later(granted, months) - timedelta(days=1)


def first_of_next_month(day: date) -> date:
    """Return the first day of the next month, from which money is paid (DB-18, TK-09)."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
