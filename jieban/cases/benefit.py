from dataclasses import dataclass
from decimal import Decimal

from jieban.errors import Invalid

_FEN = Decimal("0.01")


@dataclass(frozen=True)
class Benefit:
    """A monthly amount and how it came about, so that the letter can show every step."""

    amount: Decimal
    steps: list[dict[str, str]]
    rule_ids: list[str]


def difference(standard: Decimal, monthly_income: Decimal, members: int) -> Benefit:
    """Work out the allowance as the shortfall: (standard - income per head) x members, never below zero.

    The income is that of the whole household in a month. The amount is taken from whole sums, so that
    rounding the income per head, which is only shown, loses nothing.
    """
    _check(members, standard, monthly_income)
    per_head = (monthly_income / members).quantize(_FEN)
    amount = max(standard * members - monthly_income, Decimal(0)).quantize(_FEN)
    steps = [
        _step("家庭人均月收入", f"{_yuan(monthly_income)} ÷ {members} 人", per_head),
        _step("人均差额", f"{_yuan(standard)} − {_yuan(per_head)}", standard - per_head),
        _step("每月救助金额", f"{_yuan(standard)} × {members} 人 − {_yuan(monthly_income)}", amount),
    ]
    return Benefit(amount, steps, ["DB-18"])


def graded(grade: str, per_head: Decimal, members: int) -> Benefit:
    """Work out the allowance by grade: the amount of the grade for each member."""
    _check(members, per_head)
    amount = (per_head * members).quantize(_FEN)
    steps = [
        _step(f"{grade}标准（每人每月）", _yuan(per_head), per_head),
        _step("每月救助金额", f"{_yuan(per_head)} × {members} 人", amount),
    ]
    return Benefit(amount, steps, ["DB-18"])


def _check(members: int, *amounts: Decimal) -> None:
    if members < 1:
        raise Invalid("共同生活的家庭成员至少应有 1 人。")
    if any(not amount.is_finite() or amount < 0 for amount in amounts):
        raise Invalid("金额应为不小于 0 的数。")


def _step(label: str, formula: str, value: Decimal) -> dict[str, str]:
    return {"label": label, "formula": formula, "value": _yuan(value)}


def _yuan(amount: Decimal) -> str:
    return f"{amount.quantize(_FEN)} 元"
