"""What is refused, and that it is said which element and why."""

import pytest

import bpmn
from bpmn.messages import MESSAGES
from tests.bpmn.models import CALLED, KINDS, LEVEL, OFFICE, PAY, SCOPES

CASES = {
    "process-none": "",
    "start-none": "user a\nuser b\na -> b -> a",
    "start-many": "start s\nstart t\nuser a\ns -> a\nt -> a",
    "start-with-incoming": "start s\nuser a\ns -> a -> s",
    "start-event-kind": "start s\nsub t {\nstart ts message=M\nuser a\nts -> a\n}\ns -> t",
    "end-with-outgoing": "start s\nend e\nuser a\ns -> e -> a",
    "end-implicit": "start s\nuser a\ns -> a",
    "node-unreachable": "start s\nuser a\nuser b\ns -> a",
    "gateway-complex": "start s\ncomplex x\ns -> x",
    "gateway-flow-without-condition": "start s\nxor x\nuser a\nuser b\ns -> x -> a\nx -> b : y",
    "parallel-with-condition": "start s\nand x\nuser a\nuser b\ns -> x -> a\nx -> b : y",
    "parallel-join-of-alternatives": "start s\nxor x\nand j\nend e\ns -> x\nx -> j : y\nx -> j : *\nj -> e",
    "default-unknown": "start s\nxor x default=nowhere\nuser a\ns -> x -> a",
    "event-gateway-target": "start s\nrace r\nuser a\ncatch c message=M\ns -> r -> a\nr -> c",
    "event-gateway-kind": "start s\nrace r eventGatewayType=Parallel\ncatch c message=M\ns -> r -> c",
    "event-multiple": "start s\ncatch c message=M duration=P1D\ns -> c",
    "event-kind": "start s\ncatch c error=E\ns -> c",
    "catch-without-definition": "start s\ncatch c\ns -> c",
    "compensation": "start s\nthrow c compensate\ns -> c",
    "boundary-host": "start s\nxor x\nboundary b on=x duration=P1D\nuser a\ns -> x\nb -> a",
    "boundary-without-outgoing": "start s\nuser a\nboundary b on=a duration=P1D\ns -> a",
    "boundary-must-interrupt": "start s\nsub t {\nuser a\n}\nboundary b on=t error beside\nuser c\ns -> t\nb -> c",
    "boundary-never": "start s\nuser a\nboundary b on=a error\nuser c\ns -> a\nb -> c",
    "message-without-name": "start s\ncatch c message\ns -> c",
    "signal-without-name": "start s\ncatch c signal\ns -> c",
    "link-without-pair": "start s\nthrow c link=A\ns -> c",
    "link-with-flow": "start s\nthrow c link=A\ncatch d link=A\nuser a\ns -> c -> a\nd -> a",
    "error-uncaught": "start s\nend e error=E\ns -> e",
    "cancel-uncaught": "start s\nend e cancel\ns -> e",
    "never-thrown": "start s\nsub t {\nuser a\n}\nboundary b on=t error=E\nuser c\ns -> t\nb -> c",
    "start-by-itself": "start s duration=P1D\nuser a\ns -> a",
    "condition-empty": "start s\ncatch c when=\ns -> c",
    "timer-without-time": "start s\ncatch c duration=\ns -> c",
    "timer-wrong": "start s\ncatch c duration='7 days please'\ns -> c",
    "timer-working-days": "start s\ncatch c duration=P7WD\ns -> c",
    "timer-deadline": "start s\nuser a\nboundary b on=a date=deadline\nuser c\ns -> a\nb -> c",
    "timer-beside-deadline": (
        "start s\nuser a deadline=P3WD\nboundary b on=a duration=P5D\nuser c\ns -> a\nb -> c"
    ),
    "script-task": "start s\nscript x\ns -> x",
    "instantiate": "start s\nreceive r message=M instantiate=true\ns -> r",
    "quantity": "start s\nuser a startQuantity=2\ns -> a",
    "receive-without-message": "start s\nreceive r\ns -> r",
    "decision-missing": "start s\nrule r\ns -> r",
    "decision-unknown": "start s\nrule r decision=nothing\ns -> r",
    "ad-hoc": "start s\nadhoc x {\nuser a\n}\ns -> x",
    "subprocess-empty": "start s\nsub t {\n}\ns -> t",
    "event-subprocess-start": "start s\nuser a\ns -> a\nesp t {\nstart ts\nuser b\nts -> b\n}",
    "event-subprocess-flow": "start s\nesp t {\nstart ts message=M\nuser b\nts -> b\n}\ns -> t",
    "event-start-must-interrupt": "start s\nuser a\ns -> a\nesp t {\nstart ts error beside\nuser b\nts -> b\n}",
    "call-unknown": "start s\ncall c calledElement=nothing\ns -> c",
    "call-circular": "start s\ncall c calledElement=p\ns -> c",
    "loop-without-count": "start s\nuser a times=\ns -> a",
    "loop-without-end": "start s\nuser a loop=\ns -> a",
    "expression-wrong": "start s\nxor x\nuser a\nuser b\ns -> x\nx -> a : ${amount}\nx -> b : *",
    "expression-too-large": "start s\nxor x\nuser a\nuser b\ns -> x\nx -> a : " + "(" * 101 + "\nx -> b : *",
    "flow-loose": "start s\nuser a\ns -> a -> nowhere",
    "id-twice": "start s\nuser a\nsub t {\nuser a\n}\ns -> a -> t",
    "deadlock": "start s\nxor x\nuser a\nuser b\nand j\nend e\ns -> x\nx -> a : y\nx -> b : *\na -> j\nb -> j\nj -> e",
    "never-reached": "start s\nxor x\nuser a\nuser b\nand j\nuser c\nend e\ns -> x\nx -> a : y\nx -> b : *\na -> j\nb -> j\nj -> c -> e",
    "never-ends": "start s\nuser a\nuser b\ns -> a -> b -> a",
    "tokens-pile-up": "start s\nuser a\nand f\nand j\nend e\ns -> a -> f\nf -> a\nf -> j\ns -> j\nj -> e",
    "too-many-states": "start s\nand f\n"
    + "".join(f"user a{n}\nxor x{n}\nuser b{n}\nuser c{n}\n" for n in range(9))
    + "s -> f\n"
    + "".join(f"f -> a{n} -> x{n}\nx{n} -> b{n} : y\nx{n} -> c{n} : *\n" for n in range(9)),
    "end-without-person": "start s\nservice a\nend e\ns -> a -> e",
    "name-missing": "start s\nuser a name=\ns -> a",
    "role-missing": "start s\nuser a\ns -> a",
    "form-missing": "start s\nuser a\ns -> a",
    "deadline-missing": "start s\nuser a\ns -> a",
    "escalation-missing": "start s\nuser a\ns -> a",
    "law-missing": "start s\nuser a\ns -> a",
    "extension-misplaced": "start s\nservice a role=town.window operation=o\nend e\ns -> a -> e",
    "operation-missing": "start s\nservice a\ns -> a",
}


