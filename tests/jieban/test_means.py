"""What a household has and must spend, against the lines of its place."""

from decimal import Decimal

import pytest

from jieban.cases.means import Lines, Spent, weigh
from jieban.errors import Invalid

LINES = Lines(Decimal(800), Decimal("1.5"), average=Decimal(32000), share=Decimal(60))


def means(monthly, *spending, members=3, yearly=None, lines=LINES):
    monthly = Decimal(str(monthly))
    yearly = monthly * 12 if yearly is None else Decimal(str(yearly))
    return weigh(monthly=monthly, yearly=yearly, members=members, spending=spending, lines=lines)


def spent(kind, total, covered=0, school_rate=None):
    rate = None if school_rate is None else Decimal(str(school_rate))
    return Spent(kind, Decimal(str(total)), Decimal(str(covered)), rate)


def test_income_on_a_line_is_not_below_it():
    assert means("2400").income_to_standard == 1
    assert means("3600").income_to_marginal == 1


@pytest.mark.parametrize(("income", "below"), [("2399.99", True), ("2400", False), ("2400.01", False)])
def test_no_rounding_moves_a_household_across_a_line(income, below):
    """A cent below the line of three people is below it, though its ratio would be rounded to one."""
    assert (means(income).income_to_standard < 1) is below


@pytest.mark.parametrize(("bill", "over"), [("38879.99", False), ("38880", False), ("38880.01", True)])
def test_the_share_must_exceed_the_line(bill, over):
    """60 % of 64,800 yuan is 38,880: a cent more exceeds it, though both are 60.00 % to the eye."""
    found = means("5400", spent("medical", bill))

    assert (found.spending_to_line > 1) is over
    assert found.spending_share == Decimal("60.00")


def test_what_insurers_bore_is_taken_off_and_a_private_school_counts_as_a_public_one():
    found = means(
        "5400",
        spent("medical", 86000, 52000),
        spent("education", 12000, 0, 5000),
        spent("education", 3000, 0, 5000),
    )

    assert found.spending_share == Decimal("64.81")  # 34,000 + 5,000 + 3,000 of 64,800
    assert {"34000.00 元", "8000.00 元"} <= {step["value"] for step in found.steps}


def test_a_relaxed_line_is_not_above_the_minimum_wage():
    relaxed = Lines(Decimal(780), Decimal(2), wage=Decimal(1500))

    assert relaxed.marginal == 1500
    assert means(2999, members=2, lines=relaxed).income_to_marginal < 1
    assert means(3000, members=2, lines=relaxed).income_to_marginal == 1
    assert Lines(Decimal(700), Decimal(2), wage=Decimal(1500)).marginal == 1400


def test_spending_without_any_income_exceeds_every_share():
    found = means(0, spent("medical", 1))

    assert found.spending_to_line > 1
    assert "没有收入" in {step["value"] for step in found.steps}


def test_a_household_without_expenses_is_weighed_by_its_income_alone():
    found = means("3000")

    assert (found.spending_share, found.spending_to_line) == (0, 0)
    assert [step["label"] for step in found.steps] == [
        "家庭人均月收入",
        "低保标准（每人每月）",
        "低保边缘收入线",
    ]
    assert found.rule_ids == ["BY-01", "BY-03"]


def test_a_place_without_a_share_or_an_average_leaves_them_open():
    """What the place has not set cannot be said, and is not guessed."""
    found = means("3000", spent("living", 100), lines=Lines(Decimal(800), Decimal("1.5")))

    assert (found.income_to_average, found.spending_to_line) == (None, None)


@pytest.mark.parametrize("members", [0, -1])
def test_nobody_has_no_income_per_head(members):
    with pytest.raises(Invalid):
        means("3000", members=members)


def test_a_standard_of_nothing_is_no_line():
    with pytest.raises(Invalid):
        means("3000", lines=Lines(Decimal(0), Decimal("1.5")))
