"""On PostgreSQL the program works as a role that can add to the ledger and never change it."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from jieban.database import Database
from jieban.errors import Invalid, NotFound
from jieban.ledger import open_first_contact
from jieban.ledger.guards import APPEND_ONLY, guard_words, look_at_guards, restore_guards
from jieban.ledger.protection import protect, statements
from tests.factories import add_case
from tests.ledgers import check, make_key, seal_all, sign, write
from tests.people import TOWN
from workflows.flows import seal_accountability

ROLE = "jieban_works"


@pytest.fixture
def role(postgresql_database):
    """A role without any right of its own; roles belong to the server, so it goes again."""
    with postgresql_database.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {ROLE} LOGIN"))
    yield ROLE
    with postgresql_database.engine.begin() as connection:
        connection.execute(text(f"DROP OWNED BY {ROLE}"))
        connection.execute(text(f"DROP ROLE {ROLE}"))


@pytest.fixture
def as_role(postgresql_database, role):
    """The database as the protected role sees it."""
    with postgresql_database.write() as session:
        protect(session, role)
    url = postgresql_database.engine.url.set(username=role)
    database = Database(url.render_as_string(hide_password=False))
    yield database
    database.close()


def test_the_role_works_seals_and_signs(as_role, people, now, tmp_path, monkeypatch):
    monkeypatch.setenv("JIEBAN_DATA", str(tmp_path))
    with as_role.write() as session:
        add_case(session, people.window, now)
        open_first_contact(
            session,
            actor=people.window,
            now=now,
            channel="window",
            matter="咨询",
            person_name="钱桂兰",
            phone="",
            town_code=TOWN,
            place="",
            told="",
            limit=None,
        )
    write(as_role, people, now, 3)

    assert seal_accountability.sweep(as_role, now, "run-1", 60).counts == {"signed": 1}
    assert (check(as_role).ok, check(as_role).records) == (True, 5)


@pytest.mark.parametrize("table", ["ledger_record", "ledger_seal", "ledger_head"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET run_id = 'x'",
        "INSERT INTO {} SELECT * FROM {} ON CONFLICT ON CONSTRAINT pk_{} DO UPDATE SET run_id = 'x'",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TRIGGER {}_no_change ON {}",
        "DROP TABLE {} CASCADE",
        "CREATE TRIGGER t BEFORE INSERT ON {} EXECUTE FUNCTION refuse_change()",
        "ALTER TABLE {} OWNER TO jieban_works",
    ],
)
def test_the_role_cannot_change_the_ledger_or_its_guards(as_role, people, now, table, statement):
    write(as_role, people, now, 1)
    seal_all(as_role, now)
    sign(as_role, now, make_key())

    refused = pytest.raises(ProgrammingError, match=r"permission denied|must be owner")
    with refused, as_role.write() as session:
        session.execute(text(statement.replace("{}", table)))
    assert check(as_role).ok


def test_the_role_cannot_give_itself_what_was_taken(as_role, postgresql_database):
    """PostgreSQL only warns that nothing was granted."""
    with as_role.write() as session:
        session.execute(text(f"GRANT UPDATE, DELETE ON ledger_seal TO {ROLE}"))
    with postgresql_database.read() as session:
        assert not session.scalar(
            text(f"SELECT has_table_privilege('{ROLE}', 'ledger_seal', 'UPDATE, DELETE')")
        )


def test_the_role_cannot_step_past_the_triggers_or_touch_the_functions(as_role):
    for statement in (
        "SET session_replication_role = replica",
        "DROP FUNCTION refuse_change() CASCADE",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "UPDATE alembic_version SET version_num = '0001'",
    ):
        with (
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            as_role.write() as one,
        ):
            one.execute(text(statement))


def test_everything_that_is_append_only_is_protected_and_verifying_says_so(postgresql_database, as_role):
    """An account that could change it, were it not for the triggers, is told so too."""
    with as_role.read() as session:
        guards = look_at_guards(session)
    with postgresql_database.read() as session:
        owner = look_at_guards(session)

    assert (guards.missing, guards.account, guards.may_change) == ([], ROLE, [])
    assert "只能添加，无权改动" in guard_words(guards)
    assert owner.may_change == list(APPEND_ONLY)
    with postgresql_database.write() as session:
        session.execute(text("DROP TRIGGER ledger_seal_no_truncate ON ledger_seal"))
    with pytest.raises(Invalid, match="所有者"), as_role.write() as session:
        restore_guards(session)
    assert "仍有权改动其中 8 张表" in guard_words(owner)


def test_a_role_that_no_right_could_stop_is_refused(postgresql_database, role):
    with postgresql_database.write() as session:
        owner = session.scalar(text("SELECT current_user"))
        with pytest.raises(Invalid, match="超级用户"):
            protect(session, owner)
        with pytest.raises(NotFound, match="CREATE ROLE"):
            protect(session, "nobody_at_all")
        session.execute(text(f"ALTER TABLE ledger_seal OWNER TO {role}"))
        with pytest.raises(Invalid, match="所有者"):
            protect(session, role)
        session.rollback()


def test_a_right_that_comes_from_elsewhere_is_found(postgresql_database, role):
    with postgresql_database.write() as session:
        session.execute(text("CREATE ROLE jieban_all_rights"))
        session.execute(text("GRANT UPDATE ON ledger_seal TO jieban_all_rights"))
        session.execute(text(f"GRANT jieban_all_rights TO {role}"))
        with pytest.raises(Invalid, match="ledger_seal 仍有 UPDATE 权限"):
            protect(session, role)
        session.rollback()


def test_sqlite_has_no_roles(sqlite_database):
    with sqlite_database.write() as session, pytest.raises(Invalid, match="SQLite"):
        statements(session, ROLE)
