"""Opinions and decisions. An amount is computed and explained; a refusal has its reasons; nothing decides by itself."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, func, select, update

from jieban import deadlines, rules
from jieban.benefits.granting import first_of_next_month, grant, last_day
from jieban.cases.tables import Decision, Objection, Opinion, Visit
from jieban.clock import CHINA, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import add, change
from tasks.amounts import Granted, home_of, work_out
from tasks.applying_alone import ARTICLE, applies_alone
from tasks.operations.records import told
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text


@task_operation(
    "give_opinion", "提出初审意见", "Give the initial opinion", ("amount", "tell"), duty="propose"
)
def give_opinion(done: Done) -> Mapping[str, Fact]:
    """Keep the opinion of the township; after an objection it is a renewed one (DB-14, DB-16)."""
    renewed = _GIVEN.scalar(done.session, the_case=done.case.id)
    support = done.data["result"] == "support"
    amount = work_out(done.params.get("amount", "household"), done).amount if support else None
    _keep_opinion(done, "renewed" if renewed else "initial", amount)
    answer = text(done.data, "reason") or "重新提出初审意见"
    answered = {"the_case": done.case.id, "the_answer": answer, "the_now": done.now}
    change(done.session, _ANSWER_ALL, answered)
    more = told(done.params.get("tell", ""), done.data)
    return {"opinion": str(done.data["result"]), "needs_county_visit": needs_county_visit(done), **more}


@task_operation("county_review", "县级审核", "County review", ("tell",), duty="propose")
def county_review(done: Done) -> Mapping[str, Fact]:
    """Keep the review opinion of the county (DB-17)."""
    amount = Decimal(str(done.data["amount"])) if done.data.get("amount") not in (None, "") else None
    _keep_opinion(done, "review", amount)
    done.case.stage = "reviewing"
    return {"needs_county_visit": needs_county_visit(done), **told(done.params.get("tell", ""), done.data)}


@task_operation(
    "decide",
    "作出审核确认决定",
    "Decide",
    ("amount", "grants", "articles", "valid", "review", "review_able", "visit"),
    duty="decide",
)
def decide(done: Done) -> Mapping[str, Fact]:
    """Decide: approve, with an amount or a status from next month on, or refuse with reasons (DB-18, DB-19, DB-25).

    `grants` is monthly (money from next month), status (for the months of the rule `valid`) or once (paid by this case).
    `visit` is none where no text demands the county's own visit.
    """
    if _returned(done):
        return {"decision": "return", "needs_county_visit": True}
    approved = done.data["decision"] == "approve"
    granted = work_out(done.params.get("amount", "household"), done) if approved else None
    if granted is None and not text(done.data, "reasons"):
        raise Invalid(errors=[{"field": "reasons", "message": "不予确认同意的，必须写明理由。"}])
    level = "town" if done.task.role.startswith("town.") else "county"
    pay_from = first_of_next_month(done.today)
    until = _valid_until(done) if granted else None
    done.tell(
        "decision",
        Decision(
            id=new_id(),
            case_id=done.case.id,
            result="approved" if approved else "refused",
            level=level,
            method=granted.method if granted else text(done.data, "method"),
            grade=granted.grade if granted else text(done.data, "grade"),
            amount=granted.amount if granted else None,
            members=granted.members if granted else home_of(done).members,
            from_month=pay_from.strftime("%Y-%m") if approved else "",
            valid_until=until,
            calculation=(granted.calculation if granted else {}) | _alone(done),
            reasons=text(done.data, "reasons"),
            articles=[
                *([ARTICLE] if applies_alone(done.facts) else []),
                *_articles(done, "最低生活保障审核确认办法 第二十一条"),
            ],
            decided_by=done.actor.id,
            decided_at=done.now,
        ),
    )
    if granted:
        _begin_benefit(done, granted, pay_from, until)
    done.case.stage = "approved" if approved else "refused"
    for kind in ("total", "total_urban"):
        deadlines.meet_kind(done.session, done.case.id, kind, done.now)
    done.record(
        "case.decided",
        {
            "result": done.case.stage,
            "amount": str(granted.amount) if granted and granted.amount is not None else "",
            "level": level,
        },
    )
    return {
        "decision": "approve" if approved else "refuse",
        "decided_at": done.now.isoformat(),
        "pay_from": start_of_day(pay_from).astimezone(CHINA).isoformat(),
    }


def _alone(done: Done) -> dict[str, dict[str, Fact]]:
    """Keep with the decision on which ground a person applied alone, and whether it was found to be so."""
    if not applies_alone(done.facts):
        return {}
    fits, reason = done.facts.get("single_fits"), done.facts.get("single_reason")
    return {"alone": {"ground": str(done.facts["single_ground"]), "fits": fits, "reason": reason}}


def _begin_benefit(done: Done, granted: Granted, pay_from: date, until: date | None) -> None:
    kind = done.params.get("grants", "monthly")
    if kind == "once":
        return
    rule = done.params.get("review_able", "dibao.review.unstable") if home_of(done).able else ""
    rule = rule or done.params.get("review", "dibao.review")
    grant(
        done.session,
        done.case,
        done.now,
        kind=kind,
        amount=granted.amount,
        members=granted.members,
        method=granted.method,
        from_month=pay_from.strftime("%Y-%m"),
        until=until,
        review_months=None if rule == "none" else int(rules.entry(done.rules, rule).value),
        care_form=granted.care_form,
        care_tier=granted.care_tier,
    )


def _valid_until(done: Done) -> date | None:
    rule = done.params.get("valid")
    return last_day(done.today, int(rules.entry(done.rules, rule).value)) if rule else None


def _articles(done: Done, usual: str) -> list[str]:
    given = done.params.get("articles", usual)
    return [article.strip() for article in given.split(";") if article.strip()]


@task_operation("confirm_termination", "终止审核确认程序", "End the procedure", ("articles",), duty="decide")
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
                articles=_articles(done, "最低生活保障审核确认办法 第二十九条"),
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
    missing = done.params.get("visit") != "none" and needs_county_visit(done)
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
