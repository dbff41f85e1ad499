"""One model for every attribute of BPMN's process package, and for every element that only explains."""

from itertools import pairwise

import pytest

import bpmn
from tests.bpmn.sketch import NOW

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' targetNamespace="t" {}>'
    '<message id="m" name="M"/><signal id="g" name="G"/><error id="r" name="R" errorCode="R"/>'
    '<escalation id="c" name="C" escalationCode="C"/><dataStore id="store"/><category id="k"><categoryValue id="kv"/></category>'
    "{}</definitions>"
)
S, E = '<startEvent id="s"/>', '<endEvent id="e"/>'


def flow(number, source, target, more="", inner=""):
    return f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}" {more}>{inner}</sequenceFlow>'


def line(*nodes, more=""):
    """Nodes one after another; each is written as XML, or named."""
    ids = [n.split('id="')[1].split('"')[0] for n in nodes]
    flows = "".join(flow(i, a, b) for i, (a, b) in enumerate(pairwise(ids)))
    return "".join(nodes) + flows + more


def file(body, process='id="p"', around=""):
    return {"p.bpmn": HEAD.format("", f"{around}<process {process}>{body}</process>").encode()}


def trace(files, facts=None, *, told=""):
    """Everything that was left: a message told at once, tasks completed in their order, messages and timers after."""
    run = bpmn.load(files).start(facts or {}, NOW)
    left = [m.element for m in run.marks() if m.kind == "left"]
    if told:
        run.deliver(told, {}, NOW)
        left += [m.element for m in run.marks() if m.kind == "left"]
    while not run.finished:
        if run.tasks():
            run.complete(run.tasks()[0].id, {}, NOW)
        elif run.waits():
            run.deliver(run.waits()[0].message, {}, NOW)
        elif run.timers():
            timer = min(run.timers(), key=lambda t: t.fire_at)
            run.fire(timer.id, max(NOW, timer.fire_at))
        else:
            break
        left += [m.element for m in run.marks() if m.kind == "left"]
    return " ".join(left)


def task(more="", inner="", kind="userTask", key="a"):
    return f'<{kind} id="{key}" {more}>{inner}</{kind}>'


def plain(more="", inner="", kind="userTask"):
    return file(line(S, task(more, inner, kind), E))


LATER = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
BESIDE = (
    S
    + task("", "")
    + E
    + '<boundaryEvent id="b" attachedToRef="a" cancelActivity="{}">'
    + '<signalEventDefinition signalRef="g"/></boundaryEvent><userTask id="z"/>'
    + flow(1, "s", "a")
    + flow(2, "a", "e")
    + flow(3, "b", "z")
)
LOOP = "<standardLoopCharacteristics {}><loopCondition>true</loopCondition></standardLoopCharacteristics>"
MANY = "<multiInstanceLoopCharacteristics {}><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
RACE = (
    S + '<eventBasedGateway id="w" {}/>'
    '<intermediateCatchEvent id="a"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
    f'<intermediateCatchEvent id="b">{LATER}</intermediateCatchEvent>'
    + flow(1, "s", "w")
    + flow(2, "w", "a")
    + flow(3, "w", "b")
)
INSIDE = '<startEvent id="i"{}>{}</startEvent><userTask id="j"/>' + flow(8, "i", "j")
HANDLER = line(S, task(), E) + f'<subProcess id="h" triggeredByEvent="true">{INSIDE}</subProcess>'
CONDITION = "<conditionExpression {}>n = 1</conditionExpression>"
SPLIT = S + task() + task(key="b") + task(key="c")


def split(default="", more=""):
    return (
        S + f'<userTask id="a" {default}/>' + task(key="b") + task(key="c")
        + flow(1, "s", "a") + flow(2, "a", "b", inner=CONDITION.format(more)) + flow(3, "a", "c")
    )  # fmt: skip


