"""What is hammered: each target takes bytes and may end with a value or with one of our own errors."""

from __future__ import annotations

import copy

import msgpack

import bpmn
from bpmn.decisions import decide, lint_decisions
from bpmn.feel import FEELError, compile_expression, compile_unary_tests, evaluate
from tests.bpmn.sketch import NOW
from tests.bpmn.test_walks import FACTS as KNOWN
from tests.bpmn.test_walks import MODELS, act
from tests.fuzz.choices import Choices
from tests.fuzz.decision_models import INPUTS, decisions
from tests.fuzz.drawings import EDITS, drawing, mangle
from tests.fuzz.feel_texts import FACTS, feel

RAW = b"="  # an input that begins so is taken as it is; any other is a row of choices


def text_of(data: bytes) -> str:
    """The FEEL text that an input stands for."""
    if data[:1] == RAW:
        return data[1:].decode("utf-8", "surrogateescape")
    return feel(Choices(data))


def hammer_feel(data: bytes) -> None:
    """Evaluate a text as an expression and as unary tests."""
    text = text_of(data)
    for compile_text in (evaluate_text, compile_unary_tests):
        try:
            compile_text(text, names=FACTS.keys())(FACTS)
        except FEELError:
            continue


def evaluate_text(text, names):
    """The expression, in the way that takes the names from the facts."""
    evaluate(text, FACTS)
    return compile_expression(text, names=names)


def hammer_dmn(data: bytes) -> None:
    """Decide by a model, and look for what is wrong with it."""
    choices = Choices(data)
    if data[:1] == RAW:
        model, imports = data[1:], ()
    else:
        model = decisions(choices)
        imports = tuple(
            decisions(choices, namespace) for namespace in ("urn:b", "urn:a")[: choices.number(3)]
        )
        if choices.number(4) == 1:
            model = mangle(choices, model, EDITS)
    for use in (
        lambda: lint_decisions(model, imports=imports),
        lambda: decide(model, INPUTS, imports=imports),
    ):
        try:
            use()
        except (bpmn.BPMNError, FEELError):
            continue


def hammer_xml(data: bytes) -> None:
    """Lint a model, and if it may run, let it run."""
    choices = Choices(data)
    if data[:1] == RAW:
        play({"p.bpmn": data[1:]})
    else:
        play({"p.bpmn": drawing(choices), **({} if choices.number(4) else {"p.dmn": decisions(choices)})})


def play(files) -> None:
    """What lint lets through can be started, goes on, and is saved and restored unchanged."""
    problems = bpmn.lint(files)
    try:
        model = bpmn.load(files)
    except bpmn.ModelError:
        assert bpmn.Severity.ERROR in {p.severity for p in problems}
        return
    try:
        run = model.start(KNOWN, NOW)
        for number in range(8):
            act(run, (number, True, number % 2 == 0, False, 1), NOW)
        assert model.restore(run.dump()).dump() == run.dump()
    except bpmn.StepLimit:
        pass


def states():
    """States of cases that have gone different ways."""
    for name in sorted(MODELS):
        run, now = bpmn.load(MODELS[name]).start(KNOWN, NOW, key="k"), NOW
        for number in range(12):
            yield name, run.dump()
            now = act(run, (number, True, number % 2 == 0, number % 3 == 0, number), now)


STATES = list(states())
STRANGE = [None, True, 0, -1, 2**63 - 1, 2**64 - 1, 1.5, "", "x", b"", [], {}, [[]], {"at": 1}, {"via": []}, "start", 4, 16,
           {"esp": 1}, {"stuck": ["enter", "", ""]}, {"stuck": [1]}, {"host": 3}, {"left": "x"}, msgpack.ExtType(1, b"1"),
           msgpack.ExtType(1, b"sNaN"), msgpack.ExtType(2, b"2026-01-01"), msgpack.ExtType(6, b"9" * 5_000),
           msgpack.ExtType(9, b""), msgpack.Timestamp(1, 0), "verify", "home", float("nan")]  # fmt: skip


def hammer_state(data: bytes) -> None:
    """Restore a state that was tampered with, and look at it."""
    choices = Choices(data)
    name, state = choices.pick(STATES)
    if data[:1] == RAW:
        state = data[1:]
    else:
        value = msgpack.unpackb(state[3:], ext_hook=msgpack.ExtType, strict_map_key=False)
        for _ in range(1 + choices.number(3)):
            _tamper(choices, value)
        state = state[:3] + msgpack.packb(value)
    try:
        run = bpmn.load(MODELS[name]).restore(state)
        look = (run.tasks(), run.timers(), run.waits(), run.incidents(), run.dump())
        assert look
        act(run, (choices.number(30), True, False, False, 1), NOW)
    except bpmn.BPMNError:
        pass


def _tamper(choices, value):
    while True:
        keys = range(len(value)) if isinstance(value, list) else sorted(value, key=str)
        if not keys:
            return
        key = choices.pick(keys)
        if isinstance(value[key], (list, dict)) and value[key] and choices.number(5):
            value = value[key]
            continue
        value[key] = copy.deepcopy(choices.pick([*STRANGE, 1, 2, 3, 4, 5, 6]))
        if isinstance(value, list) and choices.number(8) == 1:
            del value[key]
        return


TARGETS = {"xml": hammer_xml, "feel": hammer_feel, "dmn": hammer_dmn, "state": hammer_state}
