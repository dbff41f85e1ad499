"""The care of destitute people: assessment, their own choice, the agreement, the amount, visits (TK-12 to TK-15)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select, update

from jieban import rules
from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Decision, Payment
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.payments.tables import PaymentLine
from jieban.reads import Query
from jieban.writes import add, change
from tasks.amounts.destitute import registration, whose_standard, with_care
from tasks.amounts.registry import plain
from tasks.operations.destitute import PROCEDURE
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

ITEMS = ("eating", "dressing", "rising", "toilet", "walking", "bathing")
"""The six items of Article 21: eating, dressing, getting up and to bed, toilet, walking indoors, bathing."""

_KEPT = ("kind", "tell", "past", "stage")


@task_operation("assess_ability", "评估生活自理能力", "Assess self-care", _KEPT, duty="investigate")
def assess_ability(done: Done) -> Mapping[str, Fact]:
    """Keep the assessment, and tell how many items are not managed: `unable`, for the decision table (TK-12)."""
    return {**keep(done), "unable": sum(done.data[item] == "unable" for item in ITEMS)}


@task_operation("choose_care", "登记本人选择的供养形式", "Record the choice of care", _KEPT)
def choose_care(done: Done) -> Mapping[str, Fact]:
    """Keep what the person chose; nobody chooses for somebody who can (TK-14). Tells `care_form`."""
    chosen_by, capable = (
        str(done.data["chosen_by"]),
        registration(done.session, done.case.id).get("capacity", "full") == "full",
    )
    if chosen_by == "other":
        message = "供养形式由特困人员自行选择（社会救助法第十六条），其他人不得代为决定。"
        raise Invalid(errors=[{"field": "chosen_by", "message": message}])
    if chosen_by == "guardian" and capable:
        message = "申请登记为完全民事行为能力人，应当由本人选择。"
        raise Invalid(errors=[{"field": "chosen_by", "message": message}])
    if chosen_by == "self" and not capable:
        message = "本人没有完全民事行为能力，由监护人按照最有利于本人的原则选择，并听取本人意愿。"
        raise Invalid(errors=[{"field": "chosen_by", "message": message}])
    return {**keep(done), "care_form": str(done.data["care_form"])}


@task_operation("draft_agreement", "商定照料服务协议", "Settle the terms of care", _KEPT)
def draft_agreement(done: Done) -> Mapping[str, Fact]:
    """Keep the terms of the agreement; its form is the one that the person chose, and no other (TK-14, TK-15)."""
    if done.data["care_form"] != done.facts.get("care_form"):
        message = "与本人选择的供养形式不一致；要改变供养形式，须由本人重新选择。"
        raise Invalid(errors=[{"field": "care_form", "message": message}])
    if text(done.data, "carer_name") == done.case.applicant_name:
        raise Invalid(errors=[{"field": "carer_name", "message": "照料服务人不能是特困人员本人。"}])
    return keep(done)


@task_operation("sign_agreement", "签订照料服务协议", "Sign the agreement", _KEPT)
def sign_agreement(done: Done) -> Mapping[str, Fact]:
    """Keep that all three have signed, or that the person does not agree (TK-15). Tells `agreement`, `care_since`."""
    outcome = str(done.data["outcome"])
    facts: dict[str, Fact] = {**keep(done), "agreement": outcome}
    if outcome == "signed":
        if (
            done.data["signed_by"] == "guardian"
            and registration(done.session, done.case.id).get("capacity", "full") == "full"
        ):
            raise Invalid(errors=[{"field": "signed_by", "message": "应当由本人签字。"}])
        starts = date.fromisoformat(str(done.data["starts_on"]))
        signed = done.day("signed_on")
        if starts < signed:
            message = "照料服务不能早于协议签订之日开始。"
            raise Invalid(errors=[{"field": "starts_on", "message": message}])
        facts["care_since"] = starts.isoformat()
    return facts


@task_operation("set_care", "确定供养标准", "Set the amount with care", ("articles",), duty="decide")
def set_care(done: Done) -> Mapping[str, Fact]:
    """Decide on the care tier and the amount with it, or have the assessment done again (TK-12, TK-15).

    The amount for care begins with the support itself, but never before the agreement: months that were paid without it
    are owed. Tells `care_decision`, `arrears` and `visit_on`.
    """
    if done.data["decision"] == "reassess":
        return {"care_decision": "reassess"}
    benefit = held(done)
    if benefit is None:
        raise Invalid(errors=[{"field": "decision", "message": "没有正在享受的特困人员供养待遇。"}])
    tier = str(done.facts["tier"])
    worked = with_care(done.rules, whose_standard(benefit), tier)
    since = _since(done)
    month = max(str(benefit.from_month), since.strftime("%Y-%m"))
    _keep_decision(done, worked.total, month, tier, worked.calculation)
    step = BenefitStep(
        id=new_id(),
        benefit_id=benefit.id,
        case_id=done.case.id,
        from_month=month,
        amount=worked.total,
        members=1,
        reason="increased",
        made_at=done.now,
    )
    add(done.session, step)
    changed = {
        "the_benefit": benefit.id,
        "the_amount": worked.total,
        "the_form": str(done.facts["care_form"]),
        "the_tier": tier,
    }
    change(done.session, _SET, changed, must_hit=True)
    return {
        "care_decision": "set",
        "arrears": _arrears(done, benefit, month, worked.care),
        "visit_on": next_visit(done, since),
    }


@task_operation("visit_care", "照料巡访", "Visit whoever is cared for", _KEPT)
def visit_care(done: Done) -> Mapping[str, Fact]:
    """Keep how somebody is cared for; visits end when the support does, or when it is no longer given at home (TK-15).

    Tells `visit` (visited, ended), `problems`, `ability_changed`, who told of it and when, and `visit_on`, when the
    next one is due.
    """
    benefit = held(done)
    visited = done.data["outcome"] == "visited"
    if benefit is None and visited:
        message = "此人已不再享受特困人员供养，请选择“不再需要巡访”。"
        raise Invalid(errors=[{"field": "outcome", "message": message}])
    if benefit is not None and benefit.care_form == "dispersed" and not visited:
        message = "此人仍为分散供养，应当巡访。"
        raise Invalid(errors=[{"field": "outcome", "message": message}])
    day = done.day("visited_on") if visited else done.today
    return {
        **keep(done),
        "visit": "visited" if visited else "ended",
        "problems": len(done.data.get("problems") or ()),
        "ability_changed": done.data.get("ability_changed") == "yes",
        "visit_on": next_visit(done, day),
        "reporter": done.facts.get("reporter") or "office",
        "reported_on": done.facts.get("reported_on") or day.isoformat(),
    }


def held(done: Done) -> Any:
    """Find the support that the person of the case receives now, or None."""
    return _HELD.first(done.session, the_person=done.case.applicant_id)


def next_visit(done: Done, last: date) -> str:
    """Say from when on the next visit is due, as the timer of the model reads it."""
    months = int(rules.number(done.rules, "tekun.care.visit"))
    return months_later(last, months).isoformat()


def _since(done: Done) -> date:
    """Tell from when on care is given by the agreement; without one nobody decides on its amount (TK-15)."""
    since = done.facts.get("care_since")
    if not since:
        message = "照料服务协议还没有签订，不能确定照料护理费。"
        raise Invalid(errors=[{"field": "decision", "message": message}])
    return date.fromisoformat(str(since))


def _keep_decision(
    done: Done, amount: Decimal, month: str, tier: str, calculation: Mapping[str, Any]
) -> None:
    given = done.params.get("articles", "").split(";")
    decision = Decision(
        id=new_id(),
        case_id=done.case.id,
        result="approved",
        level="town" if done.task.role.startswith("town.") else "county",
        method="care",
        grade=tier,
        amount=amount,
        members=1,
        from_month=month,
        valid_until=None,
        calculation=plain(dict(calculation)),
        reasons=text(done.data, "reasons"),
        articles=[article.strip() for article in given if article.strip()],
        decided_by=done.actor.id,
        decided_at=done.now,
    )
    done.tell("decision", decision)
    done.record("case.decided", {"result": "care", "tier": tier, "amount": str(amount), "from": month})


def _arrears(done: Done, benefit: Any, month: str, care: Decimal) -> Decimal:
    """Add up the amount for care of the months that have been paid without it."""
    paid = {row.month for row in _PAID.all(done.session, the_case=benefit.case_id)}
    paid |= {row.month for row in _LISTED.all(done.session, the_benefit=benefit.id)}
    return care * len([one for one in paid if one >= month])


_HELD = Query(
    select(
        Benefit.id,
        Benefit.case_id,
        Benefit.amount,
        Benefit.method,
        Benefit.from_month,
        Benefit.urban,
        Benefit.care_form,
        Benefit.care_tier,
    )
    .where(
        Benefit.person_id == bindparam("the_person", type_=Uuid()),
        Benefit.procedure == PROCEDURE,
        Benefit.state == "active",
    )
    .order_by(Benefit.id.desc())
    .limit(1)
)
_TABLE = cast("Table", Benefit.__table__)
_SET = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("the_benefit"), _TABLE.c.state == "active")
    .values(amount=bindparam("the_amount"), care_form=bindparam("the_form"), care_tier=bindparam("the_tier"))
)
_PAID = Query(select(Payment.month).where(Payment.case_id == bindparam("the_case", type_=Uuid())))
_LISTED = Query(
    select(PaymentLine.month).where(
        PaymentLine.benefit_id == bindparam("the_benefit", type_=Uuid()), PaymentLine.state != "returned"
    )
)
