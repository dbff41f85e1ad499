"""The decision on a change of a benefit, what it writes, and how it reaches the person (DB-29, TK-19, ZF-08).

Nothing is reduced or ended before the person was heard, or it is on record that nobody is left to hear (社会救助法
Article 48, CF-06). Amounts change from the next month on.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, or_, select, update

from jieban import deadlines, ledger, rules
from jieban.areas.tables import Area
from jieban.benefits import changing
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Decision, PublicNotice
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import change
from notifications import letters
from notifications.tables import Letter
from tasks.held import benefit_of, counted, record_of
from tasks.operations.proposing import ADVERSE, GROUNDS, grace_parts, needs_hearing
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text

RESULTS = {"increase": "increased", "reduce": "reduced", "stop": "stopped", "grace": "grace", "keep": "kept"}
"""What a decision is called, by what was proposed."""

LETTERS = {
    "increased": "benefit_increase",
    "reduced": "benefit_reduction",
    "stopped": "benefit_stop",
    "grace": "benefit_grace",
    "kept": "benefit_kept",
}


@task_operation("decide_change", "作出变更决定", "Decide on the change", duty="decide")
def decide_change(done: Done) -> Mapping[str, Fact]:
    """Decide as was proposed, leave the benefit as it is, or send the proposal back.

    A reduction or an end is refused where nobody was heard since it was proposed. The decision is written with the
    amount before and after and how it came about; the benefit changes from the next month on.
    """
    if done.data["decision"] == "return":
        return {"decision": "return"}
    proposal = record_of(done, "proposal")
    intended = str(proposal["result"]) if done.data["decision"] == "confirm" else "keep"
    result, benefit = RESULTS[intended], benefit_of(done)
    reasons = text(done.data, "reasons") or (text(proposal, "reason") if intended in ADVERSE else "")
    if result == "kept" and not reasons:
        raise Invalid(errors=[{"field": "reasons", "message": "不作调整的，应当写明理由。"}])
    if intended in ADVERSE:
        _heard(done, intended)
    if intended == "stop" and benefit.procedure == "destitute_support":
        _posted(done)
    month = first_month(done, benefit)
    after = _after(benefit, proposal, result)
    done.tell("decision", _decision(done, proposal, result, reasons, after, month))
    apply(done, benefit, proposal, result, after, month)
    for kind in ("death", "end_objection"):
        deadlines.meet_kind(done.session, done.case.id, kind, done.now)
    done.case.stage = "decided"
    ledger.record(
        done.session,
        county_code=done.case.county_code,
        at=done.now,
        kind="case.decided",
        case_id=done.case.id,
        case_number=done.case.number,
        actor=done.actor,
        body={"result": result, "benefit": benefit.case_number, "from": month, "amount": str(after or "")},
    )
    return {
        "decision": result,
        "second_notice": bool(done.facts.get("second_notice")) and result == "stopped",
        "undue": bool(done.facts.get("undue")) and result in {"stopped", "reduced"},
        "next_aid": str(done.facts.get("next_aid") or "none") if result == "stopped" else "none",
    }


def first_month(done: Done, benefit: Benefit) -> str:
    """Return the month from which a decision of today holds (TK-19, DB-29)."""
    key = "tekun.end.month" if benefit.procedure == "destitute_support" else "dibao.change.month"
    return changing.month_after(done.today, int(rules.number(done.rules, key)))


def apply(
    done: Done, benefit: Benefit, proposal: Mapping[str, Any], result: str, after: Decimal | None, month: str
) -> None:
    """Write what was decided into the benefit: its steps, its household and holder, its end or its next review."""
    session, case_id, now = done.session, done.case.id, done.now
    if result == "stopped":
        changing.end(session, benefit, case_id, now, from_month=month, reason=str(proposal["ground"]))
        return
    changing.update_facts(session, benefit, members_case_id=case_id, members=len(counted(done)))
    if name := text(proposal, "new_holder"):
        _hand_on(done, benefit, name, proposal)
    if result == "grace":
        parts = grace_parts(proposal)
        changing.pay_on(
            session, benefit, case_id, now, from_month=month, parts=parts, members=benefit.members
        )
        return
    if result in {"increased", "reduced"}:
        assert after is not None
        members = int(proposal.get("members_after") or benefit.members)
        changing.set_amount(
            session, benefit, case_id, now, from_month=month, amount=after, members=members, reason=result
        )
        if tier := done.facts.get("care_tier"):
            changing.update_facts(session, benefit, care_tier=str(tier))
    changing.review_again(session, benefit, done.today)


def _hand_on(done: Done, benefit: Benefit, name: str, proposal: Mapping[str, Any]) -> None:
    holder = next(one for one in counted(done) if one.name == name)
    changing.update_facts(
        done.session,
        benefit,
        person_id=holder.person_id,
        holder=name,
        account_holder=name,
        account_bank=text(proposal, "account_bank"),
        account_number=text(proposal, "account_number"),
    )


def _heard(done: Done, intended: str) -> None:
    needs = needs_hearing(done.rules, intended, nobody=bool(done.facts.get("nobody_left")))
    if needs == "no":
        return
    kinds = {row.kind for row in _HEARD.all(done.session, the_case=done.case.id)}
    if ("no_hearing" if needs == "nobody" else "hearing") in kinds:
        return
    message = (
        "享受人已死亡、无人可听取意见的，应当先登记并告知继承人和村（居）民委员会。"
        if needs == "nobody"
        else "调减、终止前应当听取社会救助对象的意见（社会救助法第四十八条），没有听取意见记录，不能作出决定。"
    )
    raise Invalid(errors=[{"field": "decision", "message": message}])


def _posted(done: Done) -> None:
    if not _POSTED.scalar(done.session, the_case=done.case.id):
        message = "拟终止救助供养应当先公示（特困人员认定办法第二十六条），公示期满后才能作出决定。"
        raise Invalid(errors=[{"field": "decision", "message": message}])


def _after(benefit: Benefit, proposal: Mapping[str, Any], result: str) -> Decimal | None:
    if benefit.kind != "monthly":
        return None
    if result == "kept":
        return benefit.amount
    return Decimal(str(proposal["after"]))


def _decision(
    done: Done, proposal: Mapping[str, Any], result: str, reasons: str, after: Decimal | None, month: str
) -> Decision:
    ground = GROUNDS[str(proposal["ground"])]
    own = ground.article_for(benefit_of(done).procedure)
    articles = [*([own] if own else []), "中华人民共和国社会救助法 第四十七条"]
    if result in {"reduced", "stopped", "grace"}:
        articles.append("中华人民共和国社会救助法 第四十八条")
    if result == "stopped" and ground.ends:
        articles.append("特困人员认定办法 第二十六条")
    return Decision(
        id=new_id(),
        case_id=done.case.id,
        result=result,
        level="town" if done.task.role.startswith("town.") else "county",
        method=benefit_of(done).method,
        grade=text(proposal, "grade"),
        amount=after,
        members=int(proposal.get("members_after") or 0),
        from_month=month if result != "kept" else "",
        calculation=dict(proposal.get("calculation") or {}),
        reasons=reasons,
        articles=articles,
        decided_by=done.actor.id,
        decided_at=done.now,
    )


@service_operation("issue_change_letter", "出具变更决定文书", "Issue the letter of the decision")
def issue_change_letter(asked: Asked) -> None:
    """Issue the letter that fits what was decided; the end of a destitute person's support is told to the village too (TK-19)."""
    result = str(asked.facts.get("decision"))
    _issue(asked, LETTERS[result])
    if result == "stopped" and asked.facts.get("destitute"):
        _issue(asked, "village_end", addressee="村（居）民委员会")


