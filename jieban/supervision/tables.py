import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_WAITS = text("state IN ('issued', 'returned')")


class SupervisionOrder(Base):
    """A supervisor's order: who has to do what about a case by when, and what came of it. It decides nothing by itself."""

    __tablename__ = "supervision_order"
    __table_args__ = (
        Index("ix_supervision_order_case", "case_id", "issued_at"),
        Index("ix_supervision_order_from", "from_user", "state", "due_at"),
        Index("ix_supervision_order_to_user", "to_user", "state", "due_at"),
        Index("ix_supervision_order_to_area", "to_area", "state", "due_at"),
        Index(
            "ix_supervision_order_escalate",
            "escalate_at",
            "id",
            postgresql_where=_WAITS,
            sqlite_where=_WAITS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(60), unique=True)
    """that of its letter"""
    letter_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    case_number: Mapped[str] = mapped_column(String(40))
    applicant_name: Mapped[str] = mapped_column(String(100))
    """as whoever has to answer may know it"""
    county_code: Mapped[str] = mapped_column(String(6))
    task_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("task.id"))
    task_name: Mapped[str] = mapped_column(String(200), default="")
    from_user: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    from_name: Mapped[str] = mapped_column(String(100))
    from_unit: Mapped[str] = mapped_column(String(200), default="")
    to_user: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    """one person; or none, and then to_role of the place answers for the office"""
    to_role: Mapped[str] = mapped_column(String(40), default="")
    to_area: Mapped[str] = mapped_column(String(12))
    to_name: Mapped[str] = mapped_column(String(200))
    what: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime]
    due_on: Mapped[date | None]
    """the last day as it was named; where that is a day of rest, due_at is the end of the next working day"""
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    """issued, answered, accepted, returned (to be answered again), withdrawn"""
    answers: Mapped[list[Any]] = mapped_column(default=list)
    """[{"at", "by", "by_id", "text", "late", "verdict", "verdict_at", "verdict_by", "reason"}], the latest last"""
    closed_at: Mapped[datetime | None]
    closing: Mapped[str] = mapped_column(Text, default="")
    """why it was withdrawn"""
    escalation: Mapped[list[Any]] = mapped_column(default=list)
    """[{"at": iso, "to": role, or "" for whoever has to answer}]"""
    escalation_level: Mapped[int] = mapped_column(default=0)
    escalate_at: Mapped[datetime | None]