@pytest.mark.parametrize("rule", CASES)
def test_is_said(sketch, rule):
    """Each mistake is found, with its severity, and an error forbids loading."""
    files = sketch(CASES[rule])
    found = [p for p in bpmn.lint(files) if p.rule == rule]

    assert found, [p.rule for p in bpmn.lint(files)]
    assert {str(p.severity) for p in found} == {MESSAGES[rule][0]}
    if found[0].severity is bpmn.Severity.ERROR:
        with pytest.raises(bpmn.ModelError) as refused:
            bpmn.load(files)
        assert found[0] in refused.value.problems


def raw(body: str, around: str = "") -> dict[str, bytes]:
    return {
        "p.bpmn": (
            '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:jb="urn:jieban:bpmn:1" '
            f'targetNamespace="t">{around}<process id="p">{body}</process></definitions>'
        ).encode()
    }


RAW = {
    "id-missing": raw("<userTask/>"),
    "element-unknown": raw('<wizardTask id="a"/>'),
    "attribute-misplaced": raw(
        '<task id="a"/><boundaryEvent id="b" attachedToRef="a" isInterrupting="false"/>'
    ),
    "attribute-value": raw('<task id="a" isForCompensation="TRUE"/>'),
    "attribute-unknown": raw('<task id="a" colour="red"/>'),
    "reference-missing": raw('<receiveTask id="a" messageRef="none"/>'),
    "extension-unknown": raw('<userTask id="a"><extensionElements><jb:wish/></extensionElements></userTask>'),
    "event-definition-ref": raw(
        '<intermediateCatchEvent id="a"><eventDefinitionRef>x</eventDefinitionRef></intermediateCatchEvent>'
    ),
    "loop-foreign": raw(
        '<userTask id="a"><multiInstanceLoopCharacteristics><loopDataInputRef>x</loopDataInputRef>'
        "</multiInstanceLoopCharacteristics></userTask>"
    ),
    "condition-language": raw(
        '<userTask id="a"/><userTask id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b">'
        '<conditionExpression language="python">x</conditionExpression></sequenceFlow>'
    ),
    "opening-unknown": raw(
        '<startEvent id="a"><extensionElements><jb:opening kind="door"/></extensionElements></startEvent>'
    ),
    "deadline-wrong": raw(
        '<userTask id="a"><extensionElements><jb:deadline duration="soon"/></extensionElements></userTask>'
    ),
    "english-without-name": raw(
        '<userTask id="a"><extensionElements><jb:english text="Look"/></extensionElements></userTask>'
    ),
    "escalation-wrong": raw(
        '<userTask id="a"><extensionElements><jb:escalation><jb:step after="P1WD"/></jb:escalation>'
        "</extensionElements></userTask>"
    ),
    "escalation-order": raw(
        '<userTask id="a"/>'
        '<extensionElements><jb:escalation><jb:step after="P3WD" to="supervisor"/><jb:step after="P1WD" to="x"/>'
        "</jb:escalation></extensionElements>"
    ),
    "process-not-run": raw(
        '<userTask id="a"/>', '<process id="q" isExecutable="true"><userTask id="b"/></process>'
    ),
    "must-understand": raw('<userTask id="a"/>', '<extension mustUnderstand="true" definition="x"/>'),
    "dmn-broken": {**raw('<userTask id="a"/>'), "t.dmn": b"<html/>"},
    "process-twice": raw('<userTask id="a"/>', '<process id="p"><userTask id="b"/></process>'),
    "process-many": raw('<userTask id="a"/>', '<process id="q"><userTask id="b"/></process>'),
    "process-marked-not-executable": {
        "p.bpmn": raw('<userTask id="a"/>')["p.bpmn"].replace(b'id="p"', b'id="p" isExecutable="false"')
    },
    "not-bpmn": {"p.bpmn": b"<html/>"},
    "nested-too-deep": raw(
        "".join(f'<subProcess id="s{n}">' for n in range(41)) + '<task id="a"/>' + "</subProcess>" * 41
    ),
    "too-many-nodes": raw("".join(f'<task id="t{n}"/>' for n in range(1_001))),
    "too-much-written": raw(
        "".join(
            f'<task id="a{n}"><standardLoopCharacteristics><loopCondition>{"x" * 19_000}</loopCondition>'
            "</standardLoopCharacteristics></task>"
            for n in range(6)
        )
    ),
    "xml-malformed": {"p.bpmn": b"<definitions"},
    "xml-doctype": {"p.bpmn": b'<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><d>&e;</d>'},
    "xml-too-large": {"p.bpmn": b" " * (5 * 1024 * 1024 + 1)},
    "xml-too-deep": {"p.bpmn": b"<a>" * 101 + b"</a>" * 101},
    "xml-too-many-elements": {"p.bpmn": b"<a>" + b"<b/>" * 50_000 + b"</a>"},
}


