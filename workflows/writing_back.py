"""What a step leaves behind: tasks, timers, incidents, events, the state of the engine, and the end of the case."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

import bpmn
from jieban import deadlines, ledger, rules, workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.ledger.following import stop_following
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.writes import amend, change
from tasks import contacts
from tasks.operations.registry import Fact
from workflows import effects
from workflows.incidents import write_incidents


@dataclass
class StepResult:
    """What a step brought about."""

    case_id: uuid.UUID
    opened: list[uuid.UUID] = field(default_factory=list)
    closed: bool = False
    outcome: str | None = None
    linked: list[uuid.UUID] = field(default_factory=list)
    """cases that this step opened beside its own"""
    overtaken: bool = False
    """a deadline drawn in the model had passed and decided first; the form was not taken"""


def after_step(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    model: bpmn.Model,
    run: bpmn.Run,
    before: "effects.Before",
    calendar: workdays.Calendar,
    run_id: str = "",
) -> StepResult:
    """Write back what the engine did: tasks, timers and incidents that opened or closed, state, end of the case."""
    for effect in run.effects():
        # Nobody outside the case listens to what it throws; that it was thrown stands in its history.
        told = {"thrown": effect.kind, "name": effect.name, "element": effect.element}
        add_event(
            session, case_id=case.id, at=now, kind="event.thrown", actor=actor, data=told, run_id=run_id
        )
    around = effects.Surroundings(session, now, case, run, calendar, pinned_rules(session, case, now))
    contacts.told_by_letters(session, actor, now, case, around.values, calendar.at(case.town_code))
    opened = effects.write_tasks(around, model, before)
    effects.write_timers(session, case, run, before)
    write_incidents(session, case, now, model, run, before.incidents, run_id)
    result = StepResult(case.id, [task.id for task in opened])
    for task in opened:
        told = {"task": task.name, "element": task.element, "role": task.role, "due": task.due_at.isoformat()}
        add_event(
            session,
            case_id=case.id,
            at=now,
            kind="task.opened",
            actor=None,
            task_id=task.id,
            data=told,
            run_id=run_id,
        )
    case.engine_state = run.dump()
    case.revision += 1
    if run.finished and case.state == "open":
        _close_case(session, actor, now, case, run.outcome, run_id)
        result.closed, result.outcome = True, case.outcome
    save_case(session, case)
    if (seen := session.info.get("flows")) is not None:
        seen.update(run.flows())
    return result


_SAVED = (
    "rule_set_id",
    "state",
    "stage",
    "outcome",
    "delegated",
    "has_relative",
    "has_complaint",
    "accepted_at",
    "closed_at",
    "revision",
    "engine_state",
)
_CASE = cast("Table", Case.__table__)
_SAVE = (
    update(_CASE)
    .where(_CASE.c.id == bindparam("the_case"))
    .values({name: bindparam(f"the_{name}") for name in _SAVED})
)


def save_case(session: Session, case: Case) -> None:
    """Write back a case that was taken out of the session, with the other writes of the step."""
    if case in session:
        return
    values = {name: getattr(case, name) for name in _SAVED}
    if not amend(session, Case, case.id, values):
        change(session, _SAVE, {"the_case": case.id} | {f"the_{name}": one for name, one in values.items()})


def pinned_rules(session: Session, case: Case, now: datetime) -> RuleSet:
    """Return the rules that the case keeps since its acceptance; before that, those in force today."""
    if case.rule_set_id is not None:
        return rules.rule_set(session, case.rule_set_id)
    return rules.rule_set_for(session, case.town_code, local_day(now), now)


def _close_case(
    session: Session, actor: Actor | None, now: datetime, case: Case, end: str | None, run_id: str
) -> None:
    case.state, case.closed_at = "closed", now
    case.outcome = (end or "").removeprefix("end_") or "ended"
    if case.outcome == "withdrawn":
        case.stage = "withdrawn"
    deadlines.cancel_open(session, case.id)
    if case.first_contact_id is not None:
        ledger.close_first_contact(
            session, contact_id=case.first_contact_id, actor=actor, now=now, result=case.outcome
        )
        if case.outcome == "withdrawn":
            stop_following(session, case.first_contact_id)
    told = {"outcome": case.outcome}
    add_event(session, case_id=case.id, at=now, kind="case.closed", actor=actor, data=told, run_id=run_id)
    to_ledger(session, case, now, "case.closed", actor, told, run_id)


def to_ledger(
    session: Session,
    case: Case,
    now: datetime,
    kind: str,
    actor: Actor | None,
    body: Mapping[str, Fact],
    run_id: str = "",
) -> None:
    """Write a fact of a case into the ledger of its county."""
    ledger.record(
        session,
        county_code=case.county_code,
        at=now,
        kind=kind,
        case_id=case.id,
        case_number=case.number,
        actor=actor,
        body=dict(body),
        run_id=run_id,
    )
