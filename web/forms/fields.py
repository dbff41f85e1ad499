"""From a JSON Schema and its data to what the form macro draws."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

Choices = Sequence[tuple[str, str]]
Options = Callable[[str], Choices]
"""From "staff:town.investigator" to (value, title)."""

ROW_MARK = "__i__"
"""Where the script that adds rows puts the number of the new one."""


@dataclass(frozen=True)
class Field:
    """One field of a form, ready to draw."""

    name: str
    widget: str
    title: str
    value: Any = ""
    help: str = ""
    required: bool = False
    error: str = ""
    choices: Choices = ()
    several: bool = False
    """a group of checkboxes, whose value is a list"""
    show_if: str = ""
    """JSON of {field: value}; the script shows and hides by it"""
    shown: bool = True
    longest: int | None = None
    most: Any = None
    blank_row: Sequence["Field"] = ()
    rows: Sequence[Sequence["Field"]] = field(default_factory=tuple)


def fields_of(
    schema: Mapping[str, Any],
    data: Mapping[str, Any],
    errors: Mapping[str, str],
    *,
    locale: str,
    options: Options,
    prefix: str = "",
) -> list[Field]:
    """List the fields of a form in their order, with values and messages; `prefix` sets them apart from others of the page."""
    draw = _Drawing(errors, locale, options, prefix)
    needed = _needed(schema)
    drawn: list[Field] = []
    visible: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        # In the order of the form, so that what hangs on a hidden field is hidden with it.
        shown = is_shown(part, visible)
        if shown:
            visible[name] = data.get(name)
        drawn.append(replace(draw.field(name, part, data, required=name in needed), shown=shown))
    return drawn


def is_shown(part: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Tell whether the condition of a field holds for the data."""
    return all(data.get(name) == value for name, value in part.get("x-show-if", {}).items())


def help_of(part: Mapping[str, Any], locale: str) -> str:
    """Give what is said below a field, in the reader's language; the Chinese text where there is no other."""
    return str((part.get("x-help-en") if locale == "en" else None) or part.get("x-help", ""))


def widget_of(part: Mapping[str, Any]) -> str:
    """Choose how a field is drawn: as its hint says, or by its type."""
    hint = part.get("x-widget")
    if hint:
        return str(hint)
    if "oneOf" in part or "enum" in part:
        return "select"
    kinds = part.get("type", "string")
    by_type = {"boolean": "checkbox", "integer": "number", "number": "number", "array": "rows"}
    return by_type.get(kinds if isinstance(kinds, str) else kinds[0], "text")


def _needed(schema: Mapping[str, Any]) -> set[str]:
    needed = set(schema.get("required", ()))
    for rule in schema.get("allOf", ()):
        # A field that is shown only in one case is marked when it is needed in that case.
        needed |= {
            name
            for name in rule.get("then", {}).get("required", ())
            if schema["properties"].get(name, {}).get("x-show-if")
        }
    return needed


@dataclass(frozen=True)
class _Drawing:
    """What is the same for every field of one form."""

    errors: Mapping[str, str]
    locale: str
    options: Options
    prefix: str = ""

    def field(
        self, name: str, part: Mapping[str, Any], data: Mapping[str, Any], *, required: bool, path: str = ""
    ) -> Field:
        path = path or f"{self.prefix}{name}"
        value = data.get(name)
        drawn = Field(
            name=path,
            widget=widget_of(part),
            title=self._words(part) or name,
            value=_text(value),
            help=help_of(part, self.locale),
            required=required,
            error=self.errors.get(path, ""),
            choices=self._choices(part),
            show_if=self._condition(part),
            shown=is_shown(part, data),
            longest=part.get("maxLength"),
        )
        if part.get("type") != "array":
            return drawn
        items = part.get("items", {})
        given = value if isinstance(value, list) else []
        if drawn.widget != "rows":
            return replace(
                drawn, several=True, value=[str(one) for one in given], choices=self._choices(items)
            )
        return replace(
            drawn,
            most=part.get("maxItems"),
            blank_row=self._row(f"{path}.{ROW_MARK}", items, {}),
            rows=[self._row(f"{path}.{place}", items, row) for place, row in enumerate(given)],
        )

    def _row(self, path: str, items: Mapping[str, Any], row: Any) -> list[Field]:
        data = row if isinstance(row, Mapping) else {}
        needed = set(items.get("required", ()))
        return [
            self.field(name, part, data, required=name in needed, path=f"{path}.{name}")
            for name, part in items.get("properties", {}).items()
        ]

    def _choices(self, part: Mapping[str, Any]) -> Choices:
        if source := part.get("x-options"):
            return self.options(str(source))
        if "oneOf" in part:
            return [(_text(one.get("const")), self._words(one)) for one in part["oneOf"]]
        return [(_text(one), _text(one)) for one in part.get("enum", ())]

    def _condition(self, part: Mapping[str, Any]) -> str:
        wanted = part.get("x-show-if")
        return json.dumps({f"{self.prefix}{name}": one for name, one in wanted.items()}) if wanted else ""

    def _words(self, part: Mapping[str, Any]) -> str:
        return str((part.get("x-en") if self.locale == "en" else None) or part.get("title", ""))


def _text(value: Any) -> str:
    """Write a value as a form field has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, list) else str(value)