@pytest.mark.parametrize("rule", RAW)
def test_is_said_of_what_no_sketch_can_draw(rule):
    """What only a broken or foreign file can hold is found as well."""
    assert rule in {p.rule for p in bpmn.lint(RAW[rule])}


def test_every_rule_is_tested():
    """No rule of the catalogue goes without a test."""
    names = {"operation-unknown", "role-unknown", "form-unknown", "rule-unknown", "decision-without-person"}
    names |= {"escalation-short"}

    assert set(CASES) | set(RAW) | names == set(MESSAGES)


def test_all_problems_at_once_with_name_and_id(sketch):
    """The message names the element as its author knows it."""
    problems = [
        p
        for p in bpmn.lint(sketch("start s\nscript x name=计算\ncatch c\ns -> x -> c"))
        if p.severity == "error"
    ]

    assert [(p.element, p.rule) for p in problems] == [
        ("x", "script-task"),
        ("c", "catch-without-definition"),
    ]
    assert "“计算”（x）" in problems[0].message


def test_unknown_names_are_policy(sketch):
    """Names are checked against those that exist, where they are given."""
    files = sketch("start s\nuser a role=nobody\nservice b operation=nothing\ns -> a -> b")
    found = {
        p.rule
        for p in bpmn.lint(files, operations={"issue"}, roles={"town.window"}, forms=set(), rules=set())
    }

    assert {"operation-unknown", "role-unknown"} <= found
    assert not {"operation-unknown", "role-unknown"} & {p.rule for p in bpmn.lint(files)}


