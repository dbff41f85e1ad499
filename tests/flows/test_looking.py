from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event

from jieban.database import Database
from workflows.flows import (
    daily_digest,
    deliver_outbox,
    escalate_overdue,
    fire_timers,
    follow_contacts,
    housekeeping,
    monthly_payment_lists,
    move_deadlines,
    seal_accountability,
    start_reviews,
)


@pytest.mark.parametrize(
    "sweep",
    [
        fire_timers,
        escalate_overdue,
        follow_contacts,
        move_deadlines,
        start_reviews,
        seal_accountability,
        deliver_outbox,
    ],
    ids=lambda one: one.NAME,
)
def test_looking_for_work_is_quick(sweep: ModuleType, sqlite_database: Database, now: datetime) -> None:
    """An idle look goes through an index of what waits, never through what was done in all the years before."""
    said: list[tuple[str, Any]] = []
    event.listen(
        sqlite_database.engine, "before_cursor_execute", lambda *given: said.append((given[2], given[3]))
    )

    assert not sweep.is_due(sqlite_database, now)

    with sqlite_database.engine.connect() as connection:
        for statement, values in [one for one in said if one[0].startswith("SELECT")]:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            first = plan[0].detail
            assert "USING" in first, plan
            assert "INDEX ix_" in first or "SCAN ledger_unsealed" in first, plan


@pytest.mark.parametrize(
    "sweep", [daily_digest, monthly_payment_lists, housekeeping], ids=lambda one: one.NAME
)
def test_looking_whether_a_day_is_done_reads_one_row(
    sweep: ModuleType, sqlite_database: Database, now: datetime
) -> None:
    """What is done once a day or month is looked up by what its sweep has reached, however much there is to do."""
    said: list[str] = []
    event.listen(sqlite_database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))

    assert sweep.is_due(sqlite_database, now)

    assert "FROM sweep" in next(one for one in said if one.startswith("SELECT"))
    assert not [one for one in said if "staff_user" in one or "benefit" in one or "FROM message" in one]
