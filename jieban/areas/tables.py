from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class Area(Base):
    """A place by its code: 2 digits province, 4 city, 6 county, 9 township, 12 village (GB/T 2260 and below)."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    full_name: Mapped[str] = mapped_column(String(200))
    level: Mapped[str] = mapped_column(String(10))
    parent_code: Mapped[str | None] = mapped_column(String(12), ForeignKey("area.code"), index=True)
    sample: Mapped[bool] = mapped_column(default=False)
