"""Reads of a step: prepared once per process, answered as plain rows.

The pages ask through the ORM, whose convenience costs more than the database. A step asks the same few questions for every
case, so they are compiled once and their answers are tuples with names. What the step has written but not yet sent goes
first where the question could see it.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Dialect, Table
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.selectable import ReturnsRows

from jieban.database import Base
from jieban.driver import driver_of
from jieban.prepared import Prepared, Processor, prepare
from jieban.writes import write_out_for

_rows = cast("Callable[..., Any]", namedtuple)  # noqa: PYI024 - a class cannot be written for them
"""Named tuples whose names come from a statement."""


E = TypeVar("E", bound=Base)


def loose(entity: type[E], **values: Any) -> E:
    """Make an object that stands for itself: no session watches it, so what changes on it is written by hand."""
    made = entity()
    made.__dict__.update(values)
    return made


def loose_row(entity: type[E], values: Iterable[Any]) -> E:
    """Make such an object of all columns of its table, in their order."""
    return loose(entity, **dict(zip(entity.__table__.columns.keys(), values, strict=True)))


@dataclass(frozen=True)
class _Compiled:
    prepared: Prepared
    row: Callable[..., Any]
    processors: tuple[Processor | None, ...]

    def read(self, found: Any) -> Any:
        return self.row(
            *[
                value if process is None else process(value)
                for process, value in zip(self.processors, found, strict=True)
            ]
        )


class Query:
    """A question with parameters (`bindparam`), asked as often as needed; it lives as long as the process."""

    def __init__(self, statement: ReturnsRows) -> None:
        self.statement: Any = statement
        self.tables = frozenset(one for one in visitors.iterate(statement) if isinstance(one, Table))
        self._compiled: dict[str, _Compiled] = {}

    def all(self, session: Session, **values: Any) -> list[Any]:
        """Give every row."""
        driver = driver_of(session)
        compiled = self._compiled.get(driver.dialect.name) or self._compile(driver.dialect)

        def ask() -> Any:
            return driver.connection.execute(compiled.prepared.sql, compiled.prepared.bind(values))

        cursor = write_out_for(session, self.tables, ask)
        with driver.errors():
            if cursor is None:
                with driver.together_with_begin():
                    cursor = ask()
            found = cursor.fetchall()
        return [compiled.read(row) for row in found]

    def first(self, session: Session, **values: Any) -> Any:
        """Give the first row, or None."""
        rows = self.all(session, **values)
        return rows[0] if rows else None

    def scalar(self, session: Session, **values: Any) -> Any:
        """Give the first column of the first row, or None."""
        row = self.first(session, **values)
        return None if row is None else row[0]

    def _compile(self, dialect: Dialect) -> _Compiled:
        columns = self.statement.exported_columns
        names = [str(column.key) for column in columns]
        processors = tuple(
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        )
        row = _rows("Row", names, rename=True)
        compiled = _Compiled(prepare(self.statement, dialect), row, processors)
        self._compiled[dialect.name] = compiled
        return compiled
