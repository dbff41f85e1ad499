"""Where scenarios are played: real transactions, one inside the other, and the outermost is never committed."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from jieban.database import Database


class Writes(Protocol):
    """Whatever opens sessions in transactions of their own: a stage, or a database where what is played stays."""

    def write(self) -> AbstractContextManager[Session]:
        """Open a session in one transaction."""


class Stage:
    """Sessions like those of a database, on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.flows: set[str] = set()
        """the sequence flows that cases on this stage took since it was last cleared"""

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open a session in a transaction of its own, which the stage keeps until it is undone itself."""
        session = Session(self._connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        session.info["flows"] = self.flows
        with session, session.begin():
            yield session

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Clear the stage, and undo all that is written inside, whether it went well or not."""
        self.flows = set()
        nested = self._connection.begin_nested()
        try:
            yield
        finally:
            nested.rollback()


@contextmanager
def stage_in(database: Database) -> Iterator[Stage]:
    """Make a stage in a database; nothing of it stays there."""
    with database.engine.connect() as connection:
        transaction = connection.begin()
        try:
            yield Stage(connection)
        finally:
            transaction.rollback()
