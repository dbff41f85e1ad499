"""States that earlier layouts wrote are still understood, and go on."""

import json

import pytest

import bpmn
from bpmn.codec import MARK
from tests.bpmn.keeping import FOLDER, seen
from tests.bpmn.sketch import NOW
from tests.bpmn.test_walks import act

KEPT = sorted(FOLDER.glob("layout-*.json"))


def test_the_present_layout_is_among_them():
    """Whoever changes the layout gives it a number and keeps its states."""
    assert f"layout-{MARK[-1]}.json" in {path.name for path in KEPT}


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_states_of_every_layout_are_restored(path):
    """Tasks, timers, messages, incidents, end and facts are what they were, and the case can go on."""
    for kept in json.loads(path.read_text(encoding="utf-8")).values():
        model = bpmn.load({name: text.encode() for name, text in kept["files"].items()})
        assert len(kept["states"]) > 2
        for one in kept["states"]:
            run = model.restore(bytes.fromhex(one["state"]))
            assert seen(run) == one["seen"]
            again = model.restore(run.dump())
            assert seen(again) == one["seen"]
            if not run.finished:
                act(again, (0, True, True, False, 0), NOW)
                again.dump()


def test_a_state_of_a_later_layout_is_refused():
    """A newer program wrote it, and nothing is guessed."""
    model = bpmn.load(
        {"p.bpmn": next(iter(json.loads(KEPT[0].read_text("utf-8")).values()))["files"]["p.bpmn"].encode()}
    )
    state = model.start({"complete": True}, NOW).dump()

    with pytest.raises(bpmn.StateError):
        model.restore(state[:2] + bytes([state[2] + 1]) + state[3:])
