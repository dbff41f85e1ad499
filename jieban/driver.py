"""The driver's own connection behind a session, for what is sent without SQLAlchemy between."""

from collections.abc import Iterator
from contextlib import contextmanager
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