def test_policy_does_not_forbid_loading(sketch):
    """A foreign model loads; it is only not published."""
    files = sketch("start s\nuser a\nend e\ns -> a -> e")

    assert {str(p.severity) for p in bpmn.lint(files)} == {"policy"}
    assert bpmn.load(files).process_id == "p"


FOREIGN = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:flowable="http://flowable.org/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">
  <bpmn2:collaboration id="c"><bpmn2:participant id="p1" processRef="p"/><bpmn2:participant id="p2" name="public"/>
    <bpmn2:messageFlow id="mf" sourceRef="p2" targetRef="a"/></bpmn2:collaboration>
  <bpmn2:process id="p" name="foreign" camunda:versionTag="1">
    <bpmn2:documentation>x</bpmn2:documentation>
    <bpmn2:laneSet><bpmn2:lane id="l" name="outer"><bpmn2:flowNodeRef>a</bpmn2:flowNodeRef>
      <bpmn2:childLaneSet><bpmn2:lane id="l2" name="inner"><bpmn2:flowNodeRef>a</bpmn2:flowNodeRef></bpmn2:lane>
      </bpmn2:childLaneSet></bpmn2:lane></bpmn2:laneSet>
    <bpmn2:dataObject id="d"/><bpmn2:dataObjectReference id="dr" dataObjectRef="d"/>
    <bpmn2:dataStoreReference id="ds"/><bpmn2:textAnnotation id="ta"><bpmn2:text>note</bpmn2:text></bpmn2:textAnnotation>
    <bpmn2:startEvent id="s"><bpmn2:outgoing>f1</bpmn2:outgoing></bpmn2:startEvent>
    <bpmn2:userTask id="a" name="A" camunda:assignee="demo" flowable:formKey="f">
      <bpmn2:extensionElements><camunda:formData/></bpmn2:extensionElements>
      <bpmn2:ioSpecification><bpmn2:inputSet/><bpmn2:outputSet/></bpmn2:ioSpecification>
      <bpmn2:dataOutputAssociation><bpmn2:targetRef>dr</bpmn2:targetRef></bpmn2:dataOutputAssociation>
    </bpmn2:userTask>
    <bpmn2:task id="b" name="B"/>
    <bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="a"/>
    <bpmn2:sequenceFlow id="f2" sourceRef="a" targetRef="b">
      <bpmn2:conditionExpression xsi:type="bpmn2:tFormalExpression">= amount &gt; 3</bpmn2:conditionExpression>
    </bpmn2:sequenceFlow>
  </bpmn2:process>
  <bpmndi:BPMNDiagram id="di"/>
