"""What the shipped procedure is, whatever path a case takes."""

import itertools
import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

import bpmn
from jieban.rules.seed import read_shipped
from jieban.staff.roles import ROLES
from tasks.operations import SERVICES, TASKS
from workflows.called import read_model

FOLDER = Path(bpmn.__file__).parent / "procedures" / "subsistence_allowance"
FILES = read_model(FOLDER)
MODEL = bpmn.load(FILES)
TREE = etree.fromstring(FILES["model.bpmn"])
NAMESPACES = {
    "bpmn": "http://www.omg.org/spec/BPMN/20100524/MODEL",
    "di": "http://www.omg.org/spec/DD/20100524/DI",
    "bpmndi": "http://www.omg.org/spec/BPMN/20100524/DI",
}
USER_TASKS = [element for element in MODEL.elements.values() if element.kind == "userTask"]
FORMS = sorted(name for name in FILES if name.startswith("forms/"))


def test_lint_has_nothing_to_say():
    """The shipped model could be published as it is, and has not even a hint against it."""
    problems = bpmn.lint(
        FILES,
        operations=frozenset(TASKS) | frozenset(SERVICES),
        roles=frozenset(ROLES),
        forms=frozenset(name[6:-5] for name in FORMS),
        rules=frozenset(row["key"] for row in read_shipped()),
    )

    assert problems == []


@pytest.mark.parametrize("element", USER_TASKS, ids=lambda element: element.id)
def test_a_user_task_stands_in_the_lane_of_its_role(element: bpmn.Element):
    """Role, lane, operation, form, deadline, escalation and law all belong together."""
    lanes = {
        "town.window": "乡镇窗口",
        "town.investigator": "乡镇调查",
        "town.reviewer": "乡镇审核与决定",
        "town.leader": "乡镇审核与决定",
        "county.check": "县核对机构",
        "county.reviewer": "县级民政",
        "county.leader": "县级民政",
        "county.finance": "资金发放",
    }

    assert lanes[element.role or ""] == element.lane
    assert element.operation is not None
    assert element.operation.name in TASKS
    assert all(law.rule and law.article for law in element.law)


def test_a_limit_of_the_law_is_never_written_into_the_drawing():
    """Where a rule of the table has the limit, the task names the rule; spans stand only where no law speaks."""
    by_rule = {element.id: element.deadline.rule for element in USER_TASKS if element.deadline}

    assert by_rule["start_investigation"] == "dibao.investigation.start"
    assert by_rule["start_check"] == "dibao.check.start"
    assert {"dibao.county.review"} == {by_rule[f"county_{step}"] for step in ("visit", "review", "decision")}
    assert by_rule["serve_refusal"] == "dibao.refusal.notice"


@pytest.mark.parametrize(
    "needed",
    [
        "examine_papers",
        "accept_case",
        "home_visit",
        "call_check",
        "call_notice",
        "gw_decision",
        "publish_decision",
        "pay_month",
    ],
)
def test_no_way_to_the_payment_leads_around_a_step(needed: str):
    """Nobody is taken in without acceptance, investigation, check, notice and decision (DB-25)."""
    flows = [
        (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in TREE.iterfind(".//bpmn:sequenceFlow", NAMESPACES)
    ]
    reached, rest = set(), ["start_registered"]
    # A way through the parallel part needs both of its branches, so the join counts as two steps.
    branches = {"home_visit": "investigation", "call_check": "check"}
    while rest:
        here = rest.pop()
        if here in reached or here == needed:
            continue
        reached.add(here)
        for source, target in flows:
            if source == here and not (target == "join" and not set(branches) <= reached | {here}):
                rest.append(target)

    assert "first_payment" not in reached


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_sound_and_speaks_both_languages(name: str):
    """Every field has a Chinese title, an English one and a widget that the pages know."""
    schema = json.loads(FILES[name])
    Draft202012Validator.check_schema(schema)

    assert schema["additionalProperties"] is False
    assert schema["title"]
    assert schema["x-en"]
    for field in _fields(schema):
        assert field["title"]
        assert field["x-en"].isascii()
        assert field["x-widget"] in WIDGETS
        for choice in field.get("oneOf", []):
            assert {"const", "title", "x-en"} == choice.keys()


WIDGETS = {
    "text",
    "textarea",
    "radio",
    "select",
    "date",
    "money",
    "number",
    "checkbox",
    "rows",
    "staff",
    "hidden",
}


def _fields(schema: dict) -> list[dict]:
    fields = list(schema["properties"].values())
    for field in schema["properties"].values():
        if field["x-widget"] == "rows":
            fields += field["items"]["properties"].values()
    return fields


def test_lines_of_the_drawing_run_straight_and_do_not_cross():
    """The layout is orthogonal, and no two flows cross unless they meet at the same step."""
    ends = {
        flow.get("id"): (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in TREE.iterfind(".//bpmn:sequenceFlow", NAMESPACES)
    }
    pieces = []
    for edge in TREE.iterfind(".//bpmndi:BPMNEdge", NAMESPACES):
        points = [
            (float(point.get("x")), float(point.get("y")))
            for point in edge.iterfind("di:waypoint", NAMESPACES)
        ]
        for first, second in itertools.pairwise(points):
            assert first[0] == second[0] or first[1] == second[1]
            pieces.append((ends[edge.get("bpmnElement")], first, second))
    crossings = [
        (one[0], other[0])
        for place, one in enumerate(pieces)
        for other in pieces[place + 1 :]
        if one[0][0] != other[0][0] and one[0][1] != other[0][1] and _cross(one[1:], other[1:])
    ]

    assert crossings == []


def _cross(one: tuple, other: tuple) -> bool:
    if one[0][1] != one[1][1]:
        one, other = other, one
    if one[0][1] != one[1][1] or other[0][0] != other[1][0]:
        return False
    (left, right), (top, bottom) = sorted(p[0] for p in one), sorted(p[1] for p in other)
    return left < other[0][0] < right and top < one[0][1] < bottom
