from datetime import datetime

from prefect import flow

from jieban.database import Database
from workflows.contacts import any_unheard, sweep_feedback
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "follow_contacts"


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether anybody should have heard by now."""
    with database.read() as session:
        return any_unheard(session, now)


sweep = sweep_feedback


@flow(name=NAME, flow_run_name=run_name(NAME))
async def follow_contacts(budget_seconds: float = 10) -> Swept:
    """Write down where the person who brought a matter heard nothing in time, and tell who answers for it."""
    return await record_sweep(NAME, sweep, budget_seconds)
