"""Decision tables and their hit policies (DMN 1.5, 8.2 and 10.3.2.10)."""

from decimal import Decimal

import pytest

from bpmn.decisions import DecisionError, decide, decide_strictly

AGES = [("<18", '"child"'), ("[18..60)", '"adult"'), (">=60", '"old"')]


def run(dmn, x=None, s=None):
    problems = []
    value = decide(dmn, {"x": x, "s": s}, "d", report=problems.append)
    return value, problems


@pytest.mark.parametrize(("x", "expected"), [(3, "child"), (18, "adult"), (59.99, "adult"), (60, "old")])
def test_unique_gives_the_only_rule_that_fits(write, x, expected):
    assert run(write.one_table(["x"], ["r"], AGES), x) == (expected, [])


def test_unique_with_two_rules_gives_null_and_names_both(write):
    value, [problem] = run(write.one_table(["x"], ["r"], [("<10", "1"), ("-", "2"), (">5", "3")]), 3)
    assert value is None
    assert (problem.kind, problem.rules, problem.values) == ("several rules fit", (1, 2), (3,))


def test_a_gap_gives_null_and_is_told(write):
    value, [problem] = run(write.one_table(["x"], ["r"], AGES), None)
    assert value is None
    assert (problem.kind, problem.rules) == ("no rule fits", ())


def test_a_strict_decision_raises_what_would_be_told(write):
    with pytest.raises(DecisionError) as raised:
        decide_strictly(write.one_table(["x"], ["r"], [("<10", "1"), ("<20", "2")]), {"x": 5}, "d")
    assert raised.value.problems[0].rules == (1, 2)


def test_a_default_fills_a_gap(write):
    assert run(write.one_table(["x"], [("r", "", '"none"')], AGES[:1]), 50) == ("none", [])


def test_any_wants_rules_that_agree(write):
    dmn = write.one_table(["x"], ["r"], [("<10", "1"), ("<20", "1.0"), ("<2", "2")], policy="ANY")
    assert run(dmn, 5) == (1, [])
    value, [problem] = run(dmn, 1)
    assert value is None
    assert problem.rules == (1, 2, 3)


def test_first_stops_at_the_first_rule(write):
    assert run(write.one_table(["x"], ["r"], [(">5", "1"), ("-", "2")], policy="FIRST"), 9) == (1, [])


def test_priority_follows_the_output_values(write):
    rules = [("-", '"low"'), (">5", '"high"'), (">3", '"middle"')]
    dmn = write.one_table(["x"], [("r", '"high", "middle", "low"', "")], rules, policy="PRIORITY")
    assert [run(dmn, x)[0] for x in (1, 4, 9)] == ["low", "middle", "high"]


def test_output_order_sorts_by_the_output_values(write):
    rules = [("-", '"low"'), (">5", '"high"'), (">3", '"middle"')]
    dmn = write.one_table(["x"], [("r", '"high", "middle", "low"', "")], rules, policy="OUTPUT ORDER")
    assert run(dmn, 9)[0] == ["high", "middle", "low"]


@pytest.mark.parametrize("policy", ["RULE ORDER", "COLLECT"])
def test_collecting_keeps_the_order_of_the_rules(write, policy):
    assert run(write.one_table(["x"], ["r"], [(">5", "1"), ("-", "2"), (">7", "1")], policy=policy), 9)[
        0
    ] == [1, 2, 1]


@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [("SUM", Decimal(6)), ("COUNT", Decimal(3)), ("MIN", Decimal(1)), ("MAX", Decimal(3))],
)
def test_a_collection_may_be_aggregated(write, aggregation, expected):
    rules = [("-", "1"), ("-", "2"), (">5", "3")]
    assert (
        run(write.one_table(["x"], ["r"], rules, policy="COLLECT", aggregation=aggregation), 9)[0] == expected
    )


@pytest.mark.parametrize(
    ("policy", "aggregation", "expected"),
    [
        ("COLLECT", "", []),
        ("RULE ORDER", "", []),
        ("COLLECT", "COUNT", Decimal(0)),
        ("COLLECT", "SUM", None),
        ("COLLECT", "MAX", None),
    ],
)
def test_nothing_collected_is_an_empty_list_without_complaint(write, policy, aggregation, expected):
    dmn = write.one_table(["x"], ["r"], [(">5", "1")], policy=policy, aggregation=aggregation)
    assert run(dmn, 1) == (expected, [])


def test_several_outputs_make_a_context(write):
    dmn = write.one_table(["x"], ["level", "money"], [("<10", '"A"', "x * 2"), (">=10", '"B"', "0")])
    assert run(dmn, 4)[0] == {"level": "A", "money": 8}


@pytest.mark.parametrize(
    ("cell", "x", "s", "fits"),
    [
        ("-", None, "", True),
        ("1, 3, [5..7]", 6, "", True),
        ("not(1, 3)", 2, "", True),
        ("not(1, 3)", 3, "", False),
        ("not(1, 3)", None, "", True),
        ("not(< 3)", None, "", False),
        ("null", None, "", True),
        ("? * 2 = 10", 5, "", True),
        ("string length(s)", 3, "abc", True),
        ("< string length(s)", 3, "abcd", True),
        ("[1, 2, 3]", 2, "", True),
        ("-5", -5, "", True),
        ("(1..5]", 1, "", False),
        ("]1..5[", 3, "", True),
        ("> -3", -2, "", True),
    ],
)
def test_a_cell_fits_as_its_test_says(write, cell, x, s, fits):
    value, _ = run(write.one_table(["x"], [("r", "", '"no"')], [(cell, '"yes"')]), x, s)
    assert value == ("yes" if fits else "no")


@pytest.mark.parametrize(
    ("cell", "s", "fits"), [('"a", "b"', "b", True), ('not("a")', "b", True), ('"a"', "A", False)]
)
def test_a_text_cell_fits_exactly(write, cell, s, fits):
    value, _ = run(write.one_table(["s"], [("r", "", '"no"')], [(cell, '"yes"')]), 1, s)
    assert value == ("yes" if fits else "no")


def test_an_input_outside_its_input_values_is_told(write):
    table = write.table(["s"], ["r"], [("-", "1")]).replace(
        "</inputExpression>", '</inputExpression><inputValues><text>"a","b"</text></inputValues>'
    )
    dmn = write.definitions(write.inputs(s="string"), write.decision("d", table, inputs=("s",)))
    assert run(dmn, s="a") == (1, [])
    value, [problem] = run(dmn, s="c")
    assert value is None
    assert problem.kind == "input not allowed"


@pytest.mark.parametrize(("x", "expected"), [(5, "few"), (50, "many")])
def test_a_column_that_names_another_type_than_its_values_still_compares_them(write, x, expected):
    dmn = write.one_table(["x"], ["r"], [("<10", '"few"'), (">=10", '"many"')])
    dmn = dmn.replace(b"<inputExpression>", b'<inputExpression typeRef="string">')
    assert run(dmn, x)[0] == expected
