"""A review or a change begins with the benefit that it is about; a review ends with the day of the next one (DB-28, TK-22)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Uuid, bindparam, select

from jieban import rules
from jieban.benefits import changing, choosing
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.clock import CHINA, local_day, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.links.tables import CaseLink
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import append
from tasks.held import RECORD, benefit_of, change_household, copy_household, counted, keep_incomes
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import investigators
from tasks.operations.visits import keep_visit

_LEVELS = {
    "subsistence_allowance": "dibao.decision.level",
    "destitute_support": "tekun.decision.level",
    "marginal_household": "marginal.decision.level",
    "rigid_expenditure_household": "rigid.decision.level",
}
"""Which rule says who decides on a benefit: whoever decides that it is granted."""

_FORM = "benefit"
_NAMES = {"review": "核查", "change": "变更"}


@service_operation("take_up_benefit", "关联待遇", "Take up a benefit", ("kind",))
def take_up_benefit(asked: Asked) -> None:
    """Find the benefit that the case is about, link the case that granted it, and begin with its household.

    `kind` is review or change. Invalid where there is none, where another case of this kind is about it already, or
    where it is not that of the person for whom the case is registered.
    """
    case, session = asked.case, asked.session
    found = choosing.find(session, str(asked.facts.get("benefit") or ""), case.applicant_id)
    benefit = changing.hold(session, found)
    _belongs(asked, benefit)
    kind = asked.params.get("kind", "change")
    if number := choosing.open_about(session, benefit.case_id, case.procedure):
        raise _wrong(f"这项待遇已有正在办理的{_NAMES.get(kind, '')}（案号 {number}），不能重复登记。")
    link = {"id": new_id(), "from_id": benefit.case_id, "to_id": case.id, "kind": kind}
    append(session, CaseLink, {**link, "linked_at": asked.now})
    review = _REVIEW.first(
        session, the_number=str(asked.facts.get("review_number") or ""), the_case=benefit.case_id
    )
    if review is None and asked.facts.get("source") == "review":
        # What a review found out is not found out again; without one nobody has.
        message = "没有对应的定期核查案件。定期核查发现的变化，由核查结论转来，不在这里登记。"
        raise Invalid(errors=[{"field": "source", "message": message}])
    copy_household(session, benefit, case, review.id if review else None)
    if kind == "review":
        # From here on this case looks after it; whatever becomes of the case, the next one is not forgotten.
        changing.review_again(session, benefit, local_day(asked.now))
    if level := _LEVELS.get(benefit.procedure):
        values = rules.rule_set_for(session, case.town_code, local_day(asked.now), asked.now)
        case.delegated = rules.entry(values, level).value == "town"
    record = {
        "id": new_id(),
        "case_id": case.id,
        "kind": RECORD,
        "title": "涉及的待遇",
        "form": _FORM,
        "data": _standing(benefit),
        "recorded_by": asked.actor.id if asked.actor else None,
        "recorded_by_name": asked.actor.name if asked.actor else "",
        "recorded_at": asked.now,
    }
    append(session, CaseRecord, record)


def told_of(done: Done) -> dict[str, Fact]:
    """Tell the gateways what the benefit of the case is."""
    benefit = benefit_of(done)
    return {
        "benefit": str(benefit.id),
        "benefit_procedure": benefit.procedure,
        "benefit_kind": benefit.kind,
        "destitute": benefit.procedure == "destitute_support",
        "only_recipient": len(counted(done)) <= 1,
        "care_form": benefit.care_form,
        "delegated": done.case.delegated,
    }


@task_operation("plan_review", "安排定期核查", "Plan the review", duty="investigate")
def plan_review(done: Done) -> Mapping[str, Fact]:
    """Plan the visit, or ask for the review to be put off because of a major emergency (DB-28)."""
    postpones = done.data["way"] == "postpone"
    if postpones:
        _later(done, "until")
    else:
        investigators(done)
    done.case.stage = "investigating"
    return {**keep(done), **told_of(done), "review_way": "postpone" if postpones else "now"}


@task_operation(
    "decide_postponement", "决定延期核查", "Decide to put off the review", ("kind",), duty="decide"
)
def decide_postponement(done: Done) -> Mapping[str, Fact]:
    """Put off the review until a day, or have it done now; the benefit stays as it is meanwhile (DB-28)."""
    agreed = done.data["decision"] == "agree"
    facts = keep(done)
    if not agreed:
        return {**facts, "postponed": False}
    until = _later(done, "until")
    changing.put_off_review(done.session, benefit_of(done), until)
    return {
        **facts,
        "postponed": True,
        "postponed_until": start_of_day(until).astimezone(CHINA).isoformat(),
    }


@task_operation("visit_household", "入户核查", "Visit for the review", ("kind",), duty="investigate")
def visit_household(done: Done) -> Mapping[str, Fact]:
    """Keep the visit by two, with the members and incomes as they are now; whoever died is marked so."""
    keep_visit(done, done.data)
    changed = change_household(done, list(done.data.get("members") or []))
    if done.data.get("incomes") is not None:
        keep_incomes(done, list(done.data["incomes"]))
    return {**keep(done), "members_changed": bool(changed), "nobody_left": not counted(done)}


@task_operation("conclude_review", "提出核查结论", "Conclude the review", ("kind",), duty="propose")
def conclude_review(done: Done) -> Mapping[str, Fact]:
    """Say whether anything has changed; where nothing has, the amount stays and only the next review is set (DB-28)."""
    finding = str(done.data["finding"])
    if finding == "unchanged" and done.facts.get("members_changed"):
        message = "入户核查登记了家庭人口变化，应当选择“有变化”，转入变更办理。"
        raise Invalid(errors=[{"field": "finding", "message": message}])
    if finding == "unchanged" and done.facts.get("check_result") == "over":
        message = "信息核对结果为超过标准，应当选择“有变化”，转入变更办理。"
        raise Invalid(errors=[{"field": "finding", "message": message}])
    able = any(one.work_ability in {"full", "partial"} for one in counted(done))
    done.case.stage = "reviewing"
    return {
        **keep(done),
        "finding": finding,
        "change": str(done.data.get("change") or ""),
        "unstable": able or bool(done.data.get("unstable")),
        "review_class": str(done.data.get("review_class") or ""),
        "review_number": done.case.number,
    }


@service_operation("set_next_review", "设定下次核查", "Set the next review", ("rule",))
def set_next_review(asked: Asked) -> None:
    """Set the next review, so many months from today as the rule says that the fact `review_rule` names (DB-28, DB-28a)."""
    values = rules.rule_set_for(asked.session, asked.case.town_code, local_day(asked.now), asked.now)
    key = str(asked.facts.get("review_rule") or asked.params.get("rule", "dibao.review"))
    benefit = changing.hold(asked.session, _benefit_id(asked))
    changing.review_again(asked.session, benefit, local_day(asked.now), int(rules.number(values, key)))


def _benefit_id(asked: Asked) -> Any:
    return choosing.find(asked.session, str(asked.facts.get("benefit") or ""), asked.case.applicant_id)


def _belongs(asked: Asked, benefit: Benefit) -> None:
    case = asked.case
    if benefit.person_id != case.applicant_id:
        person = _PERSON.first(asked.session, the_person=benefit.person_id)
        if person.id_number or person.name != case.applicant_name:
            raise _wrong(f"这项待遇的享受人是{benefit.holder}，与登记的姓名、证件号不一致，请核对。")
    if benefit.town_code != case.town_code:
        raise _wrong("这项待遇由其他乡镇（街道）管理，请向其转办。")


def _standing(benefit: Benefit) -> dict[str, Any]:
    item = choosing.item(benefit.procedure)
    place = "城市" if benefit.urban else "农村"
    return {
        "benefit": str(benefit.id),
        "number": benefit.case_number,
        "item": f"{place}{item}" if benefit.procedure == "subsistence_allowance" else item,
        "holder": benefit.holder,
        "members": benefit.members,
        "amount": "" if benefit.amount is None else f"{benefit.amount:.2f}",
        "from_month": benefit.from_month,
        "care_tier": benefit.care_tier,
    }


def _later(done: Done, field: str) -> date:
    if not done.data.get(field):
        raise Invalid(errors=[{"field": field, "message": "请填写延期至哪一天。"}])
    day = date.fromisoformat(str(done.data[field]))
    if day <= done.today:
        raise Invalid(errors=[{"field": field, "message": "应当晚于今天。"}])
    return day


def _wrong(message: str) -> Invalid:
    return Invalid(errors=[{"field": "benefit", "message": message}])


_REVIEW = Query(
    select(Case.id)
    .join(CaseLink, CaseLink.to_id == Case.id)
    .where(
        Case.number == bindparam("the_number"),
        CaseLink.from_id == bindparam("the_case", type_=Uuid()),
        CaseLink.kind == "review",
    )
)
_PERSON = Query(
    select(Person.name, Person.id_number).where(Person.id == bindparam("the_person", type_=Uuid()))
)
