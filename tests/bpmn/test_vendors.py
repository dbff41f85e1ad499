"""Models as other modellers export them: they load where their meaning is standard, and are refused by name where not."""

import pytest

import bpmn
from tests.bpmn.sketch import NOW
from tests.bpmn.test_attributes import trace

POLICY = {
    "role-missing",
    "form-missing",
    "deadline-missing",
    "escalation-missing",
    "law-missing",
    "operation-missing",
}


def errors(files):
    return sorted({p.rule for p in bpmn.lint(files) if p.severity == "error"})


# Camunda Modeler: several namespaces, a pool, forms, listeners, async flags, an input/output mapping.
CAMUNDA = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
  xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:camunda="http://camunda.org/schema/1.0/bpmn"
  xmlns:modeler="http://camunda.org/schema/modeler/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" exporter="Camunda Modeler" exporterVersion="5.17.0"
  modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.19.0">
  <bpmn:collaboration id="Collaboration_1">
    <bpmn:participant id="Participant_1" name="Office" processRef="Process_office"/>
    <bpmn:participant id="Participant_2" name="Applicant"/>
    <bpmn:messageFlow id="Flow_m" sourceRef="Participant_2" targetRef="StartEvent_1"/>
  </bpmn:collaboration>
  <bpmn:process id="Process_office" name="Application" isExecutable="true" camunda:historyTimeToLive="180" camunda:versionTag="3">
    <bpmn:extensionElements><camunda:executionListener class="org.example.Start" event="start"/></bpmn:extensionElements>
    <bpmn:laneSet id="LaneSet_1"><bpmn:lane id="Lane_1" name="Window"><bpmn:flowNodeRef>StartEvent_1</bpmn:flowNodeRef>
      <bpmn:flowNodeRef>Activity_check</bpmn:flowNodeRef></bpmn:lane><bpmn:lane id="Lane_2" name="Leader">
      <bpmn:flowNodeRef>Activity_decide</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
    <bpmn:startEvent id="StartEvent_1" name="Application received" camunda:initiator="starter" camunda:asyncBefore="true">
      <bpmn:outgoing>Flow_1</bpmn:outgoing><bpmn:messageEventDefinition id="Med_1" messageRef="Message_1"/></bpmn:startEvent>
    <bpmn:userTask id="Activity_check" name="Check" camunda:candidateGroups="clerks" camunda:formKey="embedded:app:f.html"
      camunda:dueDate="${now().plusDays(3)}"><bpmn:extensionElements>
      <camunda:inputOutput><camunda:inputParameter name="x">${y}</camunda:inputParameter></camunda:inputOutput>
      <camunda:taskListener class="org.example.L" event="create"/></bpmn:extensionElements>
      <bpmn:incoming>Flow_1</bpmn:incoming><bpmn:outgoing>Flow_2</bpmn:outgoing></bpmn:userTask>
    <bpmn:boundaryEvent id="Event_remind" cancelActivity="false" attachedToRef="Activity_check"><bpmn:outgoing>Flow_r</bpmn:outgoing>
      <bpmn:timerEventDefinition id="Ted_1"><bpmn:timeCycle xsi:type="bpmn:tFormalExpression">R3/P2D</bpmn:timeCycle>
      </bpmn:timerEventDefinition></bpmn:boundaryEvent>
    <bpmn:sendTask id="Activity_mail" name="Remind" camunda:class="org.example.Mail"><bpmn:incoming>Flow_r</bpmn:incoming></bpmn:sendTask>
    <bpmn:exclusiveGateway id="Gateway_1" name="complete?" default="Flow_4"><bpmn:incoming>Flow_2</bpmn:incoming>
      <bpmn:outgoing>Flow_3</bpmn:outgoing><bpmn:outgoing>Flow_4</bpmn:outgoing></bpmn:exclusiveGateway>
    <bpmn:userTask id="Activity_decide" name="Decide"><bpmn:incoming>Flow_3</bpmn:incoming><bpmn:outgoing>Flow_5</bpmn:outgoing></bpmn:userTask>
    <bpmn:endEvent id="Event_end"><bpmn:incoming>Flow_4</bpmn:incoming><bpmn:incoming>Flow_5</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="Flow_1" sourceRef="StartEvent_1" targetRef="Activity_check"/>
    <bpmn:sequenceFlow id="Flow_2" sourceRef="Activity_check" targetRef="Gateway_1"/>
    <bpmn:sequenceFlow id="Flow_3" name="yes" sourceRef="Gateway_1" targetRef="Activity_decide">
      <bpmn:conditionExpression xsi:type="bpmn:tFormalExpression" language="feel">complete = true</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="Flow_4" sourceRef="Gateway_1" targetRef="Event_end"/>
    <bpmn:sequenceFlow id="Flow_5" sourceRef="Activity_decide" targetRef="Event_end"/>
    <bpmn:sequenceFlow id="Flow_r" sourceRef="Event_remind" targetRef="Activity_mail"/>
    <bpmn:textAnnotation id="TextAnnotation_1"><bpmn:text>three days</bpmn:text></bpmn:textAnnotation>
    <bpmn:association id="Association_1" sourceRef="Activity_check" targetRef="TextAnnotation_1"/>
  </bpmn:process>
  <bpmn:message id="Message_1" name="application"/>
  <bpmndi:BPMNDiagram id="BPMNDiagram_1"><bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="Collaboration_1">
    <bpmndi:BPMNShape id="S1" bpmnElement="StartEvent_1"><dc:Bounds x="1" y="1" width="36" height="36"/></bpmndi:BPMNShape>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>"""

# Flowable: default namespace, expressionLanguage and typeLanguage as it always writes them, CDATA, no isExecutable.
FLOWABLE = b"""<?xml version='1.0' encoding='UTF-8'?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:flowable="http://flowable.org/bpmn" xmlns:activiti="http://activiti.org/bpmn"
  typeLanguage="http://www.w3.org/2001/XMLSchema" expressionLanguage="http://www.w3.org/1999/XPath"
  targetNamespace="http://www.flowable.org/processdef">
  <process id="leave" name="leave"><documentation>two at once</documentation>
    <startEvent id="start" flowable:formFieldValidation="true" flowable:initiator="applicant"/>
    <parallelGateway id="fork"/>
    <userTask id="first" name="first" flowable:assignee="$INITIATOR" flowable:skipExpression="${skip}" activiti:candidateUsers="a,b">
      <extensionElements><modeler:allow-send-email xmlns:modeler="http://flowable.org/modeler"><![CDATA[false]]></modeler:allow-send-email>
      </extensionElements></userTask>
    <userTask id="second" name="second"/>
    <parallelGateway id="join"/>
    <exclusiveGateway id="ok"/>
    <endEvent id="yes"/><endEvent id="no"/>
    <sequenceFlow id="a" sourceRef="start" targetRef="fork"/><sequenceFlow id="b" sourceRef="fork" targetRef="first"/>
    <sequenceFlow id="c" sourceRef="fork" targetRef="second"/><sequenceFlow id="d" sourceRef="first" targetRef="join"/>
    <sequenceFlow id="e" sourceRef="second" targetRef="join"/><sequenceFlow id="f" sourceRef="join" targetRef="ok"/>
    <sequenceFlow id="g" sourceRef="ok" targetRef="yes"><conditionExpression xsi:type="tFormalExpression"><![CDATA[days <= 3]]></conditionExpression></sequenceFlow>
    <sequenceFlow id="h" sourceRef="ok" targetRef="no"><conditionExpression xsi:type="tFormalExpression"><![CDATA[days > 3]]></conditionExpression></sequenceFlow>
  </process>
