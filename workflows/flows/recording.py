"""The edge of every sweep: it reads the clock, opens the database, notes how it went and leaves a table to read."""

import asyncio
import threading
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Protocol

from prefect.artifacts import acreate_table_artifact
from prefect.runtime import flow_run

from jieban import audit, clock
from jieban.database import Database
from jieban.settings import read_settings
from notifications.channels import attach, read_channels
from workflows.failures import describe
from workflows.flows.swept import Swept

STOPPING = threading.Event()
"""Set when this process was told to end: a sweep finishes the row or chunk it is at and goes."""

_TITLES = {"done": "已处理", "set_aside": "搁置", "unfinished": "未完", "signed": "签名", "reached": "已办到"}


class Sweep(Protocol):
    def __call__(
        self,
        database: Database,
        now: datetime,
        run_id: str,
        budget_seconds: float,
        stop: threading.Event | None = None,
    ) -> Swept: ...


@cache
def open_database(url: str) -> Database:
    """Open the database once for the process; a run of a flow is too short to connect anew each time.

    Its sessions know the channels; a change of their file counts from the next start.
    """
    database = Database(url)
    attach(database, read_channels(read_settings().channels))
    return database


def run_name(flow_name: str) -> Callable[[], str]:
    """Name the runs of a flow by their moment in China, as an operator reads it."""
    return lambda: f"{flow_name} {clock.now().astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"


async def record_sweep(name: str, sweep: Sweep, budget_seconds: float) -> Swept:
    """Run a sweep in a thread under the id of the present flow run, and note its start, its end or its failure."""
    database = open_database(read_settings().database_url)
    run_id = str(flow_run.id)
    swept = await asyncio.to_thread(_sweep, name, sweep, database, run_id, budget_seconds)
    if swept.did_something:
        await _leave_table(name, swept)
    return swept


def _sweep(name: str, sweep: Sweep, database: Database, run_id: str, budget_seconds: float) -> Swept:
    now = clock.now()
    with database.write() as session:
        audit.sweep_started(session, name, now, run_id)
    try:
        swept = sweep(database, now, run_id, budget_seconds, STOPPING)
    except Exception as error:
        with database.write() as session:
            audit.sweep_failed(session, name, clock.now(), run_id, describe(error))
        raise
    with database.write() as session:
        audit.sweep_ok(session, name, clock.now(), run_id, swept.totals())
    return swept


async def _leave_table(name: str, swept: Swept) -> None:
    totals = swept.totals()
    told = "，".join(f"{_TITLES.get(key, key)} {_word(value)}" for key, value in totals.items())
    await acreate_table_artifact(
        table=swept.worst or [totals], key=name.replace("_", "-"), description=f"{told}。"
    )


def _word(value: object) -> str:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else str(value)
