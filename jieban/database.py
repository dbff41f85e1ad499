import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from time import monotonic
from typing import Any, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

_REST_SECONDS = 20
"""How long a connection may have rested before it is asked whether it is still there."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored as UTC; a naive one is a mistake and raises."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        if value.tzinfo is None:
            msg = f"naive datetime {value!r}"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """Yuan with two decimals, stored as whole fen, so that sums are exact on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int((Decimal(value) * 100).quantize(Decimal(1)))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:  # noqa: ARG002
        return None if value is None else Decimal(value).scaleb(-2)


BigId = BigInteger().with_variant(Integer, "sqlite")
Blob = LargeBinary().with_variant(BYTEA, "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it from the class
        datetime: UtcDateTime,
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[Any]: JSON,
        bytes: Blob,
    }


def connect(url: str, *, pool_size: int = 10) -> Engine:
    """Make an engine for SQLite (WAL, one writer) or PostgreSQL (psycopg 3)."""
    if url.startswith("sqlite"):
        engine = create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
        event.listen(engine, "connect", _sqlite_pragmas)
        event.listen(engine, "begin", _begin_immediate)
        return engine
    engine = create_engine(url, pool_size=pool_size, max_overflow=pool_size)
    event.listen(engine, "connect", _keep_more_prepared)
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _wake)
    return engine


def _keep_more_prepared(connection: Any, _record: ConnectionPoolEntry) -> None:
    connection.prepared_max = 500


def _note_rest(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["resting since"] = monotonic()


def _wake(connection: Any, record: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
    # A connection that has just been used is asked nothing: the question would cost as much as a step's own.
    since = record.info.get("resting since")
    if since is None or monotonic() - since < _REST_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.rollback()
    except Exception as gone:
        raise DisconnectionError(str(gone)) from gone


def _sqlite_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself, so that ours can begin as writers. Without recursive triggers,
    # INSERT OR REPLACE would remove a row without asking the one that refuses it.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "recursive_triggers=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Any) -> None:
    # A reader that turns writer in the middle cannot wait for another writer; a page that only reads says so.
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


class Database:
    """The engine and the two ways to use it: `write()` for one transaction, `read()` for looking."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = connect(url)
        self.info: dict[str, Any] = {}
        """what every session carries with it"""
        self._write = sessionmaker(self.engine, expire_on_commit=False, info=self.info)
        reading = self.engine.execution_options(reading=True, postgresql_readonly=True)
        self._read = sessionmaker(reading, expire_on_commit=False, info=self.info)

    @property
    def is_postgresql(self) -> bool:
        return self.engine.dialect.name == "postgresql"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in one transaction that is committed at the end, or rolled back on an error."""
        with self._write() as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session that takes no write lock on SQLite, and cannot write on PostgreSQL."""
        with self._read() as session:
            yield session
            if self.is_postgresql and session.in_transaction():
                # At a rollback the driver would forget every statement that it has prepared.
                cast("Any", session.connection().connection.driver_connection).commit()

    def close(self) -> None:
        self.engine.dispose()
