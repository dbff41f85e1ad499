"""What was granted changes in steps that are only added: for every month exactly one amount holds."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from jieban.benefits.changing import Step, amount_in, last_day_before, month_after, months_from, to_add

MONTHS = [months_from("2026-01", number) for number in range(36)]
AMOUNTS = st.integers(0, 2000).map(Decimal)
STEPS = st.builds(
    Step,
    st.sampled_from(MONTHS),
    AMOUNTS,
    st.integers(1, 6),
    st.sampled_from(["increased", "reduced", "stopped"]),
)
CHANGES = st.lists(
    st.lists(STEPS, min_size=1, max_size=3, unique_by=lambda step: step.from_month), max_size=6
)


def made(changes: list[list[Step]]) -> list[Step]:
    """The steps of a benefit after its changes, in the order in which they were made."""
    steps = [Step("2026-01", Decimal(500), 1, "granted")]
    for wanted in changes:
        steps += to_add(steps, wanted)
    return steps


@given(CHANGES, st.sampled_from(MONTHS), AMOUNTS)
def test_from_its_month_on_the_latest_change_holds(
    changes: list[list[Step]], month: str, amount: Decimal
) -> None:
    """Whatever was foreseen for later: a change is not undone by an earlier one whose month comes after it."""
    steps = made(changes)

    after = steps + to_add(steps, [Step(month, amount, 1, "increased")])

    assert {amount_in(after, one) for one in MONTHS if one >= month} == {amount}


@given(CHANGES, st.sampled_from(MONTHS))
def test_what_was_due_before_a_change_stays_due(changes: list[list[Step]], month: str) -> None:
    """The past is not touched."""
    steps = made(changes)

    after = steps + to_add(steps, [Step(month, Decimal(1), 1, "reduced")])

    earlier = [one for one in MONTHS if one < month]
    assert [amount_in(after, one) for one in earlier] == [amount_in(steps, one) for one in earlier]


@given(CHANGES, st.sampled_from(MONTHS))
def test_a_benefit_is_never_paid_after_its_end(changes: list[list[Step]], month: str) -> None:
    """Not even where a later amount had been decided before."""
    steps = made(changes)

    after = steps + to_add(steps, [Step(month, Decimal(0), 1, "stopped")])

    assert all(amount_in(after, one) == 0 for one in MONTHS if one >= month)


@given(CHANGES, st.integers(0, 20), st.lists(st.tuples(st.integers(1, 3), AMOUNTS), min_size=1, max_size=3))
def test_a_grace_period_pays_its_parts_and_then_nothing(
    changes: list[list[Step]], begin: int, parts: list[tuple[int, Decimal]]
) -> None:
    """Each part for its months, and the month after the last has none (DB-31)."""
    steps, month, wanted, expected = made(changes), MONTHS[begin], [], []
    for months, amount in parts:
        wanted.append(Step(month, amount, 1, "grace"))
        expected += [(months_from(month, number), amount) for number in range(months)]
        month = months_from(month, months)
    wanted.append(Step(month, Decimal(0), 1, "grace"))

    after = steps + to_add(steps, wanted)

    assert [(one, amount_in(after, one)) for one, _ in expected] == expected
    assert all(amount_in(after, one) == 0 for one in MONTHS if one >= month)


@given(CHANGES)
def test_steps_are_added_in_the_order_of_their_months(changes: list[list[Step]]) -> None:
    """Each month at most once in a change, so that none of its steps contradicts another."""
    steps = [Step("2026-01", Decimal(500), 1, "granted")]
    for wanted in changes:
        added = to_add(steps, wanted)
        months = [step.from_month for step in added]
        assert months == sorted(set(months))
        assert {step.from_month for step in wanted} <= set(months)
        steps += added


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 24))
def test_months_are_counted_over_the_turn_of_the_year(day: date, number: int) -> None:
    """The month before a month ends right before it begins."""
    month = month_after(day, number)

    assert month > day.strftime("%Y-%m")
    assert month_after(last_day_before(month)) == month
