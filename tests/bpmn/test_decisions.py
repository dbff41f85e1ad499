"""Business rule tasks: decisions over the facts."""

from decimal import Decimal

import pytest

import bpmn

DMN = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="d">
  <inputData id="i" name="income"><variable name="income" typeRef="number"/></inputData>
  <decision id="grade" name="档次"><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>income</text></inputExpression></input>
      <output name="o"/>
      <rule><inputEntry><text>&lt; 300</text></inputEntry><outputEntry><text>"A"</text></outputEntry></rule>
      <rule><inputEntry><text>[300..600]</text></inputEntry><outputEntry><text>"B"</text></outputEntry></rule>
      <rule><inputEntry><text>(600..700]</text></inputEntry><outputEntry><text>"C"</text></outputEntry></rule>
    </decisionTable></decision>
  <decision id="amount" name="金额"><informationRequirement><requiredInput href="#i"/></informationRequirement>
    <context><contextEntry><variable name="gap"/><literalExpression><text>700 - income</text></literalExpression>
    </contextEntry><contextEntry><variable name="monthly"/><literalExpression><text>gap * 2</text></literalExpression>
    </contextEntry></context></decision>
</definitions>""".encode()


def begin(sketch, now, text, **facts):
    return bpmn.load({**sketch(text), "t.dmn": DMN}).start(facts, now)


def test_decision_becomes_facts(sketch, now):
    """A single value gets the name that the diagram gives it, a context brings its own names."""
    text = """
        start s
        rule a decision=grade result=grade
        rule b decision=金额
        xor x
        user low
        user high
        s -> a -> b -> x
        x -> low : grade = "A" and monthly > 100
        x -> high : *
    """
    run = begin(sketch, now, text, income=200)

    assert dict(run.facts) == {"income": 200, "grade": "A", "gap": Decimal(500), "monthly": Decimal(1000)}
    assert [t.element for t in run.tasks()] == ["low"]


def test_table_without_an_answer_is_an_incident(sketch, now):
    """Where no rule fits, that is told and not guessed."""
    run = begin(sketch, now, "start s\nrule a decision=grade result=grade\nend e\ns -> a -> e", income=900)

    [incident] = run.incidents()
    assert (incident.element, run.finished) == ("a", False)
    run.retry(incident.id, now, {"income": 500})
    assert (run.facts["grade"], run.outcome) == ("B", "e")


def test_table_that_contradicts_itself_is_refused(sketch):
    """What is wrong with a decision file is wrong with the procedure."""
    files = {**sketch("start s\nuser a\ns -> a"), "t.dmn": DMN.replace(b"(600..700]", b"[600..700]")}

    assert "dmn-overlap" in {p.rule for p in bpmn.lint(files)}
    with pytest.raises(bpmn.ModelError):
        bpmn.load(files)


def test_the_door_to_decisions_and_expressions():
    """Both are reached through the port."""
    assert bpmn.decide(DMN, {"income": 100}, "档次") == "A"
    assert bpmn.evaluate("1 + 1", {}) == 2
