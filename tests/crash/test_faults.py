"""The sweep is harmed in every way we could think of; nothing is lost and nothing happens twice.

A few rounds each here; `make test-faults` does fifty and writes docs/faults.md.
"""

from datetime import datetime

import pytest

from jieban.audit import sweep_ok
from jieban.database import Database
from tests.crash import faults, report
from tests.crash.faults import ROUNDS, Cases, Count
from tests.people import People
from workflows.health import LATE_AFTER, SWEEPS, late_sweeps

pytestmark = pytest.mark.timeout(60 + 15 * ROUNDS)


@pytest.fixture
def cases(database: Database, people: People, now: datetime) -> Cases:
    return Cases(database, people.window, now)


def tell(harm: str, cases: Cases, count: Count) -> None:
    """Write down what a kind of harm did, and hold that nothing was lost or done twice."""
    report.add(harm, cases.database.engine.dialect.name, count)
    assert (count.lost, count.twice) == (0, 0)


def test_a_flow_process_is_killed(cases: Cases) -> None:
    """kill -9 anywhere: half a chunk is rolled back and swept again."""
    count = faults.kill_flow_processes(cases, ROUNDS, 1)

    tell("kill -9 of the flow process", cases, count)
    assert count.hit


def test_two_sweeps_at_once(cases: Cases) -> None:
    """Two processes share the timers."""
    tell("two sweeps at once", cases, faults.sweep_side_by_side(cases, ROUNDS))


def test_the_clock_is_set(cases: Cases) -> None:
    """Back, forward, and right again."""
    tell("clock set back and forward", cases, faults.set_the_clock(cases, ROUNDS, 2))


def test_nobody_sweeps_for_an_hour(cases: Cases) -> None:
    """One sweep catches up with all of it."""
    tell("no Prefect for an hour", cases, faults.stay_away_for_an_hour(cases, max(ROUNDS // 5, 1)))


def test_the_connection_is_cut(postgresql_database: Database, people: People, now: datetime) -> None:
    """The server ends the connection of the sweep."""
    cases = Cases(postgresql_database, people.window, now)

    count = faults.cut_connections(cases, ROUNDS, 3)

    tell("database connection cut", cases, count)
    assert count.hit


def test_the_disk_is_full(sqlite_database: Database, people: People, now: datetime) -> None:
    """Writing fails in the middle of a sweep; with room again everything is there and whole."""
    cases = Cases(sqlite_database, people.window, now)

    count = faults.fill_the_disk(cases, ROUNDS, 4)

    tell("disk full", cases, count)
    assert count.hit


def test_health_is_right_when_the_clock_was_set_back(sqlite_database: Database, now: datetime) -> None:
    """A success noted in the future is no success; once the sweeps have run by the right clock, all is well."""
    with sqlite_database.write() as session:
        for name in SWEEPS:
            sweep_ok(session, name, datetime.fromtimestamp(now.timestamp() + LATE_AFTER + 60, now.tzinfo))
    with sqlite_database.read() as session:
        assert late_sweeps(session, now) == SWEEPS
    with sqlite_database.write() as session:
        for name in SWEEPS:
            sweep_ok(session, name, now)
    with sqlite_database.read() as session:
        assert late_sweeps(session, now) == ()
