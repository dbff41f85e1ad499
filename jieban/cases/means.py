"""What a household has and must spend, against the lines of its place, with every step (BY-01, BY-03, GX-01, GX-02)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from jieban.errors import Invalid

_FEN = Decimal("0.01")
_RATIO = Decimal("0.0001")
_WITHOUT_INCOME = Decimal(9999)

SPENDING = {
    "living": "生活支出",
    "medical": "医疗支出",
    "education": "教育支出",
    "rehabilitation": "残疾康复支出",
    "other": "其他支出",
}
"""The kinds of rigid expenditure (刚性支出困难家庭认定办法 Article 5)."""


@dataclass(frozen=True)
class Spent:
    """One expense: what was paid, what others bore of it, and what a public school would have cost."""

    kind: str
    total: Decimal
    covered: Decimal = Decimal(0)
    """by insurers, subsidies and assistance"""
    school_rate: Decimal | None = None

    @property
    def own(self) -> Decimal:
        """What the household bore itself."""
        return self.total - self.covered

    @property
    def counted(self) -> Decimal:
        """What counts of it: of education no more than a public school costs (GX-02)."""
        return self.own if self.school_rate is None else min(self.own, self.school_rate)


@dataclass(frozen=True)
class Lines:
    """What a household is measured by; None where the place has set none."""

    standard: Decimal
    """of the subsistence allowance, yuan a month and person"""
    multiple: Decimal
    """of the standard, below which a household is at the margin"""
    wage: Decimal | None = None
    """the minimum wage, yuan a month, where the relaxed line must not be above it"""
    average: Decimal | None = None
    """disposable income last year, yuan a person"""
    share: Decimal | None = None
    """percent of the income that rigid expenditure must exceed"""

    @property
    def marginal(self) -> Decimal:
        """The line of the margin, yuan a month and person."""
        line = self.standard * self.multiple
        return line if self.wage is None else min(line, self.wage)


@dataclass(frozen=True)
class Means:
    """How a household stands to each line: 1 is on it."""

    income_to_standard: Decimal
    income_to_marginal: Decimal
    income_to_average: Decimal | None
    spending_share: Decimal
    """percent of the income of the year"""
    spending_to_line: Decimal | None
    steps: list[dict[str, str]] = field(default_factory=list)
    rule_ids: list[str] = field(default_factory=list)


def weigh(
    *, monthly: Decimal, yearly: Decimal, members: int, spending: Iterable[Spent], lines: Lines
) -> Means:
    """Compare the income per head and the share of rigid expenditure with the lines of the place.

    Incomes are those of the whole household. Ratios are taken from whole sums and rounded towards the side on which
    they lie, so that no rounding moves a household across a line.
    """
    if members < 1:
        raise Invalid("共同生活的家庭成员至少应有 1 人。")
    spent = list(spending)
    head = monthly / members
    steps = [
        _step("家庭人均月收入", f"{_yuan(monthly)} ÷ {members} 人", _yuan(head)),
        _step("低保标准（每人每月）", _yuan(lines.standard), _compared(head, lines.standard)),
        _step("低保边缘收入线", _line(lines), _compared(head, lines.marginal)),
    ]
    rule_ids = ["BY-01", "BY-03"]
    to_average = to_line = None
    total = sum((one.counted for one in spent), Decimal(0))
    share = _share(total, yearly)
    if spent:
        rule_ids += ["GX-01", "GX-02"]
        head_yearly = yearly / members
        steps.append(_step("近十二个月家庭人均收入", f"{_yuan(yearly)} ÷ {members} 人", _yuan(head_yearly)))
        if lines.average is not None:
            found = _compared(head_yearly, lines.average)
            steps.append(_step("上年度居民人均可支配收入", _yuan(lines.average), found))
        steps += _kinds(spent)
        steps.append(
            _step("刚性支出占家庭总收入", f"{_yuan(total)} ÷ {_yuan(yearly)}", _percent(share, yearly))
        )
        if lines.share is not None:
            found = "超过" if total * 100 > lines.share * yearly else "没有超过"
            steps.append(_step("规定比例", f"{_plain(lines.share)}%", found))
    if lines.average is not None:
        to_average = _ratio(yearly, lines.average * members, ROUND_FLOOR)
    if lines.share is not None:
        limit = lines.share * yearly / 100
        to_line = _ratio(total, limit, ROUND_CEILING) if limit else _WITHOUT_INCOME if total else Decimal(0)
    return Means(
        _ratio(monthly, lines.standard * members, ROUND_FLOOR),
        _ratio(monthly, lines.marginal * members, ROUND_FLOOR),
        to_average,
        share,
        to_line,
        steps,
        rule_ids,
    )


def _ratio(value: Decimal, line: Decimal, rounding: str) -> Decimal:
    if line <= 0:
        raise Invalid("标准应为大于 0 的数，请检查规则表。")
    return (value / line).quantize(_RATIO, rounding=rounding)


def _share(total: Decimal, yearly: Decimal) -> Decimal:
    return (total * 100 / yearly).quantize(_FEN) if yearly else Decimal(0)


def _kinds(spent: list[Spent]) -> list[dict[str, str]]:
    steps = []
    for kind, name in SPENDING.items():
        counted = [one.counted for one in spent if one.kind == kind]
        if counted:
            formula = " ＋ ".join(f"{one:.2f}" for one in counted)
            steps.append(_step(f"{name}（由个人负担）", formula, _yuan(sum(counted, Decimal(0)))))
    return steps


def _line(lines: Lines) -> str:
    formula = f"{_yuan(lines.standard)} × {_plain(lines.multiple)}"
    if lines.wage is not None:
        formula += f"，不高于月最低工资 {_yuan(lines.wage)}"
    return f"{formula} ＝ {_yuan(lines.marginal)}"


def _compared(value: Decimal, line: Decimal) -> str:
    return "低于" if value < line else "不低于"


def _percent(share: Decimal, yearly: Decimal) -> str:
    return f"{share}%" if yearly else "没有收入"


def _step(label: str, formula: str, value: str) -> dict[str, str]:
    return {"label": label, "formula": formula, "value": value}


def _yuan(amount: Decimal) -> str:
    return f"{amount.quantize(_FEN)} 元"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
