from pathlib import Path

import pytest

from jieban.staff.roles import ROLES
from notifications.letters import KINDS

GLOSSARY = (Path(__file__).parent.parent / "docs" / "glossary.md").read_text("utf-8")


@pytest.mark.parametrize("role", ROLES.values(), ids=ROLES)
def test_a_role_has_the_same_name_in_the_glossary(role):
    assert f"| {role.name} |" in GLOSSARY
    assert f"| {role.english} |".lower() in GLOSSARY
    assert f"`{role.key}`" in GLOSSARY


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_is_in_the_glossary(kind):
    assert f"| `{kind}` |" in GLOSSARY