SIGNAL = '<signalEventDefinition signalRef="g"/>'
# For each attribute a model that has it, and the trace that the specification gives, or the rule that refuses it.
ATTRIBUTES = {
    # Executed
    "id": (plain(), "s a e"),
    "name": (plain('name="A"'), "s a e"),
    "sourceRef": (plain(), "s a e"),
    "targetRef": (plain(), "s a e"),
    "isExecutable": (file(line(S, task(), E), 'id="p" isExecutable="false"'), "s a e"),
    "default": (file(split('default="f3"')), "s a c"),
    "language": (file(split(more='language="feel"')), "s a b c"),
    "isSequential": (plain("", MANY.format('isSequential="true"')), "s a a a e"),
    "testBefore": (plain("", LOOP.format('testBefore="true"').replace("true<", "false<")), "s a e"),
    "loopMaximum": (plain("", LOOP.format('loopMaximum="3"')), "s a a a a e"),
    "attachedToRef": (file(BESIDE.format("true")), "s b z"),
    "cancelActivity": (file(BESIDE.format("false")), "s b a e z"),
    "triggeredByEvent": (file(HANDLER.format("", SIGNAL)), "s i j h"),
    "isInterrupting": (file(HANDLER.format(' isInterrupting="false"', SIGNAL)), "s i a e j h"),
    "eventGatewayType": (file(RACE.format('eventGatewayType="Exclusive"')), "s w a"),
    "calledElement": (
        file(line(S, task('calledElement="q"', kind="callActivity"), E), around=f'<process id="q">{task(key="qa")}</process>'),
        "s qa a e",
    ),
    "messageRef": (plain('messageRef="m"', kind="receiveTask"), "s a e"),
    "signalRef": (plain("", SIGNAL, "intermediateCatchEvent"), "s a e"),
    "errorRef": (
        file(
            line(S, '<subProcess id="t"><endEvent id="x"><errorEventDefinition errorRef="r"/></endEvent></subProcess>', E)
            + '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="r"/></boundaryEvent>'
            + task(key="z") + flow(9, "b", "z")
        ),
        "s x b z",
    ),
    "escalationRef": (
        file(
            line(S, '<subProcess id="t"><endEvent id="x"><escalationEventDefinition escalationRef="c"/></endEvent></subProcess>', E)
            + '<boundaryEvent id="b" attachedToRef="t"><escalationEventDefinition escalationRef="c"/></boundaryEvent>'
            + task(key="z") + flow(9, "b", "z")
        ),
        "s x b z",
    ),
    # Refused
    "isForCompensation": (file(line(S, task(), E) + task('isForCompensation="true"', key="z")), "compensation"),
    "waitForCompletion": (plain("", '<compensateEventDefinition waitForCompletion="true"/>', "intermediateThrowEvent"), "compensation"),
    "activityRef": (plain("", '<compensateEventDefinition activityRef="s"/>', "intermediateThrowEvent"), "compensation"),
    "startQuantity": (plain('startQuantity="2"'), "quantity"),
    "completionQuantity": (plain('completionQuantity="2"'), "quantity"),
    "instantiate": (plain('instantiate="true" messageRef="m"', kind="receiveTask"), "instantiate"),
    "parallelMultiple": (plain('parallelMultiple="true"', SIGNAL, "intermediateCatchEvent"), "event-multiple"),
    "behavior": (plain("", MANY.format('behavior="One"')), "loop-foreign"),
    "oneBehaviorEventRef": (plain("", MANY.format('behavior="One" oneBehaviorEventRef="x"')), "loop-foreign"),
    "noneBehaviorEventRef": (plain("", MANY.format('behavior="None" noneBehaviorEventRef="x"')), "loop-foreign"),
    "scriptFormat": (plain('scriptFormat="python"', "<script>1</script>", "scriptTask"), "script-task"),
    "ordering": (plain('ordering="Sequential"', task(key="z"), "adHocSubProcess"), "ad-hoc"),
    "cancelRemainingInstances": (plain('cancelRemainingInstances="false"', task(key="z"), "adHocSubProcess"), "ad-hoc"),
    "initiatingParticipantRef": (plain('initiatingParticipantRef="x"', kind="choreographyTask"), "element-unknown"),
    "loopType": (plain('loopType="None"', kind="choreographyTask"), "element-unknown"),
    "calledChoreographyRef": (plain('calledChoreographyRef="x"', kind="callChoreography"), "element-unknown"),
    # Explains
    "implementation": (plain('implementation="##WebService"'), "s a e"),
    "operationRef": (plain('messageRef="m" operationRef="o"', kind="sendTask"), "s a e"),
    "gatewayDirection": (plain('gatewayDirection="Mixed"', kind="exclusiveGateway"), "s a e"),
    "isImmediate": (file(S + E + flow(1, "s", "e", 'isImmediate="true"')), "s e"),
    "isClosed": (file(line(S, task(), E), 'id="p" isClosed="true"'), "s a e"),
    "processType": (file(line(S, task(), E), 'id="p" processType="Private"'), "s a e"),
    "definitionalCollaborationRef": (file(line(S, task(), E), 'id="p" definitionalCollaborationRef="k"'), "s a e"),
    "isCollection": (file(line(S, task(), E, more='<dataObject id="d" isCollection="true"/>')), "s a e"),
    "itemSubjectRef": (file(line(S, task(), E, more='<dataObject id="d" itemSubjectRef="i"/>')), "s a e"),
    "dataObjectRef": (file(line(S, task(), E, more='<dataObject id="d"/><dataObjectReference id="dr" dataObjectRef="d"/>')), "s a e"),
    "dataStoreRef": (file(line(S, task(), E, more='<dataStoreReference id="dr" dataStoreRef="store"/>')), "s a e"),
    "evaluatesToTypeRef": (file(split('default="f3"', 'evaluatesToTypeRef="xsd:boolean"')), "s a c"),
    "textFormat": (plain("", '<documentation textFormat="text/plain">x</documentation>'), "s a e"),
    "associationDirection": (
        file(line(S, task(), E, more='<textAnnotation id="n"/><association id="o" sourceRef="a" targetRef="n" associationDirection="None"/>')),
        "s a e",
    ),
    "categoryValueRef": (file(line(S, task(), E, more='<group id="o" categoryValueRef="kv"/>')), "s a e"),
    "partitionElementRef": (
        file('<laneSet id="l"><lane id="l1" partitionElementRef="k"><flowNodeRef>a</flowNodeRef></lane></laneSet>' + line(S, task(), E)),
        "s a e",
    ),
    "method": (file(line(S, task('method="##Store"', task(key="j"), "transaction"), E)), "s j a e"),
    "inputDataRef": (file('<ioBinding id="o" operationRef="x" inputDataRef="i" outputDataRef="j"/>' + line(S, task(), E)), "s a e"),
    "outputDataRef": (file('<ioBinding id="o" operationRef="x" inputDataRef="i" outputDataRef="j"/>' + line(S, task(), E)), "s a e"),
    "parameterRef": (
        plain("", '<potentialOwner id="o"><resourceRef>x</resourceRef><resourceParameterBinding parameterRef="y">'
              "<formalExpression>z</formalExpression></resourceParameterBinding></potentialOwner>"),
        "s a e",
    ),
    "correlationKeyRef": (file(line(S, task(), E, more='<correlationSubscription id="o" correlationKeyRef="x"/>')), "s a e"),
    "correlationPropertyRef": (
        file(line(S, task(), E, more='<correlationSubscription id="o" correlationKeyRef="x"><correlationPropertyBinding '
                  'correlationPropertyRef="y"><dataPath>z</dataPath></correlationPropertyBinding></correlationSubscription>')),
        "s a e",
    ),
}  # fmt: skip

