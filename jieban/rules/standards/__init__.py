"""Local standards: loading them from a workbook with checks and a preview, and the nine classes that move together."""

from jieban.rules.standards.importing import (
    Past,
    Preview,
    confirm,
    find_preview,
    past_imports,
    plan_of,
    record_preview,
    undo,
)
from jieban.rules.standards.planning import Change, Plan, make_plan
from jieban.rules.standards.reading import Reading, Wanted, read_standards
from jieban.rules.standards.template import counties, write_template

__all__ = [
    "Change",
    "Past",
    "Plan",
    "Preview",
    "Reading",
    "Wanted",
    "confirm",
    "counties",
    "find_preview",
    "make_plan",
    "past_imports",
    "plan_of",
    "read_standards",
    "record_preview",
    "undo",
    "write_template",
]
