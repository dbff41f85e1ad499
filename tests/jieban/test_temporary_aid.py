"""Temporary assistance in figures: tiers, the cap of the quick lane, and what speaks against the expenditure type."""

from dataclasses import replace
from decimal import Decimal

import pytest

from jieban.cases.temporary_aid import Means, Tier, doubts, quick_cap, work_out

TIER = Tier("medium", Decimal(2), Decimal("1000.00"), 3)
MEANS = Means(
    income=Decimal(60000),
    spending=Decimal(40000),
    members=2,
    income_line=Decimal(32000),
    share=Decimal("0.5"),
    property_ok=True,
)


def test_aid_is_times_the_standard_for_each_person_and_says_how():
    """The amount explains itself: tier, formula, rule."""
    aid = work_out(TIER)

    assert aid.amount == Decimal("6000.00")
    assert [step["formula"] for step in aid.steps] == ["二档", "1000.00 元 × 2 × 3 人"]
    assert aid.rule_ids == ["LS-20"]


@pytest.mark.parametrize(
    ("cap", "amount"), [(Decimal(800), "800.00"), (Decimal(6000), "6000.00"), (Decimal(9000), "6000.00")]
)
def test_the_quick_lane_gives_no_more_than_its_cap(cap, amount):
    """What goes beyond the cap is left for the ordinary lane, and the sheet says so."""
    aid = work_out(TIER, cap)

    assert str(aid.amount) == amount
    assert aid.steps[-1] == {
        "label": "不超过小额快救上限",
        "formula": f"上限 {cap:.2f} 元",
        "value": f"{amount} 元",
    }
    assert aid.rule_ids == ["LS-20", "LS-11"]


def test_the_cap_counts_for_the_household_or_for_each_person():
    """The text does not say which, so it is a choice of the place."""
    assert quick_cap(Decimal(1), Decimal(800), 3, "household") == Decimal("800.00")
    assert quick_cap(Decimal(1), Decimal(800), 3, "person") == Decimal("2400.00")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, []),
        ({"income": Decimal(64000), "spending": Decimal(40000)}, ["人均可支配收入 32000.00 元"]),
        ({"property_ok": False}, ["财产"]),
        ({"spending": Decimal(30000)}, ["的 50%"]),
        ({"income": Decimal(70000), "property_ok": False, "spending": Decimal(1)}, ["人均", "财产", "50%"]),
        ({"income": Decimal(90000), "income_line": None, "share": None}, []),
    ],
)
def test_what_speaks_against_the_expenditure_type(changes, words):
    """Income, property and share each give a sentence; what the place has not set is not asked."""
    found = list(doubts(replace(MEANS, **changes)))

    assert len(found) == len(words)
    assert all(word in sentence for word, sentence in zip(words, found, strict=True))
