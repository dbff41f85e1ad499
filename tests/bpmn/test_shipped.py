"""Every procedure that is shipped: nothing to complain about, and walks at random."""

import random
import re
from datetime import timedelta
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

import bpmn
from bpmn.feel import compile_expression
from tests.bpmn.sketch import NOW
from workflows.called import read_model

PROCEDURES = sorted(Path(bpmn.__file__).parent.glob("procedures/*/model.bpmn"))
COMPARED = re.compile(r'(\w+) (=|!=|<=?|>=?) ("[^"]*"|\w+)')
QUOTED = re.compile(r'"([^"]*)"')
NUMBER = re.compile(r"\d+(?:\.\d+)?")


@cache
def files(path):
    """The drawings and tables of a procedure, with those of the procedures that it calls."""
    return {name: text for name, text in read_model(path.parent).items() if not name.startswith("forms/")}


@cache
def loaded(path):
    return bpmn.load(files(path))


@cache
def answers(path):
    """The facts that conditions and tables read, each with values that lead different ways."""
    found = {}
    for name, content in files(path).items():
        if name.endswith(".dmn"):
            read_table(content.decode(), found)
    for name, content in files(path).items():
        if name.endswith(".bpmn"):
            read_conditions(unescape(content.decode()), found)
    return found


def read_table(text, found):
    """A table is asked what it answers: the values of its cells, and numbers beside them."""
    tree = etree.fromstring(text.encode())
    for table in tree.iterfind(".//{*}decisionTable"):
        for place, column in enumerate(table.iterfind("{*}input")):
            asked = column.find("{*}inputExpression")
            cells = [
                rule.findall("{*}inputEntry")[place].findtext("{*}text") for rule in table.iterfind("{*}rule")
            ]
            name, kind, cell = asked.findtext("{*}text").strip(), asked.get("typeRef"), " ".join(cells)
            if kind == "boolean":
                values = [True, False]
            elif kind == "number":
                values = [int(float(one)) + step for one in NUMBER.findall(cell) for step in (0, 1)] or [1]
            else:
                values = QUOTED.findall(cell) or ["else"]
            found.setdefault(name, values)


def around(value):
    """Give what a fact may be that is compared with this: the same, and something else."""
    if value in {"true", "false"}:
        return [True, False]
    if value == "null":
        return [None, NOW.isoformat()]
    if value.startswith('"'):
        return ["else", value.strip('"')]
    return [int(value) - 1, int(value), int(value) + 1] if NUMBER.fullmatch(value) else [1, 2]


def read_conditions(text, found):
    """A condition compares a fact with a text, a number, nothing or another fact, or takes it for yes or no."""
    for condition in re.findall(r"<(?:\w+:)?conditionExpression[^>]*>(.+?)</", text, re.DOTALL):
        compared = dict.fromkeys(compile_expression(condition).names)
        for name, _, value in COMPARED.findall(condition):
            for one in (name, value) if value in compared else (name,):
                compared[one] = True
                known = found.setdefault(one, [])
                known += [new for new in around(value) if new not in known]
        for name in re.findall(r"string length\((\w+)\)", condition):
            compared[name] = True
            found.setdefault(name, ["379901", "379901001"])
        for name, seen in compared.items():
            if not seen:
                found.setdefault(name, [True, False])
    for name in re.findall(r"<(?:\w+:)?loopCardinality[^>]*>([^<]+)<", text):
        found[name.strip()] = [1, 2]
    for name in re.findall(r"<(?:\w+:)?timeDate[^>]*>([^<]+)<", text):
        found[name.strip()] = [(NOW + timedelta(days=days)).isoformat() for days in (5, 30)]


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda p: p.parent.name)
def test_nothing_is_wrong_with_a_shipped_procedure(path):
    """Neither an error nor a demand of our offices is left, and every state can end."""
    assert [p for p in bpmn.lint(files(path)) if p.severity != "hint"] == []


@pytest.mark.parametrize("path", PROCEDURES, ids=lambda p: p.parent.name)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_walks_through_shipped_procedures(path, data):
    """Saved after every step or not, a walk is the same; it never gets stuck, and the state stays small."""
    model = loaded(path)
    known = answers(path)
    # One number for all of them: drawn one by one, the facts of a long procedure are more than an example may hold.
    lot = random.Random(data.draw(st.integers(0, 2**32)))

    def told():
        return {name: lot.choice(values) for name, values in known.items()}

    facts, now = told(), NOW
    kept, saved = model.start(facts, now, key="k"), model.start(facts, now, key="k")
    for _ in range(60):
        if kept.finished:
            break
        open_now = [("task", t.id) for t in kept.tasks()] + [("timer", t.id) for t in kept.timers()]
        open_now += [("message", w.message) for w in kept.waits()]
        kind, key = data.draw(st.sampled_from(open_now))
        result = told()
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
        stuck = kept.incidents()
        if any("no rule fits" in one.message for one in stuck):
            break  # a table of limits that facts drawn by lot contradict; a person would be asked
        assert stuck == []
        assert len(state) < 2048
        saved = model.restore(state)
