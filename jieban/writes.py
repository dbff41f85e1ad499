"""Writes that wait: a step adds a dozen rows and changes a few, and they go to the database together.

A round trip costs more than a row, and building a statement more than sending it. So what a step only writes is kept in
its session, prepared once per table and process, and sent in bulk: before a question that could see it, or right before
the commit.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count, groupby
from typing import Any, cast

from sqlalchemy import Dialect, Table, event, insert
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql.dml import UpdateBase

from jieban.database import Base
from jieban.driver import Driver, driver_of
from jieban.errors import Conflict
from jieban.prepared import Default, Prepared, constant, prepare

Row = dict[str, Any]


@dataclass(frozen=True)
class _Change:
    statement: UpdateBase
    values: Row
    must_hit: bool
    first: bool


@dataclass
class _Mark:
    """How much waited when an attempt began, and the savepoint's name once something had to be sent inside it."""

    rows: int
    changes: int
    savepoint: str = ""


@dataclass
class _Waiting:
    rows: list[tuple[type[Base], Row]] = field(default_factory=list)
    changes: list[_Change] = field(default_factory=list)
    mark: _Mark | None = None

    def cut(self, rows: int, changes: int) -> None:
        """Forget what came later."""
        del self.rows[rows:], self.changes[changes:]


_KEY = "waiting writes"
_numbers = count(1)


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


def change(
    session: Session, statement: UpdateBase, values: Row, *, must_hit: bool = False, first: bool = False
) -> None:
    """Change rows by a statement that lives as long as the process, with the values of its parameters.

    It is sent after the new rows, or with `first` before them. With `must_hit`, Conflict is raised when it is sent and
    does not find exactly one row.
    """
    _waiting(session).changes.append(_Change(statement, values, must_hit, first))


