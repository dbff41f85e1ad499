"""Random walks: saving and restoring after every step changes nothing, and no token is ever lost."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from bpmn.checks.events import ALLOWED
from bpmn.graph import EVENTS, GATEWAYS, SUBPROCESSES, TASKS
from bpmn.read import read
from tests.bpmn.models import CALLED, KINDS, LEVEL, OFFICE, PAY, SCOPES
from tests.bpmn.sketch import NOW, sketch

MODELS = {
    "office": sketch(OFFICE, pay=PAY),
    "scopes": sketch(SCOPES),
    "kinds": {**sketch(KINDS, q=CALLED), "level.dmn": LEVEL},
}
FACTS = {"complete": True, "approved": False, "wrong": False, "notice_ends": date(2026, 4, 20), "level": None}
ACTIONS = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.booleans(), st.booleans(), st.integers(0, 9)), max_size=40
)


def act(run, choice, now):
    """Do one of the things that can be done now."""
    number, complete, approved, wrong, days = choice
    facts = {"complete": complete, "approved": approved, "wrong": wrong}
    now += timedelta(days=days)
    doable = [("task", t.id) for t in run.tasks()]
    doable += [("timer", t.id) for t in run.timers()]
    doable += [("message", w.message) for w in run.waits()]
    if not doable:
        return now
    kind, key = doable[number % len(doable)]
    try:
        if kind == "task":
            run.complete(key, facts, now)
        elif kind == "timer":
            due = next(t.fire_at for t in run.timers() if t.id == key)
            now = max(now, due)
            run.fire(key, now)
        else:
            run.deliver(key, facts, now)
    except (bpmn.DeadlinePassed, bpmn.NotWaiting):
        pass
    return now


def seen(run):
    """Everything that can be seen of a run."""
    return (
        run.tasks(),
        run.timers(),
        run.waits(),
        run.incidents(),
        run.finished,
        run.outcome,
        dict(run.facts),
        run.dump(),
    )


def test_the_models_hold_every_kind_of_element():
    """Between them they hold each kind of node, and each kind of event that is allowed."""
    problems: list = []
    scopes = [scope for files in MODELS.values() for scope in read(files, problems).scopes()]
    nodes = [node for scope in scopes for node in scope.nodes.values()]
    events = {(n.kind, n.definitions[0].kind) for n in nodes if n.definitions}
    wanted = {(kind, definition) for kind, kinds in ALLOWED.items() for definition in kinds}
    # A start event of a process is what it is, whatever its trigger; those of event sub-processes differ.
    starts = {("startEvent", kind) for kind in ("message", "timer", "conditional", "error", "escalation")}

    assert problems == []
    assert (TASKS | GATEWAYS | EVENTS | SUBPROCESSES | {"callActivity"}) - {n.kind for n in nodes} == {
        "scriptTask"
    }
    assert {pair for pair in wanted if pair[0] != "startEvent"} | starts <= events
    assert {n.loop.kind for n in nodes if n.loop} == {"loop", "parallel", "sequential"}


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=400, deadline=None)
@given(actions=ACTIONS)
def test_saving_changes_nothing(name, actions):
    """A run that is saved and restored after each step is the run that is not."""
    model = bpmn.load(MODELS[name])
    kept, now = model.start(FACTS, NOW, key="k"), NOW
    saved = model.start(FACTS, NOW, key="k")
    for choice in actions:
        saved = model.restore(saved.dump())
        if kept.finished:
            break
        later = act(kept, choice, now)
        assert act(saved, choice, now) == later
        assert saved.effects() == kept.effects()
        assert saved.marks() == kept.marks()
        assert seen(saved) == seen(kept)
        now = later


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=200, deadline=None)
@given(actions=ACTIONS)
def test_no_token_is_lost(name, actions):
    """A case that is not finished waits for something; a finished one for nothing, and stays finished."""
    model = bpmn.load(MODELS[name])
    run, now = model.start(FACTS, NOW), NOW
    for choice in actions:
        now = act(run, choice, now)
        waiting = [*run.tasks(), *run.timers(), *run.waits(), *run.incidents()]
        assert bool(waiting) is not run.finished
        assert len(run.dump()) < 6000


def test_runs_share_a_model_and_nothing_else():
    """What one case does is not seen by the next."""
    model = bpmn.load(MODELS["scopes"])
    first = model.start(FACTS, NOW, key="k")
    before = seen(first)
    other = model.start(FACTS, NOW, key="k")
    for number in range(60):
        act(other, (number, True, True, number % 3 == 0, 1), NOW + timedelta(days=number))

    assert seen(first) == before
    assert seen(model.start(FACTS, NOW, key="k")) == before


def test_loading_the_same_files_twice_gives_the_same_model():
    """A procedure is parsed once."""
    assert bpmn.load(dict(MODELS["office"])) is bpmn.load(MODELS["office"])
