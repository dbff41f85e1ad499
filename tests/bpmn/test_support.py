"""The table of what is executed is held against the code and against BPMN's own schema."""

import re
from pathlib import Path

from lxml import etree
from SpiffWorkflow.bpmn import parser

from bpmn.messages import MESSAGES
from bpmn.schema import ELEMENTS, EXPLAINING, MOVING
from tests.bpmn.test_attributes import ATTRIBUTES

HERE = Path(__file__).parent
TABLE = HERE.parents[1] / "docs" / "bpmn-support.md"
SCHEMA = Path(parser.__file__).parent / "schema" / "Semantic.xsd"
XSD = "{http://www.w3.org/2001/XMLSchema}"
ABSTRACT = {"flowElement", "eventDefinition", "loopCharacteristics"}


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
    """Nothing that BPMN allows in a process, at any depth, goes unmentioned."""
    named = {name for cells in rows() for name in re.findall(r"`(\w+)`", cells[0])}
    elements, _ = schema()

    assert elements - named == set()
    assert elements <= ELEMENTS


def test_every_attribute_of_the_schema_has_an_answer_and_a_model():
    """The table, the reader and the tests know the same attributes."""
    _, attributes = schema()
    table = {
        name: answer
        for cells in rows()
        for name in re.findall(r"`(\w+)`", cells[0])
        for answer in [cells[1]]
        if name in attributes
    }

    assert attributes - set(table) == set()
    assert attributes == set(ATTRIBUTES)
    assert attributes == set(MOVING) | EXPLAINING
    for name, (_, expected) in ATTRIBUTES.items():
        assert (" " not in expected) == (table[name] == "refused"), name


def schema():
    """Give the names of all elements and attributes of the schema that can stand in a process."""
    root = etree.parse(str(SCHEMA)).getroot()
    types = {t.get("name"): t for t in root.iter(f"{XSD}complexType")}
    globals_ = {e.get("name"): e for e in root if e.tag == f"{XSD}element"}
    elements, attributes, rest, seen = set(), set(), ["tProcess"], set()
    while rest:
        name = rest.pop().rpartition(":")[2]
        if name in seen or name not in types:
            continue
        seen.add(name)
        rest += [e.get("base") for e in types[name].iter(f"{XSD}extension")]
        attributes |= {a.get("name") for a in types[name].iter(f"{XSD}attribute") if a.get("name")}
        for element in types[name].iter(f"{XSD}element"):
            if element.get("name"):
                elements.add(element.get("name"))
                rest.append(element.get("type") or "")
            else:
                for child in substitutes(element.get("ref").rpartition(":")[2], globals_):
                    elements.add(child)
                    rest.append(globals_[child].get("type"))
    return elements - ABSTRACT, attributes


def substitutes(name, globals_):
    """Give an element and all that may stand in its place."""
    found = [name]
    for other, element in globals_.items():
        if (element.get("substitutionGroup") or "").rpartition(":")[2] == name:
            found += substitutes(other, globals_)
    return found