</definitions>"""

# Signavio: every attribute written out, pools that are all marked not executable, data objects with associations.
SIGNAVIO = b"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:signavio="http://www.signavio.com"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" exporter="Signavio Process Editor" exporterVersion="15.7.0"
  expressionLanguage="http://www.w3.org/TR/XPath" id="sid-1" targetNamespace="http://www.signavio.com" typeLanguage="http://www.w3.org/2001/XMLSchema"
  xsi:schemaLocation="http://www.omg.org/spec/BPMN/20100524/MODEL http://www.omg.org/spec/BPMN/2.0/20100501/BPMN20.xsd">
  <collaboration id="sid-2" isClosed="false"><extensionElements><signavio:signavioMetaData metaKey="bgcolor" metaValue="#fff"/></extensionElements>
    <participant id="sid-3" name="Office" processRef="sid-5"/><participant id="sid-4" name="Citizen"/></collaboration>
  <process id="sid-5" isClosed="false" isExecutable="false" name="Office" processType="None">
    <extensionElements/>
    <laneSet id="sid-6"><lane id="sid-7" name="Clerk"><extensionElements><signavio:signavioMetaData metaKey="x" metaValue=""/></extensionElements>
      <flowNodeRef>sid-a</flowNodeRef></lane></laneSet>
    <dataObject id="DataObject_1" isCollection="false" name="form"/>
    <dataObjectReference dataObjectRef="DataObject_1" id="sid-d"/>
    <startEvent id="sid-s" isInterrupting="true" name="" parallelMultiple="false"><outgoing>sid-f1</outgoing></startEvent>
    <task completionQuantity="1" id="sid-a" isForCompensation="false" name="Accept" startQuantity="1">
      <incoming>sid-f1</incoming><outgoing>sid-f2</outgoing>
      <ioSpecification id="sid-io"><dataInput id="sid-in" isCollection="false"/><inputSet id="sid-is"><dataInputRefs>sid-in</dataInputRefs></inputSet>
        <outputSet id="sid-os"/></ioSpecification>
      <dataInputAssociation id="sid-x"><sourceRef>sid-d</sourceRef><targetRef>sid-in</targetRef></dataInputAssociation></task>
    <inclusiveGateway gatewayDirection="Diverging" id="sid-g" name=""><incoming>sid-f2</incoming><outgoing>sid-f3</outgoing><outgoing>sid-f4</outgoing></inclusiveGateway>
    <subProcess completionQuantity="1" id="sid-p" isForCompensation="false" name="Visit" startQuantity="1" triggeredByEvent="false">
      <incoming>sid-f3</incoming><outgoing>sid-f5</outgoing><startEvent id="sid-ps" isInterrupting="true"/>
      <userTask completionQuantity="1" id="sid-pa" implementation="##unspecified" isForCompensation="false" name="Go there" startQuantity="1"/>
      <sequenceFlow id="sid-pf" isImmediate="true" sourceRef="sid-ps" targetRef="sid-pa"/></subProcess>
    <serviceTask completionQuantity="1" id="sid-q" implementation="##WebService" isForCompensation="false" name="Query" startQuantity="1">
      <incoming>sid-f4</incoming><outgoing>sid-f6</outgoing></serviceTask>
    <inclusiveGateway gatewayDirection="Converging" id="sid-j" name=""><incoming>sid-f5</incoming><incoming>sid-f6</incoming><outgoing>sid-f7</outgoing></inclusiveGateway>
    <endEvent id="sid-e" name="done"><incoming>sid-f7</incoming></endEvent>
    <sequenceFlow id="sid-f1" isImmediate="true" sourceRef="sid-s" targetRef="sid-a"/><sequenceFlow id="sid-f2" sourceRef="sid-a" targetRef="sid-g"/>
    <sequenceFlow id="sid-f3" name="visit" sourceRef="sid-g" targetRef="sid-p"><conditionExpression id="sid-c" xsi:type="tFormalExpression">visit</conditionExpression></sequenceFlow>
    <sequenceFlow id="sid-f4" sourceRef="sid-g" targetRef="sid-q"><conditionExpression id="sid-k" xsi:type="tFormalExpression">query</conditionExpression></sequenceFlow>
    <sequenceFlow id="sid-f5" sourceRef="sid-p" targetRef="sid-j"/><sequenceFlow id="sid-f6" sourceRef="sid-q" targetRef="sid-j"/>
    <sequenceFlow id="sid-f7" sourceRef="sid-j" targetRef="sid-e"/>
  </process>
</definitions>"""

