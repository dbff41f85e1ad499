"""Records, links, handovers, benefits and payment lists; matters that nobody applied for."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("case_record", "benefit_step", "ledger_head", "contact_step")
OPTIONAL = ("applicant_id", "first_contact_id")
"""Columns of a case that stay empty where the office itself begins a matter."""


def upgrade() -> None:
    make_tables()
    op.add_column("decision", sa.Column("valid_until", sa.Date(), nullable=True))
    op.add_column("deadline", sa.Column("fact", sa.String(length=60), nullable=False, server_default=""))
    dialect = op.get_bind().dialect.name
    _give_days_an_area(dialect)
    if dialect == "sqlite":
        _copy_cases()
    else:
        for column in OPTIONAL:
            op.alter_column("case_file", column, nullable=True)
    withheld = sa.Column("withheld_from", sa.String(length=12), nullable=False, server_default="")
    op.add_column("case_file", withheld)
    op.create_index("ix_case_file_first_contact", "case_file", ["first_contact_id"], unique=False)
    _follow_first_contacts()
    for table in APPEND_ONLY:
        for statement in _refuse_changes(table, dialect):
            op.execute(statement)


def _follow_first_contacts() -> None:
    """Keep of a first contact what the person heard and how they rated it, and each step on the way."""
    columns: dict[str, tuple[Any, str | None]] = {
        "registered_late": (sa.Boolean(), "false"),
        "follow_at": (sa.DateTime(timezone=True), None),
        "breached_at": (sa.DateTime(timezone=True), None),
        "feedback_at": (sa.DateTime(timezone=True), None),
        "feedback_by": (sa.Uuid(), None),
        "feedback_name": (sa.String(length=100), "''"),
        "feedback_how": (sa.String(length=20), "''"),
        "result": (sa.Text(), "''"),
        "satisfaction": (sa.String(length=20), "''"),
        "reason": (sa.Text(), "''"),
        "rated_at": (sa.DateTime(timezone=True), None),
        "rated_by": (sa.String(length=8), "''"),
        "reopened": (sa.Integer(), "0"),
        "reopened_at": (sa.DateTime(timezone=True), None),
    }
    for name, (kind, empty) in columns.items():
        default = None if empty is None else sa.text(empty)
        column: sa.Column[Any] = sa.Column(name, kind, nullable=empty is None, server_default=default)
        op.add_column("first_contact", column)
    for name, wanted, of in (
        ("ix_first_contact_follow", "follow_at IS NOT NULL", ["follow_at", "id"]),
        (
            "ix_first_contact_flagged",
            "registered_late OR breached_at IS NOT NULL OR reopened > 0",
            ["county_code", "received_at"],
        ),
    ):
        where = sa.text(wanted)
        op.create_index(name, "first_contact", of, unique=False, postgresql_where=where, sqlite_where=where)


def _give_days_an_area(dialect: str) -> None:
    """Let an area have days of its own; on SQLite the key of a table can only change by copying it."""
    if dialect != "sqlite":
        area = sa.Column("area_code", sa.String(length=6), nullable=False, server_default="")
        op.add_column("work_calendar", area)
        op.alter_column("work_calendar", "area_code", server_default=None)
        op.drop_constraint(op.f("pk_work_calendar"), "work_calendar", type_="primary")
        op.create_primary_key(op.f("pk_work_calendar"), "work_calendar", ["day", "area_code"])
        return
    op.execute("CREATE TEMPORARY TABLE work_calendar_before AS SELECT * FROM work_calendar")
    op.drop_table("work_calendar")
    op.create_table(
        "work_calendar",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("area_code", sa.String(length=6), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("day", "area_code", name=op.f("pk_work_calendar")),
    )
    op.execute(
        "INSERT INTO work_calendar (day, area_code, working, name, status, source) "
        "SELECT day, '', working, name, status, source FROM work_calendar_before"
    )
    op.execute("DROP TABLE work_calendar_before")


def _copy_cases() -> None:
    """Make columns of case_file optional on SQLite, which can only do so by copying the table.

    The table is made again under its own name, so that what refers to it is satisfied when the transaction ends.
    """
    connection = op.get_bind()
    op.execute("PRAGMA defer_foreign_keys = ON")
    found = "SELECT sql FROM sqlite_master WHERE tbl_name = 'case_file' AND type = '{}' AND sql IS NOT NULL"
    made = str(connection.exec_driver_sql(found.format("table")).scalar_one())
    indexes = [str(row[0]) for row in connection.exec_driver_sql(found.format("index"))]
    for column in OPTIONAL:
        made = made.replace(f"{column} CHAR(32) NOT NULL", f"{column} CHAR(32)")
    op.execute("CREATE TEMPORARY TABLE case_file_before AS SELECT * FROM case_file")
    op.execute("DROP TABLE case_file")
    op.execute(made)
    op.execute("INSERT INTO case_file SELECT * FROM case_file_before")
    op.execute("DROP TABLE case_file_before")
    for index in indexes:
        op.execute(index)


def _refuse_changes(table: str, dialect: str) -> list[str]:
    """Make a table append-only, also for somebody with a database tool."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    call = "EXECUTE FUNCTION refuse_change()"
    return [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {call}",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {call}",
    ]


