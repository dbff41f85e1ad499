"""Doing harm at random moments, and looking afterwards whether anything was lost or done twice."""

import contextlib
import os
import random
import resource
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from jieban.cases.tables import CaseEvent
from jieban.database import Database
from jieban.procedures.tables import ModelVersion
from jieban.staff.actor import Actor
from tasks.tables import Task
from tests.flows.waiting import KEY, add_many_waiting, add_procedure
from workflows.flows import fire_timers
from workflows.tables import Timer

ROUNDS = int(os.environ.get("FAULT_ROUNDS", "3"))
EACH = 60
"""Timers that are due in a round."""
MANY = 600
"""Timers that are due in a round that must meet a sweep on its way: some tenths of a second of work."""


@dataclass
class Count:
    """What a row of the table of faults says."""

    rounds: int = 0
    hit: int = 0
    """rounds in which the harm was done while a sweep was under way"""
    timers: int = 0
    lost: int = 0
    twice: int = 0


class Cases:
    """Cases of one database whose timers are due, and what has become of all of them."""

    def __init__(self, database: Database, actor: Actor, now: datetime) -> None:
        self.database, self.actor, self.now, self.made = database, actor, now, 0
        with database.write() as session:
            version = select(ModelVersion.id).where(ModelVersion.key == KEY)
            self.version = session.scalar(version) or add_procedure(session, now)

    def add(self, number: int = EACH, ages: timedelta = timedelta(minutes=5)) -> None:
        """Add cases whose timers fell due over a span of time up to now."""
        moments = [self.now - ages * (number - one) / number for one in range(number)]
        with self.database.write() as session:
            add_many_waiting(session, self.actor, self.now - timedelta(days=9), self.version, moments)
        self.made += number

    def fired(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).where(Timer.state == "fired")) or 0

    def sweep(self, name: str = "after", now: datetime | None = None) -> None:
        """Sweep as the next one does that nobody harms."""
        fire_timers.sweep(self.database, now or self.now, name, 120)

    def check(self, count: Count) -> Count:
        """Count what was lost and what was done twice: of each case one firing, one event, one task."""
        with self.database.read() as session:
            events = select(CaseEvent.case_id, func.count().label("n")).where(CaseEvent.kind == "timer.fired")
            tasks = select(Task.case_id, func.count().label("n")).where(Task.element == "look")
            found = [
                session.execute(select(func.count(), func.count().filter(one.c.n > 1)).select_from(one)).one()
                for one in (events.group_by("case_id").subquery(), tasks.group_by("case_id").subquery())
            ]
            armed = session.scalar(select(func.count()).where(Timer.state != "fired")) or 0
        count.timers = self.made
        count.lost = max(armed, *(self.made - cases for cases, _ in found))
        count.twice = max(more for _, more in found)
        return count


def in_child(work: Callable[[], object]) -> int:
    """Do something in a process of its own and return its number; whatever happens there stays there."""
    child = os.fork()
    if child:
        return child
    code = 1
    with contextlib.suppress(BaseException):
        # Connections of the parent are not ours to use, nor to close.
        work()
        code = 0
    os._exit(code)


