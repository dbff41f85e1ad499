"""Days that an operation works out by the calendar and puts into a fact of the run."""

from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, delete

from jieban import workdays
from jieban.deadlines.tables import FactDay
from jieban.ids import new_id
from jieban.rules import RuleEntry
from jieban.writes import append, change
from tasks.operations.registry import Done

_TABLE = cast("Table", FactDay.__table__)
_FORGET = delete(_TABLE).where(
    _TABLE.c.case_id == bindparam("the_case"), _TABLE.c.fact == bindparam("the_fact")
)


def tell_day(done: Done, fact: str, entry: RuleEntry, start: datetime, *, ahead: int = 0) -> str:
    """Work out when a rule ends, or so many days ahead of it, as the fact holds it; it is moved with the calendar.

    Where the fact is told anew, only the new day is kept.
    """
    length, unit = int(entry.value), entry.unit
    due_at = workdays.due(start, length, unit, done.calendar).at - timedelta(days=ahead)
    row = {"case_id": done.case.id, "fact": fact, "name": entry.name, "starts_at": start}
    forget_day(done, fact)
    append(
        done.session,
        FactDay,
        {"id": new_id(), **row, "length": length, "unit": unit, "ahead": ahead, "due_at": due_at},
    )
    return due_at.isoformat()


def forget_day(done: Done, fact: str) -> None:
    """Keep no day for a fact that holds none any more."""
    change(done.session, _FORGET, {"the_case": done.case.id, "the_fact": fact}, first=True)
