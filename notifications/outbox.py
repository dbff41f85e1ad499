"""What leaves a transaction: written with it, done after it, once."""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from jieban.database import Database
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.ledger.head_files import keep_head
from jieban.ledger.verify_ledger import parse_head
from jieban.settings import read_settings
from jieban.writes import append
from notifications import messages
from notifications.tables import Letter, Outbox

log = structlog.get_logger()

MOST_ATTEMPTS = 8
_CHUNK = 50
_PENDING = literal("pending", literal_execute=True)
"""Written out in the statement, since a partial index does not know what a parameter will be."""


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
        session.scalar(select(Outbox.id).where(Outbox.state == _PENDING, Outbox.not_before <= now).limit(1))
        is not None
    )


def deliver(database: Database, now: datetime, run_id: str, budget_seconds: float, folder: Path) -> Delivered:
    """Do what is due, the oldest first, each item in a transaction of its own, until the budget is used up.

    An item that fails is tried again later, at growing intervals; after the last attempt it is set aside with its error.
    """
    end = monotonic() + budget_seconds
    counts: Counter[str] = Counter()
    while monotonic() < end and (due := _due(database, now)):
        before = counts.total() - counts["elsewhere"]
        for item in due:
            counts[_one(database, item, now, run_id, folder)] += 1
            if monotonic() >= end:
                break
        if counts.total() - counts["elsewhere"] == before:
            break  # another worker has all of them in hand
    return Delivered(counts["done"], counts["failed"], counts["pending"])


def _due(database: Database, now: datetime) -> Sequence[uuid.UUID]:
    query = (
        select(Outbox.id)
        .where(Outbox.state == _PENDING, Outbox.not_before <= now)
        .order_by(Outbox.not_before, Outbox.id)
        .limit(_CHUNK)
    )
    with database.read() as session:
        return session.scalars(query).all()


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
            _handler(row.kind)(session, row, folder, now)
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


def _handler(kind: str) -> "Handler":
    try:
        return _HANDLERS[kind]
    except KeyError:
        raise Invalid(f"没有名为“{kind}”的发送方式。") from None


def _render_letter(session: Session, row: Outbox, folder: Path, now: datetime) -> None:  # noqa: ARG001
    from notifications.letters.render import render_to_file

    letter = session.get_one(Letter, uuid.UUID(row.payload["letter"]))
    letter.sha256 = render_to_file(letter, folder)


def _message(session: Session, row: Outbox, folder: Path, now: datetime) -> None:  # noqa: ARG001
    """Leave a message for a colleague: {"user", "kind", "text", "task"}."""
    task = row.payload.get("task")
    messages.send(
        session,
        user_id=uuid.UUID(row.payload["user"]),
        kind=row.payload["kind"],
        text=row.payload["text"],
        now=now,
        case_id=row.case_id,
        task_id=uuid.UUID(task) if task else None,
    )


def _ledger_head(session: Session, row: Outbox, folder: Path, now: datetime) -> None:  # noqa: ARG001
    """Put a signed head of the ledger into the folder of the settings: {"head"}; without one there is nothing to do."""
    heads = read_settings().ledger_heads
    if heads is not None:
        keep_head(heads, parse_head(row.payload["head"], "发件箱中的内容"))


Handler = Callable[[Session, Outbox, Path, datetime], None]
_HANDLERS: dict[str, Handler] = {
    "render_letter": _render_letter,
    "message": _message,
    "ledger_head": _ledger_head,
}
