"""kill -9 in the middle of a sweep: after the next start every timer has fired, and none twice."""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jieban import clock
from jieban.areas.sample import seed_sample_areas
from jieban.cases.tables import CaseEvent
from jieban.cli.prepare import prepare
from jieban.database import Database
from tasks.tables import Task
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import add_people, load_people
from tests.program.program import Program, gone
from workflows.tables import Timer

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(300)]
TIMERS = 1000


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An installation with 1,000 cases whose timers are due."""
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'jieban.sqlite3'}"
    now = clock.now()
    prepare(url, now)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
    with database.write() as session:
        window = load_people(session).window
        version = add_procedure(session, now)
        add_waiting_cases(session, window, now, version, now - timedelta(minutes=5), TIMERS)
    yield database
    database.close()


def fired(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(Timer.state == "fired")) or 0


def states_in_prefect(data: Path) -> Counter[str]:
    """Count the states in which Prefect believes the runs to be."""
    with closing(sqlite3.connect(data / "prefect" / "prefect.db")) as connection:
        return Counter(state for (state,) in connection.execute("SELECT state_type FROM flow_run"))


def wait_until(database: Database, number: int, seconds: float) -> int:
    """Wait until so many timers have fired, and return how many it is."""
    end = time.monotonic() + seconds
    while (found := fired(database)) < number and time.monotonic() < end:
        time.sleep(0.02)
    return found


def test_every_timer_fires_exactly_once(database: Database, tmp_path: Path) -> None:
    """Two kills: of the whole program at once, and of the sweeping process alone."""
    program = Program(tmp_path / "data")
    try:
        assert wait_until(database, 150, 90) >= 150, program.logs()
        processes = program.processes()
        program.process.kill()
        assert gone(processes)
    finally:
        program.close()
    assert fired(database) < TIMERS, "the sweep was over before it was killed"

    program = Program(tmp_path / "data")
    try:
        before = fired(database)
        assert wait_until(database, before + 150, 60) >= before + 150, program.logs()
        program.child("workflows.runner").kill()
        assert wait_until(database, TIMERS, 90) == TIMERS, program.logs()
        assert program.end() < 10
    finally:
        program.close()

    with database.read() as session:
        once = session.execute(
            select(func.count(), func.count(CaseEvent.case_id.distinct())).where(
                CaseEvent.kind == "timer.fired"
            )
        ).one()
        tasks = session.execute(
            select(func.count(), func.count(Task.case_id.distinct())).where(Task.element == "look")
        ).one()
        runs = session.scalars(select(Timer.run_id).distinct()).all()
    assert tuple(once) == (TIMERS, TIMERS)
    assert tuple(tasks) == (TIMERS, TIMERS)
    assert len(runs) >= 3
    assert "" not in runs
    states = states_in_prefect(tmp_path / "data")
    assert states["CRASHED"] >= 2
    assert not states["RUNNING"]
