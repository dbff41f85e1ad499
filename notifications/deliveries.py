"""Asking for a message to leave the machine: a row, written in the transaction of what it tells of."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.staff.addresses import masked
from jieban.writes import append
from notifications.addresses import Book
from notifications.channels import HEADS, OPTIONAL, Channel, channels_of
from notifications.tables import Delivery

KIND_NAMES = {
    "escalation": "督促",
    "red_card": "红牌警示",
    "yellow_card": "黄牌提醒",
    "reminder": "提醒",
    "order": "督办单",
    "contact": "首接跟踪",
    "handover": "转交",
    "digest": "每日提醒",
    "receipt": "首接回执",
    "interim": "进展告知",
    "feedback": "反馈",
    "extension": "延期告知",
    "letter": "文书通知",
    "ledger_head": "链头",
}


def to_staff(
    session: Session,
    *,
    message_id: uuid.UUID,
    user_id: uuid.UUID,
    kind: str,
    text: str,
    now: datetime,
    case_id: uuid.UUID | None = None,
    run_id: str = "",
    private: str = "",
    proof: bool = False,
    book: Book | None = None,
) -> None:
    """Let a message to a member of staff go out by every channel that is set up for its kind.

    `private` is a name that stays inside: outside, the number of the case says enough. `proof` lets the ledger tell what
    became of it.
    """
    channels = channels_of(session)
    ways = channels.for_("staff", kind) if channels else ()
    if not ways:
        return
    reached = (book or Book()).find(session, user_id)
    if reached is None or (kind in OPTIONAL and not reached.reminders):
        return
    if private:
        text = text.replace(f"{private}，", "").replace(private, "本人")
    for channel in ways:
        address = reached.mail if channel.kind == "mail" else reached.mobile
        if not (address or channel.robot):
            continue
        ask(
            session,
            channel,
            key=f"{channel.key}:{message_id}",
            kind=kind,
            now=now,
            to_name=reached.name,
            address=address,
            # A group must know whom it is about.
            text=f"{reached.name}：{text}" if channel.robot else text,
            case_id=case_id,
            message_id=message_id,
            user_id=user_id,
            run_id=run_id,
            proof=proof,
        )


def heads_to_keep(session: Session, heads: Iterable[Any], now: datetime, run_id: str) -> None:
    """Let signed heads of the ledger go to whoever keeps them: all of a sweep in one mail, a line each."""
    heads, channels = list(heads), channels_of(session)
    if not heads or channels is None:
        return
    first, last = heads[0], heads[-1]
    text = "".join(f"{head.kept}\n" for head in heads)
    for channel in channels.for_(HEADS, "ledger_head"):
        for address in channel.to:
            ask(
                session,
                channel,
                key=f"{channel.key}:heads:{first.county}:{first.seq}:{last.county}:{last.seq}:{address}"[
                    :200
                ],
                kind="ledger_head",
                now=now,
                to_name=address[:100],
                address=address,
                text=text,
                run_id=run_id,
            )


def ask(
    session: Session,
    channel: Channel,
    *,
    key: str,
    kind: str,
    now: datetime,
    to_name: str,
    address: str,
    text: str,
    case_id: uuid.UUID | None = None,
    message_id: uuid.UUID | None = None,
    letter_id: uuid.UUID | None = None,
    user_id: uuid.UUID | None = None,
    run_id: str = "",
    proof: bool = False,
) -> None:
    """Write down that something is to go out by a channel."""
    if channel.signature and channel.kind == "webhook":
        text = f"【{channel.signature}】{text}"
    row = {
        "id": new_id(),
        "key": key,
        "channel": channel.key,
        "kind": kind,
        "case_id": case_id,
        "message_id": message_id,
        "letter_id": letter_id,
        "user_id": user_id,
        "to_name": to_name,
        "address": address,
        "masked": masked(address),
        "subject": f"接办 {KIND_NAMES[kind]}",
        "text": text,
        "proof": proof,
        "created_at": now,
        "not_before": now,
        "run_id": run_id,
    }
    append(session, Delivery, row)
