import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.ledger.tables import LedgerRecord, LedgerUnsealed
from jieban.staff.actor import Actor
from jieban.writes import append


def canonical(value: Mapping[str, Any]) -> str:
    """Write JSON the one way in which it is hashed: sorted keys, no blanks, UTF-8, no float surprises."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, default=str
    )


def record(
    session: Session,
    *,
    county_code: str,
    at: datetime,
    kind: str,
    case_id: uuid.UUID | None,
    case_number: str,
    actor: Actor | None,
    body: Mapping[str, Any],
    run_id: str = "",
) -> uuid.UUID:
    """Write one fact of answerability and return its id; the sealing sweep later gives it its place in the county's chain."""
    record_id = new_id()
    row = {
        "id": record_id,
        "county_code": county_code,
        "at": at,
        "kind": kind,
        "case_id": case_id,
        "case_number": case_number,
        "actor_id": actor.id if actor else None,
        "actor_name": actor.name if actor else "",
        "body": canonical(body),
        "run_id": run_id,
    }
    append(session, LedgerRecord, row)
    append(session, LedgerUnsealed, {"record_id": record_id, "county_code": county_code})
    return record_id
