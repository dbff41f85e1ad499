"""The driver's own connection behind a session, for what is sent without SQLAlchemy between."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction


@dataclass(frozen=True)
class Driver:
    """The driver's connection of one transaction, and the kind of database behind it."""

    connection: Any
    dialect: Dialect

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Give a caller the errors of SQLAlchemy, which it knows."""
        driver: Any = self.dialect.loaded_dbapi
        try:
            yield
        except driver.Error as error:
            raise DBAPIError.instance(None, None, error, driver.Error, dialect=self.dialect) from error

    def together(self) -> AbstractContextManager[Any]:
        """Send several statements without waiting for the answer to each, where the database can."""
        if self.dialect.name != "postgresql":
            return nullcontext()
        pipeline: AbstractContextManager[Any] = self.connection.pipeline()
        return pipeline

    def together_with_begin(self) -> AbstractContextManager[Any]:
        """Send the first statement of a transaction together with the statement that begins it."""
        if self.dialect.name != "postgresql" or self.connection.info.transaction_status:
            return nullcontext()
        return self.together()


_KEY = "driver"


def driver_of(session: Session) -> Driver:
    """Give the driver's connection of the session's transaction, which begins if it has not."""
    kept: tuple[SessionTransaction, Driver] | None = session.info.get(_KEY)
    if kept is not None and kept[0] is session.get_transaction():
        return kept[1]
    connection = session.connection()
    driver = Driver(connection.connection.driver_connection, connection.dialect)
    transaction = session.get_transaction()
    assert transaction is not None
    session.info[_KEY] = (transaction, driver)
    return driver
