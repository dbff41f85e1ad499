import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class CaseRecord(Base):
    """What a step of a procedure put on record: the form as it was filled in, under the kind that the model names.

    What the law computes with has tables of its own; a record holds what is only shown, said in letters and counted.
    Records are never changed: a later one of the same kind stands beside the earlier.
    """

    __tablename__ = "case_record"
    __table_args__ = (Index("ix_case_record_case", "case_id", "kind", "recorded_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(200))
    element: Mapped[str] = mapped_column(String(100), default="")
    form: Mapped[str] = mapped_column(String(60), default="")
    """the form whose fields say what the data mean"""
    data: Mapped[dict[str, Any]]
    task_id: Mapped[uuid.UUID | None]
    recorded_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    recorded_by_name: Mapped[str] = mapped_column(String(100), default="")
    recorded_at: Mapped[datetime]
