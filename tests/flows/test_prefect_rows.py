"""Prefect's own rows, on a real server."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from prefect import flow, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.states import Completed, Running, Scheduled

from jieban import clock
from tests.flows.test_recording import run
from workflows import prefect_rows

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server"), pytest.mark.timeout(180)]
NAMES = ("tidied",)


@flow(name="tidied")
def tidied() -> None:
    """Never run."""


@flow(name="somebody_elses")
def somebody_elses() -> None:
    """Never run."""


async def _make(one: Any, state: Any) -> Any:
    async with get_client() as client:
        planned = state.state_details.scheduled_time or state.timestamp
        made = await client.create_flow_run(one, state=Scheduled(scheduled_time=planned))
        await client.set_flow_run_state(made.id, state, force=True)
        return made.id


def make(state: Any, one: Any = tidied) -> Any:
    return run(_make(one, state))


async def _states(*ids: Any) -> dict[Any, str]:
    async with get_client() as client:
        rows = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(ids))))
    return {row.id: row.state_name for row in rows}


def ago(**span: float) -> datetime:
    return clock.now() - timedelta(**span)


def test_a_run_that_goes_on_too_long_is_closed() -> None:
    """A killed process cannot say that it has ended; ten minutes later we say so. Others' runs are left alone."""
    stuck, fresh = make(Running()), make(Running())
    others = make(Running(), somebody_elses)
    soon = clock.now() + prefect_rows.STUCK_AFTER - timedelta(seconds=30)

    assert run(prefect_rows.close_stuck(NAMES, soon)) == 0
    assert run(prefect_rows.close_stuck(NAMES, soon + timedelta(minutes=1))) == 2

    states = run(_states(stuck, fresh, others))
    assert states == {stuck: "Crashed", fresh: "Crashed", others: "Running"}


def test_starts_that_were_missed_are_dropped() -> None:
    """After an hour without a worker one sweep takes everything, so the sixty planned ones are of no use."""
    missed, coming = (
        make(Scheduled(scheduled_time=ago(hours=1))),
        make(Scheduled(scheduled_time=clock.now() + timedelta(minutes=1))),
    )

    assert run(prefect_rows.drop_missed(NAMES, clock.now())) >= 1

    states = run(_states(missed, coming))
    assert (states[missed], states[coming]) == ("Cancelled", "Scheduled")


def test_old_runs_are_deleted() -> None:
    """What ended before the day is gone, what runs or is coming stays."""
    old, coming = make(Completed()), make(Scheduled(scheduled_time=clock.now() + timedelta(hours=1)))

    assert run(prefect_rows.delete_old(NAMES, clock.now() - timedelta(days=1), 10)) == 0
    assert run(prefect_rows.delete_old(NAMES, clock.now() + timedelta(hours=2), 10)) >= 1

    assert run(_states(old, coming)) == {coming: "Scheduled"}
