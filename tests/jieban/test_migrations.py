import re
from hashlib import sha256
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

import jieban
from jieban.areas.sample import seed_sample_areas
from jieban.audit import record_read
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.cli.metadata import metadata
from jieban.cli.migrate import DatabaseRefused, configuration, head_revision, migrate
from jieban.database import Database
from jieban.ids import new_id
from jieban.ledger import seal
from jieban.ledger.tables import FirstContact
from jieban.records.tables import CaseRecord
from jieban.rules import seed_rules
from jieban.workdays import seed_calendar
from jieban.workdays.tables import WorkCalendarDay
from tests.factories import add_case
from tests.people import add_people, load_people

LANDED = {
    "0001_initial.py": "76d588b8dc561232ca19302436ba1a1ab791390a4212cc483f6e5842b3cea824",
    "0002_incidents.py": "16d45541153b3428800bd2c26f89401b9dcc97823355c39d869113b18e3c0d4e",
    "0003_procedures.py": "d7844ab7dc9c9d0dc17fdb83e4f1ef8854963043623d08e0be7047eb3f553c4c",
    "0004_days_that_move.py": "78c5c3d15064e45fcdc1246d3687f67e552e104ce153ba1975c1c50db9d1764e",
    "0005_no_replacing.py": "b770117fc4916b0e8d03ee24824286357b861a4bd0477eaf235cc4bb5b1ffe66",
    "0006_told_before.py": "fa4ecae7534daf47580a1c2a0d7c959c6dbb23d2be93fd272869a6667ca511f7",
    "0007_running_clocks.py": "6fd201b1a0b853d12516e0bcba81b889007b1ef81062546eb252745b813aee2b",
    "0008_set_aside.py": "4603f23a2e565ee58efe464fd90355460bfede2f8edfb97e01b8ab1df78cf5ab",
}
"""The SHA-256 of each migration that databases may have gone through; what comes later is a new migration."""
PACKAGES = ("jieban", "tasks", "notifications", "workflows", "web")


def test_the_migrations_make_exactly_the_tables_of_the_code(empty_database):
    """A column that is in the code and not in a migration, or the other way round, is found on both databases."""
    with empty_database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata()) == []


def test_no_table_is_forgotten():
    """A table whose module is not listed in jieban/cli/metadata.py would never be made."""
    root = Path(jieban.__file__).parent.parent
    files = [path for part in PACKAGES for path in (root / part).rglob("tables.py")]
    named = {
        name for path in files for name in re.findall(r'__tablename__ = "(\w+)"', path.read_text("utf-8"))
    }

    assert set(metadata().tables) == named


def test_a_migration_that_landed_is_never_changed():
    """A database that went through it would not get the change; a new migration is added here when it lands."""
    folder = Path(jieban.__file__).parent / "migrations" / "versions"
    files = {path.name: path.read_text("utf-8") for path in folder.glob("*.py")}

    assert {name: sha256(written.encode()).hexdigest() for name, written in files.items()} == LANDED


def test_migrating_twice_changes_nothing(empty_database):
    assert migrate(_url(empty_database)) is False


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(empty_database):
    with empty_database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseRefused, match=r"版本 9999.*请先升级程序"):
        migrate(_url(empty_database))


def test_a_file_that_is_no_database_is_refused_with_a_sentence(tmp_path):
    path = tmp_path / "jieban.sqlite3"
    path.write_bytes(b"certainly not SQLite" * 100)

    with pytest.raises(DatabaseRefused, match="数据库无法使用"):
        migrate(f"sqlite:///{path}")


def test_a_folder_that_cannot_be_made_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DatabaseRefused, match="数据文件夹无法建立"):
        migrate(f"sqlite:///{tmp_path / 'file' / 'data' / 'jieban.sqlite3'}")


@pytest.mark.parametrize(
    "table", ["ledger_record", "ledger_seal", "case_event", "read_record", "case_record"]
)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_is_written_for_good_cannot_be_changed_by_hand(database, people, now, table, change):
    """The database itself refuses, whoever asks."""
    with database.write() as session:
        _write_one_of_each(session, people, now)
    with database.write() as session:
        assert seal(session, now) == 1
    columns = {"ledger_seal": "hash", "read_record": "detail", "case_record": "title"}
    column = columns.get(table, "run_id")

    with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.write() as session:
        session.execute(text(change.format(table, column, "'forged'")))


def test_what_is_written_for_good_cannot_be_emptied_on_postgresql(postgresql_database):
    with pytest.raises(DBAPIError, match="append-only"), postgresql_database.write() as session:
        session.execute(text("TRUNCATE ledger_seal"))


def test_cases_survive_the_copy_that_makes_their_applicant_optional(tmp_path, now):
    """SQLite copies the table of the cases; what refers to a case still does, and the indexes are there."""
    url = f"sqlite:///{tmp_path / 'jieban.sqlite3'}"
    database = Database(url)
    with database.engine.begin() as connection:
        command.upgrade(configuration(connection), "0002")
    with database.write() as session:
        seed_sample_areas(session)
        # The calendar is seeded by the code of today, into a table of yesterday.
        session.execute(text("ALTER TABLE work_calendar ADD COLUMN area_code VARCHAR(6)"))
        days = seed_calendar(session)
        session.execute(text("ALTER TABLE work_calendar DROP COLUMN area_code"))
        seed_rules(session)
        add_people(session)
        session.flush()
        # The case is written by the code of today, in a table that does not have all of its columns yet.
        session.execute(text("ALTER TABLE case_file ADD COLUMN withheld_from VARCHAR(12)"))
        there = {row.name for row in session.execute(text("PRAGMA table_info(first_contact)"))}
        later = [column.name for column in FirstContact.__table__.columns if column.name not in there]
        for name in later:
            session.execute(text(f"ALTER TABLE first_contact ADD COLUMN {name} TEXT"))
        case = add_case(session, load_people(session).window, now)
        add_event(session, case_id=case.id, at=now, kind="case.opened", actor=None)
        session.flush()
        session.execute(text("ALTER TABLE case_file DROP COLUMN withheld_from"))
        for name in later:
            session.execute(text(f"ALTER TABLE first_contact DROP COLUMN {name}"))

    assert migrate(url) is True

    with database.write() as session:
        kept = session.get_one(Case, case.id)
        assert (kept.number, kept.applicant_id) == (case.number, case.applicant_id)
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert session.scalar(select(func.count()).where(WorkCalendarDay.area_code == "")) == days
        kept.applicant_id = None
    with database.read() as session:
        indexes = session.execute(text("SELECT name FROM sqlite_master WHERE tbl_name = 'case_file'"))
        assert {index.name for index in Case.__table__.indexes} <= set(indexes.scalars())
    database.close()


def test_the_newest_migration_is_the_one_that_is_applied(empty_database):
    with empty_database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == head_revision()


def _write_one_of_each(session, people, now):
    case = add_case(session, people.window, now)
    add_event(session, case_id=case.id, at=now, kind="case.opened", actor=people.window)
    record_read(session, actor=people.window, now=now, case_id=case.id, what="case")
    session.add(
        CaseRecord(id=new_id(), case_id=case.id, kind="care_visit", title="探访", data={}, recorded_at=now)
    )


def _url(database):
    return make_url(database.url).render_as_string(hide_password=False)
