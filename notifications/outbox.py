"""What leaves a transaction: written with it, done after it, once."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from jieban.database import Database
from jieban.ids import new_id
from jieban.writes import append
from notifications.tables import Letter, Outbox

log = structlog.get_logger()

MOST_ATTEMPTS = 8
_CHUNK = 50


@dataclass(frozen=True)
class Delivered:
    done: int = 0
    failed: int = 0
    """set aside after the last attempt"""
    again: int = 0
    """to be tried again later"""


def enqueue(
    session: Session,
    *,
    key: str,
    kind: str,
    payload: Mapping[str, Any],
    now: datetime,
    case_id: uuid.UUID | None = None,
) -> None:
    """Ask for something to be done after this transaction; the key says what it is, so that it is done once."""
    row = {
        "id": new_id(),
        "key": key,
        "kind": kind,
        "case_id": case_id,
        "payload": dict(payload),
        "state": "pending",
        "not_before": now,
    }
    append(session, Outbox, row)


def waiting(session: Session, now: datetime) -> bool:
    """Tell whether anything is due."""
    return (
        session.scalar(select(Outbox.id).where(Outbox.state == "pending", Outbox.not_before <= now).limit(1))
        is not None
    )


def deliver(database: Database, now: datetime, run_id: str, budget_seconds: float, folder: Path) -> Delivered:
    """Do what is due, the oldest first, each item in a transaction of its own, until the budget is used up.

    An item that fails is tried again later, at growing intervals; after the last attempt it is set aside with its error.
    """
    end = monotonic() + budget_seconds
    done = failed = again = 0
    while monotonic() < end:
        with database.read() as session:
            due = session.scalars(
                select(Outbox.id)
                .where(Outbox.state == "pending", Outbox.not_before <= now)
                .order_by(Outbox.not_before, Outbox.id)
                .limit(_CHUNK)
            ).all()
        if not due:
            break
        for item in due:
            outcome = _one(database, item, now, run_id, folder)
            done += outcome == "done"
            failed += outcome == "failed"
            again += outcome == "pending"
            if monotonic() >= end:
                break
    return Delivered(done, failed, again)


def _one(database: Database, item: uuid.UUID, now: datetime, run_id: str, folder: Path) -> str:
    try:
        with database.write() as session:
            query = (
                select(Outbox)
                .where(Outbox.id == item, Outbox.state == "pending")
                .with_for_update(skip_locked=True)
            )
            row = session.scalars(query).one_or_none()
            if row is None:
                return "elsewhere"
            _HANDLERS[row.kind](session, row, folder)
            row.state, row.done_at, row.run_id, row.attempts = "done", now, run_id, row.attempts + 1
            return "done"
    except Exception as error:  # noqa: BLE001 - one bad item must not stop the others; it is logged and kept
        log.warning("outbox item failed", item=str(item), error=str(error))
        return _put_off(database, item, now, run_id, str(error))


def _put_off(database: Database, item: uuid.UUID, now: datetime, run_id: str, error: str) -> str:
    with database.write() as session:
        row = session.get_one(Outbox, item)
        attempts = row.attempts + 1
        state = "failed" if attempts >= MOST_ATTEMPTS else "pending"
        session.execute(
            update(Outbox)
            .where(Outbox.id == item, Outbox.state == "pending")
            .values(
                attempts=attempts,
                state=state,
                last_error=error[:2000],
                not_before=now + timedelta(seconds=15 * 2**attempts),
                run_id=run_id,
            )
        )
        return state


def _render_letter(session: Session, row: Outbox, folder: Path) -> None:
    from notifications.letters.render import render_to_file

    letter = session.get_one(Letter, uuid.UUID(row.payload["letter"]))
    letter.sha256 = render_to_file(letter, folder)


_HANDLERS: dict[str, Callable[[Session, Outbox, Path], None]] = {"render_letter": _render_letter}
