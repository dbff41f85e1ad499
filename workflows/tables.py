import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_ARMED = text("state = 'armed'")
_OPEN = text("state = 'open'")


class Timer(Base):
    """A timer of a running case, as the engine armed it."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_armed", "fire_at", "id", postgresql_where=_ARMED, sqlite_where=_ARMED),
        Index("ix_timer_case", "case_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    engine_id: Mapped[str] = mapped_column(String(64))
    element: Mapped[str] = mapped_column(String(100))
    fire_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    """armed, fired, cancelled, stuck (set aside with last_error)"""
    fired_at: Mapped[datetime | None]
    run_id: Mapped[str] = mapped_column(String(40), default="")
    last_error: Mapped[str] = mapped_column(String(500), default="")


class Incident(Base):
    """A place where a case cannot go on by itself: at a token of the engine, or at a task whose operation failed."""

    __tablename__ = "incident"
    __table_args__ = (
        Index("ix_incident_case", "case_id"),
        Index("ix_incident_open", "opened_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    """the task that could not be completed; it is settled with the task"""
    engine_id: Mapped[str] = mapped_column(String(64))
    element: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    expression: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(String(500))
    facts: Mapped[dict[str, Any]]
    """what the element looks at, as text"""
    reads: Mapped[list[str]]
    """those that may be told when it is retried"""
    opened_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    """open, settled"""
    tries: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]


class SetAside(Base):
    """A reminder, a breach or an order that the sweep over late matters could not deal with; gone when it was."""

    __tablename__ = "set_aside"
    __table_args__ = (Index("ix_set_aside_opened", "opened_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """that of the task, the deadline or the order"""
    kind: Mapped[str] = mapped_column(String(12))
    """task, breach, order"""
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    name: Mapped[str] = mapped_column(String(200))
    due_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500))
    opened_at: Mapped[datetime]
    tries: Mapped[int]
    """how often it failed"""
    retry_at: Mapped[datetime]
    """until then the sweep leaves it"""
    run_id: Mapped[str] = mapped_column(String(40))
    """the run in which it failed last"""


class CaseNumber(Base):
    """The last number given in a county and year, so that numbers have no gaps and no doubles."""

    __tablename__ = "case_number"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


_UNFINISHED = text("NOT done")


class CalendarMove(Base):
    """How far the running deadlines have been moved by an act of the calendar: an import, or its being taken back."""

    __tablename__ = "calendar_move"
    __table_args__ = (
        Index(
            "ix_calendar_move_unfinished",
            "started_at",
            postgresql_where=_UNFINISHED,
            sqlite_where=_UNFINISHED,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """that of the recorded act"""
    preview_id: Mapped[uuid.UUID]
    part: Mapped[int] = mapped_column(default=0)
    """which kind of rows is being moved"""
    cursor_at: Mapped[datetime | None]
    cursor_id: Mapped[uuid.UUID | None]
    """the last row of that kind that was looked at"""
    expected: Mapped[int] = mapped_column(default=0)
    """how many there were to look at when it began"""
    looked: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    confirmed: Mapped[int] = mapped_column(default=0)
    annulled: Mapped[int] = mapped_column(default=0)
    cases: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    last_at: Mapped[datetime]
    """of the last rows that were written"""
    done: Mapped[bool] = mapped_column(default=False)
