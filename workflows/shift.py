"""A shift: all sweeps for a while in one flow run, as the workers of a pool run them. `python -m workflows.shift` plans some.

A process for each sweep would cost seconds of processor time every few seconds. A shift pays that once in minutes, looks
for work as the runner does, and ends by itself; the next one is due by then. Two shifts at once share the work.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.states import Scheduled

from jieban import clock, memory
from jieban.settings import read_settings
from workflows import prefect_rows
from workflows.flows.recording import open_database, run_name
from workflows.runner import PLANS, keep_sweeping

NAME = "sweeps"
DEPLOYMENT = f"{NAME}/every-minute"
AHEAD = 15
"""Minutes for which shifts are planned: so long all workers may be away before somebody has to plan anew."""


@flow(name=NAME, flow_run_name=run_name(NAME))
async def sweeps(seconds: float = 110) -> Sequence[str]:
    """Run all sweeps side by side for so many seconds; return their names."""
    # Shifts that were planned while no worker was there are of no use: this one takes everything that is due.
    await prefect_rows.drop_missed([NAME], clock.now())
    await plan_shifts(clock.now())
    memory.settle()
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, stop.set)
    database = open_database(read_settings().database_url)
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        await asyncio.gather(*(keep_sweeping(plan, database, stop) for plan in PLANS))
    return [plan.name for plan in PLANS]


async def plan_shifts(now: datetime, minutes: int = AHEAD) -> None:
    """Plan a shift for this minute and each of the next; a minute has one, whoever plans it and however often.

    Prefect's own schedules would do the same, but its server cannot write planned runs with SQLAlchemy 2.1.
    """
    begin = now.replace(second=0, microsecond=0)
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(DEPLOYMENT)
        for minute in range(minutes):
            moment = begin + timedelta(minutes=minute)
            planned: State[Any] = Scheduled(scheduled_time=moment)
            await client.create_flow_run_from_deployment(
                deployment.id, state=planned, idempotency_key=f"{NAME} {moment.isoformat()}"
            )


def main() -> int:
    """Plan the next shifts, where Prefect's server and the deployment are there."""
    asyncio.run(plan_shifts(clock.now()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
