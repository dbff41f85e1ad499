"""Service steps: done the moment the engine passes them; one that fails keeps its token, and costs nothing else."""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import bpmn
from jieban import workdays
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.errors import Invalid
from jieban.staff.actor import Actor
from jieban.writes import savepoint
from notifications import letters
from tasks.operations import run_service
from tasks.operations.registry import Asked, ToOpen
from workflows.failures import DATABASE_TROUBLE, describe

_log = logging.getLogger(__name__)
_CHANGED = ("stage", "outcome", "rule_set_id", "accepted_at", "has_relative", "has_complaint", "delegated")


def performer(
    session: Session,
    actor: Actor | None,
    now: datetime,
    case: Case,
    calendar: workdays.Calendar,
    run_id: str = "",
    told: dict[str, Any] | None = None,
    to_open: list[ToOpen] | None = None,
) -> Callable[[bpmn.Effect], None]:
    """Make the function by which the engine has the operations and notices of a step done."""
    heard = {} if told is None else told
    wishes: list[ToOpen] = [] if to_open is None else to_open

    def perform(effect: bpmn.Effect) -> None:
        name, params = effect.name, dict(effect.params)
        if effect.kind == "notice":
            name, params = "issue_letter", {"kind": effect.name}
        before = {field: getattr(case, field) for field in _CHANGED}
        try:
            with letters.undone_with(session), savepoint(session):
                local = calendar.at(case.town_code)
                asked = Asked(session, actor, now, case, local, params, heard, effect.facts, wishes)
                run_service(name, asked)
        except DATABASE_TROUBLE:
            raise
        except Exception as failure:
            if isinstance(failure, Invalid) and actor is not None:
                # Whoever filled in the form can put it right, and reads how beside it.
                raise
            _log.exception("%s of case %s failed", name, case.number)
            for field, value in before.items():
                setattr(case, field, value)
            raise bpmn.EffectFailed(effect.name, describe(failure)) from failure
        data = {"operation": name, **params}
        add_event(
            session, case_id=case.id, at=now, kind="service.done", actor=actor, data=data, run_id=run_id
        )

    return perform
