import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base, Money

_ONCE = text("state IN ('listed', 'paid')")
_UNPAID = text("state IN ('held', 'returned', 'dropped')")


class PaymentList(Base):
    """The list of one kind of aid for a county and month, frozen with its total and its digest (ZF-11)."""

    __tablename__ = "payment_list"
    __table_args__ = (
        Index("ix_payment_list_case", "case_id"),
        Index("ix_payment_list_county", "county_code", "month", "kind"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    county_code: Mapped[str] = mapped_column(String(6))
    month: Mapped[str] = mapped_column(String(7))
    kind: Mapped[str] = mapped_column(String(60))
    """the procedure that grants it"""
    state: Mapped[str] = mapped_column(String(12))
    """made, checked, approved, sent, settled, dropped"""
    count: Mapped[int]
    total: Mapped[Decimal] = mapped_column(Money)
    digest: Mapped[str] = mapped_column(String(64))
    made_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    made_at: Mapped[datetime]
    checked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff_user.id"))
    checked_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    sent_sha256: Mapped[str] = mapped_column(String(64), default="")
    settled_at: Mapped[datetime | None]


class PaymentLine(Base):
    """One payment of a list, and what the bank said of it."""

    __tablename__ = "payment_line"
    __table_args__ = (
        Index("ix_payment_line_list", "list_id", "number"),
        Index("ix_payment_line_benefit", "benefit_id", "month"),
        # The database itself sees to it that nobody is paid twice for a month.
        Index(
            "uq_payment_line_once",
            "benefit_id",
            "month",
            unique=True,
            postgresql_where=_ONCE,
            sqlite_where=_ONCE,
        ),
        Index("ix_payment_line_unpaid", "list_id", postgresql_where=_UNPAID, sqlite_where=_UNPAID),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    list_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payment_list.id"))
    benefit_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("benefit.id"))
    number: Mapped[int]
    month: Mapped[str] = mapped_column(String(7))
    """the month that it is for; a returned payment is paid again for its own month"""
    round: Mapped[int] = mapped_column(default=1)
    """how often it was tried"""
    town_code: Mapped[str] = mapped_column(String(9))
    holder: Mapped[str] = mapped_column(String(100))
    account_holder: Mapped[str] = mapped_column(String(100))
    account_bank: Mapped[str] = mapped_column(String(100), default="")
    account_number: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Decimal] = mapped_column(Money)
    state: Mapped[str] = mapped_column(String(12))
    """listed, held, paid, returned; dropped with its list"""
    reason: Mapped[str] = mapped_column(String(200), default="")
    """why it is held, or was returned"""
    followed: Mapped[str] = mapped_column(String(12), default="")
    """what the township found out about a return: corrected, same, unreachable, died, changed"""
    paid_on: Mapped[date | None]
    voucher: Mapped[str] = mapped_column(String(60), default="")
