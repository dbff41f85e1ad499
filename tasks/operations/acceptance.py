"""From the counter to acceptance: papers, supplement, relatives, and the clocks that start (DB-07, DB-08, DB-20, DB-21)."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from jieban import deadlines, ledger, rules
from jieban.cases.tables import Application, Paper, Relative
from jieban.clock import local_day, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.writes import add
from notifications import letters
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text, user_by_name


@task_operation("examine_papers", "审查申请材料", "Examine the papers")
def examine_papers(done: Done) -> Mapping[str, Fact]:
    """Keep which papers are missing, all of them at once (DB-07)."""
    outcome = str(done.data["papers"])
    missing = (
        {str(row["name"]).strip(): row for row in done.data.get("missing") or []}
        if outcome == "incomplete"
        else {}
    )
    known = {
        paper.name: paper
        for paper in done.session.scalars(
            select(Paper).where(Paper.case_id == done.case.id, Paper.state == "missing")
        )
    }
    for name, row in missing.items():
        if name in known:
            known[name].why = text(row, "why")
            continue
        paper = Paper(
            id=new_id(),
            case_id=done.case.id,
            kind="other",
            name=name,
            why=text(row, "why"),
            state="missing",
            added_by=done.actor.id,
            added_at=done.now,
        )
        done.session.add(paper)
    for name in known.keys() - missing.keys():
        known[name].state = "provided"
    if outcome == "incomplete":
        done.case.stage = "supplementing"
    entry = rules.rule_set_for(done.session, done.case.town_code, done.today, done.now)
    delegated = rules.entry(entry, "dibao.decision.level").value == "town"
    done.case.delegated = delegated
    facts: dict[str, Fact] = {"papers": outcome, "delegated": delegated}
    if outcome == "complete":
        # Acceptance happens in this very step; limits that the law counts from it start here (DB-09).
        facts["accepted_at"] = done.now.isoformat()
    return facts


@task_operation("receive_supplement", "接收补正材料", "Receive the missing papers")
def receive_supplement(done: Done) -> Mapping[str, Fact]:
    """Keep that the applicant brought the papers, or withdrew."""
    outcome = str(done.data["outcome"])
    if outcome == "received":
        for paper in done.session.scalars(
            select(Paper).where(Paper.case_id == done.case.id, Paper.state == "missing")
        ):
            paper.state, paper.added_by, paper.added_at = "provided", done.actor.id, done.now
        done.case.stage = "registered"
    return {"supplement": outcome}


@task_operation("register_relative", "近亲属单独登记备案", "Register near relatives on the staff")
def register_relative(done: Done) -> Mapping[str, Fact]:
    """Register who on the staff or the village committee is a near relative (DB-08); the county must then visit (DB-17)."""
    for row in done.data["relatives"]:
        username = text(row, "username")
        user_id = user_by_name(done, username) if username else None
        if username and user_id is None:
            raise Invalid(
                errors=[{"field": "relatives", "message": f"没有账号“{username}”，不是本系统人员时请留空。"}]
            )
        add(
            done.session,
            Relative(
                id=new_id(),
                case_id=done.case.id,
                user_id=user_id,
                staff_name=text(row, "staff_name"),
                staff_unit=text(row, "staff_unit"),
                member_name=text(row, "member_name"),
                relation=text(row, "relation"),
                registered_by=done.actor.id,
                registered_at=done.now,
            ),
        )
    done.case.has_relative = True
    return {"needs_county_visit": True}


@service_operation("accept_case", "受理并起算办理期限", "Accept the case and start its clocks")
def accept_case(asked: Asked) -> None:
    """Accept: pin the rules in force, start the total clocks; from here nothing pauses them (CF-13)."""
    case, session = asked.case, asked.session
    if case.accepted_at is not None:
        return
    case.accepted_at, case.stage = asked.now, "accepted"
    values = rules.rule_set_for(session, case.town_code, local_day(asked.now), asked.now)
    case.rule_set_id = values.id
    total = start_total(
        asked, "dibao.total.delegated" if case.delegated else "dibao.total", asked.now, "total"
    )
    clocks = [("total", total)]
    if case.urban:
        applied_on = session.scalars(
            select(Application.applied_on).where(Application.case_id == case.id)
        ).one()
        urban = start_total(asked, "dibao.total.urban_calendar", start_of_day(applied_on), "total_urban")
        clocks.append(("total_urban", urban))
    ledger.record(
        session,
        county_code=case.county_code,
        at=asked.now,
        kind="case.accepted",
        case_id=case.id,
        case_number=case.number,
        actor=asked.actor,
        body={kind: {"due": due.isoformat()} for kind, due in clocks},
    )


def start_total(asked: Asked, key: str, start: datetime, kind: str) -> datetime:
    """Start one total clock from its rule and return when it ends."""
    values = rules.rule_set_for(asked.session, asked.case.town_code, local_day(asked.now), asked.now)
    limit = rules.entry(values, key)
    return deadlines.start_deadline(
        asked.session,
        case=asked.case,
        kind=kind,
        name=limit.name,
        rule_key=key,
        length=int(limit.value),
        unit=limit.unit,
        start=start,
        article=limit.article,
        provenance=limit.provenance,
        calendar=asked.calendar,
    ).due_at


@service_operation("issue_letter", "出具文书", "Issue a letter", ("kind",))
def issue_letter(asked: Asked) -> None:
    """Issue a statutory letter; its words are frozen in this transaction, its PDF is made afterwards."""
    letters.issue(asked.session, case=asked.case, kind=asked.params["kind"], now=asked.now, actor=asked.actor)
