import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from jieban.database import Base


class ImportedApplication(Base):
    """An application that came from a file, by its content, so that the same file changes nothing twice."""

    __tablename__ = "imported_application"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("case_file.id"))
    file_name: Mapped[str] = mapped_column(String(200))
    imported_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff_user.id"))
    imported_at: Mapped[datetime]
