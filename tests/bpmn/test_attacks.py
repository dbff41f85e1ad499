"""The known attack strings, in every place of a model where a text can stand: none of them reaches Python."""

import sys
from contextlib import contextmanager
from xml.sax.saxutils import escape, quoteattr

import pytest

import bpmn
from bpmn.decisions import decide, lint_decisions
from bpmn.feel import FEELError
from tests.bpmn.feel.test_safety import ATTACKS
from tests.bpmn.sketch import NOW
from tests.bpmn.test_walks import act

ATTACKS = [
    *ATTACKS,
    "${7*7}",
    "#{T(java.lang.Runtime).getRuntime().exec('id')}",
    "{{7*7}}",
    "{0.__class__.__init__.__globals__}",
    "%(x)s%n",
    "; import os; os.system('id')",
    "lambda: 1",
    "[c for c in ().__class__.__base__.__subclasses__()]",
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "cos\nsystem\n(S'id'\ntR.",
]
PLACES = {
    "condition": "<sequenceFlow id='f9' sourceRef='x' targetRef='b'><conditionExpression>{text}</conditionExpression></sequenceFlow>",
    "duration": "<boundaryEvent id='t' attachedToRef='a'><timerEventDefinition><timeDuration>{text}</timeDuration></timerEventDefinition></boundaryEvent>",
    "date": "<boundaryEvent id='t' attachedToRef='a'><timerEventDefinition><timeDate>{text}</timeDate></timerEventDefinition></boundaryEvent>",
    "cycle": "<boundaryEvent id='t' attachedToRef='a'><timerEventDefinition><timeCycle>{text}</timeCycle></timerEventDefinition></boundaryEvent>",
    "event": "<boundaryEvent id='t' attachedToRef='a'><conditionalEventDefinition><condition>{text}</condition></conditionalEventDefinition></boundaryEvent>",
    "loop": "<standardLoopCharacteristics loopMaximum='2'><loopCondition>{text}</loopCondition></standardLoopCharacteristics>",
    "count": "<multiInstanceLoopCharacteristics><loopCardinality>{text}</loopCardinality></multiInstanceLoopCharacteristics>",
    "enough": "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality><completionCondition>{text}</completionCondition></multiInstanceLoopCharacteristics>",
    "script": "<script>{text}</script>",
    "deadline": "<extensionElements><jb:deadline duration={quoted}/></extensionElements>",
    "rule": "<extensionElements><jb:deadline rule={quoted} start={quoted}/></extensionElements>",
    "escalation": "<extensionElements><jb:escalation><jb:step after={quoted} to={quoted}/></jb:escalation></extensionElements>",
    "form": "<extensionElements><jb:form key={quoted}/></extensionElements>",
    "role": "<extensionElements><jb:assignment role={quoted}/></extensionElements>",
    "operation": "<extensionElements><jb:operation name={quoted}><jb:param name={quoted} value={quoted}/></jb:operation></extensionElements>",
    "notice": "<extensionElements><jb:notice kind={quoted}/></extensionElements>",
    "decision": "<extensionElements><jb:decision name={quoted} result={quoted}/></extensionElements>",
    "law": "<extensionElements><jb:law article={quoted} rule={quoted}/></extensionElements>",
    "name": "<documentation>{text}</documentation>",
}
BESIDE = ("condition", "duration", "date", "cycle", "event")
PYTHON = ("exec", "compile", "open", "import", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "subprocess.",
          "socket.", "ctypes.", "pickle.", "marshal.", "code.__new__", "sys._getframe")  # fmt: skip
heard: list[str] = []
listening = [False]


def _listen(event, _args):
    # A hook of the interpreter stays for ever, so it has to be told when to listen.
    if listening[0] and event.startswith(PYTHON):
        heard.append(event)


sys.addaudithook(_listen)


@contextmanager
def nothing_reaches_python():
    """Python itself tells of everything that is compiled, executed, loaded, opened or started."""
    heard.clear()
    listening[0] = True
    try:
        yield
    finally:
        listening[0] = False
    assert heard == []


def model(place, text):
    part = PLACES[place].format(text=escape(text), quoted=quoteattr(text))
    inside, beside = ("", part) if place in BESIDE else (part, "")
    if place in {"duration", "date", "cycle", "event"}:
        beside += "<sequenceFlow id='f8' sourceRef='t' targetRef='b'/>"
    name = quoteattr(text if place == "name" else "a")
    return (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:jb="urn:jieban:bpmn:1">'
        f"<process id='p'><startEvent id='s'/><userTask id='a' name={name}>{inside}</userTask>"
        "<exclusiveGateway id='x' default='f4'/><userTask id='b'/><endEvent id='e'/>"
        "<sequenceFlow id='f1' sourceRef='s' targetRef='a'/><sequenceFlow id='f2' sourceRef='a' targetRef='x'/>"
        f"<sequenceFlow id='f4' sourceRef='x' targetRef='e'/>{beside}</process></definitions>"
    ).encode()


def attempt(place, text):
    files = {"p.bpmn": model(place, text)}
    bpmn.lint(files, operations=["o"], roles=["r"], forms=["f"], rules=["k"])
    try:
        run = bpmn.load(files).start({"x": "text"}, NOW)
    except bpmn.ModelError:
        return None
    for number in range(3):
        act(run, (number, True, True, True, 0), NOW)
    return run


@pytest.mark.parametrize("place", PLACES)
def test_attacks_in_a_model_stay_texts(place):
    """The model is refused, or the text is a text, or FEEL that has no answer."""
    attempt(place, "harmless")  # whatever is loaded at first use is loaded now
    attempt(place, "P1D")
    for text in ATTACKS:
        with nothing_reaches_python():
            run = attempt(place, text)
        if run is not None:
            assert set(run.facts) <= {"x", "complete", "approved", "wrong"}


def table(cell, output):
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="m" namespace="n">'
        '<inputData id="i" name="x"/><decision id="d" name="d"><informationRequirement><requiredInput href="#i"/>'
        "</informationRequirement><decisionTable><input><inputExpression><text>x</text></inputExpression></input><output/>"
        f"<rule><inputEntry><text>{escape(cell)}</text></inputEntry>"
        f"<outputEntry><text>{escape(output)}</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode()


@pytest.mark.parametrize("text", ATTACKS)
def test_attacks_in_decision_tables_mean_nothing(text):
    """A cell is FEEL, in and out; what is none has no answer."""
    judge(table("1", '"a"'))
    asked = table("1", "1").replace(b"<text>x<", f"<text>{escape(text)}<".encode())
    for dmn in (table(text, "1"), table("-", text), asked):
        with nothing_reaches_python():
            value = judge(dmn)
        assert value in (None, 1, []) or "function" in text


def judge(dmn):
    lint_decisions(dmn)
    try:
        return decide(dmn, {"x": "text"})["d"]
    except FEELError:
        return None