def ended(child: int, seconds: float = 60) -> int:
    """Wait for a process to end and return how it did."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the process did not end")


def sweep_at(url: str, now: datetime, name: str, begun: Callable[[], object] = lambda: None) -> None:
    database = Database(url)
    begun()
    swept = fire_timers.sweep(database, now, name, 60)
    database.close()
    assert not swept.set_aside


def until_hit(rounds: int, one: Callable[[int], bool]) -> Count:
    """Do harm until it has met a sweep on its way so many times; what came before or after a sweep is counted too."""
    count = Count()
    while count.hit < rounds and count.rounds < 4 * rounds:
        count.hit += one(count.rounds)
        count.rounds += 1
    return count


def kill_flow_processes(cases: Cases, rounds: int, seed: int) -> Count:
    """Kill a sweeping process with kill -9, each time at a random moment of its sweep."""
    chance, lasted = random.Random(seed), 0.5

    def kill(number: int) -> bool:
        nonlocal lasted
        cases.add(MANY)
        reading, writing = os.pipe()
        child = in_child(
            lambda: sweep_at(
                cases.database.url,
                cases.now,
                f"run-{number}",
                lambda: (os.write(writing, b"."), os.close(writing)),
            )
        )
        os.close(writing)
        began = os.read(reading, 1) == b"."
        os.close(reading)
        time.sleep(chance.uniform(0, lasted))
        os.kill(child, signal.SIGKILL)
        killed = ended(child) == -signal.SIGKILL
        begun = time.perf_counter()
        left = MANY - (cases.fired() - (cases.made - MANY))
        cases.sweep()
        if left > MANY // 2:
            lasted = (time.perf_counter() - begun) * MANY / left
        return began and killed

    return cases.check(until_hit(rounds, kill))


def cut_connections(cases: Cases, rounds: int, seed: int) -> Count:
    """Let PostgreSQL end the connection of a sweep at a random moment; the sweep fails, the next one goes on."""
    chance = random.Random(seed)

    def cut(_: int) -> bool:
        cases.add(MANY)
        before, failed = cases.fired(), []

        def work() -> None:
            database = Database(cases.database.url)
            try:
                with database.read() as session:
                    session.execute(text("SET application_name = 'victim'"))
                fire_timers.sweep(database, cases.now, "cut", 60)
            except DBAPIError as error:
                failed.append(error)
            finally:
                database.close()

        thread = threading.Thread(target=work)
        thread.start()
        _until(cases, before + chance.randrange(MANY // 2))
        time.sleep(chance.uniform(0, 0.1))
        with cases.database.write() as session:
            session.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'victim' AND datname = current_database()"
                )
            )
        thread.join()
        cases.sweep()
        return bool(failed)

    return cases.check(until_hit(rounds, cut))


def sweep_side_by_side(cases: Cases, rounds: int) -> Count:
    """Let two processes sweep the same timers at the same time; neither takes for broken what the other has done."""

    def both(number: int) -> bool:
        cases.add(MANY)
        children = [
            in_child(lambda name=f"run-{number}-{one}": sweep_at(cases.database.url, cases.now, name))
            for one in range(2)
        ]
        assert [ended(child) for child in children] == [0, 0]
        with cases.database.read() as session:
            ids = select(Timer.run_id).where(Timer.run_id.like(f"run-{number}-%")).distinct()
            shared = len(session.scalars(ids).all()) == 2
        cases.sweep()
        return shared

    return cases.check(until_hit(rounds, both))


def fill_the_disk(cases: Cases, rounds: int, seed: int) -> Count:
    """Let the files of the database grow no further at a random size, as on a disk that is full, then give room again."""
    chance = random.Random(seed)

    def fill(number: int) -> bool:
        cases.add()
        before = cases.fired()
        _empty_the_log(cases.database)
        limit = chance.randrange(30_000, 400_000)

        def work() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            sweep_at(cases.database.url, cases.now, f"full-{number}")

        failed = ended(in_child(work)) == 1
        hit = failed and before <= cases.fired() < cases.made
        cases.sweep()
        with cases.database.read() as session:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        return hit

    return cases.check(until_hit(rounds, fill))


def _empty_the_log(database: Database) -> None:
    """Let what is written next begin the write-ahead log anew, so that its size is what this round has written."""
    with database.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")


def set_the_clock(cases: Cases, rounds: int, seed: int) -> Count:
    """Sweep with a clock that jumps back and forward; what fires too early fires once, what waits is caught up."""
    chance, count = random.Random(seed), Count()
    for number in range(rounds):
        cases.add()
        for sign in chance.sample((-1, 1, -1), 3):
            wrong = cases.now + sign * timedelta(hours=chance.uniform(1, 2000))
            cases.sweep(f"clock-{number}", wrong)
        count.rounds += 1
        count.hit += 1
        cases.sweep()
    return cases.check(count)


def stay_away_for_an_hour(cases: Cases, rounds: int) -> Count:
    """Let an hour pass without any sweep, with a timer falling due every few seconds, and then one sweep."""
    count = Count()
    for _ in range(rounds):
        cases.now += timedelta(hours=1)
        cases.add(240, timedelta(hours=1))
        cases.sweep()
        count.rounds += 1
        count.hit += 1
    return cases.check(count)


def _until(cases: Cases, fired: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while cases.fired() < fired and time.monotonic() < end:
        time.sleep(0.001)
