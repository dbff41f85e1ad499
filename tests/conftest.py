from collections.abc import Iterator
from datetime import datetime

import pytest

from jieban.database import Database
from tests.databases import NOW, PostgresqlMaker, SqliteMaker, postgresql_server, quick_folder
from tests.people import People, load_people

KINDS = ["sqlite", "postgresql"]


@pytest.fixture
def now() -> datetime:
    """A Tuesday morning in China, with no holiday near: 2026-11-24 10:00."""
    return NOW


@pytest.fixture(scope="session")
def sqlite_maker() -> Iterator[SqliteMaker]:
    with quick_folder() as folder:
        yield SqliteMaker(folder)


@pytest.fixture(scope="session")
def postgresql_maker() -> Iterator[PostgresqlMaker]:
    with postgresql_server() as server:
        maker = PostgresqlMaker(server)
        yield maker
        maker.close()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with the sample places, the people of tests/people.py, calendar, rules and shipped procedures."""
    maker = request.getfixturevalue(f"{request.param}_maker")
    with maker.fresh("ready") as fresh:
        yield fresh


@pytest.fixture(params=KINDS)
def empty_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database with tables and no rows."""
    maker = request.getfixturevalue(f"{request.param}_maker")
    with maker.fresh("empty") as fresh:
        yield fresh


@pytest.fixture
def sqlite_database(sqlite_maker: SqliteMaker) -> Iterator[Database]:
    """Like `database`, for a test whose subject does not depend on the kind."""
    with sqlite_maker.fresh("ready") as fresh:
        yield fresh


@pytest.fixture
def postgresql_database(postgresql_maker: PostgresqlMaker) -> Iterator[Database]:
    """Like `database`, for a test of what only PostgreSQL does."""
    with postgresql_maker.fresh("ready") as fresh:
        yield fresh


@pytest.fixture
def people(request: pytest.FixtureRequest) -> People:
    """The people of the database that the test uses, as actors."""
    names = ("database", "sqlite_database", "postgresql_database")
    name = next(name for name in names if name in request.fixturenames)
    used: Database = request.getfixturevalue(name)
    with used.read() as session:
        return load_people(session)
