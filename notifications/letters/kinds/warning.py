"""Letters of monitoring: what somebody may apply for, told by the office that found them (JC-08)."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind

Facts = Mapping[str, Any]

_TARGETS = {
    "one_application": (
        "社会救助（一次申请，按家庭情况确定种类）",
        "乡镇人民政府、街道办事处社会救助窗口",
    ),
    "subsistence_allowance": ("最低生活保障", "乡镇人民政府、街道办事处社会救助窗口"),
    "temporary_assistance": ("临时救助", "乡镇人民政府、街道办事处社会救助窗口"),
    "department": ("其他专项社会救助", "由我单位把您的情况推送有关部门，部门会与您联系"),
}


def _policy(facts: Facts) -> dict[str, Any]:
    name, where = _TARGETS.get(str(facts["disposal"].get("target")), ("社会救助", ""))
    wants = "同意申请" if facts["disposal"].get("wants") == "yes" else "暂不申请，以后可以随时申请"
    return {"style": "pairs", "rows": [["可以申请的救助", name], ["向哪里申请", where], ["您的意愿", wants]]}


KINDS = [
    LetterKind(
        "policy_told",
        "社会救助政策告知书",
        "Notice of what may be applied for",
        "救告",
        speaks_of=("record:disposal",),
        sheet=_policy,
    ),
]
