"""Writes that wait: a step adds a dozen rows and changes a few, and they go to the database together.

A round trip costs more than a row, and building a statement more than sending it. So what a step only writes is kept in
its session, prepared once per table and process, and sent in bulk: at the next query of the session, which must see it,
or right before the commit.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Table, event, insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import UpdateBase

from jieban.database import Base

Row = dict[str, Any]


@dataclass
class _Waiting:
    rows: list[tuple[type[Base], Row]] = field(default_factory=list)
    changes: list[tuple[UpdateBase, Row]] = field(default_factory=list)


_KEY = "waiting writes"


def append(session: Session, table: type[Base], row: Row) -> None:
    """Add a row, given by its columns; columns left out take their defaults."""
    _waiting(session).rows.append((table, row))


def add(session: Session, entity: Base) -> None:
    """Add an object as a row; it is not watched afterwards, so later changes to it are not saved."""
    append(
        session,
        type(entity),
        {name: value for name, value in vars(entity).items() if not name.startswith("_")},
    )


def change(session: Session, statement: UpdateBase, values: Row) -> None:
    """Change rows by a statement that lives as long as the process, with the values of its parameters."""
    _waiting(session).changes.append((statement, values))


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo what is done inside, waiting writes too, where an error leaves it."""
    write_out(session)
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info.pop(_KEY, None)
        raise


def write_out(session: Session) -> None:
    """Send everything that waits; what the rows may point at goes first."""
    waiting: _Waiting | None = session.info.pop(_KEY, None)
    if waiting is None:
        return
    session.flush()
    by_table: dict[type[Base], list[Row]] = {}
    for table, row in waiting.rows:
        by_table.setdefault(table, []).append(row)
    connection = session.connection()
    with _sent_together(connection):
        for table, rows in by_table.items():
            prepared = _insert(table, connection.dialect)
            connection.exec_driver_sql(prepared.sql, [prepared.bind(row) for row in rows])
        for statement, values in waiting.changes:
            prepared = _change(statement, connection.dialect)
            connection.exec_driver_sql(prepared.sql, prepared.bind(values))


def _waiting(session: Session) -> _Waiting:
    found: _Waiting = session.info.setdefault(_KEY, _Waiting())
    return found


@contextmanager
def _sent_together(connection: Connection) -> Iterator[None]:
    # PostgreSQL need not answer one statement before the next is sent.
    if connection.dialect.name != "postgresql":
        yield
        return
    driver: Any = connection.dialect.loaded_dbapi
    try:
        with connection.connection.driver_connection.pipeline():  # type: ignore[union-attr]
            yield
    except driver.Error as error:
        # The answer came late, past SQLAlchemy; a caller still gets the error that it knows.
        raise DBAPIError.instance(None, None, error, driver.Error, dialect=connection.dialect) from error


@event.listens_for(Session, "do_orm_execute")
def _before_query(state: ORMExecuteState) -> None:
    write_out(state.session)


@event.listens_for(Session, "before_commit")
def _before_commit(session: Session) -> None:
    if not session.in_nested_transaction():
        write_out(session)


@event.listens_for(Session, "after_rollback")
def _after_rollback(session: Session) -> None:
    session.info.pop(_KEY, None)


@dataclass(frozen=True)
class _Prepared:
    """SQL for one kind of database, and how values become its parameters."""

    sql: str
    names: tuple[str, ...]
    fixed: Mapping[str, Any]
    defaults: Mapping[str, Callable[[], Any]]
    processors: Mapping[str, Callable[[Any], Any]]
    positional: bool

    def bind(self, values: Row) -> Any:
        if self.positional:
            return tuple(self._value(name, values) for name in self.names)
        return {name: self._value(name, values) for name in self.names}

    def _value(self, name: str, values: Row) -> Any:
        if name in values:
            value = values[name]
        elif name in self.fixed:
            value = self.fixed[name]
        else:
            value = self.defaults[name]() if name in self.defaults else None
        processor = self.processors.get(name)
        return processor(value) if processor else value


_prepared: dict[tuple[Any, str], _Prepared] = {}


def _insert(entity: type[Base], dialect: Dialect) -> _Prepared:
    key = (entity, dialect.name)
    if key not in _prepared:
        table = entity.__table__
        assert isinstance(table, Table)
        _prepared[key] = _prepare(
            insert(table), dialect, _defaults(table), [column.name for column in table.columns]
        )
    return _prepared[key]


def _change(statement: UpdateBase, dialect: Dialect) -> _Prepared:
    key = (statement, dialect.name)
    if key not in _prepared:
        _prepared[key] = _prepare(statement, dialect, {}, None)
    return _prepared[key]


def _prepare(
    statement: UpdateBase,
    dialect: Dialect,
    defaults: Mapping[str, Callable[[], Any]],
    columns: list[str] | None,
) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    binds = {name: bind for bind, name in compiled.bind_names.items()}
    names = tuple(compiled.positiontup) if compiled.positional and compiled.positiontup else tuple(binds)
    processors = {
        name: processor
        for name, bind in binds.items()
        if (processor := bind.type.dialect_impl(dialect).bind_processor(dialect))
    }
    fixed = {name: bind.value for name, bind in binds.items() if not bind.required and columns is None}
    return _Prepared(str(compiled), names, fixed, defaults, processors, bool(compiled.positional))


def _defaults(table: Table) -> dict[str, Callable[[], Any]]:
    found: dict[str, Callable[[], Any]] = {}
    for column in table.columns:
        default: Any = column.default
        if default is not None and default.is_scalar:
            found[column.name] = _constant(default.arg)
        elif default is not None and default.is_callable:
            found[column.name] = partial(default.arg, None)
    return found


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value
