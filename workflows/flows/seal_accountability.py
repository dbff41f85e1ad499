import threading
from datetime import datetime

from prefect import flow
from sqlalchemy import select

from jieban import ledger
from jieban.database import Database
from jieban.ledger.tables import LedgerUnsealed
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "seal_accountability"
_CHUNK = 500


def is_due(database: Database, now: datetime) -> bool:  # noqa: ARG001 - every sweep is asked the same way
    """Tell whether any record waits for its seal."""
    with database.read() as session:
        return session.execute(select(LedgerUnsealed.record_id).limit(1)).first() is not None


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Seal the records of answerability into the chains of their counties, in chunks of one transaction each."""
    budget, swept = Budget(budget_seconds, stop), Swept()
    while True:
        with database.write() as session:
            sealed = ledger.seal(session, now, run_id, _CHUNK)
        swept.done += sealed
        if not sealed:
            return swept
        if budget.spent:
            swept.unfinished = True
            return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def seal_accountability(budget_seconds: float = 10) -> Swept:
    """Seal what was recorded, so that a later change by hand is found."""
    return await record_sweep(NAME, sweep, budget_seconds)
