from typing import Any, cast

from sqlalchemy import Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jieban.database import Base
from jieban.reads import Query


class Counter:
    """Counts up in the rows (prefix, last) of a table, without gaps or doubles: who counts waits for who counted before."""

    def __init__(self, table: type[Base]) -> None:
        self._ask = {
            "postgresql": _count_up(cast("Table", table.__table__), postgresql.insert),
            "sqlite": _count_up(cast("Table", table.__table__), sqlite.insert),
        }

    def next(self, session: Session, prefix: str) -> int:
        """Give the next number under a prefix, 1 first."""
        return int(self._ask[session.get_bind().dialect.name].scalar(session, the_prefix=prefix))


def _count_up(table: Table, insert: Any) -> Query:
    counted = insert(table).values(prefix=bindparam("the_prefix"), last=1)
    counted = counted.on_conflict_do_update(index_elements=["prefix"], set_={"last": table.c.last + 1})
    return Query(counted.returning(table.c.last))
