"""Sub-processes, calls, event sub-processes, transactions, and doing things several times."""

import pytest

import bpmn

SUB = """
    start s
    sub t {
        start ts
        and f
        user a
        user b
        end te
        ts -> f
        f -> a -> te
        f -> b -> te
    }
    boundary late on=t duration=P5D
    user c
    user d
    s -> t -> c
    late -> d
"""


def test_sub_process_ends_when_all_inside_ended(walk):
    """The flow goes on when no token is left inside."""
    case = walk(SUB)

    assert case.open == ["a", "b"]
    assert case.do("a").open == ["b"]
    assert case.do("b").open == ["c"]
    assert case.armed == []


def test_interrupting_a_sub_process_takes_all_inside(walk):
    """Nothing inside survives."""
    assert walk(SUB).do("a").fire("late").open == ["d"]


def test_late_completion_inside_a_sub_process(walk):
    """A deadline on the border of the sub-process decides over a task inside."""
    case = walk(SUB)
    task = case.run.tasks()[0]

    with pytest.raises(bpmn.DeadlinePassed):
        case.run.complete(task.id, {}, case.run.timers()[0].fire_at)
    assert [t.element for t in case.run.tasks()] == ["d"]


def test_terminate_inside_ends_only_the_inside(walk):
    """The outer flow goes on."""
    case = walk("""
        start s
        sub t {
            start ts
            and f
            user a
            user b
            end te terminate
            ts -> f
            f -> a -> te
            f -> b
        }
        user c
        s -> t -> c
    """)

    assert case.do("a").open == ["c"]


def test_called_process(walk):
    """A called process runs as if it stood there, twice over if it is called twice."""
    case = walk(
        """
        start s
        call one calledElement=pay
        call two calledElement=pay
        end e
        s -> one -> two -> e
        """,
        pay="start ps\nuser a\nend pe\nps -> a -> pe",
    )

    assert case.do("a", paid=1).open == ["a"]
    assert case.do("a").ended == "e"


def test_error_end_goes_to_the_border(walk):
    """An error leaves its scope, all of it, by the border that names it."""
    text = """
        start s
        sub t {
            start ts
            and f
            user a
            user b
            xor x
            end e1 error=E1
            end e2 error=E2
            ts -> f
            f -> a -> x
            f -> b
            x -> e1 : one
            x -> e2 : *
        }
        boundary first on=t error=E1
        boundary any on=t error
        user c
        user d
        s -> t
        first -> c
        any -> d
    """

    assert walk(text).do("a", one=True).open == ["c"]
    assert walk(text).do("a", one=False).open == ["d"]


def test_escalation_does_not_stop_the_thrower(walk):
    """Beside the sub-process a branch is started; the inside goes on."""
    case = walk("""
        start s
        sub t {
            start ts
            throw up escalation=督办
            user a
            ts -> up -> a
        }
        boundary heard on=t escalation=督办 beside
        user c
        user d
        s -> t -> d
        heard -> c
    """)

    assert sorted(case.open) == ["a", "c"]
    assert case.asked == [("escalation", "督办")]
    assert sorted(case.do("a").open) == ["c", "d"]


def test_interrupting_escalation_stops_the_thrower(walk):
    """The inside is gone before it goes on."""
    case = walk("""
        start s
        sub t {
            start ts
            throw up escalation=督办
            user a
            ts -> up -> a
        }
        boundary heard on=t escalation=督办
        user c
        s -> t
        heard -> c
    """)

    assert case.open == ["c"]


EVENT_SUB = """
    start s
    user a
    end e
    s -> a -> e
    esp h {{
        start hs message=异议 {beside}
        user b
        end he
        hs -> b -> he
    }}
"""


def test_interrupting_event_sub_process_replaces_the_rest(walk):
    """All else in the scope is gone, and the case ends when the handler ends."""
    case = walk(EVENT_SUB.format(beside="")).tell("异议")

    assert case.open == ["b"]
    assert case.run.waits() == []
    assert case.do("b").run.finished


def test_event_sub_process_beside_the_rest(walk):
    """The handler runs beside, as often as it is called, and an unused one does not hold the case open."""
    case = walk(EVENT_SUB.format(beside="beside")).tell("异议").tell("异议")

    assert sorted(case.open) == ["a", "b", "b"]
    assert not case.do("b").do("b").run.finished
    assert case.do("a").ended == "e"
    assert walk(EVENT_SUB.format(beside="beside")).do("a").ended == "e"


