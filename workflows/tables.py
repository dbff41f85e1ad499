import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

_ARMED = text("state = 'armed'")


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


class CaseNumber(Base):
    """The last number given in a county and year, so that numbers have no gaps and no doubles."""

    __tablename__ = "case_number"

    prefix: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
