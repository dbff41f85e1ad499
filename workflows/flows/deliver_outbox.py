import threading
import time
from collections import Counter
from datetime import datetime

from prefect import flow
from sqlalchemy import literal, select

from jieban.database import Database
from jieban.settings import read_settings
from notifications import outbox, sending
from notifications.channels import Channels, channels_of
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
        if session.execute(query).first() is not None:
            return True
        channels = channels_of(session)
        return channels is not None and bool(sending.due_channels(session, channels, now))


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Do what the steps asked for: letters are rendered, people told; then what leaves the machine goes by its channels."""
    began = time.monotonic()
    delivered = outbox.deliver(database, now, run_id, budget_seconds, read_settings().letters)
    swept = Swept(done=delivered.done, set_aside=delivered.failed)
    with database.read() as session:
        channels = channels_of(session)
    if channels is not None:
        # However much there is to render, the channels get their share.
        left = max(budget_seconds - (time.monotonic() - began), budget_seconds / 3)
        _send(database, channels, now, run_id, left, stop, swept)
    return swept


_WORDS = {
    "delivered": "已送达",
    "again": "稍后再发",
    "failed": "未送达",
    "uncertain": "不能确定",
}


def _send(
    database: Database,
    channels: Channels,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None,
    swept: Swept,
) -> None:
    """Send by every channel, and count by channel what became of it."""
    sent = sending.deliver(database, channels, now, run_id, budget_seconds, stop)
    for channel in channels:
        for result, word in _WORDS.items():
            if number := sent.get(channel.key, Counter())[result]:
                swept.count(f"{channel.name}{word}", number)
                swept.done += number if result == "delivered" else 0
                swept.set_aside += number if result in {"failed", "uncertain"} else 0


@flow(name=NAME, flow_run_name=run_name(NAME))
async def deliver_outbox(budget_seconds: float = 3) -> Swept:
    """Deliver the outbox, and send what is to leave by a channel."""
    return await record_sweep(NAME, sweep, budget_seconds)
