"""The hash chain itself: no database here, so that an export can be verified anywhere."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Protocol

from jieban.ledger.records import canonical

START = "0" * 64
"""What the first record of a county follows."""


class Recorded(Protocol):
    """What the line of a record is made of."""

    id: Any
    county_code: Any
    at: Any
    kind: Any
    case_id: Any
    case_number: Any
    actor_id: Any
    actor_name: Any
    body: Any
    run_id: Any


def line_of(row: Recorded) -> str:
    """Write a record as the canonical line that is hashed."""
    at: datetime = row.at
    return canonical(
        {
            "id": str(row.id),
            "county": row.county_code,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kind": row.kind,
            "case": str(row.case_id) if row.case_id else None,
            "number": row.case_number,
            "actor": str(row.actor_id) if row.actor_id else None,
            "name": row.actor_name,
            "body": row.body,
            "run": row.run_id,
        }
    )


def link(previous: str, line: str) -> str:
    """Hash a line together with the hash before it."""
    return hashlib.sha256(f"{previous}\n{line}".encode()).hexdigest()
