"""Opinions and decisions. An amount is computed and explained; a refusal has its reasons; nothing decides by itself."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, func, select, update

from jieban import deadlines, ledger
from jieban.cases.tables import Decision, Objection, Opinion, Visit
from jieban.clock import CHINA, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import add, change
from tasks.calculation import GRADES, Household, by_difference, by_grade, household
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text


@task_operation("give_opinion", "提出初审意见", "Give the initial opinion")
def give_opinion(done: Done) -> Mapping[str, Fact]:
    """Keep the opinion of the township; after an objection it is a renewed one (DB-14, DB-16)."""
    renewed = _GIVEN.scalar(done.session, the_case=done.case.id)
    support = done.data["result"] == "support"
    amount = _amount(done, done.data, household(done.session, done.case))[0] if support else None
    _keep_opinion(done, "renewed" if renewed else "initial", amount)
    answer = text(done.data, "reason") or "重新提出初审意见"
    answered = {"the_case": done.case.id, "the_answer": answer, "the_now": done.now}
    change(done.session, _ANSWER_ALL, answered)
    return {"opinion": str(done.data["result"]), "needs_county_visit": needs_county_visit(done)}


@task_operation("county_review", "县级审核", "County review")
def county_review(done: Done) -> Mapping[str, Fact]:
    """Keep the review opinion of the county (DB-17)."""
    amount = Decimal(str(done.data["amount"])) if done.data.get("amount") not in (None, "") else None
    _keep_opinion(done, "review", amount)
    done.case.stage = "reviewing"
    return {"needs_county_visit": needs_county_visit(done)}


@task_operation("decide", "作出审核确认决定", "Decide")
def decide(done: Done) -> Mapping[str, Fact]:
    """Decide: approve with an amount from next month on, or refuse with reasons (DB-18, DB-19, DB-25)."""
    if _returned(done):
        return {"decision": "return", "needs_county_visit": True}
    approved = done.data["decision"] == "approve"
    home = household(done.session, done.case)
    amount, calculation = _amount(done, done.data, home) if approved else (None, {})
    if not approved and not text(done.data, "reasons"):
        raise Invalid(errors=[{"field": "reasons", "message": "不予确认同意的，必须写明理由。"}])
    level = "town" if done.task.role.startswith("town.") else "county"
    pay_from = _first_of_next_month(done.today)
    done.tell(
        "decision",
        Decision(
            id=new_id(),
            case_id=done.case.id,
            result="approved" if approved else "refused",
            level=level,
            method=text(done.data, "method"),
            grade=text(done.data, "grade"),
            amount=amount,
            members=home.members,
            from_month=pay_from.strftime("%Y-%m") if approved else "",
            calculation=calculation,
            reasons=text(done.data, "reasons"),
            articles=["最低生活保障审核确认办法 第二十一条"],
            decided_by=done.actor.id,
            decided_at=done.now,
        ),
    )
    done.case.stage = "approved" if approved else "refused"
    for kind in ("total", "total_urban"):
        deadlines.meet_kind(done.session, done.case.id, kind, done.now)
    ledger.record(
        done.session,
        county_code=done.case.county_code,
        at=done.now,
        kind="case.decided",
        case_id=done.case.id,
        case_number=done.case.number,
        actor=done.actor,
        body={
            "result": done.case.stage,
            "amount": str(amount) if amount is not None else "",
            "level": level,
        },
    )
    return {
        "decision": "approve" if approved else "refuse",
        "decided_at": done.now.isoformat(),
        "pay_from": start_of_day(pay_from).astimezone(CHINA).isoformat(),
    }


@task_operation("confirm_termination", "终止审核确认程序", "End the procedure")
def confirm_termination(done: Done) -> Mapping[str, Fact]:
    """Decide whether the procedure ends because the household will not cooperate (DB-26)."""
    ends = done.data["decision"] == "terminate"
    if ends:
        if not text(done.data, "reasons"):
            raise Invalid(
                errors=[{"field": "reasons", "message": "终止审核确认程序的，必须写明事实和理由。"}]
            )
        done.tell(
            "decision",
            Decision(
                id=new_id(),
                case_id=done.case.id,
                result="terminated",
                level="town",
                reasons=text(done.data, "reasons"),
                articles=["最低生活保障审核确认办法 第二十九条"],
                decided_by=done.actor.id,
                decided_at=done.now,
            ),
        )
        done.case.stage = "terminated"
        for kind in ("total", "total_urban"):
            deadlines.meet_kind(done.session, done.case.id, kind, done.now)
    return {"termination": "terminate" if ends else "continue", "cooperation": "refused" if ends else "yes"}


def needs_county_visit(done: Done) -> bool:
    """Tell whether the county must still visit the home: a registered relative or a complaint, and no visit yet (DB-17)."""
    if not (done.case.has_relative or done.case.has_complaint):
        return False
    return not _COUNTY_VISITS.scalar(done.session, the_case=done.case.id)


def _returned(done: Done) -> bool:
    """Tell whether the file goes back for the county's visit; without that visit nobody decides (DB-17)."""
    missing = needs_county_visit(done)
    returns = str(done.data["decision"]) == "return"
    if missing and not returns:
        message = "本案有近亲属备案或投诉举报，县级民政部门入户调查后才能作出决定，请选择“退回”。"
        raise Invalid(errors=[{"field": "decision", "message": message}])
    if returns and not missing:
        message = "本案不需要县级入户调查，或已经入户，请作出决定。"
        raise Invalid(errors=[{"field": "decision", "message": message}])
    return returns


