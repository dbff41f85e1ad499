"""Boxed expressions whose conditions are none, and several expressions in one (DMN 1.5, 10.2.2 and rule 3)."""

import pytest

from bpmn.decisions import decide


def value(write, logic):
    return decide(write.definitions(write.decision("d", logic)), {}, "d")


@pytest.mark.parametrize("condition", ['"late"', 'if item < 2 then true else "late"'])
def test_a_boxed_filter_by_something_else_than_a_condition_is_null(write, condition):
    box = f"<filter><in>{write.literal('[1, 2]')}</in><match>{write.literal(condition)}</match></filter>"
    assert value(write, box) is None


@pytest.mark.parametrize("kind", ["some", "every"])
def test_a_boxed_quantifier_over_something_else_than_conditions_is_null(write, kind):
    body = write.literal('if i = 1 then "late" else i > 0')
    box = f'<{kind} iteratorVariable="i"><in>{write.literal("[1, 2]")}</in><satisfies>{body}</satisfies></{kind}>'
    assert value(write, box) is None


def test_several_expressions_are_the_list_of_their_values(write):
    assert value(write, write.literal('1 + 1, "b", [3]')) == [2, "b", [3]]
    assert value(write, write.literal("1, ")) is None
