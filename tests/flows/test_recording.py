"""What a sweep leaves in Prefect and in our own rows. These run on a real Prefect server."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from jieban import clock
from jieban.audit.tables import Sweep
from jieban.cases.tables import CaseEvent
from jieban.database import Database
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import People
from workflows.flows import fire_timers
from workflows.flows.recording import open_database
from workflows.tables import Timer

pytestmark = [
    pytest.mark.prefect,
    pytest.mark.usefixtures("prefect_server"),
    # Prefect leaves connections of an ended loop to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture
def installation(data_folder: Path, sqlite_database: Database) -> Database:
    """The database of the test, where the settings of this process expect one."""
    with sqlite_database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.execute(text("VACUUM INTO :path"), {"path": str(data_folder / "jieban.sqlite3")})
        connection.exec_driver_sql("BEGIN")
    return open_database(f"sqlite:///{data_folder / 'jieban.sqlite3'}")


def wait(database: Database, people: People) -> None:
    now = clock.now()
    with database.write() as session:
        version = add_procedure(session, now)
        add_waiting_cases(session, people.window, now, version, now - timedelta(hours=1), 3)


def sweep_row(database: Database) -> Sweep:
    with database.read() as session:
        return session.get_one(Sweep, fire_timers.NAME)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: a browser test before may have left a loop running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _ask(question: str, **filters: Any) -> list[Any]:
    from prefect import get_client

    async with get_client() as client:
        return list(await getattr(client, question)(**filters))


def test_a_run_is_recorded_and_its_id_stands_on_what_it_wrote(installation: Database, people: People) -> None:
    """The id in Prefect, in the health row and in the history of the case are the same."""
    wait(installation, people)

    swept = run(fire_timers.fire_timers())

    runs = run(_ask("read_flow_runs"))
    flow_run = next(one for one in runs if str(one.id) == sweep_row(installation).last_run_id)
    assert swept.done == 3
    assert flow_run.name.startswith("fire_timers 20")
    assert flow_run.state.is_completed()
    with installation.read() as session:
        ids = set(session.scalars(select(CaseEvent.run_id).where(CaseEvent.kind == "timer.fired")))
    assert ids == {str(flow_run.id)}


def test_a_run_that_did_something_leaves_a_table(installation: Database, people: People) -> None:
    """A supervisor can read what was done, with the latest cases first."""
    wait(installation, people)

    run(fire_timers.fire_timers())

    run_id = sweep_row(installation).last_run_id
    found = [one for one in run(_ask("read_artifacts")) if str(one.flow_run_id) == run_id]
    assert [one.key for one in found] == ["fire-timers"]
    assert "已处理 3" in found[0].description
    assert [row["结果"] for row in json.loads(found[0].data)] == ["已触发"] * 3


def test_an_idle_run_leaves_no_table_but_is_well(installation: Database, people: People) -> None:
    """Nothing to do is a success."""
    run(fire_timers.fire_timers())

    row = sweep_row(installation)
    assert row.last_ok_at is not None
    assert row.last_result == {"done": 0, "set_aside": 0, "unfinished": False}
    artifacts = run(_ask("read_artifacts"))
    assert not [one for one in artifacts if str(one.flow_run_id) == row.last_run_id]


def test_a_run_that_fails_says_why(installation: Database, people: People) -> None:
    """A database that refuses makes the run fail, in Prefect and on the health page, and nothing is lost."""
    wait(installation, people)
    with installation.write() as session:
        session.execute(
            text("CREATE TRIGGER full BEFORE UPDATE ON timer BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END")
        )

    with pytest.raises(IntegrityError):
        run(fire_timers.fire_timers())

    row = sweep_row(installation)
    assert row.last_ok_at is None
    assert "disk full" in row.last_error
    flow_run = next(one for one in run(_ask("read_flow_runs")) if str(one.id) == row.last_run_id)
    assert flow_run.state.is_failed()
    with installation.read() as session:
        assert set(session.scalars(select(Timer.state))) == {"armed"}