def _keep_opinion(done: Done, kind: str, amount: Decimal | None) -> None:
    add(
        done.session,
        Opinion(
            id=new_id(),
            case_id=done.case.id,
            kind=kind,
            result=str(done.data["result"]),
            amount=amount,
            reason=text(done.data, "reason"),
            given_by=done.actor.id,
            given_at=done.now,
        ),
    )


_THE_CASE = bindparam("the_case", type_=Uuid())
_GIVEN = Query(
    select(func.count()).select_from(Opinion).where(Opinion.case_id == _THE_CASE, Opinion.kind == "initial")
)
_COUNTY_VISITS = Query(
    select(func.count()).select_from(Visit).where(Visit.case_id == _THE_CASE, Visit.level == "county")
)
_OBJECTION = cast("Table", Objection.__table__)
_ANSWER_ALL = (
    update(_OBJECTION)
    .where(_OBJECTION.c.case_id == _THE_CASE, _OBJECTION.c.answered_at.is_(None))
    .values(outcome=bindparam("the_answer"), answered_at=bindparam("the_now"))
)


def _amount(done: Done, data: Mapping[str, Any], home: Household) -> tuple[Decimal, dict[str, Any]]:
    method = text(data, "method") or "difference"
    members = home.members
    if data.get("members") not in (None, "", members):
        message = f"与案件登记的计入成员 {members} 人不一致，请核对。"
        raise Invalid(errors=[{"field": "members", "message": message}])
    if method == "grade":
        grade = text(data, "grade")
        if grade not in GRADES:
            raise Invalid(errors=[{"field": "grade", "message": "请选择档次。"}])
        worked = by_grade(done.rules, grade, members)
    else:
        given = data.get("monthly_income")
        income = Decimal(str(given)) if given not in (None, "") else home.income
        worked = by_difference(done.rules, done.case, members, income)
    entry, result = worked.entry, worked.benefit
    stated = Decimal(str(data["amount"])) if data.get("amount") not in (None, "") else result.amount
    if stated <= 0:
        raise Invalid(
            errors=[
                {
                    "field": "amount",
                    "message": f"按现有收入计算，保障金额为 {result.amount} 元，不能确认同意。",
                }
            ]
        )
    calculation = asdict(result) | {"rule": {"key": entry.key, "provenance": entry.provenance}}
    if stated != result.amount:
        calculation["stated"] = {"amount": stated, "note": text(data, "note")}
        if not text(data, "note") and not text(data, "reason"):
            message = f"与系统计算的 {result.amount} 元不一致，请在备注中说明理由。"
            raise Invalid(errors=[{"field": "amount", "message": message}])
    return stated, _plain(calculation)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _first_of_next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
