import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class ReadRecord(Base):
    """Who looked at whose file, when and where."""

    __tablename__ = "read_record"
    __table_args__ = (
        Index("ix_read_record_case_at", "case_id", "at"),
        Index("ix_read_record_user_at", "user_id", "at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    user_id: Mapped[uuid.UUID]
    user_name: Mapped[str] = mapped_column(String(100))
    case_id: Mapped[uuid.UUID | None]
    what: Mapped[str] = mapped_column(String(60))
    """case, paper, letter, unmasked, api, export"""
    detail: Mapped[str] = mapped_column(String(200), default="")


class Sweep(Base):
    """When each batch flow last did its work; the health page reads this."""

    __tablename__ = "sweep"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    started_at: Mapped[datetime | None]
    last_ok_at: Mapped[datetime | None]
    last_run_id: Mapped[str] = mapped_column(String(40), default="")
    last_error: Mapped[str] = mapped_column(String(500), default="")
    last_result: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AdminEvent(Base):
    """An act of administration: accounts, rules, models, calendar."""

    __tablename__ = "admin_event"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(String(100), default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
