from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from jieban import audit
from jieban.database import Database
from jieban.ids import new_id
from jieban.staff import sessions
from jieban.staff.tables import LoginAttempt, User, WebSession
from notifications import messages
from notifications.tables import Message, Outbox
from tasks.tables import Task, TaskDraft
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import People
from workflows.flows import fire_timers, housekeeping
from workflows.flows.swept import Swept
from workflows.retention import Keep, RetentionError, read_keep

KINDS = ["window", "window2"]
"""Of each kind of row one that has to go, and one that stays."""


def run(database: Database, now: datetime, name: str = "run-1", budget: float = 30) -> Swept:
    """Sweep as the runner does, with a note of how it went."""
    swept = housekeeping.sweep(database, now, name, budget)
    with database.write() as session:
        audit.sweep_ok(session, housekeeping.NAME, now, name, swept.totals())
    return swept


def count(database: Database, *conditions: object) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(*conditions)) or 0


@pytest.fixture
def later() -> datetime:
    """A night so far ahead that everything written now is old."""
    return datetime(2027, 11, 24, 20, tzinfo=datetime.fromisoformat("2027-01-01T00:00Z").tzinfo)


def test_messages_go_when_they_were_read_long_ago(
    database: Database, people: People, later: datetime
) -> None:
    """An unread one stays however old it is, and so does one that was read of late."""
    with database.write() as session:
        for read_at in (None, later - timedelta(days=10), later - timedelta(days=100)):
            one = messages.send(session, user_id=people.window.id, kind="reminder", text="…", now=later)
            one.read_at = read_at

    swept = run(database, later)

    assert swept.counts["已读消息"] == 1
    assert count(database, Message.read_at.is_(None)) == 1
    assert count(database, Message.read_at > later - timedelta(days=11)) == 1


def test_what_went_out_goes_and_what_failed_stays(database: Database, later: datetime) -> None:
    """Somebody still has to look at what failed."""
    with database.write() as session:
        for number, state in enumerate(("done", "done", "failed", "pending")):
            done_at = {0: later - timedelta(days=31), 1: later - timedelta(days=2)}.get(number)
            row = Outbox(id=new_id(), key=f"key-{number}", kind="message", payload={}, state=state)
            row.not_before, row.done_at = later - timedelta(days=40), done_at
            session.add(row)

    assert run(database, later).counts["已送出"] == 1
    with database.read() as session:
        assert set(session.scalars(select(Outbox.key))) == {"key-1", "key-2", "key-3"}


def test_drafts_of_closed_tasks_go(database: Database, people: People, now: datetime) -> None:
    """A draft of a task that is open is work that somebody has not lost."""
    with database.write() as session:
        version = add_procedure(session, now)
        add_waiting_cases(session, people.window, now, version, now, 2)
    fire_timers.sweep(database, now, "run-0", 30)
    with database.write() as session:
        first, second = session.scalars(select(Task.id).order_by(Task.id)).all()
        for task in (first, second):
            session.add(TaskDraft(task_id=task, user_id=people.window.id, data={"a": 1}, saved_at=now))
        session.execute(update(Task).where(Task.id == first).values(state="done"))

    assert run(database, now).counts["草稿"] == 1
    with database.read() as session:
        assert session.scalars(select(TaskDraft.task_id)).all() == [second]


def test_ended_sign_ins_and_old_failures_go(database: Database, people: People, later: datetime) -> None:
    """Who is signed in stays so."""
    with database.write() as session:
        for name, at in zip(KINDS, (later - timedelta(days=3), later), strict=True):
            sessions.start(session, session.get_one(User, people[name].id), at)
            session.add(LoginAttempt(id=new_id(), key=name, at=at))

    run(database, later)

    assert count(database, WebSession.user_id == people.window2.id) == 1
    assert count(database, WebSession.user_id == people.window.id) == 0
    with database.read() as session:
        assert session.scalars(select(LoginAttempt.key)).all() == ["window2"]


def test_it_is_done_once_a_night(database: Database, now: datetime) -> None:
    """Before half past two it is yesterday's; after it there is nothing to do until tomorrow."""
    midnight = datetime.fromisoformat("2026-11-25T00:30+08:00")

    assert run(database, now).reached == "2026-11-24"
    assert not housekeeping.is_due(database, now + timedelta(hours=10))
    assert not housekeeping.is_due(database, midnight)
    assert housekeeping.is_due(database, midnight + timedelta(hours=3))


def test_without_time_the_day_stays_open(database: Database, now: datetime) -> None:
    """The next run goes on."""
    assert run(database, now, budget=0).unfinished
    assert housekeeping.is_due(database, now)


def test_many_rows_go_in_chunks(sqlite_database: Database, people: People, later: datetime) -> None:
    """More than one transaction holds are all gone after one run."""
    with sqlite_database.write() as session:
        read_at = later - timedelta(days=200)
        for _ in range(1100):
            messages.send(session, user_id=people.window.id, kind="reminder", text="…", now=later)
        session.flush()
        session.execute(update(Message).values(read_at=read_at))

    assert run(sqlite_database, later).counts["已读消息"] == 1100
    assert count(sqlite_database, Message.id.is_not(None)) == 0


def test_how_long_things_are_kept_can_be_set() -> None:
    """Days from the environment; what is no number of days stops with a sentence."""
    assert read_keep({}) == Keep(90, 30, 7)
    assert read_keep({"JIEBAN_KEEP_RUNS_DAYS": "3", "JIEBAN_KEEP_OUTBOX_DAYS": "5"}) == Keep(90, 5, 3)
    for wrong in ("0", "-1", "ein", "1.5"):
        with pytest.raises(RetentionError, match="JIEBAN_KEEP_MESSAGES_DAYS"):
            read_keep({"JIEBAN_KEEP_MESSAGES_DAYS": wrong})
