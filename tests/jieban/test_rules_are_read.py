"""Every value of the rule table is read by a step, a letter or a calculation, or it is said why not."""

import re
from pathlib import Path

import jieban
from jieban.rules import left_to_places, not_read
from jieban.rules.seed import read_shipped
from jieban.rules.standards.items import items

ROOT = Path(jieban.__file__).parent.parent
PARTS = ("bpmn", "jieban", "notifications", "tasks", "web", "workflows")
ENDINGS = {".py", ".bpmn", ".dmn", ".json", ".txt"}
BUILT = re.compile(r'f"((?:[a-z_]+\.)+)\{')
"""A key of which the end is chosen while the program runs: f"tekun.care.amount.{tier}"."""
EXTENDED = re.compile(r"\w+\.total\.extended")
"""The longer limit beside a total, as workflows.extensions names it."""


def sources() -> str:
    files = [path for part in PARTS for path in (ROOT / part).rglob("*") if path.suffix in ENDINGS]
    kept = [path for path in files if not {"node_modules", "dist"} & set(path.parts)]
    return "\n".join(path.read_text("utf-8") for path in kept)


def test_every_value_is_read_or_it_is_said_why_not():
    text = sources()
    whole = set(re.findall(r"(?<![\w.])[a-z_]+(?:\.[a-z0-9_]+)+(?![\w.])", text)) | set(items())
    begun = tuple(set(BUILT.findall(text)))
    shipped = {row["key"] for row in read_shipped()}
    ended = {row["key"] for row in read_shipped()} - {
        row["key"] for row in read_shipped() if row["effective_to"] is None
    }
    read = {
        key
        for key in shipped
        if key in whole or key.startswith(begun) or (EXTENDED.fullmatch(key) and key not in whole)
    }

    assert sorted(shipped - read - ended - set(not_read())) == []
    assert sorted(set(not_read()) - shipped) == []
    assert sorted(set(not_read()) & {key for key in read if key in whole}) == []
    assert sorted(set(not_read()) & set(left_to_places()) - {"petition.transfer"} - OPTIONAL) == []


OPTIONAL = {"dibao.appraisal.required", "tekun.appraisal.required"}
"""Left to the place, and left to whoever handles the case: a place tells its staff, not the program."""
