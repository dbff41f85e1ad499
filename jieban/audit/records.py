import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jieban.audit.tables import AdminEvent, ReadRecord
from jieban.ids import new_id
from jieban.staff.actor import Actor


def record_read(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    case_id: uuid.UUID | None,
    what: str,
    detail: str = "",
) -> None:
    """Write down that somebody looked at a person's file."""
    session.add(
        ReadRecord(
            id=new_id(),
            at=now,
            user_id=actor.id,
            user_name=actor.name,
            case_id=case_id,
            what=what,
            detail=detail[:200],
        )
    )


def record_admin(
    session: Session,
    *,
    kind: str,
    now: datetime,
    actor: Actor | None = None,
    actor_name: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down an act of administration; on the command line the actor may only be a name."""
    session.add(
        AdminEvent(
            id=new_id(),
            at=now,
            kind=kind,
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else actor_name,
            data=dict(data or {}),
        )
    )