# Where the signal comes before anybody has done anything.
TOLD = {"attachedToRef", "cancelActivity", "triggeredByEvent", "isInterrupting"}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_each_attribute(name):
    """It is executed as the specification says, refused by name, or changes nothing."""
    files, expected = ATTRIBUTES[name]
    assert f"{name}=" in files["p.bpmn"].decode()
    if " " not in expected:
        assert expected in {p.rule for p in bpmn.lint(files) if p.severity == "error"}
        return
    assert not {"attribute-unknown", "attribute-misplaced"} & {p.rule for p in bpmn.lint(files)}
    told = "G" if name in TOLD else ""
    assert trace(files, {"n": 1} if name == "language" else {"n": 2}, told=told) == expected


PARTS = {
    "auditing, monitoring": "<auditing/><monitoring/>",
    "rendering": "<rendering/>",
    "extensionElements": "<extensionElements><x xmlns='urn:x'/></extensionElements>",
    "ioSpecification": "<ioSpecification><dataInput id='i'/><dataOutput id='o'/><inputSet><dataInputRefs>i</dataInputRefs>"
    "<optionalInputRefs>i</optionalInputRefs><whileExecutingInputRefs>i</whileExecutingInputRefs><outputSetRefs>q</outputSetRefs>"
    "</inputSet><outputSet id='q'><dataOutputRefs>o</dataOutputRefs><optionalOutputRefs>o</optionalOutputRefs>"
    "<whileExecutingOutputRefs>o</whileExecutingOutputRefs><inputSetRefs>x</inputSetRefs></outputSet></ioSpecification>",
    "dataInputAssociation": "<dataInputAssociation><sourceRef>d</sourceRef><targetRef>i</targetRef><transformation>x</transformation>"
    "<assignment><from>x</from><to>y</to></assignment></dataInputAssociation>",
    "dataOutputAssociation": "<dataOutputAssociation><targetRef>d</targetRef></dataOutputAssociation>",
    "property": "<property id='pr' name='x'><dataState name='new'/></property>",
    "humanPerformer": "<humanPerformer><resourceAssignmentExpression><expression>x</expression></resourceAssignmentExpression></humanPerformer>",
    "potentialOwner": "<potentialOwner><resourceRef>x</resourceRef></potentialOwner>",
    "performer": "<performer/>",
    "resourceRole": "<resourceRole/>",
    "categoryValueRef": "<categoryValueRef>kv</categoryValueRef>",
}  # fmt: skip
WHOLE = {
    "dataObject": "<dataObject id='d'/>",
    "group": "<group id='g1'/>",
    "textAnnotation": "<textAnnotation id='n'><text>x</text></textAnnotation>",
    "laneSet": "<laneSet><lane id='l'><partitionElement/><flowNodeRef>a</flowNodeRef><childLaneSet><lane id='l2'/></childLaneSet></lane></laneSet>",
    "supports": "<supports>x</supports>",
    "supportedInterfaceRef": "<supportedInterfaceRef>x</supportedInterfaceRef>",
    "property": "<property id='pr'/>",
    "performer": "<performer/>",
    "auditing": "<auditing/>",
    "documentation": "<documentation>x</documentation>",
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_each_part_of_a_task_that_only_explains(name):
    """A task with it is done as one without it."""
    assert trace(plain("", PARTS[name])) == "s a e"


@pytest.mark.parametrize("name", WHOLE)
def test_each_part_of_a_process_that_only_explains(name):
    """A process with it runs as one without it."""
    assert trace(file(WHOLE[name] + line(S, task(), E))) == "s a e"


LINK = "<linkEventDefinition name='{}'>{}</linkEventDefinition>"


def test_what_a_link_points_at_is_said_by_its_name():
    """`source` and `target` repeat what the name says."""
    throw = (
        "<intermediateThrowEvent id='o'>"
        + LINK.format("A", "<target>l2</target>")
        + "</intermediateThrowEvent>"
    )
    catch = (
        "<intermediateCatchEvent id='i'>"
        + LINK.format("A", "<source>l1</source>")
        + "</intermediateCatchEvent>"
    )

    assert trace(file(S + throw + catch + E + flow(1, "s", "o") + flow(2, "i", "e"))) == "s o i e"


COMPLEX = (
    "<multiInstanceLoopCharacteristics behavior='Complex'><loopCardinality>2</loopCardinality>"
    "<complexBehaviorDefinition><condition>x</condition><event/></complexBehaviorDefinition></multiInstanceLoopCharacteristics>"
)
COLLECTION = (
    "<multiInstanceLoopCharacteristics><loopDataInputRef>x</loopDataInputRef><loopDataOutputRef>x</loopDataOutputRef>"
    "<inputDataItem/><outputDataItem/></multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<implicitThrowEvent id='a'/>", "element-unknown"),
        ("<complexGateway id='a'><activationCondition>x</activationCondition></complexGateway>", "gateway-complex"),
        ("<userTask id='a'>" + COMPLEX + "</userTask>", "loop-foreign"),
        ("<userTask id='a'>" + COLLECTION + "</userTask>", "loop-foreign"),
        ("<task id='a'/><task id='b'/>" + flow(1, "a", "b", inner="<conditionExpresion>x</conditionExpresion>"), "element-unknown"),
        ("<task id='a'><timerEventDefintion/></task>", "element-unknown"),
        ("<task id='a'/><boundaryEvent id='b' attachedToRef='a' cancelactivity='false'/>", "catch-without-definition"),
    ],
)  # fmt: skip
def test_what_has_no_answer_is_refused(body, rule):
    """Neither an element that is not executed nor a slip of the pen passes in silence."""
    assert rule in {p.rule for p in bpmn.lint(file(body)) if p.severity == "error"}
