"""One node or flow of a diagram, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

from bpmn.elements import Element
from bpmn.extensions import read_extensions
from bpmn.graph import Definition, Flow, Loop, Node
from bpmn.names import BPMN, bpmn
from bpmn.problems import problem

if TYPE_CHECKING:
    from bpmn.problems import Problem

MODELS = f"{{{BPMN}}}"


def text(xml: etree._Element | None) -> str:
    """Give the text of an XML element, without the white space round it."""
    return "" if xml is None else "".join(str(t) for t in xml.itertext()).strip()


class Reader:
    """Reads the nodes of one file, which share their messages, signals and lanes."""

    def __init__(self, root: etree._Element, problems: list[Problem]) -> None:
        self.problems = problems
        self.named = {
            child.get("id", ""): child
            for tag in ("message", "signal", "error", "escalation")
            for child in root.iterchildren(bpmn(tag))
        }
        self.lanes: dict[str, str] = {}
        for lane in root.iter(bpmn("lane")):
            for ref in lane.iterchildren(bpmn("flowNodeRef")):
                # Inner lanes come later in the document, so the innermost lane wins.
                self.lanes[text(ref)] = lane.get("name", "") or lane.get("id", "")

    def flow(self, xml: etree._Element) -> Flow:
        """Read a sequence flow."""
        condition = xml.find(bpmn("conditionExpression"))
        return Flow(
            id=xml.get("id", ""),
            source=xml.get("sourceRef", ""),
            target=xml.get("targetRef", ""),
            name=xml.get("name", ""),
            condition=None if condition is None else (text(condition) or None),
            language="" if condition is None else condition.get("language", ""),
        )

    def node(self, xml: etree._Element, kind: str, scope: str) -> Node:
        """Read a flow node."""
        key, name = xml.get("id", ""), xml.get("name", "").strip()
        documentation = "\n".join(text(d) for d in xml.iterchildren(bpmn("documentation")))
        called = (xml.get("calledElement") or "").rpartition(":")[2]
        about = Element(
            id=key,
            kind=kind,
            name=name,
            lane=self.lanes.get(key),
            documentation=documentation,
            scope=scope,
            calls=called,
            **read_extensions(xml, self.problems),
        )
        node = Node(id=key, kind=kind, name=name, about=about, default=xml.get("default"))
        node.definitions = [d for child in xml for d in self._definitions(child)]
        node.host = xml.get("attachedToRef")
        node.interrupting = _flag(
            xml, "isInterrupting" if kind == "startEvent" else "cancelActivity", default=True
        )
        node.parallel_multiple = _flag(xml, "parallelMultiple")
        node.instantiate = _flag(xml, "instantiate")
        node.for_compensation = _flag(xml, "isForCompensation")
        node.by_event = _flag(xml, "triggeredByEvent")
        node.gateway_type = xml.get("eventGatewayType", "")
        node.script = xml.find(bpmn("script")) is not None
        quantities = {xml.get("startQuantity", "1"), xml.get("completionQuantity", "1")}
        node.quantity = quantities != {"1"}
        node.loop = self._loop(xml)
        node.languages = _languages(xml)
        node.called = called or None
        if kind in {"sendTask", "receiveTask"}:
            node.message = self._name(xml, "messageRef")
        return node

    def _definitions(self, xml: etree._Element) -> list[Definition]:
        if not isinstance(xml.tag, str) or not xml.tag.startswith(MODELS):
            return []
        tag = xml.tag.removeprefix(MODELS)
        if tag == "eventDefinitionRef":
            return [Definition("reference", text(xml))]
        if not tag.endswith("EventDefinition"):
            return []
        kind = tag.removesuffix("EventDefinition")
        return [self._definition(xml, kind)]

    def _definition(self, xml: etree._Element, kind: str) -> Definition:
        if kind == "timer":
            return self._timer(xml)
        if kind == "conditional":
            return Definition(kind, text=text(xml.find(bpmn("condition"))))
        if kind == "link":
            return Definition(kind, xml.get("name", ""))
        name = self._name(xml, f"{kind}Ref") or ""
        referred = self.named.get(xml.get(f"{kind}Ref", ""))
        code = None if referred is None else referred.get(f"{kind}Code")
        return Definition(kind, name, code)

    def _timer(self, xml: etree._Element) -> Definition:
        found = [c for tag in ("timeDate", "timeDuration", "timeCycle") for c in xml.iterchildren(bpmn(tag))]
        if len(found) != 1:
            parent = xml.getparent()
            owner = xml if parent is None else parent
            self.problems.append(problem("timer-without-time", owner.get("id", ""), owner.get("name", "")))
            return Definition("timer", timer="timeDuration")
        tag = str(found[0].tag).removeprefix(MODELS)
        return Definition("timer", timer=tag, text=text(found[0]))

    def _name(self, xml: etree._Element, attribute: str) -> str | None:
        reference = xml.get(attribute)
        if not reference:
            return None
        referred = self.named.get(reference.rpartition(":")[2])
        if referred is None:
            parent = xml.getparent()
            # A definition is named by the event that holds it.
            owner = xml if parent is None or not str(xml.tag).endswith("EventDefinition") else parent
            self.problems.append(
                problem("reference-missing", owner.get("id", ""), owner.get("name", ""), reference=reference)
            )
            return None
        return referred.get("name") or referred.get("id")

    def _loop(self, xml: etree._Element) -> Loop | None:
        standard = xml.find(bpmn("standardLoopCharacteristics"))
        if standard is not None:
            maximum = standard.get("loopMaximum", "").strip()
            counted = maximum.isascii() and maximum.isdecimal() and len(maximum) < 10
            return Loop(
                "loop",
                condition=text(standard.find(bpmn("loopCondition"))),
                maximum=int(maximum) if counted else None,
                foreign=f"loopMaximum={maximum}" if maximum and not counted else "",
                test_before=_flag(standard, "testBefore"),
            )
        several = xml.find(bpmn("multiInstanceLoopCharacteristics"))
        if several is None:
            return None
        parts = (
            "loopDataInputRef",
            "loopDataOutputRef",
            "inputDataItem",
            "outputDataItem",
            "complexBehaviorDefinition",
        )
        foreign = [tag for tag in parts if several.find(bpmn(tag)) is not None]
        # What other engines go through item by item is not in the standard, so it is refused by its name.
        foreign += [
            name.rpartition("}")[2]
            for name in map(str, several.attrib)
            if name.startswith("{") and "collection" in name.lower()
        ]
        foreign += [
            str(part.tag).rpartition("}")[2]
            for box in several.iterchildren(bpmn("extensionElements"))
            for part in box.iterchildren(etree.Element)
            if "loop" in str(part.tag).lower() or "collection" in str(part.tag).lower()
        ]
        if several.get("behavior", "All") != "All":
            foreign.append(f"behavior={several.get('behavior')}")
        return Loop(
            "sequential" if _flag(several, "isSequential") else "parallel",
            cardinality=text(several.find(bpmn("loopCardinality"))),
            condition=text(several.find(bpmn("completionCondition"))),
            foreign=", ".join(foreign),
        )


EXPRESSIONS = [
    bpmn(f"{kind}EventDefinition") + "/" + bpmn(part)
    for kind, parts in {
        "timer": ("timeDate", "timeDuration", "timeCycle"),
        "conditional": ("condition",),
    }.items()
    for part in parts
] + [
    f"{bpmn(loop)}/{bpmn(part)}"
    for loop, parts in {
        "standardLoopCharacteristics": ("loopCondition",),
        "multiInstanceLoopCharacteristics": ("loopCardinality", "completionCondition"),
    }.items()
    for part in parts
]


def _languages(xml: etree._Element) -> list[str]:
    return [
        part.get("language", "")
        for path in EXPRESSIONS
        for part in xml.iterfind(path)
        if part.get("language")
    ]


def _flag(xml: etree._Element, name: str, *, default: bool = False) -> bool:
    value = xml.get(name)
    return default if value is None else value.strip() in {"true", "1"}