def make_tables() -> None:
    op.create_table(
        "benefit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("procedure", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("village_code", sa.String(length=12), nullable=True),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("city_code", sa.String(length=4), nullable=False),
        sa.Column("urban", sa.Boolean(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("members_case_id", sa.Uuid(), nullable=True),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("care_form", sa.String(length=20), nullable=False),
        sa.Column("care_tier", sa.String(length=20), nullable=False),
        sa.Column("from_month", sa.String(length=7), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review_months", sa.Integer(), nullable=True),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ended_month", sa.String(length=7), nullable=False),
        sa.Column("end_reason", sa.String(length=40), nullable=False),
        sa.Column("account_holder", sa.String(length=100), nullable=False),
        sa.Column("account_bank", sa.String(length=100), nullable=False),
        sa.Column("account_number", sa.String(length=40), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_benefit_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["members_case_id"], ["case_file.id"], name=op.f("fk_benefit_members_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_benefit_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit")),
    )
    op.create_index("ix_benefit_case", "benefit", ["case_id"], unique=False)
    op.create_index("ix_benefit_county", "benefit", ["county_code", "procedure", "state", "id"], unique=False)
    op.create_index("ix_benefit_members_case", "benefit", ["members_case_id"], unique=False)
    op.create_index("ix_benefit_person", "benefit", ["person_id"], unique=False)
    op.create_index(
        "ix_benefit_review",
        "benefit",
        ["review_due", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'active'"),
        sqlite_where=sa.text("state = 'active'"),
    )
    op.create_index(
        "ix_benefit_until",
        "benefit",
        ["until", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'active' AND until IS NOT NULL"),
        sqlite_where=sa.text("state = 'active' AND until IS NOT NULL"),
    )
    op.create_index(
        "ix_benefit_unwarned",
        "benefit",
        ["until", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'active' AND until IS NOT NULL AND warned_at IS NULL"),
        sqlite_where=sa.text("state = 'active' AND until IS NOT NULL AND warned_at IS NULL"),
    )
    op.create_table(
        "case_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["case_file.id"], name=op.f("fk_case_link_from_id_case_file")),
        sa.ForeignKeyConstraint(["to_id"], ["case_file.id"], name=op.f("fk_case_link_to_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_link")),
    )
    op.create_index("ix_case_link_from", "case_link", ["from_id"], unique=False)
    op.create_index("uq_case_link_to", "case_link", ["to_id", "from_id"], unique=True)
    op.create_table(
        "case_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("element", sa.String(length=100), nullable=False),
        sa.Column("form", sa.String(length=60), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=100), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_case_record_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_user.id"], name=op.f("fk_case_record_recorded_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_record")),
    )
    op.create_index("ix_case_record_case", "case_record", ["case_id", "kind", "recorded_at"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("part", sa.String(length=12), nullable=False),
        sa.Column("designated", sa.Boolean(), nullable=False),
        sa.Column("from_user", sa.Uuid(), nullable=True),
        sa.Column("from_name", sa.String(length=100), nullable=False),
        sa.Column("from_unit", sa.String(length=200), nullable=False),
        sa.Column("to_area", sa.String(length=12), nullable=False),
        sa.Column("to_unit", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=12), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_name", sa.String(length=100), nullable=False),
        sa.Column("answer_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["staff_user.id"], name=op.f("fk_handover_answered_by_staff_user")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_handover_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["from_user"], ["staff_user.id"], name=op.f("fk_handover_from_user_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_index("ix_handover_case", "handover", ["case_id", "handed_at"], unique=False)
    op.create_table(
        "payment_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_sha256", sa.String(length=64), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_payment_list_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["checked_by"], ["staff_user.id"], name=op.f("fk_payment_list_checked_by_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["staff_user.id"], name=op.f("fk_payment_list_made_by_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_list")),
    )
    op.create_index("ix_payment_list_case", "payment_list", ["case_id"], unique=False)
    op.create_index("ix_payment_list_county", "payment_list", ["county_code", "month", "kind"], unique=False)
    op.create_table(
        "benefit_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("benefit_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("from_month", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_benefit_step_benefit_id_benefit")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_benefit_step_case_id_case_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefit_step")),
    )
    op.create_index(
        "ix_benefit_step_benefit", "benefit_step", ["benefit_id", "from_month", "made_at"], unique=False
    )
    op.create_table(
        "payment_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("benefit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("town_code", sa.String(length=9), nullable=False),
        sa.Column("holder", sa.String(length=100), nullable=False),
        sa.Column("account_holder", sa.String(length=100), nullable=False),
        sa.Column("account_bank", sa.String(length=100), nullable=False),
        sa.Column("account_number", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("followed", sa.String(length=12), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("voucher", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefit.id"], name=op.f("fk_payment_line_benefit_id_benefit")
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["payment_list.id"], name=op.f("fk_payment_line_list_id_payment_list")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_line")),
    )
    op.create_index("ix_payment_line_list", "payment_line", ["list_id", "number"], unique=False)
    op.create_index("ix_payment_line_benefit", "payment_line", ["benefit_id", "month"], unique=False)
    op.create_index(
        "uq_payment_line_once",
        "payment_line",
        ["benefit_id", "month"],
        unique=True,
        postgresql_where=sa.text("state IN ('listed', 'paid')"),
        sqlite_where=sa.text("state IN ('listed', 'paid')"),
    )
    op.create_index(
        "ix_payment_line_unpaid",
        "payment_line",
        ["list_id"],
        unique=False,
        postgresql_where=sa.text("state IN ('held', 'returned', 'dropped')"),
        sqlite_where=sa.text("state IN ('held', 'returned', 'dropped')"),
    )
    op.create_table(
        "care_supply",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("label", sa.String(length=205), nullable=False),
        sa.Column("contact", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_supply")),
    )
    op.create_index("uq_care_supply_label", "care_supply", ["county_code", "label"], unique=True)
    op.create_table(
        "care_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("supply_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_care_order_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["supply_id"], ["care_supply.id"], name=op.f("fk_care_order_supply_id_care_supply")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_order")),
    )
    op.create_index("ix_care_order_case", "care_order", ["case_id", "state"], unique=False)
    op.create_index("ix_care_order_supply", "care_order", ["supply_id", "state"], unique=False)
    op.create_table(
        "care_visit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_care_visit_case_id_case_file")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["care_order.id"], name=op.f("fk_care_visit_order_id_care_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_visit")),
    )
    op.create_index("ix_care_visit_case", "care_visit", ["case_id", "state", "planned_on"], unique=False)
    op.create_table(
        "care_gap",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("item", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_care_gap_case_id_case_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_gap")),
    )
    op.create_index("ix_care_gap_county", "care_gap", ["county_code", "noted_at"], unique=False)
    op.create_table(
        "ledger_head",
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("records", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("previous", sa.String(length=128), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signature", sa.String(length=128), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("county_code", "seq", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("substitute_id", sa.Uuid(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["staff_user.id"], name=op.f("fk_absence_ended_by_staff_user")),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["staff_user.id"], name=op.f("fk_absence_recorded_by_staff_user")
        ),
        sa.ForeignKeyConstraint(
            ["substitute_id"], ["staff_user.id"], name=op.f("fk_absence_substitute_id_staff_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["staff_user.id"], name=op.f("fk_absence_user_id_staff_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_user", "absence", ["user_id", "until_on"], unique=False)
    op.create_index("ix_absence_substitute", "absence", ["substitute_id", "until_on"], unique=False)
    op.create_index("ix_absence_until", "absence", ["until_on"], unique=False)
    op.create_table(
        "supervision_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("case_number", sa.String(length=40), nullable=False),
        sa.Column("applicant_name", sa.String(length=100), nullable=False),
        sa.Column("county_code", sa.String(length=6), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("task_name", sa.String(length=200), nullable=False),
        sa.Column("from_user", sa.Uuid(), nullable=False),
        sa.Column("from_name", sa.String(length=100), nullable=False),
        sa.Column("from_unit", sa.String(length=200), nullable=False),
        sa.Column("to_user", sa.Uuid(), nullable=True),
        sa.Column("to_role", sa.String(length=40), nullable=False),
        sa.Column("to_area", sa.String(length=12), nullable=False),
        sa.Column("to_name", sa.String(length=200), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closing", sa.Text(), nullable=False),
        sa.Column("escalation", sa.JSON(), nullable=False),
        sa.Column("escalation_level", sa.Integer(), nullable=False),
        sa.Column("escalate_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["case_file.id"], name=op.f("fk_supervision_order_case_id_case_file")
        ),
        sa.ForeignKeyConstraint(
            ["from_user"], ["staff_user.id"], name=op.f("fk_supervision_order_from_user_staff_user")
        ),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name=op.f("fk_supervision_order_task_id_task")),
        sa.ForeignKeyConstraint(
            ["to_user"], ["staff_user.id"], name=op.f("fk_supervision_order_to_user_staff_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervision_order")),
        sa.UniqueConstraint("number", name=op.f("uq_supervision_order_number")),
    )
    op.create_index("ix_supervision_order_case", "supervision_order", ["case_id", "issued_at"], unique=False)
    op.create_index(
        "ix_supervision_order_from", "supervision_order", ["from_user", "state", "due_at"], unique=False
    )
    op.create_index(
        "ix_supervision_order_to_user", "supervision_order", ["to_user", "state", "due_at"], unique=False
    )
    op.create_index(
        "ix_supervision_order_to_area", "supervision_order", ["to_area", "state", "due_at"], unique=False
    )
    op.create_index(
        "ix_supervision_order_escalate",
        "supervision_order",
        ["escalate_at", "id"],
        unique=False,
        postgresql_where=sa.text("state IN ('issued', 'returned')"),
        sqlite_where=sa.text("state IN ('issued', 'returned')"),
    )
    op.create_table(
        "contact_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("by_name", sa.String(length=100), nullable=False),
        sa.Column("how", sa.String(length=20), nullable=False),
        sa.Column("satisfaction", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff_user.id"], name=op.f("fk_contact_step_by_id_staff_user")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["first_contact.id"], name=op.f("fk_contact_step_contact_id_first_contact")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_step")),
    )
    op.create_index("ix_contact_step_contact", "contact_step", ["contact_id", "at"], unique=False)
