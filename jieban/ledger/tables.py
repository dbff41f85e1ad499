import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base, BigId


class FirstContact(Base):
    """Who received a matter first, what was told, and by when the person hears back (首接首办)."""

    __tablename__ = "first_contact"
    __table_args__ = (
        Index("ix_first_contact_county_at", "county_code", "received_at"),
        Index(
            "ix_first_contact_follow",
            "follow_at",
            "id",
            postgresql_where=text("follow_at IS NOT NULL"),
            sqlite_where=text("follow_at IS NOT NULL"),
        ),
        Index(
            "ix_first_contact_flagged",
            "county_code",
            "received_at",
            postgresql_where=text("registered_late OR breached_at IS NOT NULL OR reopened > 0"),
            sqlite_where=text("registered_late OR breached_at IS NOT NULL OR reopened > 0"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    receipt_code: Mapped[str] = mapped_column(String(20), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    matter: Mapped[str] = mapped_column(String(200))
    person_name: Mapped[str] = mapped_column(String(100))
    phone: Mapped[str] = mapped_column(String(40), default="")
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    receiver_name: Mapped[str] = mapped_column(String(100))
    receiver_unit: Mapped[str] = mapped_column(String(200))
    town_code: Mapped[str] = mapped_column(String(9))
    county_code: Mapped[str] = mapped_column(String(6))
    place: Mapped[str] = mapped_column(String(200), default="")
    received_at: Mapped[datetime]
    registered_late: Mapped[bool] = mapped_column(default=False)
    """written down later than the day on which it came (rule contact.register)"""
    told: Mapped[str] = mapped_column(Text, default="")
    """what the person was told at once, in one go"""
    feedback_due: Mapped[datetime | None]
    feedback_from: Mapped[datetime | None]
    """from when that was counted; empty where it is a day that somebody named, which no calendar moves"""
    feedback_length: Mapped[int] = mapped_column(default=0)
    feedback_unit: Mapped[str] = mapped_column(String(4), default="")
    follow_at: Mapped[datetime | None]
    """when somebody looks next whether the person has heard; none where that is settled"""
    warned_at: Mapped[datetime | None]
    """when the first receiver was warned of this limit (contact.warn)"""
    alarmed_at: Mapped[datetime | None]
    """when the leader was told that it had passed (contact.alarm)"""
    breached_at: Mapped[datetime | None]
    """the limit of feedback that passed unheard, as it was written down"""
    feedback_at: Mapped[datetime | None]
    feedback_by: Mapped[uuid.UUID | None]
    feedback_name: Mapped[str] = mapped_column(String(100), default="")
    feedback_how: Mapped[str] = mapped_column(String(20), default="")
    """phone, sms, in_person, letter, not_wanted"""
    result: Mapped[str] = mapped_column(Text, default="")
    """what the person was told in the end"""
    satisfaction: Mapped[str] = mapped_column(String(20), default="")
    """very_satisfied, satisfied, fair, dissatisfied, very_dissatisfied; the latest"""
    reason: Mapped[str] = mapped_column(Text, default="")
    """why, in the person's words"""
    rated_at: Mapped[datetime | None]
    """empty again after a reopening, since what follows is rated anew"""
    rated_by: Mapped[str] = mapped_column(String(8), default="")
    """person, on the public page; staff, who asked"""
    reopened: Mapped[int] = mapped_column(default=0)
    reopened_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12), default="open")
    closed_at: Mapped[datetime | None]


class ContactStep(Base):
    """What became of a first contact on the way: interim reply, feedback, rating, reopening; rows are only added."""

    __tablename__ = "contact_step"
    __table_args__ = (Index("ix_contact_step_contact", "contact_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    contact_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("first_contact.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    """interim, feedback, rated, reopened, breached"""
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    """none where it was the person, or the clock"""
    by_name: Mapped[str] = mapped_column(String(100), default="")
    how: Mapped[str] = mapped_column(String(20), default="")
    satisfaction: Mapped[str] = mapped_column(String(20), default="")
    words: Mapped[str] = mapped_column(Text, default="")


class LedgerRecord(Base):
    """One fact of answerability; never changed, never deleted, sealed into the chain of its county."""

    __tablename__ = "ledger_record"
    __table_args__ = (Index("ix_ledger_record_case", "case_id", "at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    case_id: Mapped[uuid.UUID | None]
    case_number: Mapped[str] = mapped_column(String(40), default="")
    actor_id: Mapped[uuid.UUID | None]
    actor_name: Mapped[str] = mapped_column(String(100), default="")
    body: Mapped[str] = mapped_column(Text)
    """canonical JSON: sorted keys, no spaces, UTF-8"""
    run_id: Mapped[str] = mapped_column(String(40), default="")


class LedgerUnsealed(Base):
    """Which records still wait for their seal; a row goes when its seal is written."""

    __tablename__ = "ledger_unsealed"

    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_record.id"), primary_key=True)
    county_code: Mapped[str] = mapped_column(String(6), index=True)


class LedgerSeal(Base):
    """The place of a record in the hash chain of its county."""

    __tablename__ = "ledger_seal"

    county_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    record_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("ledger_record.id"), unique=True)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
    run_id: Mapped[str] = mapped_column(String(40), default="")


class LedgerHead(Base):
    """That the chain of a county had this hash at this place, signed with the key of the installation."""

    __tablename__ = "ledger_head"

    county_code: Mapped[str] = mapped_column(String(6), primary_key=True)
    seq: Mapped[int] = mapped_column(BigId, primary_key=True)
    hash: Mapped[str] = mapped_column(String(64))
    records: Mapped[int] = mapped_column(BigId)
    """how many records came since the head before"""
    previous: Mapped[str] = mapped_column(String(128))
    """signature of the head before, empty for the first"""
    signed_at: Mapped[datetime]
    signature: Mapped[str] = mapped_column(String(128))
    key_id: Mapped[str] = mapped_column(String(64))
    """the public key in hex, which is its own id"""
    run_id: Mapped[str] = mapped_column(String(40), default="")
