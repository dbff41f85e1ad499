"""Forms of tasks: JSON Schema in the procedure, rendered by the pages, checked here by the same schema."""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jsonschema_rs
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.procedures.tables import ModelFile
from tasks.tables import Task

FREE_FORM: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "办理情况",
    "type": "object",
    "properties": {
        "note": {
            "type": "string",
            "title": "办理情况",
            "x-en": "What was done",
            "x-widget": "textarea",
            "maxLength": 4000,
        }
    },
    "required": ["note"],
    "additionalProperties": False,
}
"""The form of a step whose model names none of its files."""


@dataclass(frozen=True)
class Form:
    key: str
    schema: Mapping[str, Any]

    @property
    def title(self) -> str:
        return str(self.schema.get("title", ""))

    @cached_property
    def quick(self) -> jsonschema_rs.Draft202012Validator:
        """The same schema for the common case that nothing is wrong, a hundred times as fast."""
        return jsonschema_rs.Draft202012Validator(dict(self.schema), validate_formats=True)

    @cached_property
    def validator(self) -> Draft202012Validator:
        return Draft202012Validator(dict(self.schema), format_checker=FormatChecker())


_forms: dict[tuple[uuid.UUID, str], Form] = {}
_MOST_KEPT = 4096


def get_form(session: Session, task: Task) -> Form:
    """Return the form of a task, in the version of the model that its case runs on."""
    version = session.execute(select(Case.model_version_id).where(Case.id == task.case_id)).scalar_one()
    return form_of(session, version, task.form)


def form_of(session: Session, version_id: uuid.UUID, key: str) -> Form:
    """Return a form of a published version; those never change, so a process reads each of them once."""
    found = _forms.get((version_id, key))
    if found is None:
        path = f"forms/{key}.json"
        query = select(ModelFile.content).where(ModelFile.version_id == version_id, ModelFile.path == path)
        content = session.execute(query).scalar_one_or_none()
        found = Form(key, json.loads(content) if content else FREE_FORM)
        if len(_forms) >= _MOST_KEPT:
            _forms.clear()
        _forms[version_id, key] = found
    return found


def validate(form: Form, data: Mapping[str, Any]) -> list[dict[str, str]]:
    """List what is wrong with the data as {"field": dotted path, "message": Chinese sentence}, in form order."""
    if form.quick.is_valid(dict(data)):
        return []
    found: dict[str, str] = {}
    for error in form.validator.iter_errors(dict(data)):
        for leaf in _leaves(error):
            found.setdefault(_field(leaf), _sentence(leaf))
    order = list(form.schema.get("properties", {}))
    return [
        {"field": field, "message": message}
        for field, message in sorted(found.items(), key=lambda pair: _place(order, pair[0]))
    ]


def _place(order: list[str], field: str) -> tuple[int, str]:
    head = field.split(".", 1)[0]
    return (order.index(head) if head in order else len(order), field)


def _leaves(error: ValidationError) -> list[ValidationError]:
    # A failed choice between constants is one mistake to the person, not one per constant.
    if error.validator in {"oneOf", "anyOf"} or not error.context:
        return [error]
    return [leaf for inner in error.context for leaf in _leaves(inner)]


def _field(error: ValidationError) -> str:
    path = [str(part) for part in error.absolute_path]
    keyword, limit, value, schema = _parts(error)
    if keyword == "required":
        # jsonschema reports one error per missing name, and names it in its message.
        path.append(next((name for name in limit if f"'{name}'" in error.message), ""))
    if keyword == "additionalProperties":
        path += [str(name) for name in value if name not in schema.get("properties", {})][:1]
    return ".".join(path)


def _parts(error: ValidationError) -> tuple[str, Any, Any, dict[str, Any]]:
    schema = error.schema if isinstance(error.schema, dict) else {}
    return str(error.validator), error.validator_value, error.instance, schema


_TYPES = {
    "string": "文字",
    "number": "数字",
    "integer": "整数",
    "boolean": "是或否",
    "array": "多行内容",
    "object": "一组内容",
}


def _sentence(error: ValidationError) -> str:  # noqa: C901, PLR0911, PLR0912 - one sentence per keyword
    keyword, limit, value, schema = _parts(error)
    if own := schema.get("x-message"):
        return str(own)
    match keyword:
        case "required":
            return "请填写此项。"
        case "type":
            expected = limit if isinstance(limit, str) else "、".join(limit)
            return f"此处应为{_TYPES.get(expected, expected)}。"
        case "minLength":
            return "请填写此项。" if limit == 1 else f"至少填写 {limit} 个字。"
        case "maxLength":
            return f"最多填写 {limit} 个字，现有 {len(value)} 个字。"
        case "minimum":
            return f"不能小于 {limit}。"
        case "exclusiveMinimum":
            return f"应当大于 {limit}。"
        case "maximum":
            return f"不能大于 {limit}。"
        case "minItems":
            return f"至少填写 {limit} 行。"
        case "maxItems":
            return f"最多填写 {limit} 行。"
        case "uniqueItems":
            return "有重复的内容，请删去。"
        case "contains":
            return "缺少必选的一项。"
        case "const":
            return "请勾选确认。" if limit is True else "所填内容不符合要求。"
        case "enum" | "oneOf" | "anyOf":
            return "请从列出的选项中选择。"
        case "format":
            names = {"date": "日期，如 2026-11-24", "date-time": "时间", "email": "电子邮箱"}
            return f"请填写正确的{names.get(str(limit), '内容')}。"
        case "pattern":
            return "填写的格式不正确。"
        case "multipleOf":
            return "最多保留两位小数。"
        case "additionalProperties":
            return "表单中没有这一项。"
        case _:
            return "填写的内容不符合要求。"
