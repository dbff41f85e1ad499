from datetime import datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import event

from jieban.database import Database
from workflows.flows import (
    deliver_outbox,
    escalate_overdue,
    fire_timers,
    seal_accountability,
    start_reviews,
)


@pytest.mark.parametrize(
    "sweep",
    [fire_timers, escalate_overdue, start_reviews, seal_accountability, deliver_outbox],
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
