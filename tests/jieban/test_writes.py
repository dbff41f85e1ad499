"""Writes that wait: whether all of them arrive, and whether a change that finds no row is noticed."""

from datetime import datetime
from typing import cast

import pytest
from sqlalchemy import Table, bindparam, func, select, update

from jieban.database import Database
from jieban.errors import Conflict
from jieban.ids import new_id
from jieban.writes import append, change
from notifications.tables import Message
from tests.people import People

_TABLE = cast("Table", Message.__table__)
_READ = update(_TABLE).where(_TABLE.c.text == bindparam("the_text")).values(kind="read")


def leave(database: Database, people: People, now: datetime, number: int) -> None:
    with database.write() as session:
        for count in range(number):
            row = {
                "id": new_id(),
                "user_id": people.window.id,
                "at": now,
                "kind": "new",
                "text": f"第{count}条%s",
            }
            append(session, Message, row)


@pytest.mark.parametrize("number", [1, 2, 49, 50, 51, 100, 149])
def test_every_row_arrives_as_it_is(database: Database, people: People, now: datetime, number: int) -> None:
    """However many there are, in blocks or not, with the defaults of what was left out."""
    leave(database, people, now, number)

    with database.read() as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
    assert [row.text for row in rows] == [f"第{count}条%s" for count in range(number)]
    assert {(row.at, row.kind, row.run_id, row.case_id) for row in rows} == {(now, "new", "", None)}


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_of_many_changes_one_that_finds_nothing_undoes_all(
    database: Database, people: People, now: datetime, missing: int
) -> None:
    leave(database, people, now, 3)

    def work() -> None:
        with database.write() as session:
            for count in range(3):
                text = "没有这条" if count == missing else f"第{count}条%s"
                change(session, _READ, {"the_text": text}, must_hit=True)

    with pytest.raises(Conflict):
        work()

    with database.read() as session:
        assert session.scalar(select(func.count()).where(Message.kind == "read")) == 0
