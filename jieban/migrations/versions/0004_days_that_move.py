"""What else moves with the calendar, how far a recalculation has come, and who was told of a first contact's limit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    columns: tuple[tuple[str, str, Any, str | None], ...] = (
        ("supervision_order", "due_on", sa.Date(), None),
        ("first_contact", "feedback_from", sa.DateTime(timezone=True), None),
        ("first_contact", "feedback_length", sa.Integer(), "0"),
        ("first_contact", "feedback_unit", sa.String(length=4), "''"),
        ("first_contact", "warned_at", sa.DateTime(timezone=True), None),
        ("first_contact", "alarmed_at", sa.DateTime(timezone=True), None),
        ("handover", "made_late", sa.Boolean(), "false"),
    )
    for table, name, kind, empty in columns:
        default = None if empty is None else sa.text(empty)
        column: sa.Column[Any] = sa.Column(name, kind, nullable=empty is None, server_default=default)
        op.add_column(table, column)
    # An order that stands already keeps its day: the end of it in China, which is what was named.
    if op.get_bind().dialect.name == "postgresql":
        op.execute("UPDATE supervision_order SET due_on = (due_at AT TIME ZONE 'Asia/Shanghai')::date")
    else:
        op.execute("UPDATE supervision_order SET due_on = date(due_at, '+8 hours')")
    # What passed unheard before this version was told to the leader at once.
    op.execute("UPDATE first_contact SET alarmed_at = breached_at WHERE breached_at IS NOT NULL")
    op.create_table(
        "fact_day",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=4), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("area_code", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_fact_day_case_id_case_file")),
        sa.PrimaryKeyConstraint("case_id", "fact", name=op.f("pk_fact_day")),
    )
    op.create_index("ix_fact_day_due", "fact_day", ["due_at"], unique=False)
    op.create_table(
        "calendar_move",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("preview_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("cursor_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cursor_id", sa.Uuid(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("looked", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Integer(), nullable=False),
        sa.Column("annulled", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_move")),
    )
    unfinished = sa.text("NOT done")
    op.create_index(
        "ix_calendar_move_unfinished",
        "calendar_move",
        ["started_at"],
        unique=False,
        postgresql_where=unfinished,
        sqlite_where=unfinished,
    )
