import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base, Money

_ACTIVE = text("state = 'active'")
_LASTING = text("state = 'active' AND until IS NOT NULL")
_UNWARNED = text("state = 'active' AND until IS NOT NULL AND warned_at IS NULL")


class Benefit(Base):
    """What a household or person has been granted: money every month, or a status for a time.

    It outlives the case that granted it; reviews and changes are cases of their own that point at it.
    """

    __tablename__ = "benefit"
    __table_args__ = (
        Index("ix_benefit_case", "case_id"),
        Index("ix_benefit_person", "person_id"),
        Index("ix_benefit_county", "county_code", "procedure", "state", "id"),
        Index("ix_benefit_members_case", "members_case_id"),
        Index("ix_benefit_review", "review_due", "id", postgresql_where=_ACTIVE, sqlite_where=_ACTIVE),
        Index("ix_benefit_until", "until", "id", postgresql_where=_LASTING, sqlite_where=_LASTING),
        Index("ix_benefit_unwarned", "until", "id", postgresql_where=_UNWARNED, sqlite_where=_UNWARNED),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    case_number: Mapped[str] = mapped_column(String(40))
    procedure: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    """monthly, status"""
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"))
    holder: Mapped[str] = mapped_column(String(100))
    village_code: Mapped[str | None] = mapped_column(String(12))
    town_code: Mapped[str] = mapped_column(String(9))
    county_code: Mapped[str] = mapped_column(String(6))
    city_code: Mapped[str] = mapped_column(String(4))
    urban: Mapped[bool]
    members: Mapped[int]
    members_case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("case_file.id"))
    """the case whose members it counts since they changed; none where they are still those of the case that granted it"""
    method: Mapped[str] = mapped_column(String(20), default="")
    amount: Mapped[Decimal | None] = mapped_column(Money)
    """yuan a month now; earlier and coming amounts are its steps"""
    care_form: Mapped[str] = mapped_column(String(20), default="")
    """centralised, dispersed (TK-14)"""
    care_tier: Mapped[str] = mapped_column(String(20), default="")
    """none, partial, full (TK-12)"""
    from_month: Mapped[str] = mapped_column(String(7))
    until: Mapped[date | None]
    """the last day of a status (GX-07), or of money that is paid on for a time (DB-31)"""
    warned_at: Mapped[datetime | None]
    """when its coming end was told"""
    review_months: Mapped[int | None]
    review_due: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(12))
    """active, ended"""
    ended_month: Mapped[str] = mapped_column(String(7), default="")
    """the first month without it"""
    end_reason: Mapped[str] = mapped_column(String(40), default="")
    account_holder: Mapped[str] = mapped_column(String(100), default="")
    """another account than that of the application, where one was given later"""
    account_bank: Mapped[str] = mapped_column(String(100), default="")
    account_number: Mapped[str] = mapped_column(String(40), default="")
    sample: Mapped[bool] = mapped_column(default=False)


class BenefitStep(Base):
    """From which month a benefit has which amount, and by which case; never changed, only followed by another."""

    __tablename__ = "benefit_step"
    __table_args__ = (Index("ix_benefit_step_benefit", "benefit_id", "from_month", "made_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    benefit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("benefit.id"))
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    from_month: Mapped[str] = mapped_column(String(7))
    amount: Mapped[Decimal] = mapped_column(Money)
    members: Mapped[int]
    reason: Mapped[str] = mapped_column(String(40), default="")
    """granted, increased, reduced, stopped, grace"""
    made_at: Mapped[datetime]
