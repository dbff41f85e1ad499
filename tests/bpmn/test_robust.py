"""Broken and hostile input: an answer in words, never a crash, and never a wrong state."""

from contextlib import suppress

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bpmn
from bpmn.errors import UnsafeXML
from bpmn.xml import parse_xml
from tests.bpmn.models import OFFICE, PAY, SCOPES
from tests.bpmn.sketch import NOW, sketch
from tests.bpmn.test_walks import FACTS, MODELS, act

TEXTS = [sketch(OFFICE, pay=PAY)["p.bpmn"].decode(), sketch(SCOPES)["p.bpmn"].decode()]
WORDS = [
    "userTask",
    "exclusiveGateway",
    "boundaryEvent",
    "timerEventDefinition",
    "P1D",
    "-1",
    "",
    "subProcess",
    "s",
]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_mangled_diagrams_are_read_or_refused(data):
    """Whatever is cut, doubled or replaced in a file, lint answers, and what it lets through can be started."""
    text = data.draw(st.sampled_from(TEXTS))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 60)))
        text = text[:start] + data.draw(st.sampled_from(["", text[start:end] * 2, *WORDS])) + text[end:]
    check({"p.bpmn": text.encode()})


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_rewired_diagrams_are_read_or_refused(data):
    """Well-formed nonsense is refused by name or runs."""
    text = data.draw(st.sampled_from(TEXTS))
    names = data.draw(
        st.lists(st.sampled_from([w for t in TEXTS for w in t.split('"')[1::2]]), min_size=2, max_size=6)
    )
    for old, new in zip(names[::2], names[1::2], strict=False):
        text = text.replace(f'"{old}"', f'"{new}"', data.draw(st.integers(1, 3)))
    check({"p.bpmn": text.encode()})


def check(files):
    problems = bpmn.lint(files)
    try:
        model = bpmn.load(files)
    except bpmn.ModelError:
        assert bpmn.Severity.ERROR in {p.severity for p in problems}
        return
    try:
        run = model.start(FACTS, NOW)
        for number in range(8):
            act(run, (number, True, number % 2 == 0, False, 1), NOW)
        assert model.restore(run.dump()).dump() == run.dump()
    except bpmn.StepLimit:
        pass


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_broken_states_are_refused(data):
    """Bytes that are not a state of this procedure are named so."""
    model = bpmn.load(MODELS["scopes"])
    state = bytearray(model.start(FACTS, NOW).dump())
    for _ in range(data.draw(st.integers(1, 4))):
        state[data.draw(st.integers(0, len(state) - 1))] = data.draw(st.integers(0, 255))
    with suppress(bpmn.StateError):
        model.restore(bytes(state[: data.draw(st.integers(0, len(state)))]))


def test_state_of_another_procedure_is_refused():
    """A state belongs to one procedure."""
    state = bpmn.load(sketch("", q="start s\nuser a\ns -> a")).start({}, NOW).dump()

    with pytest.raises(bpmn.StateError):
        bpmn.load(MODELS["office"]).restore(state)
    with pytest.raises(bpmn.StateError):
        bpmn.load(MODELS["office"]).restore(b"")


def test_times_that_no_calendar_has_are_incidents():
    """A timer beyond the years of the calendar keeps its token; a cycle ends with its last round in them."""
    text = "start s\nuser a\nboundary b on=a {} beside\nuser c\ns -> a\nb -> c"
    for time in (
        "cycle=R3/P99999Y",
        "duration=P99999Y",
        "date=9999-12-31T23:59:59-14:00",
        "cycle=R/PT999999999S",
    ):
        run = bpmn.load(sketch(text.format(time))).start({}, NOW)
        assert [i.element for i in run.incidents()] + [t.element for t in run.timers()] == ["b"]
    run = bpmn.load(sketch(text.format("cycle=R/P5000Y"))).start({}, NOW)
    [timer] = run.timers()
    run.fire(timer.id, timer.fire_at)
    assert (run.timers(), run.incidents()) == ([], [])


def test_condition_that_cannot_be_worked_out_is_an_incident():
    """A conditional event whose condition asks for too much keeps its token and tells why."""
    run = bpmn.load(
        sketch("start s\ncatch c when='n in (for i in 1..n return i)'\nend e\ns -> c -> e")
    ).start({"n": 10**9}, NOW)

    [incident] = run.incidents()
    run.retry(incident.id, NOW, {"n": 3})
    assert run.finished


def test_long_names_are_cut_in_messages():
    """Thousands of problems that name the same long thing do not multiply it."""
    flows = "".join(f'<sequenceFlow id="f{n}" sourceRef="g" targetRef="g"/>' for n in range(2_000))
    text = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="p">'
        f'<exclusiveGateway id="g" name="{"n" * 100_000}"/>{flows}</process></definitions>'
    )
    problems = bpmn.lint({"p.bpmn": text.encode()})

    assert len(problems) > 2_000
    assert sum(len(p.message) for p in problems) < 1_000_000
    with pytest.raises(bpmn.ModelError) as refused:
        bpmn.load({"p.bpmn": text.encode()})
    assert len(str(refused.value)) < 1_500_000


