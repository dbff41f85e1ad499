import uuid
from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base

WHOLE_COUNTRY = ""
"""The area of a day as the State Council said it; any other area is an exception that its own government made."""


class WorkCalendarDay(Base):
    """Whether a day is a working day, for the whole country or in one area, and whether that is official."""

    __tablename__ = "work_calendar"

    day: Mapped[date] = mapped_column(primary_key=True)
    area_code: Mapped[str] = mapped_column(String(6), primary_key=True, default=WHOLE_COUNTRY)
    """a province, city or county whose own day it is; empty for the whole country"""
    working: Mapped[bool]
    name: Mapped[str] = mapped_column(String(40), default="")
    status: Mapped[str] = mapped_column(String(12))
    """official, provisional"""
    source: Mapped[str] = mapped_column(String(200), default="")


class WorkCalendarRevision(Base):
    """A new id with every change of the calendar, so that a process can keep the calendar and notice a newer one."""

    __tablename__ = "work_calendar_revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision: Mapped[uuid.UUID]
