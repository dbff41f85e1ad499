import os
import threading
from datetime import datetime, time, timedelta

from prefect import flow

from jieban import audit, clock
from jieban.clock import CHINA, local_day
from jieban.database import Database
from workflows import prefect_rows, retention
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept
from workflows.health import SWEEPS

NAME = "housekeeping"
NIGHT = time(2, 30)
"""Chinese time from which the work of the day is done; the offices are closed then."""
FLOWS = (*SWEEPS, "sweeps")
"""Our flows, whose runs in Prefect are tidied."""


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether the housekeeping of this day is still to be done."""
    if now.astimezone(CHINA).time() < NIGHT:
        return False
    with database.read() as session:
        return audit.sweep_reached(session, NAME) != local_day(now).isoformat()


def sweep(
    database: Database,
    now: datetime,
    run_id: str,  # noqa: ARG001 - what is deleted carries no id
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Delete once a day what need not be kept, in chunks of one transaction each."""
    budget, keep = Budget(budget_seconds, stop), retention.read_keep(os.environ)
    with database.read() as session:
        swept = Swept(reached=audit.sweep_reached(session, NAME))
    if not is_due(database, now):
        return swept
    for title, rule in retention.RULES:
        deleted = retention.CHUNK
        while deleted == retention.CHUNK:
            if budget.spent:
                swept.unfinished = True
                return swept
            with database.write() as session:
                deleted = retention.delete_some(session, now, keep, rule)
            swept.done += deleted
            swept.count(title, deleted)
    swept.reached = local_day(now).isoformat()
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def housekeeping(budget_seconds: float = 10) -> Swept:
    """Delete what need not be kept, close runs that stand still, and keep Prefect's own rows few."""
    now, keep = clock.now(), retention.read_keep(os.environ)
    stuck = await prefect_rows.close_stuck(FLOWS, now)
    old = await prefect_rows.delete_old(FLOWS, now - timedelta(days=keep.runs), budget_seconds)

    def with_prefect(
        database: Database,
        now: datetime,
        run_id: str,
        budget_seconds: float,
        stop: threading.Event | None = None,
    ) -> Swept:
        swept = sweep(database, now, run_id, budget_seconds, stop)
        swept.done += stuck + old
        swept.counts |= {
            title: number for title, number in (("停住的运行", stuck), ("旧运行", old)) if number
        }
        return swept

    return await record_sweep(NAME, with_prefect, budget_seconds)