def amend(session: Session, table: type[Base], row_id: uuid.UUID, values: Row) -> bool:
    """Change a row that this step has added and not sent yet; False where there is none."""
    waiting: _Waiting | None = session.info.get(_KEY)
    for entity, row in waiting.rows if waiting else ():
        if entity is table and row["id"] == row_id:
            row.update(values)
            return True
    return False


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Undo what is written inside with `append` and `change` where an error leaves it.

    The database hears of it only when something has to be sent inside, and forgets it at the commit. Objects of the session are not undone, so inside
    they must not be used to write: RuntimeError says so.
    """
    session.flush()
    waiting = _waiting(session)
    outer, mark = waiting.mark, _Mark(len(waiting.rows), len(waiting.changes))
    waiting.mark = mark
    try:
        yield
        if session.new or session.dirty or session.deleted:
            raise RuntimeError("inside a savepoint rows are written with append and change")  # noqa: TRY301 - a mistake of the program
    except BaseException:
        for one in (*session.new, *session.dirty, *session.deleted):
            session.expunge(one)
        if mark.savepoint:
            driver_of(session).connection.execute(f"ROLLBACK TO SAVEPOINT {mark.savepoint}")
        waiting.cut(mark.rows, mark.changes)
        raise
    finally:
        waiting.mark = outer


def write_out(session: Session, ask: Callable[[], Any] | None = None) -> Any:
    """Send everything that waits; objects of the session go first, since rows may point at them.

    A question `ask` goes with it, so that both are waited for once; its cursor is returned.
    """
    waiting: _Waiting | None = session.info.get(_KEY)
    if waiting is None or not (waiting.rows or waiting.changes):
        return ask() if ask else None
    session.flush()
    driver = driver_of(session)
    mark = waiting.mark
    with driver.errors(), driver.together():
        hits = []
        if mark is not None and not mark.savepoint:
            hits = _send(driver, waiting.rows[: mark.rows], waiting.changes[: mark.changes])
            del waiting.rows[: mark.rows], waiting.changes[: mark.changes]
            mark.rows = mark.changes = 0
            mark.savepoint = f"attempt_{next(_numbers)}"
            driver.connection.execute(f"SAVEPOINT {mark.savepoint}")
        hits += _send(driver, waiting.rows, waiting.changes)
        waiting.cut(0, 0)
        answer = ask() if ask else None
    if any(cursor.rowcount != wanted for cursor, wanted in hits):
        raise Conflict
    return answer


def write_out_for(session: Session, tables: frozenset[Table], ask: Callable[[], Any]) -> Any:
    """Send what waits if a question about these tables could see it, and the question with it; None where nothing had to."""
    if session.new or session.dirty or session.deleted:
        session.flush()
    waiting: _Waiting | None = session.info.get(_KEY)
    if waiting is None:
        return None
    seen = any(entity.__table__ in tables for entity, _ in waiting.rows)
    if seen or any(cast("Any", one.statement).table in tables for one in waiting.changes):
        return write_out(session, ask)
    return None


def _send(
    driver: Driver, rows: list[tuple[type[Base], Row]], changes: list[_Change]
) -> list[tuple[Any, int]]:
    """Send rows and changes; return the cursors of those that must hit a row, with how many each."""
    by_table: dict[type[Base], list[Row]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    hits = _send_changes(driver, [one for one in changes if one.first])
    for table, members in by_table.items():
        prepared = _insert(table, driver.dialect)
        whole = len(members) // _BLOCK * _BLOCK if driver.dialect.name == "postgresql" else 0
        for begun in range(0, whole, _BLOCK):
            _send_block(driver, prepared, members[begun : begun + _BLOCK])
        rest = [prepared.bind(row) for row in members[whole:]]
        if len(rest) == 1:
            driver.connection.execute(prepared.sql, rest[0])
        elif rest:
            driver.connection.cursor().executemany(prepared.sql, rest)
    return hits + _send_changes(driver, [one for one in changes if not one.first])


_BLOCK = 50
"""So many rows go to PostgreSQL in one statement: by themselves each costs more on the way than in its table."""
_PLACE = re.compile(r"%\((\w+)\)s")


@cache
def _of_block(sql: str) -> tuple[str, list[str]]:
    """Make of the statement for one row that for a block, with numbered parameters, and name them for a row in order.

    The driver takes numbered ones as they are; of hundreds of named ones it would search the text each time.
    """
    head, word, values = sql.rpartition(" VALUES ")
    numbers = count(1)
    rows = (_PLACE.sub(lambda _: f"${next(numbers)}", values) for _ in range(_BLOCK))
    return head + word + ", ".join(rows), _PLACE.findall(values)


def _send_block(driver: Driver, prepared: Prepared, rows: list[Row]) -> None:
    from psycopg import RawCursor

    sql, names = _of_block(prepared.sql)
    bound = map(prepared.bind, rows)
    RawCursor(driver.connection).execute(sql, [values[name] for values in bound for name in names])


def _send_changes(driver: Driver, changes: list[_Change]) -> list[tuple[Any, int]]:
    """Send changes in their order, neighbours of one statement together; return cursors with how many rows they must hit."""
    hits = []
    for _, group in groupby(changes, key=lambda one: (id(one.statement), one.must_hit)):
        members = list(group)
        prepared = _change(members[0].statement, driver.dialect)
        if len(members) == 1:
            cursor = driver.connection.execute(prepared.sql, prepared.bind(members[0].values))
        else:
            cursor = driver.connection.cursor()
            cursor.executemany(prepared.sql, [prepared.bind(one.values) for one in members])
        if members[0].must_hit:
            hits.append((cursor, len(members)))
    return hits


def _waiting(session: Session) -> _Waiting:
    found: _Waiting = session.info.setdefault(_KEY, _Waiting())
    return found


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


_prepared: dict[tuple[Any, str], Prepared] = {}


def _insert(entity: type[Base], dialect: Dialect) -> Prepared:
    key = (entity, dialect.name)
    if key not in _prepared:
        table = cast("Table", entity.__table__)
        columns = [column.name for column in table.columns]
        _prepared[key] = prepare(insert(table), dialect, _defaults(table), columns)
    return _prepared[key]


def _change(statement: UpdateBase, dialect: Dialect) -> Prepared:
    key = (statement, dialect.name)
    if key not in _prepared:
        _prepared[key] = prepare(statement, dialect)
    return _prepared[key]


def _defaults(table: Table) -> dict[str, Default]:
    found: dict[str, Default] = {}
    for column in table.columns:
        default: Any = column.default
        if default is None:
            found[column.name] = constant(None)
        elif default.is_scalar:
            found[column.name] = constant(default.arg)
        elif default.is_callable:
            found[column.name] = partial(default.arg, None)
    return found