def test_processes_that_call_each_other_many_times_are_checked_once():
    """The ways through called processes are not multiplied; a process without an id is none that can be called."""
    calls = (
        "start s{0}\nand g{0}\n"
        + "".join(f"call c{{0}}{n} calledElement=q{{1}}\n" for n in range(9))
        + "s{0} -> g{0}\n"
    )
    calls += "".join(f"g{{0}} -> c{{0}}{n}\n" for n in range(9))
    others = {f"q{n}": calls.format(n, n + 1) for n in range(1, 30)} | {
        "q30": "start z\nuser u\nend e\nz -> u -> e"
    }
    files = sketch(calls.format(0, 1), **others)

    assert "error" not in {p.severity for p in bpmn.lint(files)}
    nameless = {"p.bpmn": files["p.bpmn"].replace(b'id="p"', b"")}
    assert "id-missing" in {p.rule for p in bpmn.lint(nameless)}


def test_only_an_activity_is_done_several_times():
    """A loop on a gateway or an event is none that could be executed."""
    loop = b"<multiInstanceLoopCharacteristics/></exclusiveGateway>"
    [drawn] = MODELS["office"].values()

    problems = bpmn.lint({"p.bpmn": drawn.replace(b"</exclusiveGateway>", loop, 1)})
    assert ("complete", "element-unknown") in {(p.element, p.rule) for p in problems}


LATER = msgpack.ExtType(2, b"2026-03-01T00:00:00+08:00")


def _state(**changes):
    """A state whose layout is right, with one thing in it that is not."""
    head = {"key": "k", "counter": 9, "outcome": None, "finished": False, "cancelled": None, "facts": {}}
    scopes = changes.pop("scopes", None)
    tokens = changes.pop("tokens", [[1, "accept", 16, {}]])
    head |= changes
    return b"jb\x01" + msgpack.packb(["p", *head.values(), scopes or [[0, "p", tokens]]])


@pytest.mark.parametrize(
    "state",
    [
        _state(key=1),
        _state(counter="9"),
        _state(outcome=[]),
        _state(finished=None),
        _state(facts=[]),
        _state(facts={"a": {}}),
        _state(facts={"a": msgpack.ExtType(1, b"sNaN")}),
        _state(tokens=[["1", "accept", 16, {}]]),
        _state(tokens=[[10, "accept", 16, {}]]),
        _state(tokens=[[1, "accept", "ready", {}]]),
        _state(tokens=[[1, "accept", 16, []]]),
        _state(tokens=[[1, "accept", 16, {"unheard": 1}]]),
        _state(tokens=[[1, "accept", 16, {"stuck": ["enter"]}]]),
        _state(tokens=[[1, "accept", 8, {"at": LATER}]]),
        _state(tokens=[[1, "notice", 8, {"at": msgpack.ExtType(2, b"2026-03-01T00:00:00")}]]),
        _state(tokens=[[1, "notice", 8, {"every": [1, 1]}]]),
        _state(tokens=[[1, "notice", 8, {"at": LATER, "every": [1, float("nan")]}]]),
        _state(tokens=[[1, "late", 8, {"host": 7}]]),
        _state(tokens=[[1, "join", 8, {}]]),
        _state(tokens=[[1, "accept", 16, {"esp": 1}]]),
        _state(scopes=[[0, "p", [[1, "accept", 16, {}]]], [1, "pay", []]]),
    ],
)
def test_states_that_never_were_are_refused(state):
    """Of a state that was tampered with, nothing is believed."""
    model = bpmn.load(MODELS["office"])
    assert model.restore(_state()).tasks()

    with pytest.raises(bpmn.StateError):
        model.restore(state)


FIRST = bytes.fromhex(
    "6a620198a170b430303030303030303030303030303030303030310ac0c2c084a8636f6d706c657465c3a8617070726f7665"
    "64c2a577726f6e67c2ab6e6f746963655f656e6473c70a03323032362d30342d3230919300a170959405a676657269667910"
    "809406a46c6174650882a4686f737405a26174c71902323032362d30332d31375430393a30303a30302b30383a30309407a6"
    "72656d696e640884a4686f737405a26174c71902323032362d30332d30365430393a30303a30302b30383a3030a46c656674"
    "02a565766572799200cb41151800000000009408a576697369741080940aa6616e737765720880"
)


def test_states_of_earlier_versions_are_restored():
    """What was saved by the first layout is still understood."""
    run = bpmn.load(MODELS["office"]).restore(FIRST)

    assert [t.element for t in run.tasks()] == ["verify", "visit"]
    assert [t.element for t in run.timers()] == ["late", "remind"]
    assert [w.message for w in run.waits()] == ["核对结果"]
    assert run.facts["complete"] is True


def test_broken_xml_is_told_by_its_place_and_not_by_the_parser():
    with pytest.raises(UnsafeXML) as refused:
        parse_xml(b"<a>\n  <b></c>\n</a>")

    assert refused.value.detail == "第 2 行第 10 列起无法读取"


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "xml-doctype"),
        ('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16"), "xml-doctype"),
        (b'<!DOCTYPE a SYSTEM "http://example.invalid/x.dtd"><a/>', "xml-doctype"),
        (b"", "xml-malformed"),
        (b"\xff\xfe\x00", "xml-malformed"),
        (b"<a>&nbsp;</a>", "xml-malformed"),
        (b"<a>" + b"<b/>" * 1_300_000 + b"</a>", "xml-too-many-elements"),
    ],
)
def test_unsafe_files_are_refused(data, rule):
    """No document type, no entity, no network."""
    with pytest.raises(UnsafeXML) as refused:
        parse_xml(data)
    assert refused.value.rule == rule
