import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_OPEN = text("state = 'open'")


def _open_index(name: str, *columns: str) -> Index:
    return Index(name, *columns, postgresql_where=_OPEN, sqlite_where=_OPEN)


class Task(Base):
    """A piece of work for a person; one row per user task of a running case."""

    __tablename__ = "task"
    __table_args__ = (
        _open_index("ix_task_town", "role", "town_code", "due_at", "id"),
        _open_index("ix_task_county", "role", "county_code", "due_at", "id"),
        _open_index("ix_task_city", "role", "city_code", "due_at", "id"),
        _open_index("ix_task_assignee", "assignee_id", "due_at", "id"),
        _open_index("ix_task_escalate", "escalate_at", "id"),
        Index("ix_task_case", "case_id"),
        Index("ix_task_completed_by", "completed_by", "completed_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    case_number: Mapped[str] = mapped_column(String(40))
    applicant_name: Mapped[str] = mapped_column(String(100))
    engine_id: Mapped[str] = mapped_column(String(64))
    element: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(40))
    form: Mapped[str] = mapped_column(String(60))
    operation: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(12))
    """open, done, cancelled"""
    town_code: Mapped[str] = mapped_column(String(9))
    county_code: Mapped[str] = mapped_column(String(6))
    city_code: Mapped[str] = mapped_column(String(4))
    assignee_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    claimed_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    """jieban.clock.NEVER where no limit binds"""
    deadline_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("deadline.id"))
    article: Mapped[str] = mapped_column(String(300), default="")
    escalation: Mapped[list[Any]] = mapped_column(default=list)
    """[{"at": iso, "to": role}], from the model; step n has fired when escalation_level > n"""
    escalation_level: Mapped[int] = mapped_column(default=0)
    escalate_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    completed_by_name: Mapped[str] = mapped_column(String(100), default="")
    result: Mapped[dict[str, Any] | None]


class TaskDraft(Base):
    """A form half filled in, kept for the person who was filling it in."""

    __tablename__ = "task_draft"

    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("task.id"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"), primary_key=True)
    data: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
