import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_RUNNING = text("state = 'running'")
_UNBREACHED = text("state = 'running' AND breached_at IS NULL")

LASTS = "notice"
"""A clock of this kind says how long something must last at least: that it ends is no breach by anybody."""


class Deadline(Base):
    """One clock: of a whole case, of a step, of a notice."""

    __tablename__ = "deadline"
    __table_args__ = (
        Index("ix_deadline_case", "case_id"),
        # By provenance first, so that the look for breaches never takes it for its own: it would read all that were noted.
        Index(
            "ix_deadline_running",
            "provenance",
            "due_at",
            "id",
            postgresql_where=_RUNNING,
            sqlite_where=_RUNNING,
        ),
        Index(
            "ix_deadline_unbreached", "due_at", "id", postgresql_where=_UNBREACHED, sqlite_where=_UNBREACHED
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    task_id: Mapped[uuid.UUID | None]
    kind: Mapped[str] = mapped_column(String(20))
    """total, total_urban, step, notice"""
    name: Mapped[str] = mapped_column(String(200))
    element: Mapped[str] = mapped_column(String(100), default="")
    rule_key: Mapped[str] = mapped_column(String(80), default="")
    length: Mapped[int]
    unit: Mapped[str] = mapped_column(String(4))
    starts_at: Mapped[datetime]
    due_at: Mapped[datetime]
    article: Mapped[str] = mapped_column(String(200), default="")
    provenance: Mapped[str] = mapped_column(String(10), default="ours")
    provisional: Mapped[bool] = mapped_column(default=False)
    """the due day rests on a calendar year that the State Council has not published yet"""
    state: Mapped[str] = mapped_column(String(12), default="running")
    """running, met, cancelled, extended (replaced by a longer one)"""
    breached_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    replaced_by: Mapped[uuid.UUID | None]
    fact: Mapped[str] = mapped_column(String(60), default="")
    """the fact of the run that holds the due moment too, for a timer to wait for; it moves with the clock"""


class Extension(Base):
    """A total clock made longer, for a listed reason, by an approver, with a notice (DB-20)."""

    __tablename__ = "extension"
    __table_args__ = (Index("ix_extension_case", "case_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    deadline_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("deadline.id"))
    reason: Mapped[str] = mapped_column(String(40))
    """objection, separated_residence, other_place, hard_investigation"""
    explanation: Mapped[str] = mapped_column(String(500), default="")
    state: Mapped[str] = mapped_column(String(12))
    """asked, approved, rejected"""
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    asked_at: Mapped[datetime]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(String(500), default="")


class FactDay(Base):
    """A day that an operation worked out by the calendar and put into a fact of the run, though no clock ends with it.

    It is kept so that it can be worked out anew when the calendar changes.
    """

    __tablename__ = "fact_day"
    __table_args__ = (
        UniqueConstraint("case_id", "fact", name="uq_fact_day_case_fact"),
        Index("ix_fact_day_due", "due_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    fact: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    length: Mapped[int]
    unit: Mapped[str] = mapped_column(String(4))
    ahead: Mapped[int] = mapped_column(default=0)
    """so many days before the end lies the day of the fact"""
    due_at: Mapped[datetime]
    """what the fact holds, by the calendar of the place of the case"""
