"""What happens to a benefit after it was granted: other amounts from a month on, its end, its next review.

A step is never changed. What was foreseen for later is overtaken by steps of the same months that were made after it.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit, BenefitStep
from jieban.errors import Conflict, Invalid
from jieban.ids import new_id
from jieban.reads import Query, loose_row
from jieban.writes import append, change

ZERO = Decimal(0)


@dataclass(frozen=True)
class Step:
    """From a month on: this amount, for so many people."""

    from_month: str
    amount: Decimal
    members: int
    reason: str


def months_from(month: str, number: int) -> str:
    """Return the month so many months after another one, both as 2026-11."""
    year, place = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + number, 12)
    return f"{year:04d}-{place + 1:02d}"


def month_after(day: date, number: int = 1) -> str:
    """Return the month so many months after a day."""
    return months_from(day.strftime("%Y-%m"), number)


def last_day_before(month: str) -> date:
    """Return the last day before a month begins."""
    return date(int(month[:4]), int(month[5:]), 1) - timedelta(days=1)


def amount_in(steps: Iterable[Step], month: str) -> Decimal:
    """Return what is due for a month by all steps, in the order in which they were made: the latest one counts."""
    governing = None
    for step in steps:
        if step.from_month <= month and (governing is None or step.from_month >= governing.from_month):
            governing = step
    return governing.amount if governing else ZERO


def to_add(known: Sequence[Step], wanted: Sequence[Step]) -> list[Step]:
    """List the steps by which the wanted ones hold from their months on, whatever was foreseen for later."""
    news = sorted(wanted, key=lambda step: step.from_month)
    months = {step.from_month for step in news}
    months |= {step.from_month for step in known if step.from_month > news[0].from_month}
    found = []
    for month in sorted(months):
        governing = [step for step in news if step.from_month <= month][-1]
        found.append(Step(month, governing.amount, governing.members, governing.reason))
    return found


def hold(session: Session, benefit_id: uuid.UUID) -> Benefit:
    """Lock a benefit for this step and return it as it stands; nothing that changes on it is saved by itself."""
    row = _HELD.first(session, the_benefit=benefit_id)
    if row is None:
        raise Invalid("没有找到这项待遇。")
    return loose_row(Benefit, row)


def set_amount(
    session: Session,
    benefit: Benefit,
    case_id: uuid.UUID,
    now: datetime,
    *,
    from_month: str,
    amount: Decimal,
    members: int,
    reason: str,
) -> None:
    """Pay another amount from a month on; an end that was foreseen is given up. Conflict where it has ended."""
    _alive(benefit)
    _add(session, benefit, case_id, now, [Step(from_month, amount, members, reason)])
    _write(
        session,
        benefit,
        amount=amount,
        members=members,
        ended_month="",
        end_reason="",
        until=None,
        warned_at=None,
    )


def pay_on(
    session: Session,
    benefit: Benefit,
    case_id: uuid.UUID,
    now: datetime,
    *,
    from_month: str,
    parts: Sequence[tuple[int, Decimal]],
    members: int,
) -> str:
    """Pay on for some months and then no more (渐退期, DB-31); each part is a number of months and its amount.

    Returns the first month without it. It stays active until then.
    """
    _alive(benefit)
    steps, month = [], from_month
    for months, amount in parts:
        steps.append(Step(month, amount, members, "grace"))
        month = months_from(month, months)
    _add(session, benefit, case_id, now, [*steps, Step(month, ZERO, members, "grace")])
    _write(
        session,
        benefit,
        amount=parts[0][1],
        members=members,
        ended_month=month,
        end_reason="grace",
        until=last_day_before(month),
        warned_at=None,
        review_due=None,
    )
    return month


def end(
    session: Session, benefit: Benefit, case_id: uuid.UUID, now: datetime, *, from_month: str, reason: str
) -> None:
    """End a benefit: from this month on there is none. Conflict where it has ended already."""
    _alive(benefit)
    if benefit.kind == "monthly":
        _add(session, benefit, case_id, now, [Step(from_month, ZERO, benefit.members, "stopped")])
    _write(session, benefit, state="ended", ended_month=from_month, end_reason=reason, review_due=None)


def run_out(session: Session, benefit: Benefit) -> None:
    """End a benefit whose last day is over, as it was decided when that day was set."""
    _alive(benefit)
    assert benefit.until is not None
    _write(
        session,
        benefit,
        state="ended",
        ended_month=benefit.ended_month or month_after(benefit.until),
        end_reason=benefit.end_reason or "expired",
        review_due=None,
    )


def review_again(session: Session, benefit: Benefit, today: date, months: int | None = None) -> date | None:
    """Set when the benefit is looked at again: so many months after today, as before where no number is given."""
    span = months or benefit.review_months
    due = months_later(today, span) if span else None
    _write(session, benefit, review_months=span, review_due=due)
    return due


def put_off_review(session: Session, benefit: Benefit, until: date) -> None:
    """Look at the benefit later than its class says (major emergency, DB-28)."""
    _write(session, benefit, review_due=until)


def update_facts(session: Session, benefit: Benefit, **values: Any) -> None:
    """Change who holds it, whose members it counts, where it is dealt with, to which account it goes, which tier it has."""
    _write(session, benefit, **values)


def mark_warned(session: Session, benefit: Benefit, now: datetime) -> None:
    """Keep that the coming end was told."""
    _write(session, benefit, warned_at=now)


_BENEFIT, _STEP = (cast("Table", one.__table__) for one in (Benefit, BenefitStep))
_THE_BENEFIT = bindparam("the_benefit", type_=Uuid())
_HELD = Query(select(*_BENEFIT.c).where(_BENEFIT.c.id == _THE_BENEFIT).with_for_update())
_STEPS = Query(
    select(_STEP.c.from_month, _STEP.c.amount, _STEP.c.members, _STEP.c.reason)
    .where(_STEP.c.benefit_id == _THE_BENEFIT)
    .order_by(_STEP.c.made_at, _STEP.c.from_month)
)
_CHANGING = (
    "person_id",
    "holder",
    "village_code",
    "town_code",
    "members",
    "members_case_id",
    "method",
    "amount",
    "care_form",
    "care_tier",
    "until",
    "warned_at",
    "review_months",
    "review_due",
    "state",
    "ended_month",
    "end_reason",
    "account_holder",
    "account_bank",
    "account_number",
)
_CHANGE = (
    update(_BENEFIT)
    .where(_BENEFIT.c.id == bindparam("the_benefit"), _BENEFIT.c.state == "active")
    .values({name: bindparam(f"the_{name}", type_=_BENEFIT.c[name].type) for name in _CHANGING})
)


def steps_of(session: Session, benefit_id: uuid.UUID) -> list[Step]:
    """List the steps of a benefit in the order in which they were made."""
    return [Step(*row) for row in _STEPS.all(session, the_benefit=benefit_id)]


def _alive(benefit: Benefit) -> None:
    if benefit.state != "active":
        raise Conflict("这项待遇已经终止，不能再变更。")


def _add(
    session: Session, benefit: Benefit, case_id: uuid.UUID, now: datetime, wanted: Sequence[Step]
) -> None:
    for step in to_add(steps_of(session, benefit.id), wanted):
        row = {"id": new_id(), "benefit_id": benefit.id, "case_id": case_id, "made_at": now, **vars(step)}
        append(session, BenefitStep, row)


def _write(session: Session, benefit: Benefit, **values: Any) -> None:
    for name, value in values.items():
        setattr(benefit, name, value)
    now = {f"the_{name}": getattr(benefit, name) for name in _CHANGING}
    change(session, _CHANGE, {"the_benefit": benefit.id} | now, must_hit=True)
