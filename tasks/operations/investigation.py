"""Finding out how the household lives: visits by two, the household check, objections to it (DB-09 to DB-13, DB-16)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select

from jieban.cases.tables import CheckReport, Income, Member, Objection, Visit
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.writes import add
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import investigators, text


@task_operation("start_investigation", "启动家庭经济状况调查", "Start the investigation")
def start_investigation(done: Done) -> Mapping[str, Fact]:
    """Name the two investigators (DB-09, DB-10)."""
    investigators(done)
    done.case.stage = "investigating"
    return {}


@task_operation("home_visit", "入户调查", "Home visit")
def home_visit(done: Done) -> Mapping[str, Fact]:
    """Keep the visit by two and what was found; a refusal to cooperate is kept with its grounds (DB-10, DB-26)."""
    refused = done.data["cooperation"] == "refused"
    _keep_visit(done, "town")
    if not refused and done.data.get("incomes") is not None:
        _replace_incomes(done, done.data["incomes"])
    return {"cooperation": "refused" if refused else "yes"}


@task_operation("county_visit", "县级入户调查", "County home visit")
def county_visit(done: Done) -> Mapping[str, Fact]:
    """Keep the home visit that the county must make where a relative or a complaint demands it (DB-17)."""
    _keep_visit(done, "county")
    return {}


@task_operation("renewed_investigation", "重新调查", "Renewed investigation")
def renewed_investigation(done: Done) -> Mapping[str, Fact]:
    """Keep the renewed investigation after an objection (DB-16)."""
    _keep_visit(done, "town")
    return {}


@task_operation("start_check", "启动信息核对", "Start the household check")
def start_check(done: Done) -> Mapping[str, Fact]:
    """Start the check on the authority that the members gave (DB-11)."""
    add(
        done.session,
        CheckReport(
            id=new_id(),
            case_id=done.case.id,
            requested_at=done.task.opened_at,
            started_at=done.now,
            started_by=done.actor.id,
            items={"departments": list(done.data["departments"])},
        ),
    )
    return {}


@task_operation("report_check", "出具核对报告", "Report the household check")
def report_check(done: Done) -> Mapping[str, Fact]:
    """Keep the result of the check (DB-11, DB-12)."""
    query = (
        select(CheckReport)
        .where(CheckReport.case_id == done.case.id)
        .order_by(CheckReport.requested_at.desc())
    )
    report = done.session.scalars(query.limit(1)).one()
    result = str(done.data["result"])
    report.reported_at, report.reported_by, report.result = done.now, done.actor.id, result
    report.items = {**report.items, "findings": list(done.data.get("items") or [])}
    report.summary = text(done.data, "summary")
    return {"check_result": result}


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


@task_operation("recheck", "复查", "Re-check")
def recheck(done: Done) -> Mapping[str, Fact]:
    """Keep the re-check that an objection with evidence, or a case gone on with, brought about (DB-13)."""
    people = investigators(done)
    rounds = (
        done.session.scalar(select(func.max(CheckReport.round)).where(CheckReport.case_id == done.case.id))
        or 0
    )
    add(
        done.session,
        CheckReport(
            id=new_id(),
            case_id=done.case.id,
            round=rounds + 1,
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
    answer = text(done.data, "finding")
    open_ones = select(Objection).where(
        Objection.case_id == done.case.id, Objection.kind == "check", Objection.answered_at.is_(None)
    )
    for objection in done.session.scalars(open_ones):
        objection.outcome, objection.answered_at = answer, done.now
    return {"check_result": str(done.data["result"])}


def _keep_visit(done: Done, level: str) -> None:
    add(
        done.session,
        Visit(
            id=new_id(),
            case_id=done.case.id,
            level=level,
            visited_on=done.day("visited_on"),
            place=text(done.data, "place"),
            investigators=investigators(done),
            present=text(done.data, "present"),
            findings={
                key: value
                for key, value in done.data.items()
                if key not in {"place", "present", "visited_on"}
            },
            recorded_by=done.actor.id,
            recorded_at=done.now,
        ),
    )


def _replace_incomes(done: Done, rows: list[dict[str, Any]]) -> None:
    members = {
        member.name: member.id
        for member in done.session.scalars(select(Member).where(Member.case_id == done.case.id))
    }
    done.session.execute(delete(Income).where(Income.case_id == done.case.id, Income.source == "visited"))
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
