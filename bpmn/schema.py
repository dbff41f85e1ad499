"""The words of BPMN's own schema, so that a slip of the pen is not taken for a vendor's extension."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.graph import ACTIVITIES
from bpmn.names import BPMN
from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

    from bpmn.problems import Problem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ACTIVITIES = ACTIVITIES | {"adHocSubProcess"}
_CATCHES = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent"})
_EXPRESSIONS = frozenset(
    {
        "activationCondition",
        "completionCondition",
        "condition",
        "conditionExpression",
        "formalExpression",
        "loopCardinality",
        "loopCondition",
        "timeCycle",
        "timeDate",
        "timeDuration",
        "from",
        "to",
        "transformation",
        "dataPath",
        "messagePath",
    }
)
# The attributes that move tokens, with the elements that may have them.
MOVING: dict[str, frozenset[str]] = {
    "isForCompensation": _ACTIVITIES,
    "startQuantity": _ACTIVITIES,
    "completionQuantity": _ACTIVITIES,
    "default": _ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"},
    "instantiate": frozenset({"receiveTask", "eventBasedGateway"}),
    "eventGatewayType": frozenset({"eventBasedGateway"}),
    "isInterrupting": frozenset({"startEvent"}),
    "cancelActivity": frozenset({"boundaryEvent"}),
    "attachedToRef": frozenset({"boundaryEvent"}),
    "parallelMultiple": _CATCHES,
    "isSequential": frozenset({"multiInstanceLoopCharacteristics"}),
    "behavior": frozenset({"multiInstanceLoopCharacteristics"}),
    "testBefore": frozenset({"standardLoopCharacteristics"}),
    "loopMaximum": frozenset({"standardLoopCharacteristics"}),
    "triggeredByEvent": frozenset({"subProcess", "transaction", "adHocSubProcess"}),
    "calledElement": frozenset({"callActivity"}),
    "messageRef": frozenset({"sendTask", "receiveTask", "messageEventDefinition"}),
    "signalRef": frozenset({"signalEventDefinition"}),
    "errorRef": frozenset({"errorEventDefinition"}),
    "escalationRef": frozenset({"escalationEventDefinition"}),
    "language": _EXPRESSIONS,
    "isExecutable": frozenset({"process"}),
}
# Those of them that say yes or no, and how XML Schema lets them say it.
FLAGS = _words(
    "isForCompensation instantiate isInterrupting cancelActivity parallelMultiple isSequential testBefore triggeredByEvent "
    "isExecutable"
)
YES_OR_NO = frozenset({"true", "1", "false", "0"})
# Those that only explain, wherever they stand.
EXPLAINING = _words(
    "activityRef associationDirection calledChoreographyRef cancelRemainingInstances categoryValueRef correlationKeyRef "
    "correlationPropertyRef dataObjectRef dataStoreRef definitionalCollaborationRef evaluatesToTypeRef gatewayDirection "
    "id implementation initiatingParticipantRef inputDataRef isClosed isCollection isImmediate itemSubjectRef loopType "
    "method name noneBehaviorEventRef oneBehaviorEventRef operationRef ordering outputDataRef parameterRef "
    "partitionElementRef processType scriptFormat sourceRef targetRef textFormat waitForCompletion"
)
# Everything that may stand inside a process, at any depth.
ELEMENTS = _words(
    "activationCondition adHocSubProcess artifact assignment association auditing boundaryEvent businessRuleTask "
    "callActivity callChoreography cancelEventDefinition categoryValueRef childLaneSet choreographyTask "
    "compensateEventDefinition completionCondition complexBehaviorDefinition complexGateway condition conditionExpression "
    "conditionalEventDefinition correlationKey correlationPropertyBinding correlationPropertyRef correlationSubscription "
    "dataInput dataInputAssociation dataInputRefs dataObject dataObjectReference dataOutput dataOutputAssociation "
    "dataOutputRefs dataPath dataState dataStoreReference documentation endEvent errorEventDefinition "
    "escalationEventDefinition event eventBasedGateway eventDefinitionRef exclusiveGateway expression extensionElements "
    "flowNodeRef formalExpression from group humanPerformer implicitThrowEvent inclusiveGateway incoming "
    "innerParticipantRef inputDataItem inputSet inputSetRefs intermediateCatchEvent intermediateThrowEvent ioBinding "
    "ioSpecification lane laneSet linkEventDefinition loopCardinality loopCondition loopDataInputRef loopDataOutputRef "
    "manualTask messageEventDefinition messageFlowRef monitoring multiInstanceLoopCharacteristics operationRef "
    "optionalInputRefs optionalOutputRefs outerParticipantRef outgoing outputDataItem outputSet outputSetRefs "
    "parallelGateway participantAssociation participantRef partitionElement performer potentialOwner process property "
    "receiveTask rendering resourceAssignmentExpression resourceParameterBinding resourceRef resourceRole script "
    "scriptTask sendTask sequenceFlow serviceTask signalEventDefinition source sourceRef standardLoopCharacteristics "
    "startEvent subChoreography subProcess supportedInterfaceRef supports target targetRef task terminateEventDefinition "
    "text textAnnotation timeCycle timeDate timeDuration timerEventDefinition to transaction transformation userTask "
    "whileExecutingInputRefs whileExecutingOutputRefs"
)


def check_words(process: etree._Element) -> Iterator[Problem]:
    """Check every element and attribute of a process that claims to be BPMN's own."""
    for element in process.iter(f"{{{BPMN}}}*"):
        tag = str(element.tag).rpartition("}")[2]
        owner, name = _owner(element)
        if tag not in ELEMENTS:
            yield problem("element-unknown", owner, name, tag=tag)
            continue
        for attribute in map(str, element.attrib):
            if attribute.startswith("{") or attribute in EXPLAINING:
                continue
            if attribute not in MOVING:
                yield problem("attribute-unknown", owner, name, attribute=attribute, tag=tag)
            elif tag not in MOVING[attribute]:
                yield problem("attribute-misplaced", owner, name, attribute=attribute, tag=tag)
            elif attribute in FLAGS and element.get(attribute, "").strip() not in YES_OR_NO:
                value = element.get(attribute, "")
                yield problem("attribute-value", owner, name, attribute=attribute, tag=tag, value=value)


def _owner(element: etree._Element) -> tuple[str, str]:
    """Give id and name of the element, or of the one round it that has an id."""
    here: etree._Element | None = element
    while here is not None and not here.get("id"):
        here = here.getparent()
    return ("", "") if here is None else (here.get("id", ""), here.get("name", ""))