def test_one_case_does_not_change_the_next(walk):
    """A triggered event sub-process leaves no mark on the shared specification."""
    walk(EVENT_SUB.format(beside="")).tell("异议").do("b")
    second = walk(EVENT_SUB.format(beside=""))

    assert second.open == ["a"]
    assert second.do("a").ended == "e"


def test_event_sub_process_catches_an_error_of_its_scope(walk):
    """An error of the scope starts the handler in it."""
    case = walk("""
        start s
        user a
        end oops error=E1
        s -> a -> oops
        esp h {
            start hs error=E1
            user b
            hs -> b
        }
    """)

    assert case.do("a").open == ["b"]
    assert case.do("b").run.finished


def test_cancelled_transaction_leaves_by_its_cancel_event(walk):
    """All inside is taken away and the flow goes on at the cancel border."""
    case = walk("""
        start s
        tx t {
            start ts
            and f
            user a
            user b
            end te cancel
            ts -> f
            f -> a -> te
            f -> b
        }
        boundary gone on=t cancel
        user c
        s -> t
        gone -> c
    """)

    assert case.do("a").open == ["c"]


def test_side_by_side(walk):
    """All turns are open at once; the flow goes on when all are done."""
    case = walk("start s\nuser a times=n\nuser b\ns -> a -> b", {"n": 3})

    assert [t.turn for t in case.run.tasks()] == [0, 1, 2]
    assert case.do("a").do("a").open == ["a"]
    assert case.do("a").open == ["b"]


def test_one_after_another(walk):
    """The next turn begins when one is done."""
    case = walk("start s\nuser a turns=3\nuser b\ns -> a -> b")

    assert [t.turn for t in case.do("a").run.tasks()] == [1]
    assert case.do("a").do("a").open == ["b"]


def test_enough_is_enough(walk):
    """The completion condition takes the remaining turns away."""
    case = walk('start s\nuser a times=3 until="numberOfCompletedInstances >= 2"\nuser b\ns -> a -> b')

    assert case.do("a").do("a").open == ["b"]


@pytest.mark.parametrize("word", ["times", "turns"])
def test_no_turn_at_all(walk, word):
    """Nothing to do is done at once."""
    assert walk(f"start s\nuser a {word}=0\nuser b\ns -> a -> b").open == ["b"]


def test_several_sub_processes_with_one_deadline(walk):
    """The border belongs to all turns together."""
    text = """
        start s
        sub t times=2 {
            start ts
            user a
            end te
            ts -> a -> te
        }
        boundary late on=t duration=P5D
        user b
        user c
        s -> t -> b
        late -> c
    """

    assert walk(text).armed == ["late"]
    assert walk(text).do("a").do("a").open == ["b"]
    assert walk(text).do("a").fire("late").open == ["c"]


def test_standard_loop(walk):
    """The task is done again while the condition holds, and no more often than the maximum."""
    text = "start s\nuser a loop=again max=3\nuser b\ns -> a -> b"

    assert walk(text).do("a", again=False).open == ["b"]
    assert walk(text).do("a", again=True).open == ["a"]
    assert walk(text).do("a", again=True).do("a").do("a").open == ["b"]
    assert walk("start s\nuser a loop=again before\nuser b\ns -> a -> b", {"again": False}).open == ["b"]


def test_process_without_start_event(walk):
    """Every node without a way in begins, and the case ends when nothing is left."""
    case = walk("user a\nuser b")

    assert case.open == ["a", "b"]
    assert case.do("a").do("b").ended == "b"


def test_waiting_for_several_messages(walk):
    """A receive task may be done several times, and each message counts for one."""
    case = walk("start s\nreceive a message=回执 times=2\nuser b\ns -> a -> b")

    assert len(case.run.waits()) == 2
    assert case.tell("回执").open == []
    assert case.tell("回执").open == ["b"]


def test_several_calls(walk):
    """A called process may run several times side by side, each in a scope of its own."""
    case = walk(
        "start s\ncall c calledElement=q times=2\nend e\ns -> c -> e",
        q="start qs\nuser a\nend qe\nqs -> a -> qe",
    )

    assert case.open == ["a", "a"]
    assert case.do("a").do("a").ended == "e"


