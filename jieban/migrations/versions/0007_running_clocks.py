"""The board of what is late finds the limits of the law that have passed without reading every clock."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    running = sa.text("state = 'running'")
    op.create_index(
        "ix_deadline_running",
        "deadline",
        ["provenance", "due_at", "id"],
        unique=False,
        postgresql_where=running,
        sqlite_where=running,
    )
