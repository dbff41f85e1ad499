"""Letters of services as assistance, and of the referral to charities."""

from collections.abc import Mapping
from typing import Any

from jieban.care.words import ITEMS
from notifications.letters.kinds.kind import LetterKind

Facts = Mapping[str, Any]


def _needs(facts: Facts) -> dict[str, Any]:
    rows = [
        [ITEMS.get(row["item"], row["item"]), row["what"], f"每月 {row['times']} 次"]
        for row in facts["needs"].get("needs") or ()
    ]
    return {"style": "list", "rows": [["需求", "具体内容", "次数"], *rows]} if rows else _nothing()


def _plan(facts: Facts) -> dict[str, Any]:
    rows = [
        [row["service"], row["what"], f"每月 {row['times']} 次", f"{row['from_on']} 至 {row['until_on']}"]
        for row in facts["plan"].get("services") or ()
    ]
    return {"style": "list", "rows": [["服务单位和项目", "内容", "次数", "期限"], *rows]}


def _order(facts: Facts) -> dict[str, Any]:
    rows = [
        [row["name"], row["what"], f"每月 {row['times']} 次", f"{row['from_on']} 至 {row['until_on']}"]
        for row in facts["lines"]
    ]
    return {"style": "list", "rows": [["服务项目", "内容", "次数", "期限"], *rows]}


def _sent(facts: Facts) -> dict[str, Any]:
    """Show what is sent, and nothing else of the person: the fields that the consent covers and somebody chose (CS-02)."""
    return {"style": "pairs", "rows": [[row["label"], row["value"]] for row in facts["referral"]["sent"]]}


def _nothing() -> dict[str, Any]:
    return {"style": "none", "rows": []}


KINDS = [
    LetterKind(
        "care_assessment",
        "服务需求评估结果告知书",
        "Result of the assessment of needs",
        "救服评",
        speaks_of=("record:assessment", "record:level", "record:needs"),
        sheet=_needs,
    ),
    LetterKind(
        "care_plan",
        "救助服务计划（协议）",
        "Plan of services (agreement)",
        "救服划",
        speaks_of=("record:plan",),
        sheet=_plan,
    ),
    LetterKind(
        "care_order",
        "救助服务派单",
        "Order of services",
        "救服派",
        addressee=lambda facts: str(facts["provider"]),
        sheet=_order,
    ),
    LetterKind(
        "charity_referral",
        "慈善转介告知单",
        "Referral to a charity",
        "救慈转",
        speaks_of=("record:referral",),
        addressee=lambda facts: str(facts["referral"]["provider"]),
        sheet=_sent,
    ),
    LetterKind(
        "charity_stop",
        "停止使用个人信息告知单",
        "Notice to stop using personal data",
        "救慈停",
        speaks_of=("record:referral", "record:consent_withdrawn"),
        addressee=lambda facts: str(facts["referral"]["provider"]),
    ),
    LetterKind(
        "charity_result",
        "慈善帮扶结果告知书",
        "Result of the referral",
        "救慈果",
        speaks_of=("record:government", "record:referral", "record:aid"),
    ),
]
