"""Calls the sweeps at their intervals, each run recorded in Prefect: `python -m workflows.runner [--alone]`.

`--alone` says that no other runner works on the same Prefect server.
"""

import asyncio
import contextlib
import logging
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from prefect.settings import PREFECT_API_URL, PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from sqlalchemy.exc import SQLAlchemyError

from jieban import audit, clock, memory
from jieban.database import Database
from jieban.settings import read_settings
from workflows.abandoned import close_abandoned_runs
from workflows.failures import describe
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
from workflows.flows.recording import STOPPING, open_database
from workflows.flows.swept import Swept

AT_LEAST_EVERY = 180
"""Seconds after which a sweep runs even if nothing is due, so that its age on the health page means something."""

_log = logging.getLogger("workflows.runner")


@dataclass(frozen=True)
class Plan:
    """How often a sweep looks for work, and what it calls when there is some."""

    name: str
    every: float
    is_due: Callable[[Database, datetime], bool]
    run: Callable[[], Coroutine[Any, Any, Swept]]


PLANS = (
    Plan(fire_timers.NAME, 15, fire_timers.is_due, fire_timers.fire_timers),
    Plan(escalate_overdue.NAME, 60, escalate_overdue.is_due, escalate_overdue.escalate_overdue),
    Plan(follow_contacts.NAME, 60, follow_contacts.is_due, follow_contacts.follow_contacts),
    Plan(move_deadlines.NAME, 15, move_deadlines.is_due, move_deadlines.move_deadlines),
    Plan(start_reviews.NAME, 60, start_reviews.is_due, start_reviews.start_reviews),
    Plan(seal_accountability.NAME, 30, seal_accountability.is_due, seal_accountability.seal_accountability),
    Plan(deliver_outbox.NAME, 5, deliver_outbox.is_due, deliver_outbox.deliver_outbox),
    Plan(daily_digest.NAME, 60, daily_digest.is_due, daily_digest.daily_digest),
    Plan(
        monthly_payment_lists.NAME,
        60,
        monthly_payment_lists.is_due,
        monthly_payment_lists.monthly_payment_lists,
    ),
    Plan(housekeeping.NAME, 60, housekeeping.is_due, housekeeping.housekeeping),
)


async def keep_sweeping(plan: Plan, database: Database, stop: asyncio.Event) -> None:
    """Look for work again and again until told to stop; a sweep that ran out of time goes on at once."""
    last_run, last_told = float("-inf"), ""
    while not stop.is_set():
        again = False
        try:
            quiet_for = time.monotonic() - last_run
            if quiet_for >= AT_LEAST_EVERY or await asyncio.to_thread(plan.is_due, database, clock.now()):
                again = (await plan.run()).unfinished
                last_run, last_told = time.monotonic(), ""
        except Exception as error:  # noqa: BLE001 - the edge of this process
            # The next round tries again: what is due stays due, and the health page shows why it waits.
            if (told := describe(error)) != last_told:
                # A server that is away is no riddle; anything else is, and needs its traceback.
                away = isinstance(error, httpx.HTTPError)
                _log.error("sweep %s failed: %s", plan.name, told, exc_info=None if away else error)
                last_told = told
            await asyncio.to_thread(_note_failure, database, plan.name, error)
        if not again:
            await _wait(stop, plan.every)


async def sweep_until_told(stop: asyncio.Event, *, alone: bool) -> None:
    """Run all sweeps side by side until told to stop."""
    settings = read_settings()
    database = open_database(settings.database_url)
    await _wait_for_prefect(database, stop)
    if alone and not stop.is_set():
        await close_abandoned_runs([plan.name for plan in PLANS])
    await asyncio.gather(*(keep_sweeping(plan, database, stop) for plan in PLANS))


def main() -> int:
    """Run the sweeps in this process until SIGTERM or Ctrl-C, then finish what is being done and end."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    # Off only from Python: with heartbeats every run would leave a thread and an event behind it.
    memory.settle()
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        asyncio.run(_main(alone="--alone" in sys.argv[1:]))
    return 0


async def _main(*, alone: bool) -> None:
    stop = asyncio.Event()

    def told() -> None:
        STOPPING.set()
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told)
    await sweep_until_told(stop, alone=alone)


async def _wait_for_prefect(database: Database, stop: asyncio.Event) -> None:
    address, began, noted = f"{PREFECT_API_URL.value()}/health", time.monotonic(), False
    async with httpx.AsyncClient(timeout=2, trust_env=False) as client:
        while not stop.is_set():
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(address)).is_success:
                    return
            if not noted and time.monotonic() - began > 60:
                noted = True
                for plan in PLANS:
                    reason = ConnectionError(f"Prefect does not answer at {address}")
                    await asyncio.to_thread(_note_failure, database, plan.name, reason)
            await _wait(stop, 0.5)


def _note_failure(database: Database, name: str, error: Exception) -> None:
    # Without a database there is nowhere to note it; the age of the last success tells the same.
    with contextlib.suppress(SQLAlchemyError), database.write() as session:
        audit.sweep_failed(session, name, clock.now(), "", describe(error))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


if __name__ == "__main__":
    sys.exit(main())