def _issue(asked: Asked, kind: str, **extra: Any) -> None:
    letters.issue(
        asked.session,
        case=asked.case,
        kind=kind,
        now=asked.now,
        actor=asked.actor,
        told=asked.told,
        extra={"rule_keys": [], **extra},
    )


@task_operation("serve_change", "送达变更文书", "Serve the letter of the decision")
def serve_change(done: Done) -> Mapping[str, Fact]:
    """Keep when and how the decision reached the person, and for the end of support the village as well (TK-19)."""
    served = {"the_case": done.case.id, "the_day": done.day("served_on"), "the_way": text(done.data, "how")}
    change(done.session, _SERVED, served)
    if done.facts.get("destitute") and done.facts.get("decision") == "stopped":
        if not done.data.get("village_told_on"):
            message = "终止救助供养的，还应当书面告知村（居）民委员会，请填写告知日期。"
            raise Invalid(errors=[{"field": "village_told_on", "message": message}])
        told = {"the_case": done.case.id, "the_day": done.day("village_told_on"), "the_way": "in_person"}
        change(done.session, _VILLAGE_TOLD, told)
    return {}


@task_operation(
    "order_undue_return", "责令退回多发金额", "Order the return of money", ("kind",), duty="decide"
)
def order_undue_return(done: Done) -> Mapping[str, Fact]:
    """Order that money is given back by a day, with reasons (社会救助法 Articles 73 and 74; ZF-08)."""
    day = date.fromisoformat(str(done.data["return_by"]))
    if day <= done.today:
        raise Invalid(errors=[{"field": "return_by", "message": "退回期限应当晚于今天。"}])
    facts = keep(done)
    level = "town" if done.task.role.startswith("town.") else "county"
    _letter_of_return(done, level)
    return {**facts, "return_by": day.isoformat()}


def _letter_of_return(done: Done, level: str) -> None:
    reasons = text(done.data, "reasons")
    fraud = done.facts.get("change") == "fraud"
    extra = {
        "rule_keys": [],
        "level": level,
        "reasons": reasons,
        # Article 74 is for those who defy a decision or keep what is not theirs; money paid too much by itself is neither.
        "return_articles": ["中华人民共和国社会救助法 第七十三条"] if fraud else [],
    }
    letters.issue(
        done.session,
        case=done.case,
        kind="return_order",
        now=done.now,
        actor=done.actor,
        told=done.told,
        extra=extra,
    )


