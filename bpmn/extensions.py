"""What is ours in a diagram: who, by when, with which form, under which article."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.elements import Deadline, Decision, EscalationStep, Law, Operation
from bpmn.names import JIEBAN, bpmn, jieban
from bpmn.problems import problem

if TYPE_CHECKING:
    from lxml import etree

    from bpmn.problems import Problem

KNOWN = frozenset({"assignment", "deadline", "form", "escalation", "operation", "notice", "law", "decision"})

type_of_facts = dict[str, object]


def read_extensions(node: etree._Element, problems: list[Problem]) -> type_of_facts:
    """Read our extension elements of a node into the fields of its Element."""
    box = node.find(bpmn("extensionElements"))
    if box is None:
        return {}
    element = node.get("id", "")
    name = node.get("name", "")
    found: type_of_facts = {}
    laws: list[Law] = []
    for child in box:
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{JIEBAN}}}"):
            continue
        tag = child.tag.rpartition("}")[2]
        if tag not in KNOWN:
            problems.append(problem("extension-unknown", element, name, tag=tag))
        elif tag == "law":
            laws.append(Law(child.get("article", "").strip(), child.get("rule") or None))
        elif tag == "assignment":
            found["role"] = child.get("role") or None
        elif tag == "form":
            found["form"] = child.get("key") or None
        elif tag == "notice":
            found["notice"] = child.get("kind") or None
        elif tag == "deadline":
            found["deadline"] = Deadline(child.get("rule") or None, child.get("duration") or None)
        elif tag == "escalation":
            found["escalation"] = tuple(
                EscalationStep(step.get("after", ""), step.get("to", ""))
                for step in child.iter(jieban("step"))
            )
        elif tag == "decision":
            found["decision"] = Decision(child.get("name", ""), child.get("result") or None)
        else:
            found["operation"] = _operation(child)
    if laws:
        found["law"] = tuple(laws)
    return found


def _operation(child: etree._Element) -> Operation:
    params = {p.get("name", ""): p.get("value", "") for p in child.iter(jieban("param"))}
    return Operation(child.get("name", ""), params)
