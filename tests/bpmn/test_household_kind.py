"""The table of kinds: destitute, allowance, margin, rigid expenditure, in this order."""

from decimal import Decimal
from pathlib import Path

import pytest

import bpmn
from bpmn.decisions import decide_strictly, lint_decisions

DMN = (Path(bpmn.__file__).parent / "procedures/household_means/household_kind.dmn").read_bytes()
USUAL = {
    "asked_kind": "all",
    "enrolled": "none",
    "destitute": False,
    "property_level": "within",
    "income_to_standard": Decimal("2.25"),
    "income_to_marginal": Decimal("1.5"),
    "income_to_average": Decimal("0.675"),
    "spending_to_line": Decimal("1.0031"),
}
POOR = {"income_to_standard": Decimal("0.9999"), "income_to_marginal": Decimal("0.6666")}


def kind(**facts):
    return decide_strictly(DMN, {**USUAL, **facts}, "household_kind")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({**POOR, "destitute": True}, "destitute"),
        (POOR, "subsistence"),
        ({"income_to_marginal": Decimal("0.9999")}, "marginal"),
        ({}, "rigid"),
        ({"spending_to_line": Decimal(1)}, "none"),
    ],
)
def test_the_first_kind_that_fits_is_taken(facts, expected):
    assert kind(**facts)["household_kind"] == expected


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"enrolled": "subsistence"}, "已经纳入"),
        ({"enrolled": "destitute", "asked_kind": "marginal"}, "已经纳入"),
        ({"enrolled": "marginal", "asked_kind": "rigid"}, "已经认定"),
        ({"property_level": "over"}, "财产超过规定"),
        ({"property_level": "relaxed", "asked_kind": "marginal"}, "低保边缘家庭的规定"),
        ({"asked_kind": "marginal"}, "收入线"),
        ({"income_to_average": Decimal(1)}, "人均可支配收入"),
        ({"spending_to_line": Decimal("0.5")}, "比例没有超过"),
    ],
)
def test_what_fits_nothing_is_told_why(facts, reason):
    answer = kind(**facts)

    assert answer["household_kind"] == "none"
    assert reason in answer["kind_reason"]


def test_whoever_applies_for_rigid_expenditure_alone_is_not_sent_elsewhere():
    """Poor enough for the allowance but without it: the law asks only that the household has not been granted it."""
    assert kind(**POOR, asked_kind="rigid")["household_kind"] == "rigid"
    assert kind(asked_kind="rigid", property_level="relaxed")["household_kind"] == "rigid"


def test_what_a_place_has_not_set_does_not_fit():
    assert kind(income_to_average=None, spending_to_line=None)["household_kind"] == "none"


def test_the_table_covers_every_case_and_no_row_is_idle():
    assert lint_decisions(DMN) == []
