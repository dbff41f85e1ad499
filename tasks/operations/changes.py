"""A reported change: found out, and the person heard before anything is taken away (DB-27, DB-30, DB-32, TK-13, TK-17, TK-20)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, bindparam, update

from jieban import deadlines, rules
from jieban.benefits.granting import months_later
from jieban.cases.tables import Objection
from jieban.clock import local_day, start_of_day
from jieban.errors import Invalid
from jieban.rules.tables import RuleSet
from jieban.writes import change
from tasks.amounts.changed import outlook
from tasks.held import benefit_of, change_household, keep_incomes, last_death
from tasks.operations.benefits import told_of
from tasks.operations.destitute_care import ITEMS
from tasks.operations.proposing import put_forward
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text
from tasks.operations.visits import keep_visit


@task_operation("verify_change", "核实变化情况", "Verify the change", ("kind",), duty="investigate")
def verify_change(done: Done) -> Mapping[str, Fact]:
    """Keep what was found out about the change: by a visit of two, with members and incomes as they are now.

    A change that was told more than three months late is spoken about with the family (DB-27). Three refusals of
    suitable work are named one by one (DB-32).
    """
    if done.data["result"] == "unfounded":
        return {**keep(done), **told_of(done), "verified": "unfounded"}
    if done.data.get("visited_on"):
        keep_visit(done, done.data)
    rows = list(done.data.get("members") or [])
    if done.facts.get("change") == "job_refusal":
        _three_refusals(done)
    change_household(done, rows)
    if done.facts.get("change") == "death":
        _settle_death(done)
    if done.data.get("incomes") is not None:
        keep_incomes(done, list(done.data["incomes"]))
    late = _told_late(done)
    if late and not text(done.data, "education"):
        message = "重大变化超过规定时间没有主动告知，请写明批评教育情况，或者不予批评教育的理由。"
        raise Invalid(errors=[{"field": "education", "message": message}])
    done.case.stage = "investigating"
    return {
        **keep(done),
        **told_of(done),
        "verified": "true",
        "told_late": late,
    }


@task_operation("hear_person", "听取意见", "Hear the person", ("kind",))
def hear_person(done: Done) -> Mapping[str, Fact]:
    """Keep what the person, a guardian or an agent said to what is intended; whoever does not come is asked once more."""
    if done.data["outcome"] == "absent":
        first = done.facts.get("hearing") != "absent"
        keep(done)
        return {"hearing": "absent" if first else "held"}
    done.day("heard_on")
    if done.data.get("who") == "agent" and not done.data.get("authorised"):
        raise Invalid(errors=[{"field": "authorised", "message": "由代理人陈述的，应当有委托手续。"}])
    keep(done)
    return {"hearing": "reconsider" if done.data.get("reconsider") else "held"}


@task_operation("record_no_hearing", "登记无人可听取意见", "Record that nobody can be heard", ("kind",))
def record_no_hearing(done: Done) -> Mapping[str, Fact]:
    """Keep that the only recipient has died, and that the heirs and the village were told (CF-06, DB-30)."""
    if done.facts.get("needs_hearing") != "nobody":
        raise Invalid("还有享受待遇的家庭成员，应当听取意见。")
    done.day("told_on")
    return keep(done)


@task_operation(
    "investigate_end", "调查终止异议", "Investigate the objection to the end", ("kind",), duty="investigate"
)
def investigate_end(done: Done) -> Mapping[str, Fact]:
    """Keep what was found out about an objection to an end that was posted, and answer it (TK-20)."""
    done.day("done_on")
    answered = {"the_case": done.case.id, "the_answer": text(done.data, "finding"), "the_now": done.now}
    change(done.session, _ANSWER, answered)
    return {**keep(done), "second_notice": True, "end_opinion": str(done.data["opinion"])}


@task_operation(
    "reassess_care",
    "复核评估自理能力",
    "Assess the ability to care for oneself again",
    ("kind",),
    duty="propose",
)
def reassess_care(done: Done) -> Mapping[str, Fact]:
    """Assess the six abilities again and propose the tier that follows; where it stays, nothing changes (TK-13)."""
    done.day("assessed_on")
    benefit = benefit_of(done)
    if benefit.procedure != "destitute_support":
        raise Invalid("只有特困人员需要评估生活自理能力。")
    tier = tier_of(done.rules, done.data)
    facts = {**keep(done), **told_of(done), "care_tier": tier}
    if tier == (benefit.care_tier or "none"):
        return {**facts, "intended": "keep"}
    worked = outlook(_with_facts(done, care_tier=tier))
    now = benefit.amount or Decimal(0)
    result = "reduce" if worked.amount < now else "increase"
    return {**facts, **put_forward(done, result, "care", worked.amount, worked)}


def tier_of(values: RuleSet, data: Mapping[str, Any]) -> str:
    """Say which tier of care follows from six abilities: none lost, up to three, or four and more (TK-12)."""
    lost = sum(data.get(item) == "unable" for item in ITEMS)
    if lost == 0:
        return "none"
    return "full" if lost >= int(rules.number(values, "tekun.care.full")) else "partial"


def _with_facts(done: Done, **more: Fact) -> Done:
    return replace(done, facts={**done.facts, **more})


def _settle_death(done: Done) -> None:
    """See to it that it is known who died, and that the three months run from that day (DB-30)."""
    if (died_on := last_death(done)) is None:
        message = "请登记是哪一名家庭成员死亡，以及死亡日期。"
        raise Invalid(errors=[{"field": "members", "message": message}])
    if done.facts.get("happened_on"):
        return  # they run since the registration
    limit = rules.entry(done.rules, "dibao.death.settle")
    deadlines.start_deadline(
        done.session,
        case=done.case,
        kind="death",
        name=limit.name,
        rule_key=limit.key,
        length=int(limit.value),
        unit=limit.unit,
        start=start_of_day(died_on),
        article=limit.article,
        provenance=limit.provenance,
        calendar=done.calendar,
    )


def _three_refusals(done: Done) -> None:
    needed = int(rules.number(done.rules, "dibao.job.refusals"))
    refusals = list(done.data.get("refusals") or [])
    if len(refusals) < needed:
        message = f"应当逐次登记，连续 {needed} 次无正当理由拒绝的才能减发或者停发本人份额。"
        raise Invalid(errors=[{"field": "refusals", "message": message}])
    if any(row.get("justified") == "yes" or row.get("suitable") != "yes" for row in refusals):
        message = "有正当理由拒绝，或者介绍的工作与健康状况、劳动能力不相适应的，不计入次数。"
        raise Invalid(errors=[{"field": "refusals", "message": message}])


def _told_late(done: Done) -> bool:
    """Tell whether a major change was told later than the family had time for (DB-27)."""
    if not done.data.get("major") or not (happened := done.facts.get("happened_on")):
        return False
    told = done.facts.get("reported_on")
    last = months_later(
        date.fromisoformat(str(happened)), int(rules.number(done.rules, "dibao.change.unreported"))
    )
    return last < (date.fromisoformat(str(told)) if told else local_day(done.case.registered_at))


_OBJECTION = cast("Table", Objection.__table__)
_ANSWER = (
    update(_OBJECTION)
    .where(_OBJECTION.c.case_id == bindparam("the_case"), _OBJECTION.c.answered_at.is_(None))
    .values(outcome=bindparam("the_answer"), answered_at=bindparam("the_now"))
)
