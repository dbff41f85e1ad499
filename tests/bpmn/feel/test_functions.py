"""Built-in functions at the edges of their domains (DMN 1.5, 10.3.4)."""

import pytest

import bpmn
from bpmn.feel import Months, evaluate


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('list replace("old", 1, "new")', ["new"]),
        ("reverse(7)", [7]),
        ('string join("only", "-")', "only"),
        ('string join(list: "only", delimiter: "-")', "only"),
        ('string join(7, "-")', None),
        ("count(null)", None),
        ("concatenate(1, [2])", [1, 2]),
    ],
)
def test_a_value_stands_for_the_list_of_it_alone(text, value):
    assert evaluate(text, {}) == value


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2020-03-15T18:00:00", "2021-03-15T06:00:00", 12),
        ("2021-03-15T06:00:00", "2020-03-15T18:00:00", -12),
        ("2020-03-15T18:00:00", "2021-03-14T23:00:00", 11),
        ("2020-03-15T18:00:00Z", "2020-05-15T06:00:00@Asia/Shanghai", 2),
    ],
)
def test_years_and_months_are_counted_between_days_not_hours(start, end, months):
    text = f'years and months duration(date and time("{start}"), date and time("{end}"))'
    assert evaluate(text, {}) == Months(months)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[7..)", ">= 7"),
        ("]7..)", "> 7"),
        ("(..7]", "<= 7"),
        ("]..7[", "< 7"),
        (" ( .. 7 ] ", "<= 7"),
        ("[-7..-3]", "[-7..-3]"),
    ],
)
def test_a_range_from_text_may_be_open(written, meant):
    assert evaluate("range(written) = (" + meant + ")", {"written": written}) is True


@pytest.mark.parametrize(
    "written",
    [
        "[..7]",
        "[7..]",
        "(..)",
        "(..null]",
        "(..a]",
        "(..7",
        "..7]",
        "7..)",
        ">= 7",
        "<7",
        "=7",
        "7",
        ")",
        "(",
    ],
)
def test_a_text_that_writes_no_range_is_null(written):
    assert evaluate("range(written)", {"written": written}) is None


def test_the_ends_of_a_range_are_of_one_kind():
    assert evaluate('[@"2026-01-01"..@"2026-01-02T00:00:00"]', {}) is None
    assert evaluate('range("[@\\"2026-01-01T00:00:00\\"..@\\"2026-01-02\\"]")', {}) is None


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("k", "[^K]", False),
        ("K", "[^k]", False),
        ("l", "[^K]", True),
        ("k", "[a-z-[K]]", False),
        ("L", "[a-z-[K]]", True),
        ("ab", r"\p{Lu}", False),
        ("ab", r"[\p{Lu}B]", True),
    ],
)
def test_case_is_ignored_in_a_class_before_it_is_turned_round(text, pattern, found):
    assert evaluate('matches(text, pattern, "i")', {"text": text, "pattern": pattern}) is found


@pytest.mark.parametrize(
    "text",
    [
        '[1, 2]["late"]',
        '[1, 2][if item < 2 then true else "late"]',
        'some x in [1, 2] satisfies if x < 2 then "late" else true',
        "every x in [1, 2] satisfies x",
    ],
)
def test_a_condition_that_is_no_condition_makes_the_whole_null(text):
    assert evaluate(text, {}) is None


def test_an_unknown_condition_only_leaves_its_item_out():
    assert evaluate("[1, null, 3][item > 1]", {}) == [3]
    assert evaluate("some x in [null, 3] satisfies x > 1", {}) is True


@pytest.mark.parametrize(
    ("tests", "value", "passes"),
    [
        ("[1..5], 9", 3, True),
        ("not(3)", 3, False),
        ("> limit", 7, True),
        ("> limit", None, None),
        ('"甲", "乙"', "丙", False),
        ("? = limit + 2", 7, True),
    ],
)
def test_a_value_is_put_to_unary_tests(tests, value, passes):
    """As a cell of a decision table would."""
    assert bpmn.satisfies(tests, value, {"limit": 5}) is passes
