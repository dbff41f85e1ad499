"""A timer on the border of a task that fires when the task is due: one value, told from outside, drives both."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import bpmn
from bpmn.errors import NoSuchTask
from tests.bpmn.sketch import NOW
from tests.bpmn.sketch import sketch as draw

LATE = "start s\nuser a deadline=P3WD\nboundary b on=a date=deadline\nuser c\nend e\ns -> a -> e\nb -> c -> e"
BESIDE = LATE.replace("date=deadline", "date=deadline beside")
DUE = NOW + timedelta(days=3)


def started(walk, text=LATE):
    case = walk(text)
    return case, case.run.tasks()[0].id


def test_it_waits_to_be_told_when_the_task_is_due(walk):
    case, task = started(walk)

    assert case.run.timers() == []
    case.run.set_deadline(task, DUE)
    assert [(t.element, t.fire_at) for t in case.run.timers()] == [("b", DUE)]


def test_it_moves_with_the_deadline_and_keeps_its_id(walk):
    case, task = started(walk)
    case.run.set_deadline(task, DUE)
    [before] = case.run.timers()

    case.run.set_deadline(task, DUE + timedelta(days=2))

    [after] = case.run.timers()
    assert (after.id, after.fire_at) == (before.id, DUE + timedelta(days=2))
    with pytest.raises(bpmn.TimerNotDue):
        case.run.fire(after.id, DUE)


@pytest.mark.parametrize(("text", "left"), [(LATE, ["c"]), (BESIDE, ["a", "c"])])
def test_it_fires_at_the_due_moment_and_not_before(walk, text, left):
    case, task = started(walk, text)
    case.run.set_deadline(task, DUE)
    [timer] = case.run.timers()

    with pytest.raises(bpmn.TimerNotDue):
        case.run.fire(timer.id, DUE - timedelta(seconds=1))
    case.run.fire(timer.id, DUE)

    assert sorted(t.element for t in case.run.tasks()) == left


def test_whoever_completes_the_task_after_it_is_overtaken_by_it(walk):
    case, task = started(walk)
    case.run.set_deadline(task, DUE)

    with pytest.raises(bpmn.DeadlinePassed):
        case.run.complete(task, {}, DUE)
    assert [t.element for t in case.run.tasks()] == ["c"]


def test_a_task_that_is_done_in_time_takes_it_along(walk):
    case, task = started(walk)
    case.run.set_deadline(task, DUE)
    case.run.complete(task, {}, DUE - timedelta(seconds=1))

    assert (case.run.finished, case.run.timers()) == (True, [])


def test_only_a_task_that_is_open_has_a_deadline(walk):
    case, task = started(walk)
    case.run.complete(task, {}, NOW)

    with pytest.raises(NoSuchTask):
        case.run.set_deadline(task, DUE)


def test_it_survives_being_kept(walk, sketch):
    case, task = started(walk)
    case.run.set_deadline(task, DUE)

    kept = bpmn.load(sketch(LATE)).restore(case.run.dump())

    assert [(t.element, t.fire_at) for t in kept.timers()] == [("b", DUE)]


@pytest.mark.parametrize(
    ("border", "rules"),
    [
        ("date=deadline", set()),
        ("date=begins", {"timer-beside-deadline"}),
        ("duration=P3D", {"timer-beside-deadline"}),
        ("cycle=R3/P1D beside", {"timer-beside-deadline"}),
        ("duration=deadline", {"timer-deadline"}),
    ],
)
def test_a_second_time_beside_the_deadline_is_not_published(sketch, border, rules):
    problems = bpmn.lint(sketch(LATE.replace("date=deadline", border)))

    assert {p.rule for p in problems if p.rule.startswith("timer-")} == rules


def test_the_day_on_which_the_clock_begins_may_stand_on_the_border(sketch):
    """A task that waits for a day and is then taken over by another one: that day is not its deadline."""
    files = {
        name: text.replace(b'duration="P3WD"', b'duration="P3WD" start="begins"')
        for name, text in sketch(LATE.replace("date=deadline", "date=begins")).items()
    }

    assert not [p for p in bpmn.lint(files) if p.rule.startswith("timer-")]


def test_a_task_done_several_times_has_no_one_deadline(sketch):
    text = LATE.replace("user a deadline", "user a times=3 deadline")

    assert "timer-deadline" in {p.rule for p in bpmn.lint(sketch(text))}


MOMENTS = st.integers(0, 10 * 365 * 86_400).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(before=MOMENTS, after=MOMENTS)
def test_a_fact_that_holds_a_due_moment_moves_with_its_timer(before, after):
    text = "start s\nuser a\ncatch b date=ends\nuser c\ns -> a -> b -> c"
    run = bpmn.load(draw(text)).start({"ends": before.isoformat()}, NOW)
    run.complete(run.tasks()[0].id, {}, NOW)

    run.move("ends", before, after)

    assert [t.fire_at for t in run.timers()] == [after]
    assert run.facts["ends"] == after.isoformat()


def test_a_fact_that_says_something_else_by_now_is_left(walk):
    case = walk("start s\ncatch b date=ends\nuser c\ns -> b -> c", {"ends": DUE.isoformat()})

    case.run.move("ends", DUE + timedelta(days=1), DUE + timedelta(days=9))

    assert [t.fire_at for t in case.run.timers()] == [DUE]