# bpmn.io: nothing but what was drawn, ids as it makes them, no start event, an event without a name.
BPMN_IO = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"
  xmlns:color="http://www.omg.org/spec/BPMN/non-normative/color/1.0" id="sample" targetNamespace="http://bpmn.io/schema/bpmn" exporter="bpmn-js">
  <process id="Process_1"><task id="Task_0" name="one"><outgoing>Flow_a</outgoing></task>
    <intermediateThrowEvent id="Event_1"><incoming>Flow_a</incoming><outgoing>Flow_b</outgoing></intermediateThrowEvent>
    <task id="Task_1" name="two"><incoming>Flow_b</incoming></task>
    <sequenceFlow id="Flow_a" sourceRef="Task_0" targetRef="Event_1" bioc:stroke="red" color:border-color="red"/>
    <sequenceFlow id="Flow_b" sourceRef="Event_1" targetRef="Task_1"/></process>
</definitions>"""

ZEEBE = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
  <bpmn:process id="z" isExecutable="true">
    <bpmn:startEvent id="s"/><bpmn:exclusiveGateway id="x" default="f3"/>
    <bpmn:serviceTask id="job" name="Job"><bpmn:extensionElements><zeebe:taskDefinition type="job" retries="3"/>
      <zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>
    <bpmn:userTask id="a"><bpmn:extensionElements><zeebe:assignmentDefinition assignee="=owner"/></bpmn:extensionElements></bpmn:userTask>
    <bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="x"/>
    <bpmn:sequenceFlow id="f2" sourceRef="x" targetRef="job"><bpmn:conditionExpression>=amount &gt; 3 and list contains([1, 2], 2)</bpmn:conditionExpression></bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="f3" sourceRef="x" targetRef="a"/>
    <bpmn:sequenceFlow id="f4" sourceRef="job" targetRef="e"/><bpmn:sequenceFlow id="f5" sourceRef="a" targetRef="e"/>
  </bpmn:process>
</bpmn:definitions>"""

