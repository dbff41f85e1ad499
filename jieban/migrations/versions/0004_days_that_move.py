"""What else moves with the calendar, who was told of a first contact's limit, and channels that leave the program."""

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
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("fact", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(length=4), nullable=False),
        sa.Column("ahead", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_fact_day_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_day")),
        sa.UniqueConstraint("case_id", "fact", name="uq_fact_day_case_fact"),
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
    _make_channels()


def _make_channels() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "staff_address",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=False),
        sa.Column("mail", sa.String(length=254), nullable=False),
        sa.Column("reminders", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["staff_user.id"], name=op.f("fk_staff_address_user_id_staff_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_staff_address")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("letter_id", sa.Uuid(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("to_name", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("masked", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("proof", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        sa.Column("not_before", moment, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    for name, columns, where in (
        ("ix_delivery_due", ["channel", "not_before", "id"], "state IN ('waiting', 'sending')"),
        ("ix_delivery_wrong", ["channel", "state"], "state IN ('failed', 'uncertain')"),
    ):
        some = sa.text(where)
        op.create_index(name, "delivery", columns, unique=False, postgresql_where=some, sqlite_where=some)
    op.create_index("ix_delivery_case", "delivery", ["case_id"], unique=False)
    op.create_table(
        "channel_state",
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("paused_until", moment, nullable=True),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("delivered_at", moment, nullable=True),
        sa.Column("minute_began", moment, nullable=True),
        sa.Column("sent_in_minute", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channel_state")),
    )
