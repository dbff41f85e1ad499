import threading
from datetime import datetime

from prefect import flow
from sqlalchemy import literal, select

from jieban.database import Database
from jieban.settings import read_settings
from notifications import outbox
from notifications.tables import Outbox
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "deliver_outbox"
_PENDING = literal("pending", literal_execute=True)
"""Written out in the statement, since a partial index does not know what a parameter will be."""


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether anything waits to go out."""
    # In order, so that PostgreSQL goes through the index whatever it knows of the time before.
    query = select(Outbox.id).where(Outbox.state == _PENDING, Outbox.not_before <= now)
    query = query.order_by(Outbox.not_before, Outbox.id).limit(1)
    with database.read() as session:
        return session.execute(query).first() is not None


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,  # noqa: ARG001 - one delivery is short
) -> Swept:
    """Send out what the steps asked for: letters to be rendered, people to be told."""
    delivered = outbox.deliver(database, now, run_id, budget_seconds, read_settings().letters)
    return Swept(done=delivered.done, set_aside=delivered.failed)


@flow(name=NAME, flow_run_name=run_name(NAME))
async def deliver_outbox(budget_seconds: float = 3) -> Swept:
    """Deliver the outbox."""
    return await record_sweep(NAME, sweep, budget_seconds)
