"""No case ends by itself, and nothing decides but people."""

import pytest

import bpmn
from tests.bpmn.sketch import sketch

DECISIONS = {
    "letter:approval": {"decide"},
    "publish": {"decide"},
    "notice:refusal": {"decide"},
    "end:refused": {"decide"},
    "end:stopped": {"stop"},
}


def found(text, **others):
    """The findings of the two rules: where, and by which path."""
    rules = {"end-without-person", "decision-without-person"}
    problems = bpmn.lint(sketch(text, **others), decisions=DECISIONS)
    assert not [p for p in problems if p.severity == "error"]
    return {p.element: (p.rule, p.args["path"]) for p in problems if p.rule in rules}


def test_a_case_that_ends_by_itself_is_named_with_its_path():
    """One way to the end has nobody on it."""
    assert found("""
        start s
        xor x
        user a
        service b operation=tell
        end e
        end f
        s -> x
        x -> a : y
        x -> b : *
        a -> e
        b -> f
    """) == {"f": ("end-without-person", "s → x → b → f")}


def test_a_deadline_does_not_refuse():
    """Whoever should decide did not, and the timer leads to the refusal."""
    text = """
        start s
        user papers
        user review operation=decide
        boundary late on=review duration=P30D
        xor x
        service print operation=publish
        end end_paid
        end end_refused
        s -> papers -> review -> x
        x -> print : ok
        x -> end_refused : *
        print -> end_paid
        late -> end_refused
    """

    assert found(text) == {
        "end_refused": ("decision-without-person", "s → papers → review → late → end_refused")
    }
    assert found(text.replace("late -> end_refused", "user again operation=decide\nlate -> again -> x")) == {}


@pytest.mark.parametrize(
    "node",
    [
        "service n operation=publish",
        "service n notice=refusal",
        "throw n notice=refusal",
        "user n operation=publish",
    ],
)
def test_whatever_tells_of_a_decision_needs_one(node):
    """A person who does something else is not the one who decides."""
    for before, expected in (("operation=decide", set()), ("operation=look", {"n"})):
        assert set(found(f"start s\nuser a {before}\n{node}\nend e\ns -> a -> n -> e")) == expected


def test_each_decision_has_its_own_people():
    """Who may stop the procedure has not refused the application by that."""
    text = "start s\nuser a operation={}\nend end_{}\ns -> a -> end_{}"

    assert found(text.format("decide", "refused", "refused")) == {}
    assert set(found(text.format("stop", "refused", "refused"))) == {"end_refused"}
    assert found(text.format("stop", "stopped", "stopped")) == {}


def test_a_parallel_join_waits_for_the_one_who_decides():
    """The other branch has nobody on it, but cannot go on alone; after an exclusive merge it could."""
    text = """
        start s
        and f
        user a operation=decide
        service b operation=tell
        {} j
        end end_refused
        s -> f
        f -> a -> j
        f -> b -> j
        j -> end_refused
    """

    assert found(text.format("and")) == {}
    assert set(found(text.format("xor"))) == {"end_refused"}


def test_a_way_back_does_not_count_as_a_decision():
    """What was decided in an earlier round stays so; what never was does not become so by going round."""
    assert set(
        found("""
        start s
        xor m
        user a operation=look
        xor x
        user b operation=decide
        end end_refused
        s -> m -> a -> x
        x -> end_refused : y
        x -> b : *
        b -> m
    """)
    ) == {"end_refused"}


def test_a_sub_process_and_a_called_process_may_decide():
    """They count when every way through them does."""
    outer = "start s\n{}\nend end_refused\ns -> t -> end_refused"
    inner = "start ts\nuser a operation={}\nend te\nts -> a -> te"

    assert found(outer.format("sub t {\n" + inner.format("decide") + "\n}")) == {}
    assert found(outer.format("call t calledElement=q"), q=inner.format("decide")) == {}
    assert set(found(outer.format("sub t {\n" + inner.format("look") + "\n}"))) == {"end_refused"}
    assert set(found(outer.format("call t calledElement=q"), q=inner.format("look"))) == {"end_refused"}


def test_an_error_after_a_decision_inside_is_decided():
    """The refusal leaves the sub-process as an error, which was thrown by who decided; the timer was not."""
    text = """
        start s
        sub t {{
            start ts
            user a operation=decide
            xor x
            end no error=NO
            end yes
            ts -> a -> x
            x -> no : y
            x -> yes : *
        }}
        boundary b on=t error=NO
        {}
        end end_refused
        end e
        s -> t -> e
        b -> end_refused
    """

    late = "boundary late on=t duration=P30D\nlate -> end_refused"
    assert found(text.format("")) == {}
    assert set(found(text.format(late))) == {"end_refused"}


def test_an_event_that_takes_the_place_of_all_else_decides_nothing():
    """A message or a timer that ends the case ends it without anybody, unless somebody stands behind it."""
    text = """
        start s
        user a
        end e
        s -> a -> e
        esp h {{
            start hs duration=P90D {}
            {}
            end end_refused
            hs -> {} end_refused
        }}
    """

    assert found(text.format("", "", ""))["end_refused"][0] in {
        "end-without-person",
        "decision-without-person",
    }
    assert found(text.format("", "user b operation=decide", "b ->")) == {}
    assert {rule for rule, _ in found(text.format("beside", "", "")).values()} == {"decision-without-person"}


def test_what_may_be_done_no_time_at_all_does_not_count():
    """A count that comes out as none skips whoever decides."""
    text = "start s\nuser a operation=decide {}\nend end_refused\ns -> a -> end_refused"

    assert found(text.format("times=3")) == {}
    assert found(text.format("loop=again")) == {}
    assert set(found(text.format("times=n"))) == {"end_refused"}
    assert set(found(text.format("loop=again before"))) == {"end_refused"}


def test_a_reminder_beside_a_task_is_no_end_of_the_case():
    """A branch beside the first task ends before anybody has done anything, and the case does not."""
    text = """
        start s
        user a
        boundary remind on=a cycle=R3/P4D beside
        service n operation=tell
        end told
        end e
        s -> a -> e
        remind -> n -> told
    """

    assert found(text) == {}


def test_links_carry_the_way_on():
    """A link is a flow."""
    text = "start s\n{}\nthrow out link=A\ncatch in link=A\nend end_refused\ns -> {} out\nin -> end_refused"

    assert found(text.format("user a operation=decide", "a ->")) == {}
    assert found(text.format("", ""))["end_refused"][1] == "s → out → in → end_refused"
