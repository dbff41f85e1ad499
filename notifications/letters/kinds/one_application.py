"""Letters of the one application: which cases came out of it, what was referred, how all of it ended."""

from collections.abc import Mapping
from typing import Any

from notifications.letters.kinds.kind import LetterKind

ITEMS = {
    "medical": "医疗救助",
    "education": "教育救助",
    "housing": "住房救助",
    "employment": "就业救助",
    "disaster": "受灾人员救助",
    "insurance": "资助参加基本医疗保险",
    "disability": "残疾人两项补贴",
    "legal": "法律援助",
    "funeral": "殡葬费用减免",
    "utilities": "水电气暖优惠",
    "other": "其他",
}
"""What an application may be joined with; from insurance on the list is from memory and no basis of anything (SL-09)."""

_PROCEDURES = {
    "destitute_support": "特困人员救助供养",
    "subsistence_allowance": "最低生活保障",
    "marginal_household": "最低生活保障边缘家庭认定",
    "rigid_expenditure_household": "刚性支出困难家庭认定",
    "temporary_assistance": "临时救助",
}
_STATES = {
    "open": "正在办理",
    "paid": "已确认并发放",
    "approved": "已认定",
    "aided": "已救助",
    "refused": "不予确认，理由和救济途径见该案告知书",
    "terminated": "已终止，理由见该案告知书",
    "withdrawn": "申请人撤回",
}
_ANSWERS = {"accepted": "已受理", "granted": "已办成", "refused": "不符合条件", "waiting": "等待答复"}


def _cases(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[_PROCEDURES.get(one["procedure"], one["procedure"]), one["number"]] for one in facts["linked"]]
    return {"style": "list", "rows": [["办理事项", "案号"], *rows]} if rows else {"style": "none", "rows": []}


def _referred(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [[ITEMS[row["item"]], row["department"]] for row in facts["referrals"].get("items", ())]
    return {"style": "list", "rows": [["事项", "转往"], *rows]}


def _result(facts: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        [
            f"{_PROCEDURES.get(one['procedure'], one['procedure'])}（{one['number']}）",
            _STATES.get(one["state"], "已办结"),
        ]
        for one in facts["linked"]
    ]
    rows += [
        [f"{ITEMS[row['item']]}（{row['department']}）", _ANSWERS[row["answer"]]]
        for row in facts["referral_answers"].get("answers", ())
    ]
    return {"style": "list", "rows": [["事项", "结果"], *rows]} if rows else {"style": "none", "rows": []}


KINDS = [
    LetterKind(
        "one_acceptance",
        "救助一件事办理告知书",
        "Notice of the cases that one application led to",
        "救一",
        sheet=_cases,
    ),
    LetterKind("one_transfer", "社会救助事项转办函", "Referral to a department", "救转"),
    LetterKind(
        "one_transfer_notice",
        "社会救助事项转办告知单",
        "Notice of what was referred",
        "救转告",
        speaks_of=("record:referrals",),
        sheet=_referred,
    ),
    LetterKind(
        "one_result",
        "救助一件事办结告知书",
        "Notice of how all of it ended",
        "救一结",
        speaks_of=("record:referral_answers",),
        sheet=_result,
    ),
]
