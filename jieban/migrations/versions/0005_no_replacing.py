"""On SQLite a record cannot be replaced either: INSERT OR REPLACE removes the old row past the triggers of 0001."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = ("id = NEW.id",)
_PLACE = "county_code = NEW.county_code AND seq = NEW.seq"
KEYS = {
    "ledger_record": _ID,
    "ledger_seal": (_PLACE, "record_id = NEW.record_id"),
    "ledger_head": (_PLACE,),
    "case_event": _ID,
    "case_record": _ID,
    "benefit_step": _ID,
    "contact_step": _ID,
    "read_record": _ID,
}
"""Each table that is only added to, and by what a row is the same; the row number of SQLite is one more."""
_KNOWN = "EXISTS (SELECT 1 FROM {table} WHERE {same})"


def upgrade() -> None:
    # On PostgreSQL the only way over a row that is there is ON CONFLICT DO UPDATE, which the trigger of 0001 refuses.
    if op.get_bind().dialect.name == "sqlite":
        for table, keys in KEYS.items():
            op.execute(_refuse_replacing(table, keys))


def _refuse_replacing(table: str, keys: tuple[str, ...]) -> str:
    known = [_KNOWN.format(table=table, same=same) for same in keys]
    # Where a statement gives no row number, its trigger sees -1.
    known.append(f"(NEW.rowid > 0 AND {_KNOWN.format(table=table, same='rowid = NEW.rowid')})")
    refuse = f"SELECT RAISE(ABORT, '{table} is append-only')"
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN {' OR '.join(known)} BEGIN {refuse}; END"
    )
