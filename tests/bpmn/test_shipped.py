"""Every procedure that is shipped: nothing to complain about, and walks at random."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from tests.bpmn.sketch import NOW
from workflows.called import read_model

PROCEDURES = sorted(Path(bpmn.__file__).parent.glob("procedures/*/model.bpmn"))
EQUALS = re.compile(r'([^\s=<>()"]+) = ("[^"]*"|true|false)')


def files(path):
    """The drawings and tables of a procedure, with those of the procedures that it calls."""
    return {name: text for name, text in read_model(path.parent).items() if not name.startswith("forms/")}


def answers(path):
    """The facts that conditions compare, each with the values they are compared with and one that none is."""
    text = "".join(one.decode() for name, one in files(path).items() if name.endswith(".bpmn"))
    found = {}
    for name, value in EQUALS.findall(text):
        plain = value == "true" if value in {"true", "false"} else value.strip('"')
        other = not plain if isinstance(plain, bool) else "else"
        found.setdefault(name, [other]).append(plain)
    for name in re.findall(r"<(?:\w+:)?timeDate[^>]*>([^<]+)<", text):
        found[name.strip()] = [(NOW + timedelta(days=days)).isoformat() for days in (5, 30)]
    return found


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda p: p.parent.name)
def test_nothing_is_wrong_with_a_shipped_procedure(path):
    """Neither an error nor a demand of our offices is left, and every state can end."""
    assert [p for p in bpmn.lint(files(path)) if p.severity != "hint"] == []


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda p: p.parent.name)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_walks_through_shipped_procedures(path, data):
    """Saved after every step or not, a walk is the same; it never gets stuck, and the state stays small."""
    model = bpmn.load(files(path))
    known = answers(path)
    drawn = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in known.items()})
    facts, now = data.draw(drawn), NOW
    kept, saved = model.start(facts, now, key="k"), model.start(facts, now, key="k")
    for _ in range(60):
        if kept.finished:
            break
        open_now = [("task", t.id) for t in kept.tasks()] + [("timer", t.id) for t in kept.timers()]
        open_now += [("message", w.message) for w in kept.waits()]
        kind, key = data.draw(st.sampled_from(open_now))
        result = data.draw(drawn)
        if kind == "timer":
            now = max(now, next(t.fire_at for t in kept.timers() if t.id == key))
        for run in (kept, saved):
            try:
                if kind == "task":
                    run.complete(key, result, now)
                elif kind == "timer":
                    run.fire(key, now)
                else:
                    run.deliver(key, {}, now)
            except (bpmn.DeadlinePassed, bpmn.NotWaiting):
                pass
        state = saved.dump()
        assert state == kept.dump()
        assert len(state) <= 2048
        assert (saved.effects(), saved.marks()) == (kept.effects(), kept.marks())
        assert kept.incidents() == []
        assert len(state) < 2048
        saved = model.restore(state)
