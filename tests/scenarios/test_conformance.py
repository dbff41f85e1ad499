"""What every shipped procedure is, whatever path its cases take: one test over all, so that a new folder is held to it too."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import bpmn
from jieban.rules.seed import read_shipped
from jieban.staff.roles import ROLES, SUPERVISORS
from notifications.letters import KINDS
from tasks.amounts import AMOUNTS
from tasks.operations import DECIDED_BY, SERVICES, TASKS
from tests.scenarios.played import PROCEDURES
from web.cases.words import OUTCOMES, STAGES
from web.forms.fields import widget_of
from workflows.called import read_model

FOLDERS = sorted(model.parent for model in PROCEDURES.glob("*/model.bpmn"))
RULES = frozenset(row["key"] for row in read_shipped())
WIDGETS = frozenset(
    {
        "text",
        "textarea",
        "select",
        "radio",
        "checkbox",
        "checkboxes",
        "money",
        "number",
        "date",
        "datetime",
        "rows",
    }
    | {"staff", "pick", "hidden"}
)

RECORDED = frozenset({"kind_proposed", "benefit", "county_sample", "list_rows", "notice_register"})
"""Forms that nobody fills in: an operation keeps its own record, and they put it into words on the page of the case."""

CHINESE = re.compile(r"[\u4e00-\u9fff]")

every = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def forms_in(folder: Path) -> dict[str, Any]:
    return {file.stem: json.loads(file.read_text("utf-8")) for file in (folder / "forms").glob("*.json")}


def own_elements(folder: Path) -> list[bpmn.Element]:
    """Give the elements that the folder itself draws, without those of what it calls."""
    written = (folder / "model.bpmn").read_text("utf-8")
    return [one for one in bpmn.load(read_model(folder)).elements.values() if f'id="{one.id}"' in written]


@every
def test_lint_has_nothing_to_say(folder: Path) -> None:
    """Each shipped model could be published as it is, decisions and all, and has not even a hint against it."""
    files = read_model(folder)
    problems = bpmn.lint(
        files,
        operations=frozenset(TASKS) | frozenset(SERVICES),
        roles=frozenset(ROLES),
        forms=frozenset(name[6:-5] for name in files if name.startswith("forms/")),
        rules=RULES,
        decisions=DECIDED_BY,
        supervisors=SUPERVISORS,
    )

    assert [f"{one.severity} {one.element} {one.message}" for one in problems] == []


@every
def test_a_step_says_who_by_when_with_what_and_why(folder: Path) -> None:
    """A task has its lane, its words for whoever does it, its operation, and an article with the rule drawn from it."""
    wrong = []
    for one in own_elements(folder):
        if one.kind != "userTask":
            continue
        missing = {
            "lane": one.lane,
            "documentation": one.documentation,
            "operation": one.operation,
            "rule": any(law.rule for law in one.law),
        }
        wrong += [f"{one.id}: {name}" for name, given in missing.items() if not given]

    assert wrong == []


@every
def test_who_waits_is_told_of_before_it_is_late_and_ends_with_the_supervisor(folder: Path) -> None:
    """Whether a task has a chain of its own or that of its process: it starts with a reminder and leaves the county."""
    tasks = [one for one in own_elements(folder) if one.kind == "userTask"]
    wrong = []
    for one in tasks:
        first, *_, last = one.escalation
        reminds = first.after.startswith("-") and first.to in {bpmn.ASSIGNEE, one.role}
        if not reminds or last.after.startswith("-") or last.to not in SUPERVISORS:
            wrong.append(one.id)

    assert wrong == []
    assert any(one.inherits_escalation for one in tasks)


@every
def test_whoever_reads_english_finds_it_in_english(folder: Path) -> None:
    """The procedure, every task of people, what is said where it begins, and every help text of its forms."""
    model = bpmn.load(read_model(folder))
    wrong = [] if model.english and model.english.name else [folder.name]
    for one in own_elements(folder):
        named = one.english is not None and one.english.name
        told = one.english is not None and one.english.text
        if one.kind in {"userTask", "startEvent"} and not named:
            wrong.append(one.id)
        if one.kind == "startEvent" and one.documentation and not told:
            wrong.append(f"{one.id}: text")
    wrong += [f"{key}: {text}" for key, form in forms_in(folder).items() for text in _untold(form)]

    assert wrong == []


def _untold(part: Any) -> Iterator[str]:
    """Find the texts of a form that have no English, or English with Chinese in it."""
    if isinstance(part, list):
        for one in part:
            yield from _untold(one)
    elif isinstance(part, dict):
        for ours, other in (("title", "x-en"), ("x-help", "x-help-en")):
            said = part.get(other, "")
            if isinstance(part.get(ours), str) and (not said or CHINESE.search(said)):
                yield part[ours]
        for one in part.values():
            yield from _untold(one)


@every
def test_an_operation_is_asked_for_what_it_knows(folder: Path) -> None:
    """No parameter is misspelt, and what it names exists: letters, amounts, rules, procedures, fields of the form."""
    forms = {name: form for source in FOLDERS for name, form in forms_in(source).items()} | forms_in(folder)

    assert [wrong for one in own_elements(folder) for wrong in _wrong_params(one, forms)] == []


def _wrong_params(one: bpmn.Element, forms: Mapping[str, Any]) -> Iterator[str]:
    fields = set(forms.get(one.form or one.id, {}).get("properties", {}))
    if one.opening is not None:
        yield from _wrong_fields(one, "tell", one.opening.tell, fields)
    if one.operation is None:
        return
    name, params = one.operation.name, one.operation.params
    entry = TASKS.get(name) or SERVICES[name]
    yield from (f"{one.id}: {name} has no parameter {key}" for key in params if key not in entry.params)
    if one.kind == "userTask":
        for key in ("tell", "past"):
            yield from _wrong_fields(one, key, params.get(key, ""), fields)
    if name == "issue_letter" and params["kind"] not in KINDS:
        yield f"{one.id}: letter {params['kind']}"
    if params.get("amount") and params["amount"] not in AMOUNTS:
        yield f"{one.id}: amount {params['amount']}"
    if name == "open_linked" and not (PROCEDURES / params["procedure"]).is_dir():
        yield f"{one.id}: procedure {params['procedure']}"
    for key in ("cites", "rule", "total", "delegated", "urban", "valid", "review", "review_able", "level"):
        named = [part.strip() for part in params.get(key, "").split(",") if part.strip()]
        yield from (f"{one.id}: rule {rule}" for rule in named if rule not in RULES | {"none"})


def _wrong_fields(one: bpmn.Element, key: str, text: str, fields: set[str]) -> Iterator[str]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        field = part.partition(":")[2] or part
        if field.rstrip("#") not in fields:
            yield f"{one.id}: {key} {field}"


@every
def test_forms_are_whole_in_both_languages(folder: Path) -> None:
    """Each form is a schema, has a title and an English one everywhere, and is drawn by fields that there are."""
    wrong = []
    for name, form in forms_in(folder).items():
        Draft202012Validator.check_schema(form)
        wrong += [f"{name}: {one}" for one in _wrong_parts("", form)]
        if form.get("additionalProperties") is not False:
            wrong.append(f"{name}: additionalProperties")

    assert wrong == []


def _wrong_parts(path: str, part: Mapping[str, Any]) -> Iterator[str]:
    if not part.get("title") or not part.get("x-en"):
        yield f"{path or 'form'}: title"
    if path and widget_of(part) not in WIDGETS:
        yield f"{path}: {widget_of(part)}"
    for choice in part.get("oneOf", ()):
        if not choice.get("title") or not choice.get("x-en"):
            yield f"{path}: choice {choice.get('const')}"
    properties = part.get("properties") or part.get("items", {}).get("properties", {})
    for name, inner in properties.items():
        yield from _wrong_parts(f"{path}.{name}".lstrip("."), inner)
    names = set(properties)
    needed = set(part.get("required", ())) | set(part.get("items", {}).get("required", ()))
    yield from (f"{path}: required {name}" for name in sorted(needed - names))
    for name, inner in properties.items():
        yield from (f"{name}: shown if {other}" for other in inner.get("x-show-if", {}) if other not in names)


@every
def test_how_a_case_may_end_has_a_word(folder: Path) -> None:
    """Each end of the process, and each stage that an operation names, is called something in the list of cases."""
    own = own_elements(folder)
    ends = {
        one.id.removeprefix("end_") for one in own if one.kind == "endEvent" and one.id.startswith("end_")
    }
    stages = {
        one.operation.params["stage"] for one in own if one.operation and "stage" in one.operation.params
    }

    assert (sorted(ends - set(OUTCOMES)), sorted(stages - set(STAGES))) == ([], [])


@every
def test_every_form_is_used(folder: Path) -> None:
    """A form that no step names would be edited in vain; a step of a called procedure may have one of the caller's."""
    steps = bpmn.load(read_model(folder)).elements.values()
    used = {one.form or one.id for one in steps if one.kind == "userTask" or one.opening}

    assert sorted(set(forms_in(folder)) - used - RECORDED) == []


@every
def test_what_is_written_about_it_is_finished(folder: Path) -> None:
    """The README is there, with its picture, and nothing in it is still to be written."""
    words = (folder / "README.md").read_text("utf-8")

    assert "待写" not in words
    assert "![" in words
    assert (folder / "model.png").stat().st_size > 10_000


def test_the_elements_of_procedures_that_may_be_loaded_together_have_names_of_their_own() -> None:
    """Whatever calls whatever: no id stands in two shipped models, unless both are never loaded together."""
    for folder in FOLDERS:
        bpmn.load(read_model(folder))
