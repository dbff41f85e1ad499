"""Temporary assistance: who proposes and decides it within which limit, how it is paid, and what follows an emergency."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Uuid, bindparam, func, select

from jieban import rules
from jieban.benefits.granting import first_of_next_month
from jieban.cases.tables import Application, Decision, Payment
from jieban.clock import local_day, read_moment, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import add
from tasks.amounts import work_out
from tasks.operations.decision import decide, give_opinion
from tasks.operations.fact_days import tell_day
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_KEEP = ("kind", "tell", "past", "stage")


@task_operation(
    "propose_aid", "提出临时救助意见", "Propose temporary aid", ("amount", *_KEEP), duty="propose"
)
def propose_aid(done: Done) -> Mapping[str, Fact]:
    """Keep the opinion; tells `aid_amount`, by which the table of levels says who decides (CF-04).

    Support against a condition that holds as a rule needs its reason (LS-01).
    """
    support = done.data["result"] == "support"
    if support and done.facts.get("doubts") and not text(done.data, "reason"):
        found = _NEED.scalar(done.session, the_case=done.case.id) or {}
        message = f"核定中有不符合一般条件的情况：{found.get('doubts', '')}。仍拟救助的，请写明理由。"
        raise Invalid(errors=[{"field": "reason", "message": message}])
    told = dict(give_opinion(done))
    amount = work_out(done.params.get("amount", "temporary"), done).amount if support else None
    return told | {"aid_amount": amount or done.facts.get("asked") or Decimal(0)}


@task_operation(
    "decide_aid",
    "决定临时救助",
    "Decide on temporary aid",
    ("amount", "grants", "articles", "visit", "limit", *_KEEP),
    duty="decide",
)
def decide_aid(done: Done) -> Mapping[str, Fact]:
    """Decide: approve or refuse, refer to somebody else, take another lane, or bring it to the joint meeting.

    `limit` says whose power it is: quick (the cap of the lane, LS-11) or town (the power of the township, CF-04); what
    goes beyond is Invalid, not cut off.
    """
    chosen = str(done.data["decision"])
    if chosen == "ordinary":
        return {**keep(done), "decision": chosen, "way": "ordinary"}
    if chosen in {"refer", "meeting"}:
        return {**keep(done), "decision": chosen, "decided_at": done.now.isoformat()}
    if chosen == "approve":
        _within_power(done)
    told = decide(done)
    return {
        **keep(done),
        **told,
        "phases": int(done.data.get("phases") or 1),
        "paid_phases": 0,
        "next_pay": None,
    }


def _within_power(done: Done) -> None:
    amount = work_out(done.params.get("amount", "temporary"), done).amount or Decimal(0)
    limit = done.params.get("limit")
    if limit == "quick" and amount > Decimal(str(done.facts["quick_cap"])):
        message = f"超过小额快救上限 {done.facts['quick_cap']} 元。先在上限内救助，其余按一般程序跟进。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    if limit == "town" and not done.case.delegated and amount > Decimal(str(done.facts["town_limit"])):
        message = f"超过乡镇（街道）审批限额 {done.facts['town_limit']} 元，应当由县级决定。"
        raise Invalid(errors=[{"field": "amount", "message": message}])


@task_operation("pay_aid", "发放临时救助", "Pay temporary aid", (*_KEEP, "backfill"), duty="pay")
def pay_aid(done: Done) -> Mapping[str, Fact]:
    """Record a payment in money or goods, with its moment and the receipt; whoever decided does not pay.

    Tells `paid_phases` and `next_pay` (one approval, several payments, LS-23). With `backfill` it tells from when and
    until when the papers are to follow, or null while the emergency lasts (LS-12, LS-14).
    """
    paid_at = read_moment(str(done.data["paid_at"]))
    done.day("paid_at")
    decision = _DECIDED.first(done.session, the_case=done.case.id)
    phases = int(done.facts.get("phases") or 1)
    phase = int(done.facts.get("paid_phases") or 0) + 1
    amount = Decimal(str(done.data["amount"]))
    _check_payment(amount, decision, paid_at, last=phase == phases)
    kept = keep(done)
    add(
        done.session,
        Payment(
            id=new_id(),
            case_id=done.case.id,
            month=_month(paid_at),
            amount=amount,
            account_holder=text(done.data, "receiver") or decision.account_holder,
            account_bank=decision.account_bank if done.data["way"] == "account" else "",
            account_number=decision.account_number if done.data["way"] == "account" else "",
            state="paid",
            voucher=text(done.data, "receipt"),
            paid_on=local_day(paid_at),
            recorded_by=done.actor.id,
            recorded_at=done.now,
        ),
    )
    done.case.stage = "paid"
    coming = start_of_day(first_of_next_month(local_day(paid_at)))
    told: dict[str, Fact] = {
        **kept,
        "paid_phases": phase,
        "next_pay": coming.isoformat() if phase < phases else None,
    }
    if done.params.get("backfill") == "true":
        told |= _papers_from(done, _when_papers_start(done, paid_at))
    return told


def _check_payment(amount: Decimal, decision: Any, paid_at: datetime, *, last: bool) -> None:
    granted, paid = Decimal(str(decision.amount)), Decimal(str(decision.paid or 0))
    left = granted - paid
    if amount <= 0 or amount > left or (last and amount != left):
        words = f"应为 {left} 元" if last else f"应大于 0、不超过还没有发放的 {left} 元"
        raise Invalid(errors=[{"field": "amount", "message": f"决定救助 {granted} 元，{words}。"}])
    if paid_at < decision.decided_at.replace(second=0, microsecond=0):
        raise Invalid(errors=[{"field": "paid_at", "message": "发放时间不能早于作出决定的时间。"}])
    if decision.last_month == _month(paid_at):
        message = "本月已经登记过一次发放。分阶段救助按月发放。"
        raise Invalid(errors=[{"field": "paid_at", "message": message}])


def _month(moment: datetime) -> str:
    return f"{local_day(moment):%Y-%m}"


def _when_papers_start(done: Done, paid_at: datetime) -> datetime | None:
    """Tell from when the papers are due: from the payment, or from the end of the emergency where it is over (CF-03)."""
    if rules.entry(done.rules, "temp.backfill.start").value == "aid_paid":
        return paid_at
    return _ended(done) if done.data.get("ended_at") else None


@task_operation("end_emergency", "登记急难缓解", "Record the end of the emergency", _KEEP)
def end_emergency(done: Done) -> Mapping[str, Fact]:
    """Keep whether the emergency is over; where it is, tell from when and until when the papers are to follow (LS-12)."""
    over = done.data["over"] == "yes"
    if not over:
        return {**keep(done), "backfill_from": None, "backfill_due": None}
    ended = _ended(done)
    return {**keep(done), **_papers_from(done, ended)}


def _ended(done: Done) -> datetime:
    done.day("ended_at")
    return read_moment(str(done.data["ended_at"]))


def _papers_from(done: Done, start: datetime | None) -> dict[str, Fact]:
    if start is None:
        return {"backfill_from": None, "backfill_due": None}
    limit = rules.entry(done.rules, "temp.backfill")
    return {"backfill_from": start.isoformat(), "backfill_due": tell_day(done, "backfill_due", limit, start)}


@task_operation("order_return", "责令退回", "Order the return", _KEEP, duty="decide")
def order_return(done: Done) -> Mapping[str, Fact]:
    """Order that what was not due is paid back by a day; at most what was paid (ZF-08)."""
    paid = Decimal(str(_DECIDED.first(done.session, the_case=done.case.id).paid or 0))
    if not 0 < Decimal(str(done.data["amount"])) <= paid:
        message = f"已发放 {paid} 元，责令退回的金额应大于 0、不超过它。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    return_by = date.fromisoformat(str(done.data["return_by"]))
    if return_by <= done.today:
        raise Invalid(errors=[{"field": "return_by", "message": "请填写今天以后的退回期限。"}])
    return {**keep(done), "return_by": return_by.isoformat()}


_THE_CASE = bindparam("the_case", type_=Uuid())
_PAID = select(func.sum(Payment.amount)).where(Payment.case_id == _THE_CASE).scalar_subquery()
_LAST_MONTH = select(func.max(Payment.month)).where(Payment.case_id == _THE_CASE).scalar_subquery()
_DECIDED = Query(
    select(
        Decision.amount,
        Decision.decided_at,
        Application.account_holder,
        Application.account_bank,
        Application.account_number,
        _PAID.label("paid"),
        _LAST_MONTH.label("last_month"),
    )
    .join(Application, Application.case_id == Decision.case_id)
    .where(Decision.case_id == _THE_CASE, Decision.result == "approved")
    .order_by(Decision.decided_at.desc())
    .limit(1)
)
_NEED = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "need")
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
