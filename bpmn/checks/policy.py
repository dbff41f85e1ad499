"""What our offices demand of a procedure before it is published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bpmn.graph import PEOPLE
from bpmn.problems import problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from bpmn.graph import Node
    from bpmn.problems import Problem

OPENINGS = frozenset({"household", "person", "office"})
"""How a case may begin."""


@dataclass(frozen=True, slots=True)
class Known:
    """The names that exist; nothing is said about a kind whose names are not given."""

    operations: Collection[str] | None = None
    roles: Collection[str] | None = None
    forms: Collection[str] | None = None
    rules: Collection[str] | None = None
    supervisors: Collection[str] | None = None
    """the roles above the county, one of which every escalation chain has to reach"""


def check_policy(node: Node, known: Known) -> Iterator[Problem]:
    """Check that a step says who, by when, with what and why."""
    about = node.about
    if node.kind in PEOPLE:
        absent = {
            "name-missing": about.name,
            "role-missing": about.role,
            "form-missing": about.form or node.kind != "userTask",
            "deadline-missing": about.deadline,
            "escalation-missing": about.escalation,
            "law-missing": any(law.article for law in about.law),
        }
        for rule, given in absent.items():
            if not given:
                yield problem(rule, node.id, node.name)
    else:
        yield from _misplaced(node)
    silent = about.operation is None and about.notice is None
    if silent and (node.kind == "serviceTask" or (node.kind == "sendTask" and not node.message)):
        yield problem("operation-missing", node.id, node.name)
    yield from _unknown(node, known)


def _misplaced(node: Node) -> Iterator[Problem]:
    about = node.about
    opens = about.opening is not None and node.kind == "startEvent"
    given = {
        "jb:opening": about.opening and node.kind != "startEvent",
        "jb:assignment": about.role and not opens,
        "jb:form": about.form and not opens,
        "jb:deadline": about.deadline,
        "jb:escalation": about.escalation,
        "jb:decision": about.decision and node.kind != "businessRuleTask",
    }
    for tag, value in given.items():
        if value:
            yield problem("extension-misplaced", node.id, node.name, tag=tag)


def _unknown(node: Node, known: Known) -> Iterator[Problem]:
    about = node.about
    used = [
        ("operation-unknown", known.operations, about.operation.name if about.operation else None),
        *(("role-unknown", known.roles, role) for role in (about.role or "").split()),
        ("form-unknown", known.forms, about.form),
        ("rule-unknown", known.rules, about.deadline.rule if about.deadline else None),
        ("rule-unknown", known.rules, about.opening.level if about.opening else None),
        ("opening-unknown", OPENINGS, about.opening.kind if about.opening else None),
    ]
    for rule, names, value in used:
        if names is not None and value is not None and value not in names:
            yield problem(rule, node.id, node.name, value=value)
