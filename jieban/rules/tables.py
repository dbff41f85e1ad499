import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class RuleValue(Base):
    """A limit, amount or choice, with the source that says so and the days on which it holds."""

    __tablename__ = "rule_value"
    __table_args__ = (
        Index("uq_rule_value_key_area_from", "key", "area_code", "effective_from", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80))
    area_code: Mapped[str] = mapped_column(String(12), default="")
    """"" holds everywhere; a longer code beats a shorter one"""
    name: Mapped[str] = mapped_column(String(200))
    value: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(10))
    """wd working days, d days, h hours, mo months, yuan, text, bool"""
    rule_id: Mapped[str] = mapped_column(String(20), default="")
    article: Mapped[str] = mapped_column(String(200), default="")
    source: Mapped[str] = mapped_column(String(200), default="")
    rank: Mapped[str] = mapped_column(String(20), default="")
    """law, regulation, judicial, central, ministry, province, city, county, ours"""
    provenance: Mapped[str] = mapped_column(String(10))
    """full, part, memory, inference, ours, sample: only full and part may be cited"""
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    note: Mapped[str] = mapped_column(Text, default="")


class RuleSet(Base):
    """The values in force for an area on a day, frozen; a case keeps the set of its acceptance."""

    __tablename__ = "rule_set"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    area_code: Mapped[str] = mapped_column(String(12))
    values: Mapped[dict[str, Any]]
    """{key: {value, unit, name, rule_id, article, source, rank, provenance, from, to}}"""
    created_at: Mapped[datetime]
