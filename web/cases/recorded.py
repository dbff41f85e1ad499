"""What a step put on record, in the words of the form by which it was filled in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from jieban.records.tables import CaseRecord
from tasks import forms
from web.i18n import translator

_STEP = ("label", "formula", "value")


@dataclass(frozen=True)
class Line:
    """One field of a record: its title with a text, or with rows under headings."""

    title: str
    text: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Shown:
    """A record, ready to be shown."""

    record: CaseRecord
    lines: Sequence[Line]


def shown_records(
    session: Session, version_id: uuid.UUID, records: Sequence[CaseRecord], locale: str
) -> list[Shown]:
    """Put every record into words; fields that were left out are not shown."""
    say = translator(locale)
    words = _Words(locale, say("是"), say("否"), [say("计算"), say("步骤"), say("计算"), say("结果")])
    return [
        Shown(record, words.lines(forms.form_of(session, version_id, record.form).schema, record.data))
        for record in records
    ]


@dataclass(frozen=True)
class _Words:
    locale: str
    yes: str
    no: str
    worked_out: Sequence[str]

    def lines(self, schema: Mapping[str, Any], data: Mapping[str, Any]) -> list[Line]:
        parts = schema.get("properties", {})
        names = [*(name for name in parts if name in data), *(name for name in data if name not in parts)]
        return [
            self._line(name, parts.get(name, {}), data[name])
            for name in names
            if data[name] not in (None, "", [])
        ]

    def _line(self, name: str, part: Mapping[str, Any], value: Any) -> Line:
        title = self._title(part) or name
        if isinstance(value, dict) and isinstance(value.get("steps"), list):
            # How an amount came about, kept beside the form by the operation that worked it out.
            steps = [[str(step.get(key, "")) for key in _STEP] for step in value["steps"]]
            return Line(self.worked_out[0], heads=self.worked_out[1:], rows=steps)
        if not isinstance(value, list):
            return Line(title, self._text(part, value))
        items = part.get("items", {})
        columns = items.get("properties", {})
        if not columns:
            return Line(title, "、".join(self._text(items, one) for one in value))
        used = [key for key in columns if any(key in row for row in value if isinstance(row, dict))]
        rows = [
            [self._text(columns[key], row.get(key)) for key in used] for row in value if isinstance(row, dict)
        ]
        return Line(title, heads=[self._title(columns[key]) or key for key in used], rows=rows)

    def _title(self, part: Mapping[str, Any]) -> str:
        return str((part.get("x-en") if self.locale == "en" else None) or part.get("title", ""))

    def _text(self, part: Mapping[str, Any], value: Any) -> str:
        if isinstance(value, bool):
            return self.yes if value else self.no
        for choice in part.get("oneOf", ()):
            if choice.get("const") == value:
                return self._title(choice)
        if isinstance(value, str) and part.get("x-widget") == "datetime":
            return value.replace("T", " ")
        return "" if value is None else str(value)
