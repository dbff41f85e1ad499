import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class CaseLink(Base):
    """That one case came out of another: a split application, a referral, a review of what was granted."""

    __tablename__ = "case_link"
    __table_args__ = (
        Index("ix_case_link_from", "from_id"),
        Index("uq_case_link_to", "to_id", "from_id", unique=True),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    to_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    kind: Mapped[str] = mapped_column(String(40))
    """the procedure's own word for it: split, referral, review, discussion"""
    linked_at: Mapped[datetime]
