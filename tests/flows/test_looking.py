import re
from datetime import datetime
from types import ModuleType

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
    ("sweep", "through"),
    [
        (fire_timers, {"timer_armed"}),
        (escalate_overdue, {"task_escalate", "deadline_unbreached", "supervision_order_escalate"}),
        (follow_contacts, {"first_contact_follow"}),
        (move_deadlines, {"calendar_move_unfinished"}),
        (start_reviews, {"benefit_until", "benefit_unwarned", "benefit_review"}),
        (seal_accountability, {"ledger_unsealed"}),
        (deliver_outbox, {"outbox_pending"}),
    ],
    ids=lambda one: getattr(one, "NAME", ""),
)
def test_looking_for_work_is_quick(
    sweep: ModuleType, through: set[str], sqlite_database: Database, now: datetime
) -> None:
    """An idle look goes through the indexes of what waits, never through what was done in all the years before."""
    said: list[str] = []
    # Below SQLAlchemy, since what is prepared goes straight to the driver.
    event.listen(sqlite_database.engine, "checkout", lambda raw, *_: raw.set_trace_callback(said.append))

    assert not sweep.is_due(sqlite_database, now)

    asked = [one for one in said if one.startswith("SELECT")]
    with sqlite_database.engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}").all() for one in asked]
    steps = [row.detail for plan in plans for row in plan]
    # Rows are looked up one by one by their keys; every other way is one of these.
    used = {found for step in steps for found in re.findall(r"INDEX (?:ix|sqlite_autoindex)_(\w+)", step)}
    assert {one for one in used if not re.search(r"_\d+$", one)} | {
        one.removesuffix("_1") for one in used if one == "ledger_unsealed_1"
    } == through
    # What is set aside is a handful of rows, if any.
    assert {step for step in steps if step.startswith("SCAN") and "INDEX" not in step} <= {
        "SCAN CONSTANT ROW",
        "SCAN set_aside",
    }


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
