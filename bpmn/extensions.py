"""What is ours in a diagram: who, by when, with which form, under which article."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lxml import etree

from bpmn.elements import Deadline, Decision, English, EscalationStep, Law, Opening, Operation
from bpmn.names import JIEBAN, bpmn, jieban
from bpmn.problems import problem

if TYPE_CHECKING:
    from bpmn.problems import Problem

type_of_fields = dict[str, Any]


def _escalation(xml: etree._Element) -> tuple[EscalationStep, ...]:
    return tuple(
        EscalationStep(step.get("after", ""), step.get("to", "")) for step in xml.iter(jieban("step"))
    )


def _operation(xml: etree._Element) -> Operation:
    params = {p.get("name", ""): p.get("value", "") for p in xml.iter(jieban("param"))}
    return Operation(xml.get("name", ""), params)


def _opening(xml: etree._Element) -> Opening:
    facts = {fact.get("name", ""): fact.get("value", "") for fact in xml.iter(jieban("fact"))}
    return Opening(
        xml.get("kind", ""), xml.get("series", ""), xml.get("level") or None, facts, xml.get("tell", "")
    )


def _deadline(xml: etree._Element) -> Deadline:
    given = (xml.get(name) or None for name in ("rule", "duration", "start", "chosen"))
    return Deadline(*given)


READERS: dict[str, tuple[str, Callable[[etree._Element], Any]]] = {
    "assignment": ("role", lambda xml: xml.get("role") or None),
    "opening": ("opening", _opening),
    "form": ("form", lambda xml: xml.get("key") or None),
    "notice": ("notice", lambda xml: xml.get("kind") or None),
    "deadline": ("deadline", _deadline),
    "escalation": ("escalation", _escalation),
    "decision": ("decision", lambda xml: Decision(xml.get("name", ""), xml.get("result") or None)),
    "operation": ("operation", _operation),
    "english": ("english", lambda xml: English(xml.get("name", "").strip(), xml.get("text", "").strip())),
}


WORDS: dict[str, frozenset[str]] = {
    "assignment": frozenset({"role", "area"}),
    "opening": frozenset({"kind", "series", "level", "tell"}),
    "fact": frozenset({"name", "value"}),
    "form": frozenset({"key"}),
    "notice": frozenset({"kind"}),
    "deadline": frozenset({"rule", "duration", "start", "chosen"}),
    "escalation": frozenset(),
    "step": frozenset({"after", "to"}),
    "decision": frozenset({"name", "result"}),
    "operation": frozenset({"name"}),
    "param": frozenset({"name", "value"}),
    "law": frozenset({"article", "rule", "when"}),
    "english": frozenset({"name", "text"}),
}


def _slips(child: etree._Element) -> list[str]:
    """Give the parts and attributes of one of our elements that have no meaning."""
    found = []
    for part in child.iter(f"{{{JIEBAN}}}*"):
        tag = str(part.tag).rpartition("}")[2]
        if tag not in WORDS:
            found.append(tag)
        else:
            strange = {str(name) for name in part.attrib if not str(name).startswith("{")} - WORDS[tag]
            found += [f"{tag} {name}" for name in sorted(strange)]
    return found


def read_extensions(node: etree._Element, problems: list[Problem]) -> type_of_fields:
    """Read our extension elements of a node into the fields of its Element."""
    box = node.find(bpmn("extensionElements"))
    found: type_of_fields = {}
    laws: list[Law] = []
    for child in () if box is None else box.iterchildren(f"{{{JIEBAN}}}*"):
        tag = str(child.tag).rpartition("}")[2]
        problems.extend(
            problem("extension-unknown", node.get("id", ""), node.get("name", ""), tag=slip)
            for slip in _slips(child)
        )
        if tag == "law":
            when = child.get("when", "").strip() or None
            laws.append(Law(child.get("article", "").strip(), child.get("rule") or None, when))
        elif tag in READERS:
            if tag == "assignment":
                found["area"] = child.get("area") or None
            field, reader = READERS[tag]
            found[field] = reader(child)
    if laws:
        found["law"] = tuple(laws)
    return found
