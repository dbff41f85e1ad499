"""Public notice: the initial opinion is shown for its days, objections are kept and dealt with (DB-14 to DB-16, DB-22)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, func, select, update
from sqlalchemy.orm import Session

from jieban import deadlines
from jieban.cases.tables import Case, Decision, Member, Objection, Opinion, PublicNotice
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.names import public_name
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.staff.actor import Actor
from jieban.writes import add, change
from notifications import letters
from tasks.operations.board import checked_place, hang_until, register, start_hanging
from tasks.operations.decision import needs_county_visit
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text


@task_operation("post_notice", "张贴公示", "Post the public notice", ("rule", "phase", "letter"))
def post_notice(done: Done) -> Mapping[str, Fact]:
    """Post what is proposed and say until when; only name, number of members and amount are shown (DB-14, GS-12).

    `rule` says how long, `phase` what is posted (initial, termination), `letter` on which sheet; where a procedure is
    called, its caller tells them as the facts notice_rule, notice_phase and notice_letter.
    """
    rule, phase = _said(done, "rule", "dibao.publicity.initial"), _said(done, "phase", "initial")
    posted_on, place = done.day("posted_on"), checked_place(done)
    hanging = hang_until(done, rule, phase, posted_on)
    notice = PublicNotice(
        id=new_id(),
        case_id=done.case.id,
        phase=phase,
        place=place,
        posted_on=posted_on,
        ends_at=hanging.ends_at,
        days=hanging.days,
        unit="d",
        fields=_shown(done, _OPINION),
        posted_by=done.actor.id,
    )
    done.tell("notice", notice)
    done.case.stage = "noticed"
    start_hanging(done, hanging, posted_on)
    _issue(done, _said(done, "letter", "public_notice"), rule)
    return {"notice_ends_at": hanging.ends_at.isoformat()}


def _said(done: Done, name: str, usual: str) -> str:
    return done.params.get(name) or str(done.facts.get(f"notice_{name}") or usual)


@task_operation("close_notice", "公示期满核实", "Close the public notice", ("phase",))
def close_notice(done: Done) -> Mapping[str, Fact]:
    """Take the notice down, put on record how it hung, and say whether anybody objected or it must be posted anew.

    A sheet that was torn off or covered has not been shown for its days, so it is posted again (GS-03).
    """
    interrupted = done.data.get("hung") == "interrupted"
    taken_down = done.day("taken_down_on")
    for row in done.data.get("objections") or []:
        keep_objection(done.session, done.actor, done.now, done.case, row)
    phase = _said(done, "phase", "initial")
    notices = _NOTICES.all(done.session, the_case=done.case.id, the_phase=phase)
    objections = max((notice.objections for notice in notices), default=0)
    if done.data["objection"] == "received" and not objections:
        raise Invalid(errors=[{"field": "objections", "message": "请登记收到的异议。"}])
    if done.data["objection"] == "none" and objections:
        raise Invalid(
            errors=[
                {"field": "objection", "message": f"公示期内已登记 {objections} 条异议，不能填“无异议”。"}
            ]
        )
    for notice in notices:
        if notice.ends_at and notice.taken_down_at is None:
            register(done, notice)
            if taken_down < local_day(notice.ends_at):
                raise Invalid(errors=[{"field": "taken_down_on", "message": "公示期未满，不能提前撤下。"}])
            change(done.session, _TAKE_DOWN, {"the_notice": notice.id, "the_now": done.now}, must_hit=True)
        # What had to last has lasted when its days are over, whenever somebody gets round to saying so.
        over = min(done.now, notice.ends_at or done.now)
        deadlines.meet_kind(done.session, done.case.id, "notice", over)
    return {
        "objection": bool(objections),
        "notice_again": interrupted,
        "needs_county_visit": needs_county_visit(done),
    }


@task_operation("handle_objection", "决定异议的处理方式", "Decide how to handle the objection")
def handle_objection(done: Done) -> Mapping[str, Fact]:
    """Choose between a renewed investigation and a democratic appraisal (DB-16)."""
    return {"objection_way": str(done.data["way"])}


@task_operation("democratic_appraisal", "民主评议", "Democratic appraisal")
def democratic_appraisal(done: Done) -> Mapping[str, Fact]:
    """Keep the appraisal; village or community representatives are two thirds at least (DB-16)."""
    participants, villagers = int(done.data["participants"]), int(done.data["villagers"])
    if villagers > participants or villagers * 3 < participants * 2:
        message = "村（居）民代表不得少于参加评议总人数的三分之二。"
        raise Invalid(errors=[{"field": "villagers", "message": message}])
    add(
        done.session,
        Opinion(
            id=new_id(),
            case_id=done.case.id,
            kind="appraisal",
            result=str(done.data["result"]),
            reason=text(done.data, "minutes"),
            given_by=done.actor.id,
            given_at=done.now,
        ),
    )
    done.day("held_on")
    return {}


@task_operation("publish_decision", "公布结果", "Publish the decision", ("letter",))
def publish_decision(done: Done) -> Mapping[str, Fact]:
    """Publish name, number of members and amount in the village or community, and nothing else (DB-22)."""
    notice = PublicNotice(
        id=new_id(),
        case_id=done.case.id,
        phase="decision",
        place=checked_place(done),
        posted_on=done.day("posted_on"),
        ends_at=None,
        days=0,
        unit="d",
        fields=_shown(done, _DECISION),
        posted_by=done.actor.id,
    )
    done.tell("notice", notice)
    _issue(done, done.params.get("letter", "publication"))
    return {}


def _issue(done: Done, kind: str, *rules_cited: str) -> None:
    letters.issue(
        done.session,
        case=done.case,
        kind=kind,
        now=done.now,
        actor=done.actor,
        told=done.told,
        extra={"rule_keys": list(rules_cited)},
    )


def keep_objection(
    session: Session, actor: Actor, now: datetime, case: Case, row: Mapping[str, object], kind: str = "notice"
) -> Objection:
    """Register an objection to the notice, or a complaint: who, how to reach them, what they say."""
    objection = Objection(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        raised_by=text(row, "raised_by"),
        phone=text(row, "phone"),
        content=text(row, "content"),
        received_by=actor.id,
        received_at=now,
    )
    add(session, objection)
    return objection


_THE_CASE = bindparam("the_case", type_=Uuid())
_NOTICES = Query(
    select(
        PublicNotice.id,
        PublicNotice.place,
        PublicNotice.posted_on,
        PublicNotice.ends_at,
        PublicNotice.taken_down_at,
        select(func.count())
        .where(Objection.case_id == _THE_CASE, Objection.kind == "notice", Objection.answered_at.is_(None))
        .scalar_subquery()
        .label("objections"),
    ).where(PublicNotice.case_id == _THE_CASE, PublicNotice.phase == bindparam("the_phase"))
)
_TABLE = cast("Table", PublicNotice.__table__)
_TAKE_DOWN = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("the_notice"), _TABLE.c.taken_down_at.is_(None))
    .values(taken_down_at=bindparam("the_now"))
)
_MEMBERS = (
    select(func.count()).where(Member.case_id == _THE_CASE, Member.counted).scalar_subquery().label("members")
)


def _latest(made: Any, at: Any) -> Query:
    """Ask for the applicant, the number of members, and the latest opinion or decision."""
    return Query(
        select(Person.name, Person.birth_date, _MEMBERS, made.result, made.amount)
        .outerjoin(made, made.case_id == _THE_CASE)
        .where(Person.id == bindparam("the_person", type_=Uuid()))
        .order_by(at.desc())
        .limit(1)
    )


_OPINION = _latest(Opinion, Opinion.given_at)
_DECISION = _latest(Decision, Decision.decided_at)


def _shown(done: Done, latest: Query) -> dict[str, object]:
    """List exactly what a public sheet may show (DB-22, GS-04, GS-12)."""
    row = latest.first(done.session, the_case=done.case.id, the_person=done.case.applicant_id)
    return {
        "name": public_name(row.name, row.birth_date, done.today),
        "members": row.members,
        "result": row.result or "",
        "amount": str(row.amount) if row.amount is not None else "",
    }