</bpmn2:definitions>"""


def test_what_other_modellers_write_is_read(now):
    """Vendor attributes, pools, lanes, data objects and a missing isExecutable do not hinder."""
    model = bpmn.load({"x.bpmn": FOREIGN, "forms/a.json": b"{}"})
    run = model.start({"amount": 5}, now)
    run.complete(run.tasks()[0].id, None, now)

    assert [t.element for t in run.tasks()] == ["b"]
    assert (model.name, model.elements["a"].lane) == ("foreign", "inner")


OURS = """<userTask id="a" name="入户调查"><documentation>两人</documentation><extensionElements>
  <jb:assignment role="town.visitor"/><jb:deadline rule="dibao.visit" start="accepted_at"/><jb:form key="visit"/>
  <jb:escalation><jb:step after="P1WD" to="town.leader"/><jb:step after="P3WD" to="county.leader"/></jb:escalation>
  <jb:operation name="issue_letter"><jb:param name="kind" value="acceptance"/></jb:operation>
  <jb:notice kind="visit"/><jb:law article="办法 第十条" rule="DB-07"/><jb:law article="办法 第十一条"/>
</extensionElements></userTask>"""


def test_what_is_ours_is_read():
    """The extension elements of a step are all on its element."""
    assert bpmn.load(raw(OURS)).elements["a"] == bpmn.Element(
        id="a",
        kind="userTask",
        name="入户调查",
        role="town.visitor",
        form="visit",
        deadline=bpmn.Deadline(rule="dibao.visit", start="accepted_at"),
        escalation=(bpmn.EscalationStep("P1WD", "town.leader"), bpmn.EscalationStep("P3WD", "county.leader")),
        operation=bpmn.Operation("issue_letter", {"kind": "acceptance"}),
        notice="visit",
        law=(bpmn.Law("办法 第十条", "DB-07"), bpmn.Law("办法 第十一条")),
        documentation="两人",
        scope="p",
    )


def _chain(*steps: tuple[str, str]) -> str:
    parts = "".join(f'<jb:step after="{after}" to="{to}"/>' for after, to in steps)
    return f"<extensionElements><jb:escalation>{parts}</jb:escalation></extensionElements>"


def test_the_chain_of_the_process_is_that_of_every_task_without_its_own():
    """However deep a task lies; what is wrong with the chain is said once, of the process and not of each task."""
    default = _chain(("-P1WD", "assignee"), ("P0D", "town.leader"), ("P2WD", "nobody"))
    own = _chain(("PT1H", "supervisor"))
    files = raw(
        f'{default}<userTask id="a"/><subProcess id="s"><userTask id="b"/></subProcess><userTask id="c">{own}</userTask>'
    )
    elements = bpmn.load(files).elements
    found = [
        (one.rule, one.element)
        for one in bpmn.lint(files, roles={"town.leader", "supervisor"}, supervisors={"supervisor"})
        if one.rule in {"escalation-missing", "escalation-short", "role-unknown"}
    ]

    assert [step.to for step in elements["a"].escalation] == ["assignee", "town.leader", "nobody"]
    assert elements["b"].escalation == elements["a"].escalation
    assert [step.after for step in elements["c"].escalation] == ["PT1H"]
    assert found == [("role-unknown", "p"), ("escalation-short", "p")]


@pytest.mark.parametrize(
    ("steps", "falls"),
    [
        (("-P1WD", "P0D", "P2WD", "P5WD"), False),
        (("-PT6H", "PT0H", "PT12H", "P1D"), False),
        (("P0D", "-P1WD"), True),
        (("P2WD", "P0D"), True),
        (("P1D", "PT12H"), True),
        (("P5WD", "P6D"), False),
        (("P6D", "P5WD"), False),
    ],
)
def test_the_steps_of_a_chain_go_forward_in_time(steps, falls):
    """Working days and calendar days cannot be compared without a calendar, and are let pass."""
    files = raw(f'<userTask id="a">{_chain(*((step, "x") for step in steps))}</userTask>')

    assert ("escalation-order" in {one.rule for one in bpmn.lint(files)}) is falls


@pytest.mark.parametrize(
    "attack",
    [
        '__import__("os").popen("id")',
        "().__class__.__base__.__subclasses__()",
        'open("/etc/passwd")',
        "lambda: 1",
        'exec("1")',
    ],
)
def test_no_expression_reaches_python(sketch, now, attack):
    """The known attack strings are refused, or are an incident at most."""
    files = sketch(f"start s\nxor x\nuser a\nuser b\ns -> x\nx -> a : {attack}\nx -> b : *")
    if any(p.severity == "error" for p in bpmn.lint(files)):
        return

    assert bpmn.load(files).start({}, now).incidents()


def test_a_finding_shows_the_path_to_it(sketch):
    """The author sees how the case gets stuck."""
    [found] = [p for p in bpmn.lint(sketch(CASES["deadlock"])) if p.rule == "deadlock"]

    assert found.element == "j"
    assert found.args["path"] in {"s → x → a", "s → x → b"}


def test_sound_procedures_are_not_accused(sketch):
    """Every element used rightly passes."""
    kinds = {**sketch(KINDS, q=CALLED), "level.dmn": LEVEL}
    for files in (sketch(OFFICE, pay=PAY), sketch(SCOPES), kinds):
        assert not {"deadlock", "never-ends", "never-reached", "tokens-pile-up", "too-many-states"} & {
            p.rule for p in bpmn.lint(files)
        }


def test_a_loop_beside_the_rest_is_not_endless_while_the_rest_can_end_it(sketch):
    """Going round in one branch does not hide that another branch ends everything."""
    files = sketch("start s\nand f\nuser a\nuser b\nend e terminate\ns -> f\nf -> a -> a\nf -> b -> e")

    assert "never-ends" not in {p.rule for p in bpmn.lint(files)}


def test_pool_of_somebody_else_only_explains(now):
    """A process that ours does not call is not run, and not held to anything."""
    files = raw('<scriptTask id="x"/>', '<process id="q" isExecutable="true"><userTask id="b"/></process>')

    assert [p.rule for p in bpmn.lint(files) if p.severity == "error"] == []
    assert [t.element for t in bpmn.load(files).start({}, now).tasks()] == ["b"]
    assert set(bpmn.load(files).elements) == {"b"}


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("user a loop=again max=often", "loop-foreign"),
        ("catch a cycle=PT1H", "timer-wrong"),
        ("catch a duration=R3/PT1H", "timer-wrong"),
        ("catch a duration=PT24", "timer-wrong"),
        ("catch a date=2026/04/01", "timer-wrong"),
    ],
)
def test_a_slip_of_the_pen_is_not_read_as_something_else(sketch, body, rule):
    """What would wait for ever, or run for ever, is refused before it runs."""
    assert rule in {p.rule for p in bpmn.lint(sketch(f"start s\n{body}\nend e\ns -> a -> e"))}


EVENT = '<intermediateCatchEvent id="a">{}</intermediateCatchEvent>'
FOREIGN_WORDS = [
    EVENT.format(
        '<conditionalEventDefinition><condition language="x">y</condition></conditionalEventDefinition>'
    ),
    EVENT.format('<timerEventDefinition><timeDuration language="x">y</timeDuration></timerEventDefinition>'),
    '<task id="a"><standardLoopCharacteristics><loopCondition language="x">y</loopCondition></standardLoopCharacteristics></task>',
    '<task id="a"><multiInstanceLoopCharacteristics><loopCardinality language="x">2</loopCardinality></multiInstanceLoopCharacteristics></task>',
]


@pytest.mark.parametrize("body", FOREIGN_WORDS)
def test_another_language_is_refused_wherever_it_is_written(body):
    """Not only conditions on flows say in which language they are."""
    assert "condition-language" in {p.rule for p in bpmn.lint(raw(body))}


def test_ids_are_one_of_a_kind_in_all_files_together():
    """Two files that both have a StartEvent_1 would share role, form and history."""
    files = raw('<callActivity id="c" calledElement="q"/><task id="a"/>')
    other = (
        files["p.bpmn"].replace(b'"p"', b'"q"').replace(b'"c" calledElement="q"', b'"d" calledElement="x"')
    )

    assert [p.element for p in bpmn.lint({**files, "q.bpmn": other}) if p.rule == "id-twice"] == ["a"]


def test_what_another_branch_takes_away_is_still_looked_at(sketch):
    """A terminate end in one branch does not hide that tokens pile up in the other before it is reached."""
    files = sketch("""
        start s
        and f
        user a
        end aa terminate
        user b
        user c
        s -> f
        f -> a -> aa
        f -> b -> c
        c -> b
        c -> b
    """)

    assert [p.rule for p in bpmn.lint(files) if p.rule in {"deadlock", "never-ends", "tokens-pile-up"}] == [
        "tokens-pile-up"
    ]


def test_lint_says_so_when_a_gateway_has_more_choices_than_it_looks_at(sketch):
    """Of many ways, not every choice of some is tried, and the author is told."""
    lines = [f"user a{n}\nf -> a{n} : x > {n}\na{n} -> j" for n in range(8)]
    nodes = "\n".join(line.split("\n")[0] for line in lines)
    flows = "\n".join("\n".join(line.split("\n")[1:]) for line in lines)
    files = sketch(
        f"start s\nor f\n{nodes}\nuser z\nor j\nend e\ns -> f\n{flows}\nf -> z : *\nz -> j\nj -> e"
    )

    assert "too-many-states" in {p.rule for p in bpmn.lint(files)}


def test_many_branches_are_not_a_pile(sketch):
    """Five branches into one task or one end are five tokens, and never more."""
    names = "abcde"
    files = sketch(
        "start s\nand f\nuser z\nend e\ns -> f\n"
        + "\n".join(f"user {n}" for n in names)
        + "\n"
        + "\n".join(f"f -> {n} -> z" for n in names)
        + "\nz -> e"
    )

    assert not {"tokens-pile-up", "too-many-states"} & {p.rule for p in bpmn.lint(files)}


@pytest.mark.parametrize(
    "body",
    [
        '<jb:deadline duration="P3WD" begin="x"/>',
        '<jb:notice knd="x"/>',
        '<jb:escalation><jb:stp after="P1D" to="x"/></jb:escalation>',
        '<jb:operation name="o"><jb:param key="x" value="y"/></jb:operation>',
    ],
)
def test_a_slip_in_what_is_ours_is_named(body):
    """Our own elements have no word without meaning."""
    files = raw(f'<userTask id="a"><extensionElements>{body}</extensionElements></userTask>')

    assert "extension-unknown" in {p.rule for p in bpmn.lint(files)}


def test_a_called_process_has_no_trigger_of_its_own(sketch):
    """A call starts it, so nothing else can have happened."""
    files = sketch("start s\ncall c calledElement=q\ns -> c", q="start qs message=M\nuser a\nqs -> a")

    assert [p.element for p in bpmn.lint(files) if p.rule == "start-event-kind"] == ["qs"]


def test_a_long_chain_of_calls_is_refused_and_not_followed(sketch):
    """Neither lint nor a run goes down a thousand levels."""
    chain = {f"q{n}": f"call c{n} calledElement=q{n + 1}" for n in range(900)}
    files = sketch("call c calledElement=q0", **chain, q900="user a")

    assert [p.rule for p in bpmn.lint(files) if p.severity == "error"] == ["nested-too-deep"]


def test_processes_that_call_each_other_twice_are_checked_once(sketch):
    """Thirty levels of two calls are a thousand million ways, and sixty calls."""
    pair = "call a{0} calledElement=q{1}\ncall b{0} calledElement=q{1}\na{0} -> b{0}"
    chain = {f"q{n}": pair.format(n, n + 1) for n in range(30)}
    last = "user look\nend bad error=E\nlook -> bad"
    files = sketch("call c calledElement=q0\nboundary d on=c error=E\nuser e\nd -> e", **chain, q30=last)

    assert not [p for p in bpmn.lint(files) if p.severity == "error"]
