import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class CareSupply(Base):
    """One service or charity project that a provider offers in a county: a line of its supply list (供给清单)."""

    __tablename__ = "care_supply"
    __table_args__ = (Index("uq_care_supply_label", "county_code", "label", unique=True),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6))
    provider: Mapped[str] = mapped_column(String(100))
    kind: Mapped[str] = mapped_column(String(20))
    """institution, social_work, company, volunteer, charity"""
    item: Mapped[str] = mapped_column(String(20))
    """what is offered: see jieban.care.words"""
    name: Mapped[str] = mapped_column(String(100))
    label: Mapped[str] = mapped_column(String(205))
    """provider and name together, by which forms and records call it"""
    contact: Mapped[str] = mapped_column(String(50), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    capacity: Mapped[int | None]
    """people at one time; none where it has no limit"""
    used: Mapped[int] = mapped_column(default=0)
    """places that running orders take"""
    note: Mapped[str] = mapped_column(String(300), default="")
    active: Mapped[bool] = mapped_column(default=True)
    sample: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]


class CareOrder(Base):
    """That a provider was asked to serve somebody: from when until when, and how often."""

    __tablename__ = "care_order"
    __table_args__ = (
        Index("ix_care_order_case", "case_id", "state"),
        Index("ix_care_order_supply", "supply_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    supply_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("care_supply.id"))
    what: Mapped[str] = mapped_column(String(300), default="")
    times: Mapped[int]
    """visits in a month"""
    from_on: Mapped[date]
    until_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    """active, ended"""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(20), default="")
    """accepted, changed, stopped, replaced"""


class CareVisit(Base):
    """A visit that a plan foresees; its sign-in is a record of the case."""

    __tablename__ = "care_visit"
    __table_args__ = (Index("ix_care_visit_case", "case_id", "state", "planned_on"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("care_order.id"))
    planned_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(12))
    """planned, done, missed, cancelled"""
    visited_on: Mapped[date | None]


class CareGap(Base):
    """A need that nothing on the supply list of the county met, so that the county sees what it lacks (FW-02)."""

    __tablename__ = "care_gap"
    __table_args__ = (Index("ix_care_gap_county", "county_code", "noted_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    county_code: Mapped[str] = mapped_column(String(6))
    item: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200), default="")
    noted_at: Mapped[datetime]
