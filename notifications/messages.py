"""Messages inside the office: reminders, escalations, handovers."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.staff.actor import Actor
from jieban.writes import append
from notifications import deliveries
from notifications.addresses import Book
from notifications.channels import channels_of
from notifications.tables import Message

_MOST_COUNTED = 99


def send(
    session: Session,
    *,
    user_id: uuid.UUID,
    kind: str,
    text: str,
    now: datetime,
    case_id: uuid.UUID | None = None,
    task_id: uuid.UUID | None = None,
    run_id: str = "",
    private: str = "",
    proof: bool = False,
) -> Message:
    """Leave a message for a colleague; it is there when the transaction is, and goes out by the channels of its kind.

    `private` is a name that stays in the program; `proof` lets the ledger tell what became of it outside.
    """
    message = Message(
        id=new_id(),
        user_id=user_id,
        at=now,
        kind=kind,
        text=_cut(text),
        case_id=case_id,
        task_id=task_id,
        run_id=run_id,
    )
    session.add(message)
    deliveries.to_staff(
        session,
        message_id=message.id,
        user_id=user_id,
        kind=kind,
        text=message.text,
        now=now,
        case_id=case_id,
        run_id=run_id,
        private=private,
        proof=proof,
    )
    return message


def leave(
    session: Session,
    *,
    user_id: uuid.UUID,
    kind: str,
    text: str,
    now: datetime,
    case_id: uuid.UUID | None = None,
    task_id: uuid.UUID | None = None,
    run_id: str = "",
    private: str = "",
    proof: bool = False,
    message_id: uuid.UUID | None = None,
    book: Book | None = None,
) -> None:
    """Do the same for a sweep: the row goes out together with its others, and its book knows all addresses."""
    row: dict[str, Any] = {
        "id": message_id or new_id(),
        "user_id": user_id,
        "at": now,
        "kind": kind,
        "text": _cut(text),
        "case_id": case_id,
        "task_id": task_id,
        "read_at": None,
        "run_id": run_id,
    }
    append(session, Message, row)
    if channels_of(session):
        deliveries.to_staff(
            session,
            message_id=row["id"],
            user_id=user_id,
            kind=kind,
            text=row["text"],
            now=now,
            case_id=case_id,
            run_id=run_id,
            private=private,
            proof=proof,
            book=book,
        )


def _cut(text: str) -> str:
    return text if len(text) <= 500 else text[:499] + "…"


def inbox(session: Session, actor: Actor, limit: int = 50) -> Sequence[Message]:
    """List the actor's messages, unread ones first, then the newest."""
    query = select(Message).where(Message.user_id == actor.id)
    return session.scalars(query.order_by(Message.read_at.is_not(None), Message.at.desc()).limit(limit)).all()


def unread(session: Session, user_id: uuid.UUID) -> int:
    """Count unread messages, up to 99."""
    some = (
        select(Message.id)
        .where(Message.user_id == user_id, Message.read_at.is_(None))
        .limit(_MOST_COUNTED)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(some)) or 0


def mark_read(session: Session, actor: Actor, now: datetime, message_id: uuid.UUID | None = None) -> None:
    """Mark one of the actor's messages as read, or all of them."""
    query = update(Message).where(Message.user_id == actor.id, Message.read_at.is_(None))
    if message_id is not None:
        query = query.where(Message.id == message_id)
    session.execute(query.values(read_at=now))