def test_scope_in_scope_in_scope(walk):
    """Interrupting the outermost takes the innermost away."""
    case = walk("""
        start s
        sub one {
            start s1
            sub two {
                start s2
                user a
                boundary inner on=a duration=P9D
                user z
                s2 -> a
                inner -> z
            }
            s1 -> two
        }
        boundary outer on=one duration=P5D
        user b
        s -> one
        outer -> b
    """)

    assert sorted(case.armed) == ["inner", "outer"]
    assert case.fire("outer").open == ["b"]
    assert case.armed == []


def test_who_names_the_error_hears_it_before_who_takes_any(walk):
    """The order in which the borders were drawn decides nothing."""
    case = walk("""
        start s
        sub t {
            user a
            end e1 error=E1
            a -> e1
        }
        boundary any on=t error
        boundary first on=t error=E1
        user c
        user d
        s -> t
        any -> d
        first -> c
    """)

    assert case.do("a").open == ["c"]


REFUSING = (
    "start ps\nuser look\nxor x\nend no error=E1\nend yes\nps -> look -> x\nx -> no : wrong\nx -> yes : *"
)


def test_error_of_a_called_process_goes_to_the_border_of_the_call(walk):
    """An error leaves the called process by the call, as it leaves a sub-process."""
    text = """
        start s
        call c calledElement=q
        boundary wrong on=c error=E1
        user good
        user bad
        s -> c -> good
        wrong -> bad
    """

    assert walk(text, q=REFUSING).do("look", wrong=True).open == ["bad"]
    assert walk(text, q=REFUSING).do("look", wrong=False).open == ["good"]


def test_error_must_be_caught_at_every_call(sketch):
    """One call that catches it does not speak for the other."""
    files = sketch(
        """
        start s
        call one calledElement=q
        boundary wrong on=one error=E1
        call two calledElement=q
        user bad
        s -> one -> two
        wrong -> bad
        """,
        q=REFUSING,
    )

    assert [p.element for p in bpmn.lint(files) if p.rule == "error-uncaught"] == ["no"]


def test_a_handler_does_not_hear_its_own_error(sketch):
    """An event sub-process that runs is used up, so its own error goes outwards."""
    text = """
        start s
        sub t {{
            user a
            end oops error=E1
            a -> oops
            esp h {{
                start hs error=E1
                user b
                end again error=E1
                hs -> b -> again
            }}
        }}
        user c
        s -> t
        {border}
    """
    inner, outer = text.format(border="t -> c"), text.format(border="boundary out on=t error=E1\nout -> c")

    assert [p.element for p in bpmn.lint(sketch(inner)) if p.rule == "error-uncaught"] == ["again"]
    assert "error-uncaught" not in {p.rule for p in bpmn.lint(sketch(outer))}


def test_error_of_a_handler_goes_to_the_border_inside_it(walk):
    """Handlers nest as scopes do."""
    case = walk("""
        start s
        user a
        end oops error=E1
        s -> a -> oops
        esp h {
            start hs error=E1
            sub t {
                user b
                end again error=E2
                b -> again
            }
            boundary out on=t error=E2
            user c
            hs -> t
            out -> c
        }
    """)

    assert case.do("a").open == ["b"]
    assert case.do("b").open == ["c"]


def test_event_gateway_asks_for_what_it_carries(walk):
    """What is ours may stand on any node."""
    case = walk("start s\nrace r operation=tell\ncatch c message=M\nend e\ns -> r -> c -> e")

    assert case.asked == [("operation", "tell")]


def test_the_end_of_a_handler_that_replaces_the_rest_is_the_outcome(walk):
    """A withdrawn case ends as withdrawn; what ran beside it says nothing about how it ended."""
    instead = walk(EVENT_SUB.format(beside="")).tell("异议")
    beside = walk(EVENT_SUB.format(beside="beside")).tell("异议")

    assert instead.do("b").ended == "he"
    assert beside.do("a").do("b").ended == "e"


def test_the_end_of_a_sub_process_is_not_the_outcome(walk):
    """Nor is that of a handler inside it."""
    case = walk("""
        start s
        sub t {
            user a
            end te
            a -> te
            esp h {
                start hs message=M
                user b
                end he
                hs -> b -> he
            }
        }
        end e
        s -> t -> e
    """).tell("M")

    assert case.run.outcome is None
    assert case.do("b").ended == "e"
