"""What a step put on record, in the words of the form by which it was filled in."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.people.id_numbers import mask
from jieban.records.tables import CaseRecord
from jieban.staff.tables import User
from tasks import forms
from web.i18n import translator

_LONGEST_CODE = 64
_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The id of a row, which says nothing to a person."""
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
    names = _names(session, {text for record in records for text in _texts(record.data)})
    words = _Words(locale, say("是"), say("否"), [say("计算"), say("步骤"), say("计算"), say("结果")], names)
    return [
        Shown(record, words.lines(forms.form_of(session, version_id, record.form).schema, record.data))
        for record in records
    ]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, str) and len(value) <= _LONGEST_CODE:
        yield value


def _names(session: Session, codes: set[str]) -> dict[str, str]:
    """Name the places and people whose codes and accounts stand in records."""
    if not codes:
        return {}
    places = session.execute(select(Area.code, Area.name).where(Area.code.in_(sorted(codes))))
    people = session.execute(select(User.username, User.name).where(User.username.in_(sorted(codes))))
    return dict([*((row.code, row.name) for row in places), *((row.username, row.name) for row in people)])


_ADDED = {"to_unit": "承办单位"}
"""What operations keep beside the form."""


@dataclass(frozen=True)
class _Words:
    locale: str
    yes: str
    no: str
    worked_out: Sequence[str]
    names: Mapping[str, str]
    """of places and people, by their codes and accounts"""

    def lines(self, schema: Mapping[str, Any], data: Mapping[str, Any]) -> list[Line]:
        parts = schema.get("properties", {})
        names = [*(name for name in parts if name in data), *(name for name in data if name not in parts)]
        return [
            self._line(name, parts.get(name, {}), data[name])
            for name in names
            if data[name] not in (None, "", [])
            and parts.get(name, {}).get("x-record") is not False
            and not _UUID.fullmatch(str(data[name]))
        ]

    def _line(self, name: str, part: Mapping[str, Any], value: Any) -> Line:
        title = self._title(part) or _ADDED.get(name, name)
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
        # A whole identity number is shown only where somebody says why and it is recorded.
        text = self._plain(part, value)
        return _ID_NUMBER.sub(lambda found: mask(found[0]), text)

    def _plain(self, part: Mapping[str, Any], value: Any) -> str:
        if isinstance(value, bool):
            return self.yes if value else self.no
        for choice in part.get("oneOf", ()):
            if choice.get("const") == value:
                return self._title(choice)
        if isinstance(value, str) and part.get("x-widget") == "datetime":
            return value.replace("T", " ")
        if part.get("x-options"):
            return self.names.get(str(value), str(value))
        return "" if value is None else str(value)
