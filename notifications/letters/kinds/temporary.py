"""Letters of temporary assistance."""

from collections.abc import Mapping
from typing import Any

from jieban.cases.temporary_aid import EVENTS, SEVERITIES
from notifications.letters.kinds.kind import LetterKind

Facts = Mapping[str, Any]
Table = dict[str, Any]

WAYS = {"cash": "现金", "account": "转账", "goods": "实物"}
_OPINIONS = {"support": "拟予救助", "oppose": "拟不予救助"}


def _pairs(*rows: tuple[str, object]) -> Table:
    return {"style": "pairs", "rows": [[name, str(text)] for name, text in rows if text not in (None, "")]}


def _moment(text: object) -> str:
    return str(text or "").replace("T", " ")


def _registration(facts: Facts) -> Table:
    """Make the sheet that the quick lane keeps: who, what happened, how much, by whom (LS-10)."""
    need, paid = facts["need"], facts["aid_payment"]
    happened = EVENTS.get(str(need.get("event")), "")
    severity = SEVERITIES.get(str(need.get("severity")), "")
    return _pairs(
        ("案号", facts["case_number"]),
        ("救助对象", f"{facts['applicant']}（救助 {need.get('persons') or facts['members']} 人）"),
        ("急难情形", f"{happened}（{severity}）"),
        ("发生时间", _moment(need.get("happened_at"))),
        ("急难发生地", need.get("place")),
        ("核实情况", need.get("verified")),
        ("救助金额", f"{paid.get('amount')} 元（{WAYS.get(str(paid.get('way')), '')}）"),
        ("实物名称、数量", paid.get("goods")),
        ("资金来源", "乡镇（街道）临时救助备用金"),
        ("发放时间", _moment(paid.get("paid_at"))),
        ("领取人", paid.get("receiver")),
        ("收据、签收单号", paid.get("receipt")),
        ("核实经办", need.get("recorded_by")),
        ("审核确认", facts["aid_decision"].get("recorded_by")),
        ("发放经办", paid.get("recorded_by")),
    )


def _calculation(facts: Facts) -> Table:
    rows = [[step["label"], step["formula"], step["value"]] for step in facts["steps"]]
    return {"style": "list", "rows": [["救助金额的计算", "算式", "结果"], *rows]} if rows else _pairs()


def _notice(facts: Facts) -> Table:
    shown = facts["shown"]
    amount = f"{shown['amount']} 元" if shown.get("amount") else "——"
    opinion = _OPINIONS.get(str(shown.get("result")), "——")
    return {
        "style": "board",
        "rows": [
            ["申请人姓名", "家庭成员数量", "审核意见", "拟救助金额"],
            [shown["name"], f"{shown['members']} 人", opinion, amount],
        ],
    }


def _publication(facts: Facts) -> Table:
    shown = facts["shown"]
    return {
        "style": "board",
        "rows": [
            ["申请人姓名", "家庭成员数量", "救助金额"],
            [shown["name"], f"{shown['members']} 人", f"{shown['amount']} 元"],
        ],
    }


def _transfer(facts: Facts) -> Table:
    need, decided = facts["need"], facts["aid_decision"]
    return _pairs(
        ("案号", facts["case_number"]),
        ("转给", decided.get("refer_to") or need.get("transfer_to")),
        ("需要的帮助", decided.get("refer_for") or need.get("verified")),
        ("经办", decided.get("recorded_by") or need.get("recorded_by")),
    )


KINDS = [
    LetterKind(
        "temp_registration",
        "临时救助登记单（小额快救）",
        "Register sheet of quick temporary aid",
        "救临登",
        contact=False,
        speaks_of=("decision", "record:need", "record:aid_decision", "record:aid_payment"),
        sheet=_registration,
    ),
    LetterKind(
        "temp_backfill",
        "先行救助补充说明告知书",
        "Notice of what is to follow after first aid",
        "救临补",
        speaks_of=("record:need", "record:aid_payment"),
        cites=("temp.backfill.start",),
    ),
    LetterKind(
        "temp_notice",
        "临时救助审核公示",
        "Public notice of temporary aid",
        "救临公",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
        cites=("temp.ordinary.publicity.required",),
        sheet=_notice,
    ),
    LetterKind(
        "temp_approval",
        "临时救助确认通知书",
        "Notice of approval of temporary aid",
        "救临确",
        county_signs=True,
        speaks_of=("decision", "record:aid_decision"),
        sheet=_calculation,
    ),
    LetterKind(
        "temp_publication",
        "临时救助结果公布",
        "Publication of temporary aid",
        "救临布",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
        sheet=_publication,
    ),
    LetterKind(
        "temp_transfer",
        "转介告知单",
        "Notice of a transfer",
        "救临转",
        speaks_of=("record:need", "record:aid_decision"),
        sheet=_transfer,
    ),
    LetterKind(
        "temp_return",
        "责令退回通知书",
        "Order of return",
        "救临退",
        county=True,
        adverse=True,
        receipt=True,
        speaks_of=("record:return_order", "record:aid_payment"),
    ),
]
