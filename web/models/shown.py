"""What the pages of procedures show: versions with their people, steps with their limits, forms with their fields."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import bpmn
from jieban import rules
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import JiebanError
from jieban.procedures.tables import ModelVersion
from jieban.staff.roles import role_title
from jieban.staff.tables import User
from tasks.operations import SERVICES, TASKS
from web.forms.fields import help_of
from web.i18n import N_
from web.titles import procedure_title
from workflows import model_store
from workflows.spans import parse_span

_HUMAN = ("userTask", "manualTask", "task")
_UNITS = {
    "wd": ("个工作日", "working days"),
    "d": ("天", "days"),
    "h": ("小时", "hours"),
    "mo": ("个月", "months"),
}

WIDGETS = {
    "text": N_("文字"),
    "textarea": N_("多行文字"),
    "radio": N_("单选"),
    "select": N_("下拉选择"),
    "date": N_("日期"),
    "money": N_("金额"),
    "number": N_("数字"),
    "checkbox": N_("勾选"),
    "rows": N_("多行表格"),
    "staff": N_("选择人员"),
    "array": N_("多选"),
    "string": N_("文字"),
}


@dataclass(frozen=True)
class Procedure:
    """A procedure with its versions, the newest first; drafts stand before them."""

    key: str
    name: str
    current: ModelVersion | None
    drafts: list[ModelVersion]
    versions: list[ModelVersion]


@dataclass(frozen=True)
class Overview:
    """All procedures, the names of those who worked on them, and how many open cases run on each version."""

    procedures: list[Procedure]
    people: dict[uuid.UUID, str]
    running: dict[uuid.UUID, int]


def overview(session: Session, locale: str) -> Overview:
    """Gather what the list of procedures shows."""
    rows = model_store.versions(session)
    procedures = []
    for key in dict.fromkeys(row.key for row in rows):
        published = sorted(
            (row for row in rows if row.key == key and row.number), key=lambda row: -(row.number or 0)
        )
        drafts = [row for row in rows if row.key == key and row.state == "draft"]
        name = (published or drafts)[0].name
        if published:
            name = procedure_title(session, locale, published[0].id, name)
        procedures.append(Procedure(key, name, published[0] if published else None, drafts, published))
    running = session.execute(
        select(Case.model_version_id, func.count())
        .where(Case.state == "open")
        .group_by(Case.model_version_id)
    )
    return Overview(procedures, people_of(session, rows), dict(running.all()))


def people_of(session: Session, versions: list[ModelVersion]) -> dict[uuid.UUID, str]:
    """Give the names of those who drew or published."""
    ids = {one for row in versions for one in (row.created_by, row.published_by) if one}
    if not ids:
        return {}
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return dict(found.all())


@dataclass(frozen=True)
class Step:
    """One task of a procedure in words."""

    id: str
    name: str
    who: str
    limit: str
    form: str
    escalation: list[str]
    laws: list[bpmn.Law]
    operation: str
    documentation: str
    human: bool


def steps(session: Session, version: ModelVersion, now: datetime, locale: str) -> list[Step]:
    """Describe the tasks of a published version, in the order of the drawing."""
    known = {one.key: one for one in rules.known_rules(session, local_day(now))}
    titles = model_store.form_titles(session, version.id)
    model = model_store.get_model(session, version.id)
    return [
        Step(
            id=one.id,
            name=(one.english.name if locale == "en" and one.english else "") or one.name or one.id,
            who=role_name(one.role, locale),
            limit=_limit(one.deadline, known, locale),
            form=titles.get(one.form or "", ""),
            escalation=[f"{_after(step.after, locale)} {_told(step.to, locale)}" for step in one.escalation],
            laws=list(one.law),
            operation=_operation(one.operation, locale),
            documentation=one.documentation,
            human=one.kind in _HUMAN,
        )
        for one in model.elements.values()
        if one.kind.lower().endswith("task")
    ]


def role_name(key: str | None, locale: str) -> str:
    """Say a role in words; one that is not known stands for itself."""
    return role_title(key or "", english=locale == "en")


def _told(to: str, locale: str) -> str:
    if to == bpmn.ASSIGNEE:
        return "whoever has to do it" if locale == "en" else "办理人"
    return role_name(to, locale)


def _length(length: str, unit: str, locale: str) -> str:
    chinese, english = _UNITS[unit]
    return f"{length} {english if locale == 'en' else chinese}"


def _limit(deadline: bpmn.Deadline | None, known: Mapping[str, rules.RuleEntry], locale: str) -> str:
    if deadline is None:
        return ""
    if deadline.rule:
        entry = known.get(deadline.rule)
        return _length(entry.value, entry.unit, locale) if entry and entry.unit in _UNITS else deadline.rule
    try:
        span = parse_span(deadline.duration or "")
    except JiebanError:
        return deadline.duration or ""
    return _length(str(span.length), span.unit, locale)


def _after(text: str, locale: str) -> str:
    try:
        span = parse_span(text)
    except JiebanError:
        return text
    if span.length == 0:
        return "when due:" if locale == "en" else "到期时告知"
    words = _length(str(abs(span.length)), span.unit, locale)
    if locale == "en":
        return f"{words} {'before' if span.length < 0 else 'late'}:"
    return f"{'到期前' if span.length < 0 else '超期'} {words}告知"


def _operation(operation: bpmn.Operation | None, locale: str) -> str:
    if operation is None:
        return ""
    entry = TASKS.get(operation.name) or SERVICES.get(operation.name)
    if entry is None:
        return operation.name
    return entry.english if locale == "en" else entry.title


@dataclass(frozen=True)
class FormField:
    """One field of a form, as somebody reads it who does not fill it in."""

    title: str
    kind: str
    required: bool
    choices: list[str]
    help: str
    inner: list["FormField"]


@dataclass(frozen=True)
class ShownForm:
    """One form of a version."""

    key: str
    title: str
    fields: list[FormField]


def forms(session: Session, version: ModelVersion, locale: str) -> list[ShownForm]:
    """Describe the forms of a version."""
    found = []
    for path, content in sorted(model_store.files(session, version.id).items()):
        if path.startswith("forms/"):
            schema = json.loads(content)
            found.append(ShownForm(path[6:-5], _titled(schema, locale), _fields(schema, locale)))
    return found


def _titled(schema: Mapping[str, Any], locale: str) -> str:
    return str((schema.get("x-en") if locale == "en" else None) or schema.get("title", ""))


def _fields(schema: Mapping[str, Any], locale: str) -> list[FormField]:
    required = schema.get("required", [])
    return [
        FormField(
            title=_titled(field, locale) or name,
            kind=str(field.get("x-widget", field.get("type", ""))),
            required=name in required,
            choices=[_titled(one, locale) for one in field.get("oneOf", []) if isinstance(one, dict)],
            help=help_of(field, locale),
            inner=_fields(field["items"], locale) if _has_rows(field) else [],
        )
        for name, field in schema.get("properties", {}).items()
        if field.get("x-widget") != "hidden"
    ]


def _has_rows(field: Mapping[str, Any]) -> bool:
    items = field.get("items")
    return isinstance(items, dict) and "properties" in items
