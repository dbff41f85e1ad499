"""Letters of the joint meeting."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind

_OPINIONS = {"support": "同意", "oppose": "不同意", "other": "其他意见"}


def _members(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [
            row["department"],
            row.get("name") or "——",
            "到会" if row["attended"] == "yes" else "未到会",
            _OPINIONS.get(str(row.get("opinion")), "——"),
            row.get("remark") or "",
        ]
        for row in facts["meeting"].get("members", ())
    ]
    return {"style": "list", "rows": [["部门", "参加人", "到会", "意见", "说明"], *rows]}


KINDS = [
    LetterKind(
        "meeting_minutes",
        "联席会议纪要",
        "Minutes of the joint meeting",
        "救会",
        county=True,
        contact=False,
        speaks_of=("record:agenda", "record:meeting", "record:conclusion"),
        sheet=_members,
    )
]
