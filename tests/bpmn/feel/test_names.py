"""Names of any script, with spaces and signs, and what an expression says it reads."""

import pytest

from bpmn.feel import FEELSyntaxError, compile_expression, compile_unary_tests, evaluate

FACTS = {"a-b": 3, "a": 5, "b": 1, "申请 人": {"月 收入": 800, "x-y": 2}, "date": "text", "🐎": 7}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-b", 3),
        ("a - b", 3),
        ("(a)-(b)", 4),
        ("申请  人.月 收入", 800),
        ("申请 人.x-y + 1", 3),
        ("🐎 + 1", 8),
        ('date("2026-01-01").year', 2026),
        ("date", "text"),
        ('{"c-d": 2}.c-d', 2),
        ("{a b: {c+d: 1}, e: a b.c+d}.e", 1),
        ('[{c-d: 1, e: "x"}][c-d = 1].e', ["x"]),
        ("for every one in [1, 2] return every one * 2", [2, 4]),
        ("(function(first name) first name)(first name: 1)", 1),
        ("[{name of it: 1}][name of it = 1]", [{"name of it": 1}]),
    ],
)
def test_the_longest_known_name_wins(text, expected):
    assert evaluate(text, FACTS) == expected


def test_an_expression_tells_what_it_reads():
    expression = compile_expression("月收入 <= 标准 * count(人员) and some p in 人员 satisfies p.年龄 > 60")
    assert expression.names == {"月收入", "标准", "人员"}


def test_functions_may_be_lent():
    expression = compile_expression("工作日(n: 3) + 1 + count(today())")
    assert expression({}, {"工作日": lambda n: n * 2, "today": lambda: [1, 2], "count": len}) == 9


def test_unary_tests_take_their_value_as_a_question_mark():
    tests = compile_unary_tests('"a", "b"')
    assert [tests({"?": value}) for value in ("a", "c")] == [True, False]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("1 +", 1, 4),
        ("a\n  and )", 2, 7),
        ('"open', 1, 1),
        ("if a then b", 1, 12),
        ("[1, 2", 1, 6),
        ("1 2", 1, 3),
    ],
)
def test_an_error_names_its_place(text, line, column):
    with pytest.raises(FEELSyntaxError) as raised:
        compile_expression(text)
    assert (raised.value.line, raised.value.column) == (line, column)
