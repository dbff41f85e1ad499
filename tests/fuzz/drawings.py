"""Well-formed nonsense: models with parts exchanged, nested, multiplied, or filled with hostile texts."""

from __future__ import annotations

import copy
from functools import cache

from lxml import etree

from bpmn.graph import EVENTS, GATEWAYS, SUBPROCESSES, TASKS
from bpmn.names import BPMN, JIEBAN
from tests.bpmn.models import OFFICE, PAY, SCOPES
from tests.bpmn.sketch import sketch
from tests.bpmn.test_shipped import PROCEDURES
from tests.fuzz.feel_texts import feel

TAGS = [
    *sorted(EVENTS | GATEWAYS | SUBPROCESSES | TASKS),
    *("complexGateway", "adHocSubProcess", "callActivity", "sequenceFlow", "process", "laneSet", "lane", "text"),
    *("timerEventDefinition", "messageEventDefinition", "errorEventDefinition", "linkEventDefinition", "incoming"),
    *("conditionalEventDefinition", "compensateEventDefinition", "cancelEventDefinition", "terminateEventDefinition"),
    *("timeDate", "timeDuration", "timeCycle", "condition", "conditionExpression", "loopCardinality", "outgoing"),
    *("multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "loopCondition", "completionCondition"),
    *("extensionElements", "script", "signal", "message", "error", "escalation", "escalationEventDefinition"),
]  # fmt: skip
OURS = [
    "assignment",
    "form",
    "notice",
    "deadline",
    "escalation",
    "step",
    "decision",
    "operation",
    "param",
    "law",
]
KEYS = ["id", "name", "sourceRef", "targetRef", "default", "attachedToRef", "calledElement", "messageRef", "errorRef",
        "cancelActivity", "isInterrupting", "triggeredByEvent", "isSequential", "loopMaximum", "testBefore", "language",
        "duration", "rule", "start", "role", "key", "after", "to", "signalRef", "instantiate", "isExecutable"]  # fmt: skip
TEXTS = ["P1D", "-P1D", "P99999Y", "P99999Y99999M99999W999999DT999999H", "R3/PT1H", "R/P99999Y", "R999999/PT0.000001S", "true",
         "R3/9999-12-31T23:59:59Z/P9999D", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "P3WD", "", "=", "-1", "P1M",
         "99999999999999999999", "1e9", "100000", "10**100", "1000000000", "[1..", "false", "null", "\u0661", "\u00b2", "1/3", "R/PT0S",
         "complete", "1..100000", '@"P999999999Y"', '@"P999999999D"', "s" * 30_000, "(" * 5_000, "9" * 5_000, "x" * 200_000]  # fmt: skip


@cache
def seeds() -> tuple[bytes, ...]:
    """The models that are taken apart: those of the tests, and those that ship, without their pictures."""
    shipped = [path.read_bytes() for path in PROCEDURES]
    return (sketch(OFFICE, pay=PAY)["p.bpmn"], sketch(SCOPES)["p.bpmn"], *map(_without_picture, shipped))


def _without_picture(data: bytes) -> bytes:
    root = etree.fromstring(data)
    for child in list(root):
        if "BPMN/20100524/DI" in str(child.tag):
            root.remove(child)
    return etree.tostring(root)


def drawing(choices) -> bytes:
    """One of the models, with up to six things changed."""
    return mangle(choices, choices.pick(seeds()), EDITS)


def mangle(choices, data: bytes, edits) -> bytes:
    """Change a few things in a file."""
    root = etree.fromstring(data)
    for _ in range(1 + choices.number(6)):
        choices.pick(edits)(choices, root)
    return etree.tostring(root)


def _any(choices, root):
    return choices.pick([e for e in root.iter() if isinstance(e.tag, str)])


def _inner(choices, root):
    element = _any(choices, root)
    return (element, element.getparent()) if element is not root else (None, None)


def _retag(choices, root):
    namespace, names = choices.pick([(BPMN, TAGS), (BPMN, TAGS), (JIEBAN, OURS)])
    _any(choices, root).tag = f"{{{namespace}}}{choices.pick(names)}"


def _key(choices, root):
    element = _any(choices, root)
    known = [e.get("id") for e in root.iter() if isinstance(e.tag, str) and e.get("id")]
    name = choices.pick([*element.attrib.keys(), *KEYS])
    element.set(name, choices.pick([choices.pick(known or [""]), choices.pick(TEXTS), feel(choices, 2)]))


def _text(choices, root):
    places = [e for e in root.iter() if isinstance(e.tag, str) and (e.text or "").strip()] or [root]
    choices.pick(places).text = choices.pick([choices.pick(TEXTS), feel(choices, 3), feel(choices, 1)])


def _drop(choices, root):
    element, parent = _inner(choices, root)
    if parent is not None:
        parent.remove(element)


def _drop_key(choices, root):
    element = _any(choices, root)
    if element.attrib:
        del element.attrib[choices.pick(element.attrib.keys())]


def _copy(choices, root):
    _any(choices, root).append(copy.deepcopy(_any(choices, root)))


def _move(choices, root):
    element, parent = _inner(choices, root)
    goal = _any(choices, root)
    if parent is not None and element not in (goal, *goal.iterancestors()):
        goal.append(element)


def _multiply(choices, root):
    element, parent = _inner(choices, root)
    if parent is None or len(element) > 5:
        return
    for number in range(choices.pick([2, 20, 200])):
        twin = copy.deepcopy(element)
        if choices.number(4) and twin.get("id"):
            twin.set("id", f"{twin.get('id')}{number}")
        parent.append(twin)


def _deepen(choices, root):
    place = _any(choices, root)
    tag = choices.pick([*TAGS, "subProcess", "subProcess"])
    for number in range(choices.pick([2, 20, 90, 120])):
        place = etree.SubElement(place, f"{{{BPMN}}}{tag}", id=f"deep{number}")


def _insert(choices, root):
    namespace, names = choices.pick([(BPMN, TAGS), (JIEBAN, OURS)])
    child = etree.SubElement(
        _any(choices, root), f"{{{namespace}}}{choices.pick(names)}", id=f"new{choices.number(9)}"
    )
    child.text = choices.pick([None, choices.pick(TEXTS), feel(choices, 2)])


EDITS = [_retag, _key, _key, _text, _text, _drop, _drop_key, _copy, _move, _multiply, _deepen, _insert]
