"""The one application asks for what the procedures that it opens ask for, in the same words."""

import json

import pytest

from tests.scenarios.played import PROCEDURES


@pytest.mark.parametrize("part", ["properties", "required", "allOf"])
def test_the_statement_of_the_destitute_is_that_of_their_own_application(part: str):
    """What is registered there is handed over as it is, so a form that grows apart would open no case."""
    own = json.loads((PROCEDURES / "destitute_support" / "forms" / "register.json").read_text("utf-8"))
    here = PROCEDURES / "one_application" / "forms" / "destitute_statement.json"

    assert json.loads(here.read_text("utf-8"))[part] == own[part]


@pytest.mark.parametrize("field", ["residence", "declared"])
def test_what_is_declared_is_declared_as_for_rigid_expenditure(field: str):
    own = PROCEDURES / "rigid_expenditure_household" / "forms" / "register.json"
    here = PROCEDURES / "one_application" / "forms" / "register.json"
    fields = [json.loads(path.read_text("utf-8"))["properties"][field] for path in (own, here)]

    unlike = {"x-help": "", "x-help-en": ""}
    assert {**fields[0], **unlike} == {**fields[1], **unlike}
