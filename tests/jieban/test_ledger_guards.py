"""The triggers stand: whoever writes past the program is refused, and a guard that was taken away is named."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from jieban.ledger.guards import APPEND_ONLY, guard_words, look_at_guards, restore_guards
from jieban.ledger.tables import LedgerRecord
from tests.ledgers import check, grow, seal_all, write

FORGED = "id, county_code, at, kind, case_id, case_number, actor_id, '冒名', body, run_id FROM ledger_record"
UPSERTS = (
    f"INSERT INTO ledger_record SELECT {FORGED} WHERE true ON CONFLICT (id) DO UPDATE SET actor_name = '冒名'",
    (
        "INSERT INTO ledger_seal SELECT * FROM ledger_seal WHERE true "
        "ON CONFLICT (county_code, seq) DO UPDATE SET hash = ''"
    ),
    (
        "INSERT INTO ledger_head SELECT * FROM ledger_head WHERE true "
        "ON CONFLICT (county_code, seq) DO UPDATE SET hash = ''"
    ),
)
REPLACING = (
    f"INSERT OR REPLACE INTO ledger_record SELECT {FORGED}",
    f"REPLACE INTO ledger_record SELECT {FORGED}",
    (
        "INSERT OR REPLACE INTO ledger_record (rowid, id, county_code, at, kind, case_number, actor_name, body, run_id) "
        "SELECT rowid, 'another', county_code, at, kind, '', '冒名', body, '' FROM ledger_record"
    ),
    "UPDATE OR REPLACE ledger_record SET actor_name = '冒名'",
    "INSERT OR REPLACE INTO ledger_seal SELECT county_code, seq, record_id, previous, '', sealed_at, '' FROM ledger_seal",
    "INSERT OR REPLACE INTO ledger_seal SELECT county_code, 99, record_id, previous, hash, sealed_at, '' FROM ledger_seal",
    (
        "INSERT OR REPLACE INTO ledger_head SELECT county_code, seq, '', records, previous, signed_at, '', '', '' "
        "FROM ledger_head"
    ),
)


def test_a_record_cannot_be_written_over_while_the_triggers_stand(database, people, now):
    """Whether it is sealed already or waits for its seal; so what is sealed is what was written."""
    grow(database, people, now, 2)
    write(database, people, now, 1)

    for statement in UPSERTS:
        with pytest.raises(DBAPIError, match="is append-only"), database.write() as session:
            session.execute(text(statement))
    if not database.is_postgresql:
        # As with a database tool: no setting of ours, neither foreign keys nor recursive triggers.
        with closing(sqlite3.connect(database.engine.url.database)) as tool:
            for statement in (*UPSERTS, *REPLACING):
                with pytest.raises(sqlite3.IntegrityError, match="is append-only"):
                    tool.execute(statement)
                tool.rollback()

    seal_all(database, now)
    with database.read() as session:
        assert {row.actor_name for row in session.query(LedgerRecord)} == {people.window.name}
    assert (check(database).ok, check(database).records) == (True, 3)


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_no_table_that_is_only_added_to_can_be_written_over_on_sqlite(sqlite_database, table):
    with closing(sqlite3.connect(sqlite_database.engine.url.database)) as tool:
        columns = [row[1] for row in tool.execute(f"PRAGMA table_info({table})")]
        add = f"INTO {table} ({{}}) VALUES ({', '.join('1' for _ in columns)}{{}})"
        tool.execute("INSERT " + add.format(", ".join(columns), ""))

        for written in (
            add.format(", ".join(columns), ""),
            add.format(f"{', '.join(columns)}, rowid", ", 1"),
        ):
            with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
                tool.execute(f"INSERT OR REPLACE {written}")


def test_our_own_connections_ask_the_triggers_of_what_they_replace(sqlite_database):
    with sqlite_database.read() as session:
        assert session.scalar(text("PRAGMA recursive_triggers")) == 1


def test_a_replacement_is_looked_for_by_key_alone(sqlite_database):
    """Recording and sealing must not become slower as the ledger grows."""
    with sqlite_database.read() as session:
        for same in (
            "ledger_record WHERE id = ''",
            "ledger_seal WHERE county_code = '' AND seq = 1",
            "ledger_seal WHERE record_id = ''",
            "ledger_head WHERE county_code = '' AND seq = 1",
        ):
            plan = session.execute(text(f"EXPLAIN QUERY PLAN SELECT 1 FROM {same}")).one()
            assert plan.detail.startswith("SEARCH")
            assert "COVERING INDEX sqlite_autoindex" in plan.detail


def test_every_trigger_that_the_migrations_make_is_a_guard_that_is_looked_for(empty_database):
    """So no table is forgotten here: its triggers are found on both databases."""
    found = (
        "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"
        if empty_database.is_postgresql
        else "SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'"
    )
    with empty_database.read() as session:
        assert set(session.scalars(text(found))) == set(APPEND_ONLY)
        guards = look_at_guards(session)
    assert guards.missing == []
    assert guard_words(guards).startswith("防护齐全：8 张表的触发器都在")


ON_SQLITE = {
    "DROP TRIGGER ledger_seal_no_replace": ["ledger_seal_no_replace"],
    "DROP TABLE read_record": ["read_record_no_update", "read_record_no_delete", "read_record_no_replace"],
    "DROP TRIGGER ledger_head_no_update; CREATE TRIGGER ledger_head_no_update BEFORE UPDATE ON ledger_head "
    "WHEN 0 BEGIN SELECT RAISE(ABORT, 'ledger_head is append-only'); END": ["ledger_head_no_update"],
}
ON_POSTGRESQL = {
    "DROP TRIGGER ledger_seal_no_truncate ON ledger_seal": ["ledger_seal_no_truncate"],
    "ALTER TABLE ledger_record DISABLE TRIGGER ledger_record_no_change": ["ledger_record_no_change"],
    "ALTER TABLE ledger_record ENABLE REPLICA TRIGGER ledger_record_no_change": ["ledger_record_no_change"],
    "CREATE OR REPLACE TRIGGER ledger_head_no_change BEFORE UPDATE OR DELETE ON ledger_head FOR EACH ROW "
    "WHEN (false) EXECUTE FUNCTION refuse_change()": ["ledger_head_no_change"],
    "CREATE OR REPLACE TRIGGER ledger_head_no_change BEFORE DELETE ON ledger_head FOR EACH ROW "
    "EXECUTE FUNCTION refuse_change()": ["ledger_head_no_change"],
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$": [
        name for table in APPEND_ONLY for name in (f"{table}_no_change", f"{table}_no_truncate")
    ],
}


@pytest.mark.parametrize(("change", "missing"), ON_SQLITE.items(), ids=["dropped", "table", "condition"])
def test_a_guard_that_is_gone_is_named_on_sqlite(sqlite_database, change, missing):
    with closing(sqlite3.connect(sqlite_database.engine.url.database)) as tool:
        tool.executescript(change)

    with sqlite_database.read() as session:
        assert look_at_guards(session).missing == missing


def test_a_guard_that_is_gone_is_named_and_put_back_on_postgresql(postgresql_database):
    for change, missing in ON_POSTGRESQL.items():
        with postgresql_database.write() as session:
            session.execute(text(change))
            guards = look_at_guards(session)
            assert guards.missing == missing
            assert missing[0] in guard_words(guards)

            assert restore_guards(session) == missing
            assert look_at_guards(session).missing == []
