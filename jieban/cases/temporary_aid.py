"""Temporary assistance in figures: what may be paid at once, how much by the tier, and what speaks against it."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from jieban.cases.benefit import Benefit

_FEN = Decimal("0.01")

EVENTS = {
    "fire": "火灾",
    "accident": "交通事故等意外",
    "illness": "突发重大疾病",
    "disaster": "自然灾害等突发事件",
    "education": "教育支出",
    "medical": "医疗支出",
    "other": "其他特殊困难",
}
SEVERITIES = {"light": "较轻", "serious": "较重", "severe": "严重"}
TIERS = {"small": "一档", "medium": "二档", "large": "三档"}


@dataclass(frozen=True)
class Tier:
    """By what the amount is worked out: a tier with how many monthly standards it is, for so many people."""

    name: str
    times: Decimal
    standard: Decimal
    """yuan a month and person"""
    persons: int


def work_out(tier: Tier, cap: Decimal | None = None) -> Benefit:
    """Work out the aid: times x monthly standard x people, in the quick lane no more than its cap (LS-11, LS-20).

    The result is for the whole household, once, in yuan.
    """
    amount = (tier.times * tier.standard * tier.persons).quantize(_FEN)
    steps = [
        {"label": "救助档次", "formula": TIERS[tier.name], "value": f"{tier.times.normalize():f} 倍"},
        {
            "label": "按档次计算",
            "formula": f"{_yuan(tier.standard)} × {tier.times.normalize():f} × {tier.persons} 人",
            "value": _yuan(amount),
        },
    ]
    rule_ids = ["LS-20"]
    if cap is not None:
        within = min(amount, cap)
        steps.append({"label": "不超过小额快救上限", "formula": f"上限 {_yuan(cap)}", "value": _yuan(within)})
        amount, rule_ids = within, ["LS-20", "LS-11"]
    return Benefit(amount.quantize(_FEN), steps, rule_ids)


def quick_cap(times: Decimal, standard: Decimal, persons: int, basis: str) -> Decimal:
    """Work out the cap of the quick lane: so many monthly standards, for each person or for the household (CF-04)."""
    heads = persons if basis == "person" else 1
    return (times * standard * heads).quantize(_FEN)


@dataclass(frozen=True)
class Means:
    """What the expenditure type asks: yearly sums in yuan, for the whole household."""

    income: Decimal
    spending: Decimal
    members: int
    income_line: Decimal | None
    """yearly disposable income per head of the place, times its multiple; none where the place has not said"""
    share: Decimal | None
    """more than this share of the income must go into what is necessary"""
    property_ok: bool


def doubts(means: Means) -> Iterator[str]:
    """Say what of the expenditure type is not met (LS-01); its conditions hold as a rule, so none of them decides."""
    per_head = (means.income / means.members).quantize(_FEN)
    if means.income_line is not None and per_head >= means.income_line:
        yield f"家庭人均可支配收入 {per_head} 元，不低于当地上年度人均可支配收入 {means.income_line} 元"
    if not means.property_ok:
        yield "家庭财产状况不符合当地规定"
    if means.share is not None and means.spending <= means.income * means.share:
        percent = f"{(means.share * 100).normalize():f}%"
        yield f"生活必需支出 {means.spending} 元，没有超过家庭收入 {means.income} 元的 {percent}"


def _yuan(amount: Decimal) -> str:
    return f"{amount.quantize(_FEN)} 元"
