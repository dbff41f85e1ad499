"""From what a browser sends to the data that the schema checks. What cannot be read stays as typed, and fails there."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.datastructures import FormData

from web.forms.fields import is_shown, widget_of

_MOST_ROWS = 200


async def sent_form(request: Request) -> FormData:
    """Read the body of a form."""
    return await request.form()


def read_form(schema: Mapping[str, Any], sent: FormData, *, hidden: bool = False) -> dict[str, Any]:
    """Read the fields of a schema; empty ones and those that are not shown are left out.

    With `hidden` the latter are read too: a form that is shown again must not lose what stands in them.
    """
    data: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        if not hidden and not is_shown(part, data):
            continue
        value = _value(name, part, sent)
        if value is not None:
            data[name] = value
    return data


def under(prefix: str, sent: FormData) -> FormData:
    """Pick the fields whose names begin with a prefix, and name them without it."""
    return FormData(
        [(name.removeprefix(prefix), value) for name, value in sent.multi_items() if name.startswith(prefix)]
    )


def _value(name: str, part: Mapping[str, Any], sent: FormData) -> Any:
    if part.get("type") == "array":
        if widget_of(part) == "rows":
            return _rows(name, part.get("items", {}), sent)
        return [str(one) for one in sent.getlist(name)]
    text = text_of(sent, name)
    if part.get("type") == "boolean" and widget_of(part) == "checkbox":
        return text == "true"
    return _scalar(part, text)


def text_of(sent: FormData, name: str) -> str:
    """Read one text, without blanks around it."""
    given = sent.get(name)
    return given.replace("\r\n", "\n").strip() if isinstance(given, str) else ""


def row_numbers(name: str, sent: FormData) -> list[int]:
    """List the numbers of rows named `name.3.field`; they may have gaps."""
    pattern = re.compile(rf"{re.escape(name)}\.(\d{{1,6}})\.")
    return sorted({int(found[1]) for key in sent if (found := pattern.match(key))})[:_MOST_ROWS]


def tidy_number(text: str) -> str:
    """Accept full-width digits and thousands separators, which people type."""
    return unicodedata.normalize("NFKC", text).replace(",", "").replace(" ", "")


def _rows(name: str, items: Mapping[str, Any], sent: FormData) -> list[dict[str, Any]] | None:
    rows = []
    for number in row_numbers(name, sent):
        row = {
            key: value
            for key, part in items.get("properties", {}).items()
            if (value := _value(f"{name}.{number}.{key}", part, sent)) not in (None, "", False)
        }
        if row:
            rows.append(row)
    return rows or None


def _scalar(part: Mapping[str, Any], text: str) -> Any:
    if not text:
        return None
    kinds = part.get("type", "string")
    kinds = {kinds} if isinstance(kinds, str) else set(kinds)
    if widget_of(part) in {"money", "number", "date"}:
        text = tidy_number(text)
    if "string" in kinds:
        return text
    if "boolean" in kinds:
        return {"true": True, "false": False}.get(text, text)
    return _number(text, whole="integer" in kinds and "number" not in kinds)


def _number(text: str, *, whole: bool) -> Any:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        return text
