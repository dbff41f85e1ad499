"""What a benefit comes to after a change: worked out anew from the household as it is now, and explained.

The amount of the subsistence allowance follows income and members (DB-29), or leaves out the share of whoever refused
suitable work (DB-32); that of a destitute person follows the tier of care (TK-13).
"""

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from jieban import rules
from jieban.benefits.tables import Benefit
from jieban.cases import benefit as sums
from jieban.errors import Invalid
from jieban.rules import RuleEntry
from tasks.amounts.destitute import whose_standard, with_care
from tasks.amounts.registry import Granted, amount_by, home_of, plain
from tasks.calculation import GRADES
from tasks.held import benefit_of, counted
from tasks.operations.registry import Done
from tasks.operations.staffing import text

_FEN = Decimal("0.01")


@dataclass(frozen=True)
class Outlook:
    """What the household would get by the values in force, and where that lies to the line."""

    amount: Decimal
    members: int
    method: str
    calculation: dict[str, Any]
    over: bool
    """whether the income per head is above the standard, so that there is no shortfall (DB-31)"""
    grade: str = ""


@amount_by("changed")
def changed(done: Done) -> Granted:
    """Work out what the benefit of the case comes to now."""
    found = outlook(done)
    return Granted(found.amount, found.members, found.method, found.grade, found.calculation)


def outlook(done: Done) -> Outlook:
    """Work out the amount anew; Invalid where the place has no standard, or the benefit is no money."""
    benefit = benefit_of(done)
    if benefit.kind != "monthly":
        raise Invalid("这项待遇只是身份认定，没有每月金额。")
    if benefit.procedure == "destitute_support":
        return _care(done, benefit)
    if done.facts.get("change") == "job_refusal":
        return _without_share(done, benefit)
    if benefit.method == "grade":
        return _by_grade(done)
    return _by_difference(done, benefit)


def _by_difference(done: Done, benefit: Benefit) -> Outlook:
    home = home_of(done)
    key = f"dibao.standard.{'urban' if benefit.urban else 'rural'}"
    entry, standard = rules.entry(done.rules, key), rules.number(done.rules, key)
    if home.members < 1:
        return Outlook(Decimal(0), 0, "difference", {}, over=False)
    worked = sums.difference(standard, home.income, home.members)
    over = home.income > standard * home.members
    return Outlook(worked.amount, home.members, "difference", _explained(asdict(worked), entry), over)


def _by_grade(done: Done) -> Outlook:
    grade = text(done.data, "grade")
    if grade not in GRADES:
        raise Invalid(errors=[{"field": "grade", "message": "按档次发放的，请选择调整后的档次。"}])
    home = home_of(done)
    key = f"dibao.grade.{grade}"
    entry = rules.entry(done.rules, key)
    worked = sums.graded(entry.name, rules.number(done.rules, key), home.members)
    return Outlook(
        worked.amount, home.members, "grade", _explained(asdict(worked), entry), over=False, grade=grade
    )


def _without_share(done: Done, benefit: Benefit) -> Outlook:
    """Leave out one member's own share of the amount, and no more (DB-32)."""
    members = len(counted(done))
    now = benefit.amount or Decimal(0)
    share = (now / members).quantize(_FEN) if members else now
    left = max(now - share, Decimal(0))
    entry = rules.entry(done.rules, "dibao.job.refusals")
    steps = [
        _step("本人份额", f"{_yuan(now)} ÷ {members} 人", share),
        _step("减发后每月救助金额", f"{_yuan(now)} − {_yuan(share)}", left),
    ]
    worked = {"amount": left, "steps": steps, "rule_ids": ["DB-32"]}
    return Outlook(left, members, benefit.method, _explained(worked, entry), over=False)


def _care(done: Done, benefit: Benefit) -> Outlook:
    tier = str(done.facts.get("care_tier") or benefit.care_tier or "none")
    worked = with_care(done.rules, whose_standard(benefit), tier)
    return Outlook(worked.total, 1, benefit.method, worked.calculation, over=False)


def _explained(worked: dict[str, Any], entry: RuleEntry) -> dict[str, Any]:
    rule = {"key": entry.key, "provenance": entry.provenance}
    explained: dict[str, Any] = plain({**worked, "rule": rule})
    return explained


def _step(label: str, formula: str, value: Decimal) -> dict[str, str]:
    return {"label": label, "formula": formula, "value": _yuan(value)}


def _yuan(amount: Decimal) -> str:
    return f"{amount.quantize(_FEN)} 元"
