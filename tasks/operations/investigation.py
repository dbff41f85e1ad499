"""Finding out how the household lives: visits by two, objections to the household check (DB-09, DB-10, DB-13, DB-16)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, delete, select, update

from jieban.cases.tables import CheckReport, Income, Member, Objection
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import add, change
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import investigators, text
from tasks.operations.visits import keep_visit


@task_operation("start_investigation", "启动家庭经济状况调查", "Start the investigation", duty="investigate")
def start_investigation(done: Done) -> Mapping[str, Fact]:
    """Name the two investigators (DB-09, DB-10)."""
    investigators(done)
    done.case.stage = "investigating"
    return {}


@task_operation("home_visit", "入户调查", "Home visit", duty="investigate")
def home_visit(done: Done) -> Mapping[str, Fact]:
    """Keep the visit by two and what was found; a refusal to cooperate is kept with its grounds (DB-10, DB-26)."""
    refused = done.data["cooperation"] == "refused"
    _keep_visit(done, "town")
    if not refused and done.data.get("incomes") is not None:
        _replace_incomes(done, done.data["incomes"])
    return {"cooperation": "refused" if refused else "yes"}


@task_operation("county_visit", "县级入户调查", "County home visit", duty="investigate")
def county_visit(done: Done) -> Mapping[str, Fact]:
    """Keep the home visit that the county must make where a relative or a complaint demands it (DB-17)."""
    _keep_visit(done, "county")
    return {}


@task_operation("renewed_investigation", "重新调查", "Renewed investigation", duty="investigate")
def renewed_investigation(done: Done) -> Mapping[str, Fact]:
    """Keep the renewed investigation after an objection (DB-16)."""
    _keep_visit(done, "town")
    return {}


@task_operation(
    "hear_check_objection", "告知核对结果并听取异议", "Tell the result of the check and hear objections"
)
def hear_check_objection(done: Done) -> Mapping[str, Fact]:
    """Keep whether the applicant objects to the check, with the evidence (DB-13)."""
    done.day("told_on")
    objects = bool(done.data["objection"])
    if objects:
        add(
            done.session,
            Objection(
                id=new_id(),
                case_id=done.case.id,
                kind="check",
                raised_by=done.case.applicant_name,
                content=text(done.data, "evidence"),
                received_by=done.actor.id,
                received_at=done.now,
            ),
        )
    return {"check_objection": objects}


@task_operation("recheck", "复查", "Re-check", duty="investigate")
def recheck(done: Done) -> Mapping[str, Fact]:
    """Keep the re-check that an objection with evidence, or a case gone on with, brought about (DB-13)."""
    people = investigators(done)
    last = _LAST_CHECK.first(done.session, the_case=done.case.id)
    add(
        done.session,
        CheckReport(
            id=new_id(),
            case_id=done.case.id,
            round=last.round + 1 if last else 1,
            requested_at=done.task.opened_at,
            started_at=done.task.opened_at,
            started_by=done.actor.id,
            reported_at=done.now,
            reported_by=done.actor.id,
            result=str(done.data["result"]),
            items={"investigators": people, "done_on": done.day("done_on").isoformat()},
            summary=text(done.data, "finding"),
        ),
    )
    answered = {"the_case": done.case.id, "the_answer": text(done.data, "finding"), "the_now": done.now}
    change(done.session, _ANSWER_CHECK, answered)
    return {"check_result": str(done.data["result"])}


_THE_CASE = bindparam("the_case", type_=Uuid())
_CHECK = cast("Table", CheckReport.__table__)
_LAST_CHECK = Query(
    select(_CHECK.c.round)
    .where(_CHECK.c.case_id == _THE_CASE)
    .order_by(_CHECK.c.round.desc(), _CHECK.c.requested_at.desc())
    .limit(1)
)
_MEMBERS = Query(select(Member.name, Member.id).where(Member.case_id == _THE_CASE))
_OBJECTION = cast("Table", Objection.__table__)
_ANSWER_CHECK = (
    update(_OBJECTION)
    .where(
        _OBJECTION.c.case_id == _THE_CASE, _OBJECTION.c.kind == "check", _OBJECTION.c.answered_at.is_(None)
    )
    .values(outcome=bindparam("the_answer"), answered_at=bindparam("the_now"))
)
_INCOME = cast("Table", Income.__table__)
_FORGET_INCOMES = delete(_INCOME).where(_INCOME.c.case_id == _THE_CASE, _INCOME.c.source == "visited")


def _keep_visit(done: Done, level: str) -> None:
    findings = {key: one for key, one in done.data.items() if key not in {"place", "present", "visited_on"}}
    keep_visit(done, findings, level=level)


def _replace_incomes(done: Done, rows: list[dict[str, Any]]) -> None:
    members = {member.name: member.id for member in _MEMBERS.all(done.session, the_case=done.case.id)}
    change(done.session, _FORGET_INCOMES, {"the_case": done.case.id}, first=True)
    for place, row in enumerate(rows):
        name = text(row, "member")
        if name and name not in members:
            raise Invalid(
                errors=[{"field": f"incomes.{place}.member", "message": f"家庭成员中没有“{name}”。"}]
            )
        add(
            done.session,
            Income(
                id=new_id(),
                case_id=done.case.id,
                member_id=members.get(name),
                kind=str(row["kind"]),
                monthly=Decimal(str(row["monthly"])),
                source="visited",
                note=text(row, "note"),
            ),
        )
