"""Which sequence flows a step has followed, so that a test can say which of a drawing it never took."""

from collections import Counter

import pytest
from hypothesis import given, settings

import bpmn
from bpmn.read import read
from tests.bpmn.models import OFFICE, PAY
from tests.bpmn.sketch import NOW, sketch
from tests.bpmn.test_walks import ACTIONS, FACTS, MODELS, act


def names(model: bpmn.Model, run: bpmn.Run) -> list[str]:
    """The flows of the last step as source-target."""
    return ["-".join(model.flows()[flow]) for flow in run.flows()]


def test_each_step_names_its_own_flows_in_order():
    """From the start; through a gateway, both branches of a fork, an armed event, a called process; and no older ones."""
    model = bpmn.load(sketch(OFFICE, pay=PAY))
    run = model.start(FACTS, NOW)
    steps = [names(model, run)]

    def do(element: str, **result: object) -> None:
        run.complete(next(t.id for t in run.tasks() if t.element == element), result, NOW)
        steps.append(names(model, run))

    do("accept", complete=True)
    run.fire(next(t.id for t in run.timers() if t.element == "late"), max(t.fire_at for t in run.timers()))
    steps.append(names(model, run))
    do("visit")
    run.deliver("核对结果", {}, NOW)
    do("opinion")
    run.fire(run.timers()[0].id, run.timers()[0].fire_at)
    steps.append(names(model, run))
    run.deliver("异议", {}, NOW)

    assert steps == [
        ["s-accept"],
        ["accept-complete", "complete-split", "split-verify", "split-visit", "split-ask", "ask-answer"],
        ["late-checked", "checked-join"],
        ["visit-join"],
        ["opinion-notice"],
        ["notice-objection", "objection-quiet", "objection-objected"],
    ]
    assert names(model, run) == ["objected-opinion"]


def test_a_called_process_brings_its_own_flows():
    """A model has the flows of all that a case can run through, under their ids."""
    model = bpmn.load(sketch("start s\ncall c calledElement=q\ns -> c", q="start t\nuser u\nt -> u"))

    assert dict(model.flows()) == {"f1": ("s", "c"), "f2": ("t", "u")}
    assert names(model, model.start({}, NOW)) == ["s-c", "t-u"]


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=100, deadline=None)
@given(actions=ACTIONS)
def test_whatever_was_entered_was_reached_by_a_flow_that_is_named(name, actions):
    """An element with a way in is entered as often as its flows were followed, on every walk."""
    model = bpmn.load(MODELS[name])
    scopes = read(MODELS[name], []).scopes()
    # Of what is done several times, each turn is entered as well.
    reached = {key for s in scopes for key, node in s.nodes.items() if node.incoming and node.loop is None}
    run, now = model.start(FACTS, NOW), NOW
    for choice in [None, *actions]:
        if choice is not None:
            now = act(run, choice, now)
        entered = Counter(m.element for m in run.marks() if m.kind == "entered")
        followed = Counter(model.flows()[flow][1] for flow in run.flows())
        assert {key: n for key, n in entered.items() if key in reached} == {
            key: n for key, n in followed.items() if key in reached
        }
