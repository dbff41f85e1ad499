import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class Handover(Base):
    """A matter handed to another office, which accepts it or returns it with a reason (section F of the rules).

    The first receiver goes on following the matter; the duty to decide moves with the acceptance.
    """

    __tablename__ = "handover"
    __table_args__ = (Index("ix_handover_case", "case_id", "handed_at"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    part: Mapped[str] = mapped_column(String(12), default="lead")
    """lead, or assist where another office has the lead (RX-07)"""
    designated: Mapped[bool] = mapped_column(default=False)
    """by the county, which settled a dispute: it cannot be returned any more (RX-04)"""
    from_user: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    from_name: Mapped[str] = mapped_column(String(100), default="")
    from_unit: Mapped[str] = mapped_column(String(200), default="")
    to_area: Mapped[str] = mapped_column(String(12))
    to_unit: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(Text)
    handed_at: Mapped[datetime]
    made_late: Mapped[bool] = mapped_column(default=False)
    """handed on later than the first receiver may keep it (contact.handover)"""
    due_at: Mapped[datetime | None]
    """by when the other office accepts or returns it"""
    answer: Mapped[str] = mapped_column(String(12), default="")
    """accepted, returned, reported (by an office that assists); empty while nobody answered"""
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    answered_name: Mapped[str] = mapped_column(String(100), default="")
    answer_reason: Mapped[str] = mapped_column(Text, default="")
