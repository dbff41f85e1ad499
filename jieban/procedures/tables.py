import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class ModelVersion(Base):
    """A version of a procedure: a draft that may change, or a published one that never does."""

    __tablename__ = "model_version"
    __table_args__ = (Index("ix_model_version_key_state", "key", "state", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int | None]
    """1, 2, ... once published"""
    name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    """draft, published, discarded"""
    based_on: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("model_version.id"))
    revision: Mapped[int] = mapped_column(default=0)
    note: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str] = mapped_column(String(64), default="")
    created_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    published_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    published_at: Mapped[datetime | None]
    effective_from: Mapped[date | None]


class ModelFile(Base):
    """One file of a version: the diagram, a decision table, a form."""

    __tablename__ = "model_file"

    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("model_version.id"), primary_key=True)
    path: Mapped[str] = mapped_column(String(200), primary_key=True)
    content: Mapped[bytes]
