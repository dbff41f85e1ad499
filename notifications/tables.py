import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_PENDING = text("state = 'pending'")
_GOES_OUT = text("state IN ('waiting', 'sending')")
_WENT_WRONG = text("state IN ('failed', 'uncertain')")


class Outbox(Base):
    """What must leave the transaction: render a letter, tell somebody; done once, by its key."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_pending", "not_before", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[uuid.UUID | None]
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(12), default="pending")
    """pending, done, failed"""
    not_before: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]
    run_id: Mapped[str] = mapped_column(String(40), default="")


class Letter(Base):
    """A statutory notice: its words frozen when it was issued, its PDF made from them."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """receipt, acceptance, supplement, check_result, public_notice, extension, approval, refusal, publication, termination"""
    number: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    data: Mapped[dict[str, Any]]
    issued_at: Mapped[datetime]
    issued_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    sha256: Mapped[str] = mapped_column(String(64), default="")
    served_on: Mapped[date | None]
    served_how: Mapped[str] = mapped_column(String(40), default="")


class Message(Base):
    """A message in the office: a reminder, an escalation, a handover."""

    __tablename__ = "message"
    __table_args__ = (Index("ix_message_user_unread", "user_id", "read_at", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    text: Mapped[str] = mapped_column(String(500))
    case_id: Mapped[uuid.UUID | None]
    task_id: Mapped[uuid.UUID | None]
    read_at: Mapped[datetime | None]
    run_id: Mapped[str] = mapped_column(String(40), default="")


class LetterNumber(Base):
    """The last number given to a kind of letter in a county and year."""

    __tablename__ = "letter_number"

    prefix: Mapped[str] = mapped_column(String(60), primary_key=True)
    last: Mapped[int]


class Delivery(Base):
    """What is to leave the machine, to whom and by which channel, and what became of it."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_due",
            "channel",
            "not_before",
            "id",
            postgresql_where=_GOES_OUT,
            sqlite_where=_GOES_OUT,
        ),
        Index(
            "ix_delivery_wrong", "channel", "state", postgresql_where=_WENT_WRONG, sqlite_where=_WENT_WRONG
        ),
        Index("ix_delivery_case", "case_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """stays the same however often it is sent, so a receiver can tell a second copy"""
    key: Mapped[str] = mapped_column(String(200), unique=True)
    channel: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[uuid.UUID | None]
    message_id: Mapped[uuid.UUID | None]
    letter_id: Mapped[uuid.UUID | None]
    user_id: Mapped[uuid.UUID | None]
    """a member of staff; of nobody it goes to the applicant, or to whoever keeps heads"""
    to_name: Mapped[str] = mapped_column(String(100), default="")
    address: Mapped[str] = mapped_column(String(254), default="")
    """emptied as soon as it is not needed any more"""
    masked: Mapped[str] = mapped_column(String(254), default="")
    subject: Mapped[str] = mapped_column(String(200), default="")
    text: Mapped[str] = mapped_column(Text, default="")
    proof: Mapped[bool] = mapped_column(default=False)
    """whether the ledger tells what became of it"""
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting, sending, delivered, failed, uncertain"""
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    """while it is being sent: until when whoever sends it has it"""
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    delivered_at: Mapped[datetime | None]
    run_id: Mapped[str] = mapped_column(String(40), default="")


class ChannelState(Base):
    """How a channel fares: failures in a row, until when it rests, and how much went out in the present minute."""

    __tablename__ = "channel_state"

    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    delivered_at: Mapped[datetime | None]
    minute_began: Mapped[datetime | None]
    sent_in_minute: Mapped[int] = mapped_column(default=0)
