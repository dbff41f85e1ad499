import threading
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update

from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.writes import write_out
from tasks.tables import Task
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import People
from workflows import steps
from workflows.flows import fire_timers
from workflows.tables import Timer


def wait(database: Database, people: People, now: datetime, *ages: int) -> list[Case]:
    """Add one case per age: how many minutes ago its timer was due."""
    with database.write() as session:
        version = add_procedure(session, now)
        return [
            add_waiting_cases(
                session,
                people.window,
                now - timedelta(days=1),
                version,
                now - timedelta(minutes=age),
            )[0]
            for age in ages
        ]


def count(database: Database, *conditions: object) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(*conditions)) or 0


def test_fires_what_is_due_and_nothing_else(database: Database, people: People, now: datetime) -> None:
    """A due timer opens the next task, under the id of the run; one that is not due stays armed."""
    due, later = wait(database, people, now, 5, -5)

    swept = fire_timers.sweep(database, now, "run-1", 30)

    assert (swept.done, swept.set_aside, swept.unfinished) == (1, 0, False)
    assert count(database, Timer.case_id == due.id, Timer.state == "fired", Timer.run_id == "run-1") == 1
    assert count(database, Timer.case_id == later.id, Timer.state == "armed") == 1
    assert count(database, Task.case_id == due.id, Task.element == "look", Task.state == "open") == 1
    assert count(database, CaseEvent.kind == "timer.fired", CaseEvent.run_id == "run-1") == 1


def test_a_second_sweep_finds_nothing(database: Database, people: People, now: datetime) -> None:
    """Running a sweep again changes nothing."""
    wait(database, people, now, 5, 6)

    fire_timers.sweep(database, now, "run-1", 30)

    assert not fire_timers.is_due(database, now)
    assert fire_timers.sweep(database, now, "run-2", 30).done == 0
    assert count(database, CaseEvent.kind == "timer.fired") == 2


def test_the_oldest_goes_first(database: Database, people: People, now: datetime) -> None:
    """When time is short, the case that has waited longest is served."""
    wait(database, people, now, 1, 99, 10)

    swept = fire_timers.sweep(database, now, "run-1", 30)

    assert [str(row["迟（秒）"] // 60) for row in swept.worst] == ["99", "10", "1"]


def test_a_sweep_that_has_no_time_left_says_so(database: Database, people: People, now: datetime) -> None:
    """What is not done stays due, and the caller knows that it must come again at once."""
    wait(database, people, now, 1, 2)

    swept = fire_timers.sweep(database, now, "run-1", 0)

    assert swept.unfinished
    assert fire_timers.is_due(database, now)


def test_a_sweep_ends_when_the_program_is_told_to(database: Database, people: People, now: datetime) -> None:
    """A stop leaves the rest due."""
    wait(database, people, now, 1)
    stop = threading.Event()
    stop.set()

    assert fire_timers.sweep(database, now, "run-1", 30, stop).unfinished


def test_a_case_that_cannot_go_on_is_set_aside(database: Database, people: People, now: datetime) -> None:
    """A damaged case is put aside with the reason, its history says so, and the others go on."""
    bad, good = wait(database, people, now, 9, 5)
    with database.write() as session:
        session.execute(update(Case).where(Case.id == bad.id).values(engine_state=b"broken"))

    swept = fire_timers.sweep(database, now, "run-1", 30)

    assert (swept.done, swept.set_aside) == (1, 1)
    assert count(database, Timer.case_id == good.id, Timer.state == "fired") == 1
    assert count(database, Timer.case_id == bad.id, Timer.state == "stuck", Timer.last_error != "") == 1
    assert count(database, CaseEvent.case_id == bad.id, CaseEvent.kind == "timer.stuck") == 1


def test_two_sweeps_at_once_fire_each_timer_once(database: Database, people: People, now: datetime) -> None:
    """Two sweeps over the same cases share the work."""
    wait(database, people, now, *range(40))
    found: list[int] = []

    def work(name: str) -> None:
        found.append(fire_timers.sweep(database, now, name, 30).done)

    threads = [threading.Thread(target=work, args=(f"run-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # What one left to the other while it was locked is for the next sweep.
    last = fire_timers.sweep(database, now, "run-3", 30).done

    assert sum(found) + last == 40
    assert count(database, CaseEvent.kind == "timer.fired") == 40
    assert count(database, Task.element == "look", Task.state == "open") == 40


def test_a_case_in_use_is_left_for_the_next_sweep(
    postgresql_database: Database, people: People, now: datetime
) -> None:
    """A sweep never waits for a clerk."""
    database = postgresql_database
    (case,) = wait(database, people, now, 5)

    with database.write() as session:
        session.execute(select(Case.id).where(Case.id == case.id).with_for_update())
        swept = fire_timers.sweep(database, now, "run-1", 30)

    assert (swept.done, swept.counts) == (0, {"busy": 1})
    assert fire_timers.sweep(database, now, "run-2", 30).done == 1


def test_a_timer_that_fired_while_its_case_was_waited_for_is_left(
    postgresql_database: Database, people: People, now: datetime
) -> None:
    """Whoever waits for a case sees its timer as it is then, not as it was when the waiting began."""
    database = postgresql_database
    (case,) = wait(database, people, now, 5)
    with database.read() as session:
        timer = session.scalars(select(Timer.id).where(Timer.case_id == case.id)).one()
    found: list[object] = []

    def second() -> None:
        try:
            with database.write() as session:
                found.append(steps.fire_timer(session, now, timer, "run-2"))
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            found.append(error)

    thread = threading.Thread(target=second)
    with database.write() as session:
        assert steps.fire_timer(session, now, timer, "run-1")
        write_out(session)
        thread.start()
        waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with database.engine.connect() as other:
            while not other.scalar(waits):
                other.rollback()
    thread.join()

    assert found == [False]
