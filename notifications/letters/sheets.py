"""The tables of letters: what is easier to read in rows than in sentences."""

from collections.abc import Callable, Mapping
from typing import Any

from notifications.letters.kinds import LetterKind

HOTLINE = "12345"
"""Where one complains about an office, everywhere; offices have no telephone of their own for it in the data."""

Facts = Mapping[str, Any]
Table = dict[str, Any]

_OPINIONS = {"support": "拟确认同意", "oppose": "拟不予确认同意"}


def table(kind: LetterKind, facts: Facts) -> Table:
    """Make the table of a letter: "pairs" of name and content, or a "list" whose first row is its head."""
    make = kind.sheet or _TABLES.get(kind.key)
    return make(facts) if make else {"style": "none", "rows": []}


def _pairs(*rows: tuple[str, str]) -> Table:
    return {"style": "pairs", "rows": [[name, text] for name, text in rows if text]}


def _receipt(facts: Facts) -> Table:
    return _pairs(
        ("受理事项", facts["matter"]),
        ("首接人", facts["receiver"]),
        ("首接单位", facts["receiver_unit"]),
        ("首接时间", facts["registered"]),
        ("反馈期限", f"{facts['feedback_day']}前" if facts.get("feedback_day") else ""),
        ("案号", facts["case_number"]),
        ("进度查询码", facts["receipt_code"]),
        ("咨询电话", facts["phone"]),
        ("监督投诉电话", HOTLINE),
    )


def _acceptance(facts: Facts) -> Table:
    return _pairs(
        ("案号", facts["case_number"]),
        ("申请事项", facts["category"]),
        ("受理日期", facts["accepted"]),
        ("办结期限", f"自受理之日起 {facts['limit']}内，即不晚于{facts['due']}" if "due" in facts else ""),
        ("首接人", f"{facts['receiver']}（{facts['receiver_unit']}）"),
        ("咨询电话", facts["phone"]),
        ("监督投诉电话", HOTLINE),
    )


def _supplement(facts: Facts) -> Table:
    rows = [[str(place), paper["name"], paper["why"]] for place, paper in enumerate(facts["missing"], 1)]
    return {"style": "list", "rows": [["序号", "需要补齐的材料", "为什么需要"], *rows]}


def _approval(facts: Facts) -> Table:
    rows = [[step["label"], step["formula"], step["value"]] for step in facts["steps"]]
    return {"style": "list", "rows": [["保障金的计算", "算式", "结果"], *rows]} if rows else _pairs()


def _care(facts: Facts) -> Table:
    rows = [[step["label"], step["formula"], step["value"]] for step in facts["steps"]]
    return {"style": "list", "rows": [["供养金额的计算", "算式", "结果"], *rows]}


def _signing_at_home(facts: Facts) -> Table:
    return _signatures(facts, "丙方（签字）", facts["agreement"].get("carer_name", ""))


def _signing_in_institution(facts: Facts) -> Table:
    return _signatures(facts, "丙方（盖章）", facts["agreement"].get("institution", ""))


def _signatures(facts: Facts, third: str, name: str) -> Table:
    guardian = facts["agreement"].get("guardian")
    person = f"{facts['applicant']}（监护人：{guardian}）" if guardian else facts["applicant"]
    return _pairs(("甲方（盖章）", facts["town_organ"]), ("乙方或者监护人（签字）", person), (third, name))


def _public_notice(facts: Facts) -> Table:
    shown = facts["shown"]
    amount = f"{shown['amount']} 元" if shown.get("amount") else "——"
    return {
        "style": "board",
        "rows": [
            [
                "申请人姓名",
                "家庭成员数量",
                "申请类别",
                "初审意见",
                f"拟月{'保障' if facts['household'] else '救助'}金额",
            ],
            [
                shown["name"],
                f"{shown['members']} 人",
                facts["category_short"],
                _OPINIONS.get(str(shown.get("result")), "——"),
                amount,
            ],
        ],
    }


def _publication(facts: Facts) -> Table:
    # Article 24 names these three, and nothing else is published.
    shown = facts["shown"]
    return {
        "style": "board",
        "rows": [
            ["申请人姓名", "家庭成员数量", f"月{'保障' if facts['household'] else '救助'}金额"],
            [shown["name"], f"{shown['members']} 人", f"{shown['amount']} 元" if shown["amount"] else "——"],
        ],
    }


_TABLES: dict[str, Callable[[Facts], Table]] = {
    "receipt": _receipt,
    "acceptance": _acceptance,
    "supplement": _supplement,
    "approval": _approval,
    "care_notice": _care,
    "care_agreement": _signing_at_home,
    "institution_agreement": _signing_in_institution,
    "public_notice": _public_notice,
    "publication": _publication,
}
