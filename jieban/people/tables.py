import uuid
from datetime import date, datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class Person(Base):
    """A person, once; what a household looked like at an application is kept with the case."""

    __tablename__ = "person"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), index=True)
    id_number: Mapped[str | None] = mapped_column(String(18), unique=True)
    sex: Mapped[str] = mapped_column(String(1), default="")
    birth_date: Mapped[date | None]
    phone: Mapped[str] = mapped_column(String(40), default="")
    died_on: Mapped[date | None]
    created_at: Mapped[datetime]
    sample: Mapped[bool] = mapped_column(default=False)