LOADS = {
    "camunda": (CAMUNDA, {"complete": True}, "StartEvent_1 Activity_check Gateway_1 Activity_decide Event_end"),
    "camunda default": (CAMUNDA, {"complete": False}, "StartEvent_1 Activity_check Gateway_1 Event_end"),
    "flowable": (FLOWABLE, {"days": 3}, "start fork first second join ok yes"),
    "flowable other": (FLOWABLE, {"days": 4}, "start fork first second join ok no"),
    "signavio": (SIGNAVIO, {"visit": True, "query": True}, "sid-s sid-a sid-g sid-ps sid-q sid-pa sid-p sid-j sid-e"),
    "signavio one": (SIGNAVIO, {"visit": False, "query": True}, "sid-s sid-a sid-g sid-q sid-j sid-e"),
    "bpmn.io": (BPMN_IO, {}, "Task_0 Event_1 Task_1"),
    "zeebe": (ZEEBE, {"amount": 5}, "s x job e"),
    "zeebe default": (ZEEBE, {"amount": 1}, "s x a e"),
}  # fmt: skip


@pytest.mark.parametrize("name", LOADS)
def test_what_is_standard_is_executed(name):
    """Attributes and extensions of the vendor explain; the rest runs as the specification says."""
    data, facts, expected = LOADS[name]
    assert errors({"x.bpmn": data}) == []
    assert trace({"x.bpmn": data}, facts) == expected


