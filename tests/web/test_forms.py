"""Reading and drawing forms, without a server."""

from typing import Any

import pytest
from starlette.datastructures import FormData

from web.forms.fields import fields_of
from web.forms.reading import read_form

SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["result"],
    "properties": {
        "result": {
            "title": "结果",
            "x-en": "Result",
            "type": "string",
            "x-widget": "radio",
            "oneOf": [{"const": "yes", "title": "是", "x-en": "Yes"}, {"const": "no", "title": "否"}],
        },
        "why": {"title": "理由", "type": "string", "x-widget": "textarea", "x-show-if": {"result": "no"}},
        "sure": {"title": "确定", "type": "boolean", "x-widget": "checkbox"},
        "amount": {"title": "金额", "type": ["string", "number"], "x-widget": "money"},
        "people": {"title": "人数", "type": "integer", "x-widget": "number"},
        "day": {"title": "日期", "type": "string", "format": "date", "x-widget": "date"},
        "ways": {
            "title": "方式",
            "type": "array",
            "x-widget": "checkbox",
            "items": {"type": "string", "oneOf": [{"const": "visit", "title": "入户"}]},
        },
        "rows": {
            "title": "行",
            "type": "array",
            "x-widget": "rows",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"title": "名称", "type": "string"},
                    "count": {"title": "数量", "type": "integer", "x-widget": "number"},
                },
            },
        },
        "who": {"title": "谁", "type": "string", "x-widget": "staff", "x-options": "staff:town.window"},
    },
    "allOf": [{"then": {"required": ["why"]}}],
}


def _read(*pairs: tuple[str, str]) -> dict[str, Any]:
    return read_form(SCHEMA, FormData(list(pairs)))


def test_empty_fields_are_left_out_and_a_box_that_is_not_ticked_says_so() -> None:
    assert _read(("result", ""), ("amount", "  ")) == {"sure": False, "ways": []}


def test_what_is_not_shown_is_not_read() -> None:
    assert "why" not in _read(("result", "yes"), ("why", "left over"))
    assert _read(("result", "no"), ("why", "too rich"))["why"] == "too rich"


def test_numbers_are_read_as_people_type_them() -> None:
    read = _read(("amount", "１，２３４.50"), ("people", " 3 "), ("day", "２０２６-11-24"))

    assert (read["amount"], read["people"], read["day"]) == ("1234.50", 3, "2026-11-24")


def test_what_cannot_be_read_stays_for_the_schema_to_refuse() -> None:
    assert _read(("people", "three"))["people"] == "three"


def test_several_choices_are_a_list() -> None:
    assert _read(("ways", "visit"), ("ways", "letters"))["ways"] == ["visit", "letters"]


def test_rows_may_have_gaps_and_empty_ones_are_left_out() -> None:
    read = _read(("rows.7.name", "b"), ("rows.2.name", "a"), ("rows.2.count", "1"), ("rows.4.name", ""))

    assert read["rows"] == [{"name": "a", "count": 1}, {"name": "b"}]


def test_fields_that_the_schema_does_not_know_are_not_read() -> None:
    assert set(_read(("decision", "approve"), ("csrf", "x"))) == {"sure", "ways"}


def test_a_text_sent_where_a_file_was_expected_is_no_text() -> None:
    assert read_form({"properties": {"a": {"type": "string"}}}, FormData([])) == {}


def test_fields_keep_their_values_messages_and_choices() -> None:
    data = {"result": "no", "rows": [{"name": "x", "count": 0}], "ways": ["visit"]}
    errors = {"rows.0.count": "应当大于 0。", "why": "请填写此项。"}

    drawn = {
        one.name: one
        for one in fields_of(SCHEMA, data, errors, locale="en", options=lambda source: [("window", source)])
    }

    assert drawn["result"].title == "Result"
    assert drawn["result"].choices == [("yes", "Yes"), ("no", "否")]
    assert drawn["result"].required
    assert drawn["why"].shown
    assert drawn["why"].required
    assert drawn["why"].error == "请填写此项。"
    assert drawn["ways"].value == ["visit"]
    assert drawn["rows"].rows[0][1].name == "rows.0.count"
    assert drawn["rows"].rows[0][1].value == "0"
    assert drawn["rows"].rows[0][1].error == "应当大于 0。"
    assert [cell.name for cell in drawn["rows"].blank_row] == ["rows.__i__.name", "rows.__i__.count"]
    assert drawn["who"].choices == [("window", "staff:town.window")]


@pytest.mark.parametrize(
    ("data", "shown"), [({}, False), ({"result": "yes"}, False), ({"result": "no"}, True)]
)
def test_a_field_is_shown_by_its_condition(data: dict[str, str], shown: bool) -> None:
    why = fields_of(SCHEMA, data, {}, locale="zh", options=lambda _: [])[1]

    assert why.shown is shown


@pytest.mark.parametrize(
    ("part", "widget"),
    [
        ({"type": "string"}, "text"),
        ({"type": "boolean"}, "checkbox"),
        ({"type": "integer"}, "number"),
        ({"type": ["string", "null"]}, "text"),
        ({"enum": ["a", "b"]}, "select"),
        ({"type": "array"}, "rows"),
    ],
)
def test_a_field_without_a_hint_is_drawn_by_its_type(part: dict[str, Any], widget: str) -> None:
    field = fields_of({"properties": {"x": part}}, {}, {}, locale="zh", options=lambda _: [])[0]

    assert field.widget == widget
