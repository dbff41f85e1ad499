"""Gateways and flows, with traces as the specification gives them."""

import pytest

import bpmn
from tests.bpmn.sketch import NOW


def test_exclusive_takes_first_open_way(walk):
    """Exactly one way is taken: the first whose condition holds, else the default."""
    text = """
        start s
        xor x
        user small
        user large
        user other
        s -> x
        x -> large : amount > 100
        x -> small : amount > 10
        x -> other : *
    """

    assert walk(text, {"amount": 500}).open == ["large"]
    assert walk(text, {"amount": 50}).open == ["small"]
    assert walk(text, {"amount": 5}).open == ["other"]


def test_parallel_waits_for_every_flow(walk):
    """The join passes one token when each flow has brought one."""
    case = walk("""
        start s
        and f
        user a
        user b
        and j
        user c
        end e
        s -> f
        f -> a -> j
        f -> b -> j
        j -> c -> e
    """)

    assert case.open == ["a", "b"]
    assert case.do("b").open == ["a"]
    assert case.do("a").open == ["c"]
    assert case.do("c").ended == "e"


@pytest.mark.parametrize("first", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize("second", [("a", "b"), ("b", "a")])
def test_parallel_join_inside_a_loop(walk, first, second):
    """A join that was passed before waits again for every flow, whatever the order of either round."""
    case = walk("""
        start s
        xor again
        and f
        user a
        user b
        and j
        xor x
        end e
        s -> again -> f
        f -> a -> j
        f -> b -> j
        j -> x
        x -> again : more
        x -> e : *
    """)
    for task in first:
        case.do(task, more=True)
    case.do(second[0], more=False)

    assert case.open == [second[1]]
    assert case.do(second[1]).ended == "e"


def test_parallel_branches_do_not_overwrite_each_other(walk):
    """What one branch found out is still there after the other branch ends last."""
    case = walk(
        """
        start s
        and f
        user a
        user b
        and j
        end e
        s -> f
        f -> a -> j
        f -> b -> j
        j -> e
    """,
        {"status": "new"},
    )
    case.do("a", status="checked", found=3).do("b", seen=True)

    assert dict(case.run.facts) == {"status": "checked", "found": 3, "seen": True}


def test_parallel_join_fed_twice_by_one_node(walk):
    """Two flows from one source count as two."""
    case = walk("""
        start s
        user a
        and j
        end e
        s -> a
        a -> j
        a -> j
        j -> e
    """)

    assert case.do("a").ended == "e"
    assert case.trail.count("e") == 1


def test_excess_tokens_stay_at_the_join(walk):
    """A second token on one flow waits for its own partner."""
    case = walk("""
        start s
        and f
        user a
        user b
        user c
        xor m
        and j
        user d
        s -> f
        f -> a -> m
        f -> b -> m
        m -> j
        f -> c -> j
        j -> d
    """)

    assert case.do("a").do("b").open == ["c"]
    assert case.do("c").open == ["d"]
    assert not case.run.finished


def test_inclusive_takes_every_open_way_and_joins_them(walk):
    """The join waits for the branches that were taken, and for no other."""
    text = """
        start s
        or f
        user a
        user b
        user c
        or j
        end e
        s -> f
        f -> a : x
        f -> b : y
        f -> c : *
        a -> j
        b -> j
        c -> j
        j -> e
    """

    both = walk(text, {"x": True, "y": True})
    assert both.open == ["a", "b"]
    assert both.do("b").ended is None
    assert both.do("a").ended == "e"
    assert both.trail.count("e") == 1
    one = walk(text, {"x": True, "y": False})
    assert one.open == ["a"]
    assert one.do("a").ended == "e"
    assert walk(text, {"x": False, "y": False}).open == ["c"]


def test_inclusive_join_sees_that_a_branch_went_elsewhere(walk):
    """The join stops waiting when the token it waited for can no longer come."""
    case = walk("""
        start s
        and f
        user a
        user b
        xor x
        end elsewhere
        or j
        user c
        s -> f
        f -> a -> j
        f -> b -> x
        x -> j : back
        x -> elsewhere : *
        j -> c
    """)

    assert case.do("a").open == ["b"]
    assert case.do("b", back=False).open == ["c"]


def test_conditional_flows_from_a_task(walk):
    """All ways without condition, and all whose condition holds, are taken; the default only when none is."""
    text = """
        start s
        user a
        user b
        user c
        user d
        s -> a
        a -> b : x
        a -> c : y
        a -> d : *
    """

    assert walk(text).do("a", x=True, y=True).open == ["b", "c"]
    assert walk(text).do("a", x=False, y=False).open == ["d"]


def test_implicit_split_and_merge(walk):
    """Two flows out of a task are a parallel split; two flows into a task merge nothing."""
    case = walk("""
        start s
        user a
        user b
        user c
        user d
        s -> a
        a -> b -> d
        a -> c -> d
    """)
    case.do("a").do("b")

    assert case.open == ["c", "d"]
    assert case.do("c").open == ["d", "d"]


def test_first_event_wins_among_several_timers(walk):
    """Each timer of an event gateway has its own time, and the first one takes the token."""
    text = """
        start s
        race r
        catch week duration=P7D
        catch hour duration=PT1H
        catch answer message=回复
        user a
        user b
        user c
        s -> r
        r -> week -> a
        r -> hour -> b
        r -> answer -> c
    """
    case = walk(text)

    assert [(t.fire_at - case.now).total_seconds() for t in case.run.timers()] == [7 * 86400, 3600]
    assert case.fire("hour").open == ["b"]
    assert case.armed == []
    assert case.run.waits() == []
    assert walk(text).tell("回复").open == ["c"]


def test_no_open_way_is_an_incident(walk):
    """The token stays, the reason is told, and it goes on when the fact is put right."""
    case = walk("""
        start s
        user a
        xor x
        user b
        user c
        s -> a -> x
        x -> b : amount > 10
        x -> c : amount < 5
    """)
    case.do("a", amount=7)

    [incident] = case.run.incidents()
    assert (incident.element, case.open, case.run.finished) == ("x", [], False)
    case.run.retry(incident.id, case.now, {"amount": 20})
    assert [t.element for t in case.run.tasks()] == ["b"]
    assert case.run.incidents() == []


@pytest.mark.parametrize(
    "condition",
    [
        "amount > 10",
        "amount = 10",
        "amount != 10",
        "not(amount = 10)",
        "amount in (10, 20)",
        "amount = null",
        "amount = 10 and true",
        "if amount then true else false",
    ],
)
def test_unknown_fact_is_an_incident_and_not_a_no(walk, condition):
    """A comparison with what nobody has told takes neither the default nor the other way; once it is told, it goes on."""
    case = walk(f"""
        start s
        xor x
        user b
        user c
        s -> x
        x -> b : {condition}
        x -> c : *
    """)

    [incident] = case.run.incidents()
    assert incident.expression == condition
    assert "amount" in incident.message
    assert not case.run.tasks()
    case.run.retry(incident.id, NOW, {"amount": None})
    told = case.run.tasks() or case.run.incidents()
    assert len(told) == 1


def test_going_round_without_waiting_is_stopped(sketch, now):
    """A drawing that never waits is stopped, and its state cannot be saved."""
    model = bpmn.load(
        sketch("""
        start s
        user a
        xor x
        end e
        s -> a -> x
        x -> x : true
        x -> e : *
    """)
    )
    run = model.start({}, now)

    with pytest.raises(bpmn.StepLimit):
        run.complete(run.tasks()[0].id, {}, now)
    with pytest.raises(bpmn.StateError):
        run.dump()


def test_a_thousand_rounds_leave_no_trace_in_the_state(walk):
    """A loop neither recurses nor grows the state."""
    case = walk("""
        start s
        user a
        xor x
        end e
        s -> a -> x
        x -> a : again
        x -> e : *
    """)
    case.do("a", again=True)
    size = len(case.run.dump())
    for _ in range(1000):
        case.do("a", again=True)

    assert len(case.run.dump()) <= size + 4
    assert case.do("a", again=False).ended == "e"


def test_join_that_waits_in_vain_is_an_incident(walk):
    """Nothing that can no longer go on is silent."""
    case = walk("""
        start s
        user a
        xor x
        user b
        user c
        and j
        end e
        s -> a -> x
        x -> b : left
        x -> c : *
        b -> j
        c -> j
        j -> e
    """)

    assert [i.element for i in case.do("a", left=True).do("b").run.incidents()] == ["j"]


def test_turns_inside_turns_are_stopped_before_they_fill_the_machine(sketch, now):
    """A thousand times a thousand is counted while it is entered."""
    model = bpmn.load(sketch("sub a times=1000 {\nsub b times=1000 {\nuser c\n}\n}"))

    with pytest.raises(bpmn.StepLimit):
        model.start({}, now)