@pytest.mark.parametrize(
    "data", [CAMUNDA, FLOWABLE, SIGNAVIO, BPMN_IO], ids=["camunda", "flowable", "signavio", "bpmn.io"]
)
def test_what_only_our_offices_demand_stops_publishing_and_not_loading(data):
    """Role, form, deadline and law are said, each as policy."""
    policy = {p.rule for p in bpmn.lint({"x.bpmn": data}) if p.severity == "policy"}

    assert {"role-missing", "deadline-missing", "law-missing"} <= policy <= POLICY
    assert bpmn.load({"x.bpmn": data}).start({}, NOW).tasks()


def test_the_lanes_and_names_of_other_modellers_are_shown():
    """What people read in the diagram they read on the task."""
    elements = bpmn.load({"x.bpmn": CAMUNDA}).elements

    assert (elements["Activity_check"].lane, elements["Activity_decide"].lane) == ("Window", "Leader")
    assert bpmn.load({"x.bpmn": SIGNAVIO}).elements["sid-a"].name == "Accept"


FOREIGN = {
    "a condition in JUEL": (FLOWABLE.replace(b"days <= 3", b"${days <= 3}"), "expression-wrong"),
    "a condition in JavaScript": (
        CAMUNDA.replace(b'language="feel"', b'language="javascript"'),
        "condition-language",
    ),
    "a collection of Camunda": (
        CAMUNDA.replace(b'name="Decide">', b'name="Decide"><bpmn:multiInstanceLoopCharacteristics camunda:collection="people"/>'),
        "loop-foreign",
    ),
    "a collection of Flowable": (
        FLOWABLE.replace(b'name="second"/>', b'name="second"><multiInstanceLoopCharacteristics isSequential="false" '
                         b'flowable:collection="people" flowable:elementVariable="one"/></userTask>'),
        "loop-foreign",
    ),
    "a collection of Zeebe": (
        ZEEBE.replace(b'<bpmn:userTask id="a">', b'<bpmn:userTask id="a"><bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>'
                      b'<zeebe:loopCharacteristics inputCollection="=people"/></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'),
        "loop-foreign",
    ),
    "a script": (ZEEBE.replace(b"bpmn:serviceTask", b"bpmn:scriptTask"), "script-task"),
    "a decision of Camunda": (ZEEBE.replace(b"bpmn:serviceTask", b"bpmn:businessRuleTask"), "decision-missing"),
    "a cron expression": (CAMUNDA.replace(b"R3/P2D", b"0 0 9 * * ?"), "timer-wrong"),
    "a time in JUEL": (CAMUNDA.replace(b"R3/P2D", b"${due}"), "timer-wrong"),
    "a message event that names no message": (
        SIGNAVIO.replace(b'<endEvent id="sid-e" name="done">', b'<endEvent id="sid-e" name="done"><messageEventDefinition id="sid-m"/>'),
        "message-without-name",
    ),
    "two pools that nobody chose between": (
        SIGNAVIO.replace(b"</definitions>", b'<process id="sid-9" isExecutable="false"><task id="sid-8"/></process></definitions>'),
        "process-many",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOREIGN)
def test_what_only_one_vendor_understands_is_refused_by_name(name):
    """Nothing of it is guessed."""
    data, rule = FOREIGN[name]
    assert rule in errors({"x.bpmn": data})
    with pytest.raises(bpmn.ModelError):
        bpmn.load({"x.bpmn": data})


def test_of_several_pools_the_one_marked_executable_runs():
    """The other pool explains, whatever is in it."""
    other = b'<bpmn:process id="citizen" isExecutable="false"><bpmn:task id="wait"/><bpmn:scriptTask id="t"/></bpmn:process>'
    data = CAMUNDA.replace(b"<bpmn:message id", other + b"<bpmn:message id")

    assert errors({"x.bpmn": data}) == []
    assert bpmn.load({"x.bpmn": data}).process_id == "Process_office"
    assert "process-not-run" in {p.rule for p in bpmn.lint({"x.bpmn": data})}
