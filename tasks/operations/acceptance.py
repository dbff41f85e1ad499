"""From the counter to acceptance: papers, supplement, relatives, and the clocks that start (DB-07, DB-08, DB-20, DB-21)."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, select, update

from jieban import deadlines, rules
from jieban.cases.tables import Application, Case, Paper, Relative
from jieban.clock import local_day, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import add, change
from notifications import letters
from tasks.operations.living_together import leave_out
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text, user_by_name


@task_operation("examine_papers", "审查申请材料", "Examine the papers", ("level", "held"))
def examine_papers(done: Done) -> Mapping[str, Fact]:
    """Keep which papers are missing, all of them at once (DB-07).

    With `held` a paper that the same applicant handed in for the same matter before cannot be asked for again, unless
    the form says that it has changed (GX-07). Members whom the form leaves out do not count from now on (Article 7).
    """
    outcome = str(done.data["papers"])
    if outcome == "incomplete":
        if done.params.get("held") == "true":
            _ask_for_nothing_held(done)
        done.told["missing"] = _keep_missing(done)
        done.case.stage = "supplementing"
    else:
        change(done.session, _NOTHING_MISSING, {"the_case": done.case.id})
    values = rules.rule_set_for(done.session, done.case.town_code, done.today, done.now)
    leave_out(done, values)
    delegated = rules.entry(values, done.params.get("level", "dibao.decision.level")).value == "town"
    done.case.delegated = delegated
    facts: dict[str, Fact] = {"papers": outcome, "delegated": delegated}
    if outcome == "complete":
        # Acceptance happens in this very step; limits that the law counts from it start here (DB-09).
        facts["accepted_at"] = done.now.isoformat()
    return facts


_PAPER = cast("Table", Paper.__table__)
_MISSING = (_PAPER.c.case_id == bindparam("the_case"), _PAPER.c.state == "missing")
_KNOWN = Query(select(_PAPER.c.id, _PAPER.c.name).where(*_MISSING))
_HELD = Query(
    select(_PAPER.c.name, Case.number)
    .join(Case, Case.id == _PAPER.c.case_id)
    .where(
        Case.applicant_id == bindparam("the_person", type_=Uuid()),
        Case.procedure == bindparam("the_procedure"),
        Case.id != bindparam("the_case", type_=Uuid()),
        _PAPER.c.state == "provided",
    )
    .order_by(Case.registered_at)
)
_NOTHING_MISSING = update(_PAPER).where(*_MISSING).values(state="provided")
_BROUGHT = _NOTHING_MISSING.values(added_by=bindparam("the_actor"), added_at=bindparam("the_now"))
_STAND = (
    update(_PAPER)
    .where(_PAPER.c.id == bindparam("the_paper"))
    .values(state=bindparam("the_state"), why=bindparam("the_reason"))
)


def _ask_for_nothing_held(done: Done) -> None:
    held = {
        paper.name: paper.number
        for paper in _HELD.all(
            done.session,
            the_case=done.case.id,
            the_person=done.case.applicant_id,
            the_procedure=done.case.procedure,
        )
    }
    errors = [
        {
            "field": f"missing.{place}.name",
            "message": f"{name}在案件 {held[name]} 中已经提交；没有变化的，不要求重复提交。",
        }
        for place, row in enumerate(done.data.get("missing") or [])
        if (name := text(row, "name")) in held and not row.get("changed")
    ]
    if errors:
        raise Invalid(errors=errors)


def _keep_missing(done: Done) -> list[dict[str, str]]:
    missing = {str(row["name"]).strip(): row for row in done.data.get("missing") or []}
    known = {paper.name: paper.id for paper in _KNOWN.all(done.session, the_case=done.case.id)}
    for name, paper_id in known.items():
        state = "missing" if name in missing else "provided"
        reason = text(missing.get(name, {}), "why")
        change(done.session, _STAND, {"the_paper": paper_id, "the_state": state, "the_reason": reason})
    for name, row in missing.items():
        if name in known:
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
        add(done.session, paper)
    return [{"name": name, "why": text(row, "why")} for name, row in missing.items()]


@task_operation("receive_supplement", "接收补正材料", "Receive the missing papers")
def receive_supplement(done: Done) -> Mapping[str, Fact]:
    """Keep that the applicant brought the papers, or withdrew."""
    outcome = str(done.data["outcome"])
    if outcome == "received":
        brought = {"the_case": done.case.id, "the_actor": done.actor.id, "the_now": done.now}
        change(done.session, _BROUGHT, brought)
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


_APPLIED_ON = Query(
    select(Application.applied_on).where(Application.case_id == bindparam("the_case", type_=Uuid()))
)


@service_operation(
    "accept_case",
    "受理并起算办理期限",
    "Accept the case and start its clocks",
    ("total", "delegated", "urban"),
)
def accept_case(asked: Asked) -> None:
    """Accept: pin the rules in force, start the total clocks; from here nothing pauses them (CF-13).

    `total` names the rule of the limit (none where no text sets one), `delegated` the one where the township decides,
    `urban` a second limit from the day of the application (CF-14). A case that was split off keeps the day on which
    the whole application was accepted (GX-09).
    """
    case, session = asked.case, asked.session
    if case.accepted_at is not None:
        return
    kept = asked.facts.get("accepted_with")
    case.accepted_at = datetime.fromisoformat(str(kept)) if kept else asked.now
    case.stage = "accepted"
    values = rules.rule_set_for(session, case.town_code, local_day(case.accepted_at), asked.now)
    case.rule_set_id = values.id
    total = asked.params.get("total", "dibao.total")
    usual = {"dibao.total": ("dibao.total.delegated", "dibao.total.urban_calendar")}.get(total, ("", ""))
    delegated, urban = asked.params.get("delegated", usual[0]), asked.params.get("urban", usual[1])
    clocks = []
    if total != "none":
        key = delegated if case.delegated and delegated else total
        clocks.append(start_total(asked, key, case.accepted_at, "total"))
    if case.urban and urban:
        applied_on = _APPLIED_ON.scalar(session, the_case=case.id)
        clocks.append(start_total(asked, urban, start_of_day(applied_on), "total_urban"))
    asked.told["clocks"] = clocks
    asked.record("case.accepted", {clock.kind: {"due": clock.due_at.isoformat()} for clock in clocks})


def start_total(asked: Asked, key: str, start: datetime, kind: str) -> deadlines.Deadline:
    """Start one total clock from its rule."""
    day = local_day(asked.case.accepted_at or asked.now)
    limit = rules.entry(rules.rule_set_for(asked.session, asked.case.town_code, day, asked.now), key)
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
    )


@service_operation("issue_letter", "出具文书", "Issue a letter", ("kind", "cites"))
def issue_letter(asked: Asked) -> None:
    """Issue a statutory letter; its words are frozen in this transaction, its PDF is made afterwards.

    `cites` names rules whose articles it cites beside those of its template, as far as they were read in their source.
    """
    cites = [one.strip() for one in asked.params.get("cites", "").split(",") if one.strip()]
    letters.issue(
        asked.session,
        case=asked.case,
        kind=asked.params["kind"],
        now=asked.now,
        actor=asked.actor,
        told=asked.told,
        extra={"rule_keys": cites},
    )
