"""Going on where a case got stuck: an administrator tells what was missing, and everybody can see that they did."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

import bpmn
from jieban import ledger, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.errors import Conflict, Invalid, NotFound
from jieban.staff.actor import Actor, within
from tasks.operations.registry import ToOpen
from workflows import effects, model_store
from workflows.incidents import note_again
from workflows.linking import go_on
from workflows.services import performer
from workflows.tables import Incident, Timer
from workflows.taking import lock_case
from workflows.writing_back import after_step

_WORDS = {"true": True, "是": True, "false": False, "否": False}
_LONGEST = 200


def retry_incident(
    session: Session,
    actor: Actor,
    now: datetime,
    incident_id: uuid.UUID,
    facts: Mapping[str, str] | None = None,
    why: str = "",
) -> bool:
    """Try again at one incident, with facts that were missing; return whether the case goes on.

    Only facts that the element looks at can be told. Changing one that is known already needs a reason. Both stand in
    the history of the case and in the ledger, with the old value and the new one.
    """
    actor.require("incident.retry")
    case_id = session.scalar(
        select(Incident.case_id)
        .join(Case, Case.id == Incident.case_id)
        .where(Incident.id == incident_id, within(actor, Case))
    )
    if case_id is None:
        raise NotFound("没有找到该事项，或您无权查看。")
    case = lock_case(session, case_id)
    session.expunge(case)  # what changes on it is written with the other writes of the step
    incident = session.get_one(Incident, incident_id, populate_existing=True)
    if incident.state != "open":
        raise Conflict("该事项已经恢复办理。")
    if incident.task_id is not None:
        raise Conflict("该任务由办理人重新提交即可，不必在此重试。")
    model = model_store.get_model(session, case.model_version_id)
    run = model.restore(case.engine_state)
    before = effects.Before.of(run)
    stuck = next((one for one in run.incidents() if one.id == incident.engine_id), None)
    if stuck is None:
        raise Conflict("该事项已经恢复办理。")
    told = {name: read_fact(text) for name, text in (facts or {}).items() if text.strip()}
    _check(stuck, told, why)
    calendar = workdays.load_calendar(session)
    body = {
        "element": incident.element,
        "name": incident.name,
        "told": {name: [str(stuck.facts.get(name, "")), str(value)] for name, value in told.items()},
        "why": why.strip(),
    }
    add_event(session, case_id=case.id, at=now, kind="incident.retried", actor=actor, data=body)
    ledger.record(
        session,
        county_code=case.county_code,
        at=now,
        kind="incident.retried",
        case_id=case.id,
        case_number=case.number,
        actor=actor,
        body=body,
    )
    wishes: list[ToOpen] = []
    run.perform_with(performer(session, None, now, case, calendar, to_open=wishes))
    try:
        run.retry(incident.engine_id, now, told)
    except bpmn.NoSuchIncident:
        raise Conflict("流程图在此处等待的分支永远等不齐，不能重试。请联系技术支持。") from None
    except bpmn.StepLimit:
        raise Conflict("流程图在此处不停循环，没有继续。请联系技术支持。") from None
    result = after_step(session, None, now, case, model, run, before, calendar)
    go_on(session, None, now, case, wishes, result)
    again = next((one for one in run.incidents() if one.id == incident.engine_id), None)
    if again is not None:
        note_again(session, incident, again)
    return again is None


def rearm_timer(session: Session, actor: Actor, now: datetime, timer_id: uuid.UUID) -> None:
    """Let a timer that was set aside be fired by the next sweep."""
    actor.require("incident.retry")
    case_id = session.scalar(
        select(Timer.case_id)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.id == timer_id, within(actor, Case))
    )
    if case_id is None:
        raise NotFound("没有找到该事项，或您无权查看。")
    lock_case(session, case_id)
    timer = session.get_one(Timer, timer_id, populate_existing=True)
    if timer.state != "stuck":
        raise Conflict("该事项已经恢复办理。")
    timer.state, timer.last_error = "armed", ""
    add_event(
        session,
        case_id=timer.case_id,
        at=now,
        kind="timer.rearmed",
        actor=actor,
        data={"element": timer.element, "due": timer.fire_at.isoformat()},
    )


def read_fact(text: str) -> str | bool | int | Decimal:
    """Read a fact as a person writes it: yes or no, a number, or else a text, which may be a date."""
    plain = text.strip()
    if plain.lower() in _WORDS:
        return _WORDS[plain.lower()]
    if plain.isascii() and plain.removeprefix("-").isdecimal() and len(plain) <= 18:
        return int(plain)
    if plain.isascii() and plain.removeprefix("-").replace(".", "", 1).isdecimal() and len(plain) <= 30:
        return Decimal(plain)
    return plain.strip('"“”')


def _check(stuck: bpmn.Incident, told: Mapping[str, object], why: str) -> None:
    errors = [
        {"field": name, "message": "此处的条件不看这个事实。"} for name in told if name not in stuck.reads
    ]
    errors += [
        {"field": name, "message": f"最多 {_LONGEST} 个字。"}
        for name, value in told.items()
        if len(str(value)) > _LONGEST
    ]
    changed = [name for name in told if stuck.facts.get(name) is not None]
    if changed and not why.strip():
        errors.append({"field": "why", "message": "更改已有的事实，必须写明理由。"})
    if errors:
        raise Invalid(errors=errors)
