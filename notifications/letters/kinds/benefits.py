"""Letters about what was granted: the person is heard, the benefit changes or ends, money is to be given back."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind

_ABOUT = ("record:benefit", "record:proposal")
_DECIDED = ("decision", *_ABOUT)


def _change(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Show the amount before and after, and how it came about."""
    before, after = facts["benefit"].get("amount"), facts["proposal"].get("after")
    rows = [["原每月救助金额", "", f"{before} 元"]] if before else []
    rows += [[step["label"], step["formula"], step["value"]] for step in facts.get("steps", [])]
    if after:
        rows.append(["调整后每月救助金额", "", f"{after} 元"])
    return (
        {"style": "list", "rows": [["项目", "算式", "金额"], *rows]}
        if rows
        else {"style": "none", "rows": []}
    )


def _end(facts: Mapping[str, Any]) -> dict[str, Any]:
    # The law demands that the intended end is shown; why it ends is the person's own matter (GS-12).
    rows = [
        ["姓名", "救助类别", "拟作处理"],
        [facts["shown"]["name"], facts["benefit"]["item"], "拟终止救助供养"],
    ]
    return {"style": "board", "rows": rows}


KINDS = [
    LetterKind(
        "hearing_notice",
        "拟调整社会救助待遇听取意见通知书",
        "Notice that the person will be heard",
        "救听",
        receipt=True,
        speaks_of=_ABOUT,
        cites=("benefit.hearing.required",),
    ),
    LetterKind(
        "hearing_reminder",
        "听取意见催告书",
        "Reminder to say what one thinks",
        "救催",
        receipt=True,
        speaks_of=_ABOUT,
        cites=("benefit.hearing.required",),
    ),
    LetterKind(
        "benefit_increase",
        "社会救助金增发通知书",
        "Notice of increase",
        "救增",
        county_signs=True,
        speaks_of=_DECIDED,
        sheet=_change,
    ),
    LetterKind(
        "benefit_reduction",
        "社会救助金减发通知书",
        "Notice of reduction",
        "救减",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=_DECIDED,
        sheet=_change,
    ),
    LetterKind(
        "benefit_stop",
        "停发（终止）社会救助通知书",
        "Notice of the end of assistance",
        "救停",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=_DECIDED,
    ),
    LetterKind(
        "benefit_grace",
        "社会救助渐退期通知书",
        "Notice of a grace period",
        "救渐",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=_DECIDED,
    ),
    LetterKind(
        "benefit_kept",
        "社会救助待遇不作调整告知书",
        "Notice that nothing changes",
        "救维",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=_DECIDED,
    ),
    LetterKind(
        "village_end",
        "终止救助供养告知书",
        "Notice to the village of the end of support",
        "救村",
        county_signs=True,
        speaks_of=_DECIDED,
    ),
    LetterKind(
        "end_notice",
        "拟终止救助供养公示",
        "Public notice of the intended end of support",
        "救拟",
        layout="notice",
        contact=False,
        speaks_of=("notice", "record:benefit"),
        sheet=_end,
    ),
    LetterKind(
        "return_order",
        "责令退回社会救助款物通知书",
        "Order to give back",
        "救退",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=("record:benefit", "record:return_order"),
    ),
    LetterKind(
        "review_kept",
        "社会救助定期核查结果告知书",
        "Notice of the result of the review",
        "救查",
        speaks_of=("record:benefit",),
    ),
    LetterKind(
        "end_foretold",
        "社会救助待遇期满提醒",
        "Reminder that a benefit comes to its end",
        "救期",
        contact=True,
    ),
]
