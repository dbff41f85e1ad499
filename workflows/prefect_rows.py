"""Prefect's own rows: runs that stand still, starts that nobody was there for, and what is old enough to go.

Only runs of our own flows are touched, since a Prefect server may serve others too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from prefect import get_client
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Crashed

STUCK_AFTER = timedelta(minutes=10)
"""No run lasts so long: each has a budget of seconds, a shift of sweeps one of minutes."""
MISSED_AFTER = timedelta(minutes=2)
_PAGE = 100
_UNDER_WAY = [StateType.PENDING, StateType.RUNNING]
_OVER = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]


async def close_stuck(names: Sequence[str], now: datetime) -> int:
    """Mark as crashed what has been running for longer than any run may; return how many there were.

    What such a run was at has been rolled back or committed by the database, and is swept again.
    """
    began = FlowRunFilterStartTime.model_validate({"before_": now - STUCK_AFTER})
    async with get_client() as client:
        found = await _read(client, names, _UNDER_WAY, start_time=began)
        for run in found:
            crashed: State[Any] = Crashed(message="This run went on for longer than any run may.")
            await client.set_flow_run_state(run.id, crashed, force=True)
    return len(found)


async def drop_missed(names: Sequence[str], now: datetime) -> int:
    """Cancel starts that were planned while nobody was there: the next sweep takes everything that is due anyway."""
    planned = FlowRunFilterExpectedStartTime.model_validate({"before_": now - MISSED_AFTER})
    async with get_client() as client:
        found = await _read(client, names, [StateType.SCHEDULED], expected_start_time=planned)
        for run in found:
            cancelled: State[Any] = Cancelled(message="Nobody was there at that time.")
            await client.set_flow_run_state(run.id, cancelled, force=True)
    return len(found)


async def delete_old(names: Sequence[str], before: datetime, budget_seconds: float) -> int:
    """Delete runs that ended before a moment, with their tables and logs; return how many.

    What does not fit into the budget waits for the next time.
    """
    end, deleted = monotonic() + budget_seconds, 0
    planned = FlowRunFilterExpectedStartTime.model_validate({"before_": before})
    async with get_client() as client:
        while monotonic() < end:
            found = await _read(client, names, _OVER, expected_start_time=planned)
            if not found:
                break
            await _delete(client, found)
            deleted += len(found)
    return deleted


async def _read(
    client: PrefectClient, names: Sequence[str], states: Sequence[StateType], **more: Any
) -> list[FlowRun]:
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
    return await client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=list(names))),
        flow_run_filter=FlowRunFilter(state=state, **more),
        limit=_PAGE,
    )


async def _delete(client: PrefectClient, runs: Sequence[FlowRun]) -> None:
    of_runs = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id for run in runs]))
    for artifact in await client.read_artifacts(artifact_filter=of_runs):
        await client.delete_artifact(artifact.id)
    for run in runs:
        try:
            await client.delete_flow_run(run.id)
        except ObjectNotFound:
            # Another worker, or Prefect's own vacuum, was quicker.
            continue
