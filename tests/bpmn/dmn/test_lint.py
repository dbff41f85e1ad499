"""What is found in a decision model before it runs."""

import pytest

from bpmn.decisions import DMNError, decide, lint_decisions


def rules(dmn):
    return {
        (problem.rule, problem.args.get("first"), problem.args.get("second"))
        for problem in lint_decisions(dmn)
    }


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["< 10", ">= 10"], set()),
        (["<= 10", ">= 10"], {("dmn-overlap", "1", "2")}),
        (["< 10", "> 10"], {("dmn-gap", None, None)}),
        (["[1..5]", "not([1..5])"], set()),
        (["-"], set()),
        (["< 10", "x + 1", ">= 10"], {("dmn-not-checked", None, None)}),
    ],
)
def test_numbers_are_checked_for_overlaps_and_gaps(write, cells, found):
    assert rules(write.one_table(["x"], ["r"], [(cell, f'"{i}"') for i, cell in enumerate(cells)])) == found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (['date("2026-01-01")', 'not(date("2026-01-01"))'], set()),
        (['< @"2026-01-01"', '>= @"2026-01-01"'], set()),
        (['< @"2026-01-01"', '> @"2026-01-01"'], {("dmn-gap", None, None)}),
        (['"a"', 'not("a")'], set()),
        (['"a"', '"b"'], {("dmn-gap", None, None)}),
        (["true", "false"], set()),
        (["true"], {("dmn-gap", None, None)}),
        (['@"PT1H"', '> @"PT1H"', '< @"PT1H"'], set()),
        (['[@"P1M"..@"P1Y"]', '> @"P1Y"', '< @"P1M"'], set()),
    ],
)
def test_other_kinds_are_checked_too(write, cells, found):
    assert rules(write.one_table(["s"], ["r"], [(cell, f'"{i}"') for i, cell in enumerate(cells)])) == found


def test_two_columns_meet_where_both_do(write):
    table = [
        ("< 10", '"a"', "1"),
        ("< 20", '"b"', "2"),
        (">= 10", '"a"', "3"),
        (">= 20", '"b"', "4"),
        ("-", 'not("a","b")', "5"),
    ]
    assert rules(write.one_table(["x", "s"], ["r"], table)) == set()
    assert ("dmn-overlap", "1", "6") in rules(write.one_table(["x", "s"], ["r"], [*table, ("5", '"a"', "6")]))


def test_any_only_minds_different_results(write):
    table = [("< 10", "1"), ("< 20", "1"), ("-", "2")]
    assert rules(write.one_table(["x"], ["r"], table, policy="ANY")) == {
        ("dmn-disagree", "1", "3"),
        ("dmn-disagree", "2", "3"),
    }


def test_a_rule_behind_a_wider_one_never_speaks(write):
    assert rules(write.one_table(["x"], ["r"], [("-", "1"), ("< 5", "2")], policy="FIRST")) == {
        ("dmn-never", "2", None)
    }


def test_an_example_of_the_gap_is_given(write):
    [problem] = lint_decisions(write.one_table(["x"], ["r"], [("< 10", "1"), ("> 10", "2")]))
    assert "x = 10" in problem.message


def test_priorities_need_output_values(write):
    assert ("dmn-no-order", None, None) in rules(
        write.one_table(["x"], ["r"], [("-", '"a"')], policy="PRIORITY")
    )
    ranked = write.one_table(["x"], [("r", '"b", "c"', "")], [("-", '"a"')], policy="PRIORITY")
    assert ("dmn-not-ranked", "1", None) in rules(ranked)


def test_broken_parts_are_named(write):
    dmn = write.definitions(
        write.decision("a", write.literal("1 +")),
        write.decision("b", write.literal("1"), decisions=("nowhere",)),
        write.decision("c", write.literal("d"), decisions=("d",), type_="tUnknown"),
        write.decision("d", write.literal("c"), decisions=("c",)),
        write.decision("e", ""),
    )
    found = {problem.rule for problem in lint_decisions(dmn)}
    assert found == {"dmn-syntax", "dmn-missing-reference", "dmn-circle", "dmn-unknown-type", "dmn-no-logic"}


def test_what_would_take_too_long_is_refused(write):
    """The expressions of a model and its imports are read in bounded time, and so are its tables."""
    cell = f'"{"x" * 9_000}"'
    model = write.one_table(["x"], ["o"], [(str(number), cell) for number in range(12)])

    with pytest.raises(DMNError):
        lint_decisions(model)
    with pytest.raises(DMNError):
        decide(write.definitions(), {}, imports=(model,))


def test_many_columns_are_not_looked_through(write):
    """The work of looking for overlaps is bounded over all columns together."""
    rules = [[str(number * 20 + column) for column in range(20)] + ["1"] for number in range(200)]
    model = write.one_table(["x"] * 20, ["o"], rules)

    assert "dmn-not-checked" in {p.rule for p in lint_decisions(model)}


def test_output_values_are_no_program(write):
    """The order of the outputs is a list that is written out; what computes for long is refused."""
    model = write.one_table(
        ["x"], [("o", "count(for i in 1..100000 return i)", "")], [("1", "1")], "PRIORITY"
    )

    assert "dmn-syntax" in {p.rule for p in lint_decisions(model)}


def test_a_rule_for_null_is_not_said_to_be_silent(write):
    """Null inputs are left out of the search, so nothing is claimed of a rule that waits for them."""
    table = write.one_table(["x"], ["r"], [("null", "1"), ("not(null)", "2")])

    assert "dmn-never" not in {one.rule for one in lint_decisions(table)}


def test_an_aggregation_that_does_not_exist_is_refused(write):
    """A misspelt aggregation would silently give the list."""
    table = write.one_table(["x"], ["r"], [(">5", "1")], policy="COLLECT", aggregation="AVG")

    assert "dmn-aggregation" in {one.rule for one in lint_decisions(table)}
