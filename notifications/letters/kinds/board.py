"""Sheets for the board that are about many people."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind


def _rows(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [str(place), row["name"], f"{row['members']} 人", f"{row['amount']} 元" if row["amount"] else "——"]
        for place, row in enumerate(facts["shown"]["rows"], 1)
    ]
    return {"style": "board", "rows": [["序号", "姓名", "人数", "月救助金额"], *rows]}


KINDS = [
    LetterKind(
        "long_term_list",
        "救助对象长期公示",
        "Long-term list of who is supported",
        "救长",
        layout="notice",
        contact=False,
        speaks_of=("notice", "record:list_rows"),
        sheet=_rows,
    )
]
