import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jieban.cases.tables import CaseEvent
from jieban.ids import new_id
from jieban.staff.actor import Actor
from jieban.writes import append


def add_event(
    session: Session,
    *,
    case_id: uuid.UUID,
    at: datetime,
    kind: str,
    actor: Actor | None,
    task_id: uuid.UUID | None = None,
    data: Mapping[str, Any] | None = None,
    run_id: str = "",
) -> None:
    """Write a line of a case's history; without an actor it was the clock's doing."""
    row = {
        "id": new_id(),
        "case_id": case_id,
        "at": at,
        "kind": kind,
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else "",
        "task_id": task_id,
        "data": dict(data or {}),
        "run_id": run_id,
    }
    append(session, CaseEvent, row)
