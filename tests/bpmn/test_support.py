"""The table of what is executed is held against the code and against BPMN's own schema."""

import re
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn import parser

from bpmn.messages import MESSAGES

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "bpmn-support.md"
SCHEMA = Path(parser.__file__).parent / "schema" / "Semantic.xsd"
ABSTRACT = {"event"}


def rows():
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[1] in {"executed", "refused", "explains"}:
            yield cells


def test_every_row_is_held_by_something_that_exists():
    """A refused row names a lint rule, the others a test or a rule that hints."""
    tests = {
        name
        for file in HERE.glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    table = list(rows())

    assert len(table) > 50
    for element, answer, _, held in table:
        name = held.strip("`")
        if answer == "refused":
            assert MESSAGES.get(name, ("", ""))[0] == "error", element
        else:
            assert name in tests or MESSAGES.get(name, ("", ""))[0] == "hint", element


def test_every_element_of_the_schema_has_a_row():
    """Nothing that BPMN allows in a process goes unmentioned."""
    schema = etree.parse(str(SCHEMA)).getroot()
    groups = {
        "flowElement",
        "eventDefinition",
        "loopCharacteristics",
        "artifact",
        "resourceRole",
        "performer",
    }
    wanted = {e.get("name") for e in schema if e.get("substitutionGroup") in groups} - ABSTRACT
    named = {name for cells in rows() for name in re.findall(r"`(\w+)`", cells[0])}

    assert wanted <= named, wanted - named