@task_operation("record_undue_return", "登记退回情况", "Record what was returned", ("kind",), duty="pay")
def record_undue_return(done: Done) -> Mapping[str, Fact]:
    """Keep what came back, and a fine that another organ imposed: at most twice what was obtained (ZF-08, CF-10)."""
    order = record_of(done, "return_order")
    owed = Decimal(str(order["amount"]))
    returned = sum((Decimal(str(row["amount"])) for row in done.data.get("returned") or []), Decimal(0))
    if returned > owed:
        message = f"退回合计 {returned} 元，多于应退回的 {owed} 元，请核对。"
        raise Invalid(errors=[{"field": "returned", "message": message}])
    if done.data["outcome"] == "full" and returned != owed:
        message = f"退回合计 {returned} 元，与应退回的 {owed} 元不一致，不能填“全部退回”。"
        raise Invalid(errors=[{"field": "outcome", "message": message}])
    fine = Decimal(str(done.data.get("fine") or 0))
    most = rules.number(done.rules, "fraud.fine.most") * owed
    if fine > most:
        message = f"罚款不超过非法获取价值的二倍，即 {most} 元。"
        raise Invalid(errors=[{"field": "fine", "message": message}])
    return keep(done)


@task_operation(
    "record_details", "登记账户、住址变更", "Record another account or address", ("kind",), duty="make"
)
def record_details(done: Done) -> Mapping[str, Fact]:
    """Keep another account or address of the same person; nothing is changed before somebody else has checked it."""
    benefit = benefit_of(done)
    if done.facts.get("change") == "account":
        if text(done.data, "account_holder") != benefit.holder:
            message = f"账户户名应当是享受人本人（{benefit.holder}）。"
            raise Invalid(errors=[{"field": "account_holder", "message": message}])
        if not text(done.data, "account_number"):
            raise Invalid(errors=[{"field": "account_number", "message": "请填写银行账号。"}])
    else:
        _place(done, benefit)
    return keep(done)


@task_operation(
    "apply_details", "复核账户、住址变更", "Check another account or address", ("kind",), duty="check"
)
def apply_details(done: Done) -> Mapping[str, Fact]:
    """Write the account or the place into the benefit when a second person has compared it with the papers."""
    if done.data["decision"] != "agree":
        return {**keep(done), "details": "return"}
    details, benefit = record_of(done, "details"), benefit_of(done)
    if done.facts.get("change") == "account":
        account = {name: text(details, name) for name in ("account_holder", "account_bank", "account_number")}
        changing.update_facts(done.session, benefit, **account)
    else:
        village = text(details, "village")
        changing.update_facts(done.session, benefit, village_code=village, town_code=village[:9])
    return {**keep(done), "details": "agree"}


def _place(done: Done, benefit: Benefit) -> None:
    village = text(done.data, "village")
    if not village.startswith(benefit.county_code) or len(village) != 12:
        message = "只办理本县（市、区）范围内的住址变更，请选择村（社区）；迁往外地的，告知其在迁入地申请。"
        raise Invalid(errors=[{"field": "village", "message": message}])
    if not _AREA.scalar(done.session, the_code=village):
        raise Invalid(errors=[{"field": "village", "message": "没有这个村（社区），请从列表中选择。"}])


_THE_CASE = bindparam("the_case", type_=Uuid())
_R, _N, _LETTER = (cast("Table", one.__table__) for one in (CaseRecord, PublicNotice, Letter))
_PROPOSED = (
    select(_R.c.recorded_at)
    .where(_R.c.case_id == _THE_CASE, _R.c.kind == "proposal")
    .order_by(_R.c.recorded_at.desc())
    .limit(1)
    .scalar_subquery()
)
_HEARD = Query(
    select(_R.c.kind).where(
        _R.c.case_id == _THE_CASE,
        or_(_R.c.kind == "hearing", _R.c.kind == "no_hearing"),
        _R.c.recorded_at >= _PROPOSED,
    )
)
_POSTED = Query(
    select(_N.c.id)
    .where(_N.c.case_id == _THE_CASE, _N.c.phase == "termination", _N.c.taken_down_at.is_not(None))
    .limit(1)
)
_AREA = Query(select(Area.code).where(Area.code == bindparam("the_code")))
_OF_DECISIONS = or_(*(_LETTER.c.kind == kind for kind in LETTERS.values()))
_SERVED = (
    update(_LETTER)
    .where(_LETTER.c.case_id == bindparam("the_case"), _OF_DECISIONS, _LETTER.c.served_on.is_(None))
    .values(served_on=bindparam("the_day"), served_how=bindparam("the_way"))
)
_VILLAGE_TOLD = (
    update(_LETTER)
    .where(
        _LETTER.c.case_id == bindparam("the_case"),
        _LETTER.c.kind == "village_end",
        _LETTER.c.served_on.is_(None),
    )
    .values(served_on=bindparam("the_day"), served_how=bindparam("the_way"))
)
