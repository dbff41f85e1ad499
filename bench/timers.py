"""Timers fired per second: claim, engine step and all rows, the morning after a long holiday.

    python -m bench.timers [ARMED] [--json FILE]

A tenth of the armed timers are due at once (`python -m bench.timers 1000000`: 100,000). One process sweeps; on PostgreSQL
two processes share the work besides. Then what an idle look and an idle sweep cost beside those that are not due, and how
late timers fire that fall due at 50 a second while a sweep looks every 15 seconds.
"""

import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench.office import databases
from bench.report import Report
from jieban import memory
from jieban.areas.sample import seed_sample_areas
from jieban.cli.metadata import metadata
from jieban.cli.prepare import prepare
from jieban.database import Database
from jieban.procedures.tables import ModelVersion
from tasks.tables import Task
from tests.flows.waiting import KEY, add_many_waiting, add_procedure
from tests.people import add_people, load_people
from workflows.flows import fire_timers
from workflows.tables import Timer

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
_BATCH = 5_000
_LATER = 9
"""Armed timers that are not due, for each that is."""
_RATE, _EVERY, _SPELL = 50, 15, 120
"""Timers that fall due in a second, seconds between sweeps, seconds that are played."""
Row = dict[str, object]


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "armed", 20_000)
    due = max(report.size // (_LATER + 1), 1)
    with databases() as urls:
        report.table([{"database": name, **measure(url, due)} for name, url in urls.items()])


def measure(url: str, due: int) -> Row:
    """Measure one database."""
    prepare(url, NOW)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
    with database.write() as session:
        add_procedure(session, NOW)
    _arm(database, [NOW - timedelta(hours=72) + timedelta(seconds=one) for one in range(100)], 0)
    fire_timers.sweep(database, NOW, "warm-up", 3600)
    memory.settle()
    _arm(database, [NOW - timedelta(hours=72) + timedelta(microseconds=one) for one in range(due)], _LATER)
    if database.is_postgresql:
        # A server that has run for a while has done so by itself.
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    seconds = _time(lambda: fire_timers.sweep(database, NOW, "bench", 3600))
    _check(database, due + 100)
    row: Row = {"due": due, "armed": due * (_LATER + 1), "fired_per_second": round(due / seconds)}
    looks = [_time(lambda: fire_timers.is_due(database, NOW)) for _ in range(50)]
    sweeps = [_time(lambda: fire_timers.sweep(database, NOW, "idle", 60)) for _ in range(50)]
    row["idle_look_ms"] = round(statistics.median(looks) * 1000, 2)
    row["idle_sweep_ms"] = round(statistics.median(sweeps) * 1000, 2)
    row["lateness_p99_s"] = round(_lateness(database), 1)
    row["two_processes"] = round(_together(database, url, due)) if database.is_postgresql else ""
    database.close()
    return row


def _arm(database: Database, moments: Sequence[datetime], later: int) -> None:
    for begun in range(0, len(moments), _BATCH):
        with database.write() as session:
            window, version = load_people(session).window, _version(session)
            some = moments[begun : begun + _BATCH]
            add_many_waiting(session, window, NOW - timedelta(days=9), version, some, later=later)


def _version(session: Session) -> uuid.UUID:
    return session.scalars(select(ModelVersion.id).where(ModelVersion.key == KEY)).one()


def _lateness(database: Database) -> float:
    """Play a spell in which timers fall due all the time; give the lateness that 99 of 100 do not exceed, in seconds."""
    total = _RATE * _SPELL
    begin = NOW + timedelta(days=1)
    moments = [begin + timedelta(seconds=one / _RATE) for one in range(total)]
    _arm(database, moments, 0)
    at, fired, late = begin + timedelta(seconds=_EVERY), 0, []
    while fired < total:
        moment = at
        took = _time(lambda: fire_timers.sweep(database, moment, "late", 3600))  # noqa: B023 - called at once
        done = sum(one <= moment for one in moments[fired:])
        # At the latest a timer has fired when its sweep is over.
        ended = moment + timedelta(seconds=took)
        late += [(ended - one).total_seconds() for one in moments[fired : fired + done]]
        fired += done
        at = max(moment + timedelta(seconds=_EVERY), ended)
    return statistics.quantiles(late, n=100)[98]


def _together(database: Database, url: str, due: int) -> float:
    """Give timers fired per second by two processes that begin at the same moment."""
    begin = NOW + timedelta(days=2)
    _arm(database, [begin + timedelta(microseconds=one) for one in range(due)], 0)
    with database.read() as session:
        before = _fired(session)
    command = [sys.executable, "-c", f"from bench.timers import work; work({url!r}, {begin.isoformat()!r})"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    begun = time.perf_counter()
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    for worker in workers:
        assert worker.stdout.readline() == "done\n"
    seconds = time.perf_counter() - begun
    for worker in workers:
        worker.communicate()
    with database.read() as session:
        assert _fired(session) - before == due
    return due / seconds


def work(url: str, begin: str) -> None:
    """Be one of two processes that share the timers of a moment; answer on stdout, and wait for a line before."""
    metadata()
    database, now = Database(url), datetime.fromisoformat(begin) + timedelta(hours=1)
    fire_timers.sweep(database, now - timedelta(hours=2), "warm-up", 60)
    memory.settle()
    print("ready", flush=True)
    sys.stdin.readline()
    # What the other one holds at the end of a sweep is left to it; it goes on until nothing is due.
    while fire_timers.is_due(database, now):
        fire_timers.sweep(database, now, f"two-{os.getpid()}", 3600)
    print("done", flush=True)
    database.close()


def _fired(session: Session) -> int:
    return session.scalar(select(func.count()).where(Timer.state == "fired")) or 0


def _check(database: Database, due: int) -> None:
    """Make sure that what was measured was done: every timer has fired, and opened one task."""
    with database.read() as session:
        tasks = session.scalar(select(func.count()).where(Task.element == "look"))
        assert (_fired(session), tasks) == (due, due)


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
