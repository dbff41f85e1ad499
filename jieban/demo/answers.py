"""What the people of the demonstration write into the forms, one small function per form."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from jieban.clock import local_day


@dataclass
class Plot:
    """How this case goes: drawn once, so that its forms agree with each other."""

    rng: random.Random
    monthly_income: Decimal
    members: int
    approve: bool
    incomplete: bool = False
    uncooperative: bool = False
    over: bool = False
    objection: bool = False
    relative: Mapping[str, str] | None = None
    amount: str = ""
    notice_ends: str = ""


@dataclass(frozen=True)
class Scene:
    """One task of the case at one moment."""

    plot: Plot
    now: datetime
    address: str
    applicant: str
    pair: tuple[str, str]

    @property
    def today(self) -> str:
        return local_day(self.now).isoformat()


def answer(form: str, scene: Scene) -> dict[str, Any]:
    """Fill in a form of the subsistence allowance."""
    return _ANSWERS[form](scene)


def _papers(scene: Scene) -> dict[str, Any]:
    if scene.plot.incomplete:
        scene.plot.incomplete = False
        missing = [
            {"name": "残疾人证复印件", "why": "平台未查到证件信息"},
            {"name": "银行卡复印件", "why": "用于发放"},
        ]
        return {"papers": "incomplete", "missing": missing}
    return {"papers": "complete"}


def _visit(scene: Scene) -> dict[str, Any]:
    if scene.plot.uncooperative:
        return {
            "cooperation": "refused",
            "visited_on": scene.today,
            "place": scene.address,
            "first_investigator": scene.pair[0],
            "second_investigator": scene.pair[1],
            "refusal_note": "两次上门，申请人均拒绝说明家庭收入情况。",
        }
    income = str(scene.plot.monthly_income)
    rows = (
        [{"member": scene.applicant, "kind": "wage", "monthly": income}] if scene.plot.monthly_income else []
    )
    return {
        "cooperation": "yes",
        "visited_on": scene.today,
        "place": scene.address,
        "first_investigator": scene.pair[0],
        "second_investigator": scene.pair[1],
        "present": scene.applicant,
        "incomes": rows,
        "living": "住房两间，陈设简单，有电视和旧冰箱，日常饮食以自种蔬菜为主。",
        "neighbours": "邻居反映情况属实。",
        "signed": True,
    }


def _pair(scene: Scene, **more: Any) -> dict[str, Any]:
    return {"first_investigator": scene.pair[0], "second_investigator": scene.pair[1], **more}


def _opinion(scene: Scene) -> dict[str, Any]:
    if not scene.plot.approve:
        return {"result": "oppose", "reason": "家庭人均收入高于当地低保标准。"}
    return {
        "result": "support",
        "monthly_income": str(scene.plot.monthly_income),
        "members": scene.plot.members,
        "method": "difference",
        "reason": "符合条件。",
    }


def _decision(scene: Scene) -> dict[str, Any]:
    if not scene.plot.approve:
        return {
            "decision": "refuse",
            "reasons": "经核对，申请家庭人均月收入高于当地最低生活保障标准，不符合规定条件。",
        }
    return {"decision": "approve", "method": "difference", "amount": scene.plot.amount}


def _closing(scene: Scene) -> dict[str, Any]:
    day = max(scene.today, scene.plot.notice_ends[:10])
    if scene.plot.objection:
        said = [{"raised_by": "匿名村民", "content": "反映该户在城里有门面房出租。"}]
        return {
            "taken_down_on": day,
            "evidence": "公示照片已存档",
            "objection": "received",
            "objections": said,
        }
    return {"taken_down_on": day, "evidence": "公示照片已存档", "objection": "none"}


_ANSWERS: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "examine_papers": _papers,
    "receive_supplement": lambda _: {"outcome": "received", "received": "材料已补齐"},
    "register_relative": lambda scene: {"relatives": [dict(scene.plot.relative or {})]},
    "plan_investigation": lambda scene: _pair(
        scene, planned_on=(local_day(scene.now) + timedelta(days=2)).isoformat(), ways=["visit", "neighbours"]
    ),
    "home_visit": _visit,
    "start_check": lambda _: {
        "way": "query",
        "authorised": True,
        "departments": ["household_registration", "social_insurance", "real_estate", "bank"],
    },
    "report_check": lambda scene: {
        "result": "over" if scene.plot.over else "clear",
        "items": [{"item": "bank", "finding": "未发现异常"}],
        "summary": "家庭财产超过规定限额。" if scene.plot.over else "核对结果与申报一致。",
    },
    "hear_check_objection": lambda scene: {"told_on": scene.today, "objection": False},
    "recheck": lambda scene: _pair(
        scene, done_on=scene.today, result="clear", finding="复查后情况与申报一致。"
    ),
    "opinion": _opinion,
    "post_notice": lambda scene: {"place": "村（居）务公开栏", "posted_on": scene.today},
    "close_notice": _closing,
    "handle_objection": lambda _: {"way": "investigation", "reason": "异议涉及房产出租，需重新调查核实。"},
    "renewed_investigation": lambda scene: _pair(
        scene,
        visited_on=scene.today,
        place=scene.address,
        present=scene.applicant,
        finding="门面房系亲属所有，与申请人无关。",
        signed=True,
    ),
    "submit_file": lambda _: {"complete": True},
    "county_visit": lambda scene: _pair(
        scene,
        visited_on=scene.today,
        place=scene.address,
        present=scene.applicant,
        finding="与乡镇调查情况一致。",
        signed=True,
    ),
    "county_review": lambda scene: {
        "result": "support" if scene.plot.approve else "oppose",
        "reason": "材料齐全，调查属实。",
    },
    "decision": _decision,
    "publish_decision": lambda scene: {"place": "村（居）务公开栏", "posted_on": scene.today},
    "serve_letter": lambda scene: {"served_on": scene.today, "how": "in_person", "receiver": scene.applicant},
    "first_payment": lambda scene: {
        "paid_on": scene.today,
        "amount": scene.plot.amount,
        "voucher": f"PZ{scene.plot.rng.randrange(10**8):08d}",
    },
    "confirm_termination": lambda _: {
        "decision": "terminate",
        "reasons": "申请人无正当理由两次拒绝入户调查。",
    },
}
