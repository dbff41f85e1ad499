"""Letters about a status: of a household at the margin, of a household with rigid expenditure."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind


def _steps(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[step["label"], step["formula"], step["value"]] for step in facts["steps"]]
    return {
        "style": "list" if rows else "none",
        "rows": [["核算项目", "算式", "结果"], *rows] if rows else [],
    }


KINDS = [
    LetterKind(
        "marginal_approval",
        "最低生活保障边缘家庭认定通知书",
        "Recognition of a household at the margin",
        "救边",
        county_signs=True,
        speaks_of=("decision",),
        sheet=_steps,
    ),
    LetterKind(
        "rigid_approval",
        "刚性支出困难家庭认定决定书",
        "Recognition of a household with rigid expenditure",
        "救刚",
        county_signs=True,
        receipt=True,
        speaks_of=("decision",),
        sheet=_steps,
    ),
    LetterKind(
        "rigid_refusal",
        "刚性支出困难家庭不予认定决定书",
        "Refusal of a household with rigid expenditure",
        "救刚不",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=("decision", "record:means"),
    ),
]
