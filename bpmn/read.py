"""BPMN XML, from any modeller, read into a drawing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bpmn.errors import UnsafeXML
from bpmn.extensions import read_extensions
from bpmn.graph import EVENTS, GATEWAYS, PEOPLE, SUBPROCESSES, TASKS, Drawing, Flow, Node, Scope
from bpmn.names import BPMN, DOCUMENTATION, bpmn
from bpmn.problems import problem
from bpmn.read_node import Reader
from bpmn.schema import ELEMENTS, check_words
from bpmn.xml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lxml import etree

    from bpmn.elements import EscalationStep
    from bpmn.problems import Problem

NODES = EVENTS | GATEWAYS | TASKS | SUBPROCESSES | {"callActivity", "complexGateway", "adHocSubProcess"}


def read(files: Mapping[str, bytes], problems: list[Problem]) -> Drawing:
    """Read all BPMN files together, adding to `problems` whatever cannot be understood."""
    drawing = Drawing()
    seen: set[str] = set()
    for name in sorted(files):
        if not name.endswith(".bpmn"):
            continue
        try:
            root = parse_xml(files[name])
        except UnsafeXML as unsafe:
            problems.append(problem(unsafe.rule, name, detail=unsafe.detail))
            continue
        if root.tag != bpmn("definitions"):
            problems.append(problem("not-bpmn", name))
            continue
        _read_file(root, name, drawing, problems, seen)
    return drawing


def _read_file(
    root: etree._Element, file: str, drawing: Drawing, problems: list[Problem], seen: set[str]
) -> None:
    _check_ids(root, problems, seen)
    problems.extend(
        problem("must-understand", file, definition=extension.get("definition", ""))
        for extension in root.iterchildren(bpmn("extension"))
        if extension.get("mustUnderstand") in {"true", "1"}
    )
    reader = Reader(root, problems)
    for process in root.iterchildren(bpmn("process")):
        problems.extend(check_words(process))
        scope = _scope(process, reader, problems)
        scope.file = file
        about = read_extensions(process, problems)
        scope.english = about.get("english")
        scope.escalation = about.get("escalation", ())
        _hand_down(scope, scope.escalation)
        executable = process.get("isExecutable")
        scope.executable = None if executable is None else executable.strip() in {"true", "1"}
        if scope.id in drawing.processes:
            problems.append(problem("process-twice", scope.id, scope.name))
        elif scope.nodes and not scope.id:
            # It could neither be called nor stored; and no task calls a process by an empty name.
            problems.append(problem("id-missing", "process", scope.name))
        elif scope.nodes:
            drawing.processes[scope.id] = scope


def _hand_down(scope: Scope, chain: tuple[EscalationStep, ...]) -> None:
    """Give the chain of a process to the tasks of people in it that have none, however deep they lie."""
    for node in scope.nodes.values():
        if chain and node.kind in PEOPLE and not node.about.escalation:
            node.about = replace(node.about, escalation=chain, inherits_escalation=True)
        if node.inside is not None:
            _hand_down(node.inside, chain)


def _check_ids(root: etree._Element, problems: list[Problem], seen: set[str]) -> None:
    # Called processes run as one case with their caller, so an id means one thing in all files together.
    for process in root.iterchildren(bpmn("process")):
        seen.add(process.get("id", ""))
        for element in process.iter():
            if not isinstance(element.tag, str) or not element.tag.startswith(f"{{{BPMN}}}"):
                continue
            tag = element.tag.rpartition("}")[2]
            if tag not in NODES and tag != "sequenceFlow":
                continue
            key = element.get("id")
            if not key:
                problems.append(problem("id-missing", tag, element.get("name", "")))
            elif key in seen:
                problems.append(problem("id-twice", key, element.get("name", "")))
            seen.add(key or "")


def _scope(xml: etree._Element, reader: Reader, problems: list[Problem]) -> Scope:
    scope = Scope(xml.get("id", ""), xml.get("name", "") or xml.get("id", ""))
    for child in xml:
        if not isinstance(child.tag, str) or not child.tag.startswith(f"{{{BPMN}}}"):
            continue
        tag = child.tag.rpartition("}")[2]
        key = child.get("id", "")
        if tag == "sequenceFlow":
            scope.flows[key] = reader.flow(child)
        elif tag in NODES:
            node = reader.node(child, tag, scope.id)
            if tag in SUBPROCESSES:
                node.inside = _scope(child, reader, problems)
            scope.nodes[key] = node
        elif tag in ELEMENTS and tag not in DOCUMENTATION:
            problems.append(problem("element-unknown", key or tag, child.get("name", ""), tag=tag))
    _connect(scope, xml, problems)
    return scope


def _connect(scope: Scope, xml: etree._Element, problems: list[Problem]) -> None:
    for flow in scope.flows.values():
        source, target = scope.nodes.get(flow.source), scope.nodes.get(flow.target)
        if source is None or target is None:
            missing = flow.target if source is not None else flow.source
            problems.append(problem("flow-loose", flow.id, flow.name, end=missing))
            continue
        source.outgoing.append(flow)
        target.incoming.append(flow)
    for child in xml:
        node = scope.nodes.get(child.get("id", ""))
        if node is not None and len(node.outgoing) > 1:
            _order(node, child)


def _order(node: Node, xml: etree._Element) -> None:
    # Conditions are tried in the order in which the gateway itself lists its flows.
    listed = [(out.text or "").strip() for out in xml.iterchildren(bpmn("outgoing"))]
    place = {flow: index for index, flow in enumerate(listed)}

    def rank(flow: Flow) -> int:
        return place.get(flow.id, len(place))

    node.outgoing.sort(key=rank)
