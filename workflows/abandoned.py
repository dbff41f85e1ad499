"""Runs that a killed runner left behind: Prefect goes on showing them as running until somebody says otherwise."""

from collections.abc import Sequence
from typing import Any

from prefect import get_client
from prefect.client.schemas.filters import FlowFilter, FlowFilterName, FlowRunFilter
from prefect.client.schemas.filters import FlowRunFilterState as InState
from prefect.client.schemas.filters import FlowRunFilterStateType as InStateType
from prefect.client.schemas.objects import State, StateType
from prefect.states import Crashed

_UNDER_WAY = [StateType.PENDING, StateType.RUNNING]


async def close_abandoned_runs(names: Sequence[str]) -> int:
    """Mark every run of these flows that seems to be under way as crashed; return how many there were.

    Only right where no other runner works on the same server, which holds for an installation of one program.
    What such a run was at has been rolled back or committed by the database, and is swept again.
    """
    async with get_client() as client:
        runs = await client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=list(names))),
            flow_run_filter=FlowRunFilter(state=InState(type=InStateType(any_=_UNDER_WAY))),
        )
        for run in runs:
            crashed: State[Any] = Crashed(message="The process of this run ended without a word.")
            await client.set_flow_run_state(run.id, crashed, force=True)
        return len(runs)
