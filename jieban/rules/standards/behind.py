"""What the amount of a benefit was worked out with, and whether other standards hold since."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Case, Decision
from jieban.clock import local_day
from jieban.rules.sets import rule_set, values_on

_BY_HAND = "金额经人工认定，须逐户重新计算"
_GRACE = "正在渐退，按原决定执行"


@dataclass(frozen=True)
class Behind:
    """What the present amount of a benefit was worked out with."""

    rule_set_id: uuid.UUID | None = None
    grade: str = ""
    problem: str = ""
    since: datetime | None = None
    """when the case was accepted that worked it out: its values are those of that day"""


def behind_amounts(session: Session, benefits: Sequence[Benefit]) -> dict[uuid.UUID, Behind]:
    """Find for each benefit with which values its present amount was worked out, and when."""
    ids = [benefit.id for benefit in benefits]
    steps = {
        step.benefit_id: step
        for step in session.scalars(
            select(BenefitStep).where(BenefitStep.benefit_id.in_(ids)).order_by(BenefitStep.made_at)
        )
    }
    cases = {step.case_id for step in steps.values()}
    columns = (Case.id, Case.rule_set_id, Case.accepted_at)
    sets = {row.id: row for row in session.execute(select(*columns).where(Case.id.in_(cases)))}
    decisions = {
        decision.case_id: decision
        for decision in session.scalars(
            select(Decision).where(Decision.case_id.in_(cases)).order_by(Decision.decided_at)
        )
    }
    found = {}
    for benefit in benefits:
        step = steps.get(benefit.id)
        decision = decisions.get(step.case_id) if step else None
        problem = _GRACE if step and step.reason == "grace" else ""
        if decision and decision.calculation.get("stated"):
            problem = problem or _BY_HAND
        found[benefit.id] = Behind(
            sets[step.case_id].rule_set_id if step else None,
            decision.grade if decision else "",
            problem,
            sets[step.case_id].accepted_at if step else None,
        )
    return found


def keys_of(benefit: Benefit, grade: str) -> list[str]:
    """Give the values that an amount is made of."""
    where = "urban" if benefit.urban else "rural"
    if benefit.procedure == "subsistence_allowance":
        return [f"dibao.grade.{grade}" if benefit.method == "grade" else f"dibao.standard.{where}"]
    if benefit.procedure == "destitute_support":
        care = [f"tekun.care.amount.{benefit.care_tier}"] if benefit.care_tier else []
        return [f"tekun.basic.{where}", *care]
    return []


def outdated(session: Session, benefits: Sequence[Benefit], month: str) -> dict[uuid.UUID, int]:
    """Name the benefits that are paid in a month ("2027-01") by standards of another time, with the year of these.

    New standards change no amount by themselves: each benefit needs a change with a decision of its own.
    """
    monthly = [one for one in benefits if one.kind == "monthly" and one.state == "active"]
    first = date.fromisoformat(f"{month}-01")
    held: dict[str, dict[str, str]] = {}
    found = {}
    for key, behind in behind_amounts(session, monthly).items():
        benefit = next(one for one in monthly if one.id == key)
        if behind.rule_set_id is None or behind.since is None or behind.problem == _GRACE:
            continue
        place = benefit.village_code or benefit.town_code
        if place not in held:
            held[place] = values_on(session, place, first)
        used = rule_set(session, behind.rule_set_id).values
        keys = [one for one in keys_of(benefit, behind.grade) if one in used and one in held[place]]
        if any(used[one]["value"] != held[place][one] for one in keys):
            found[key] = local_day(behind.since).year
    return found
