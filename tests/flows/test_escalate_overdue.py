from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from jieban import clock
from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import LedgerRecord
from jieban.staff.tables import User
from notifications.tables import Message
from tasks.tables import Task
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import People
from tests.workflows.walk import Walk
from workflows.flows import escalate_overdue, fire_timers


@pytest.fixture
def task(database: Database, people: People, now: datetime) -> Task:
    """A task of the window, due in three working days: Friday 27 November 2026."""
    with database.write() as session:
        version = add_procedure(session, now)
        add_waiting_cases(session, people.window, now, version, now - timedelta(minutes=1))
    fire_timers.sweep(database, now, "opening", 30)
    with database.read() as session:
        return session.scalars(select(Task).where(Task.element == "look")).one()


def day(number: int) -> datetime:
    """A moment shortly after the last second of that day of November 2026."""
    return clock.end_of_day(datetime(2026, 11, number).date()) + timedelta(minutes=1)  # noqa: DTZ001 - a day


def messages(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        query = select(User.username, Message.kind).join(User, User.id == Message.user_id)
        return sorted((name, kind) for name, kind in session.execute(query))


def kinds(database: Database, table: type[LedgerRecord | CaseEvent]) -> list[str]:
    with database.read() as session:
        found = session.scalars(select(table.kind).order_by(table.at, table.id)).all()
        return [kind for kind in found if kind.split(".")[1] in {"reminded", "escalated", "breached"}]


def test_before_the_limit_the_post_is_reminded(database: Database, task: Task) -> None:
    """A working day before the limit, everybody of the post is reminded, since nobody has taken the task."""
    swept = escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert swept.done == 1
    assert messages(database) == [("window", "reminder"), ("window2", "reminder")]
    assert ["task.reminded"] == kinds(database, LedgerRecord) == kinds(database, CaseEvent)


def test_a_reminder_that_comes_late_does_not_ask_for_the_past(database: Database, task: Task) -> None:
    """After an outage the limit is over: nobody can be asked to finish before it."""
    escalate_overdue.sweep(database, day(30), "run-1", 30)

    with database.read() as session:
        texts = session.scalars(select(Message.text).where(Message.kind == "reminder")).all()
    assert all("（应于11月27日办结），请尽快办理" in text for text in texts)
    assert texts


def test_who_holds_the_task_is_reminded_alone(database: Database, people: People, task: Task) -> None:
    """A task that somebody took is that person's to finish."""
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(assignee_id=people.window2.id))

    escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert messages(database) == [("window2", "reminder")]


def test_after_the_limit_the_leader_is_told_and_the_breach_is_recorded(
    database: Database, task: Task
) -> None:
    """When the limit has passed, the leader of the office hears of it and the breach stands in the ledger, once."""
    escalate_overdue.sweep(database, day(26), "run-1", 30)
    escalate_overdue.sweep(database, day(27), "run-2", 30)
    escalate_overdue.sweep(database, day(27), "run-3", 30)

    assert ("leader", "escalation") in messages(database)
    assert kinds(database, LedgerRecord) == ["task.reminded", "task.escalated", "deadline.breached"]
    with database.read() as session:
        deadline = session.get_one(Deadline, task.deadline_id)
        records = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "deadline.breached")).all()
    assert deadline.due_at == deadline.breached_at
    assert [record.run_id for record in records] == ["run-2"]
    assert "窗口经办人" in records[0].body


def test_nothing_is_decided(database: Database, task: Task) -> None:
    """However late: the task stays open and waits for a person."""
    escalate_overdue.sweep(database, day(30) + timedelta(days=300), "run-1", 30)

    with database.read() as session:
        late = session.get_one(Task, task.id)
    assert (late.state, late.escalation_level, late.escalate_at) == ("open", 3, None)


def test_all_steps_missed_while_the_program_was_down_are_made_up(database: Database, task: Task) -> None:
    """After an outage every step of the chain is done, in its order."""
    escalate_overdue.sweep(database, day(30) + timedelta(days=30), "run-1", 30)

    assert kinds(database, LedgerRecord) == [
        "task.reminded",
        "task.escalated",
        "task.escalated",
        "deadline.breached",
    ]
    assert [name for name, _ in messages(database)] == ["county_leader", "leader", "window", "window2"]


def test_a_damaged_chain_does_not_stop_the_others(
    database: Database, people: People, task: Task, now: datetime
) -> None:
    """A task whose chain cannot be read is put off and shown; the next one is reminded all the same."""
    with database.write() as session:
        session.execute(
            update(Task).where(Task.id == task.id).values(escalation=[{"at": "someday", "to": "town.window"}])
        )
        version = session.get_one(Case, task.case_id).model_version_id
        add_waiting_cases(session, people.window, now, version, now)
    fire_timers.sweep(database, now, "opening", 30)

    swept = escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert (swept.done, swept.set_aside) == (1, 1)
    with database.read() as session:
        put_off = session.get_one(Task, task.id)
    assert put_off.escalate_at == day(26) + timedelta(hours=1)


def test_a_finished_task_is_left_alone(database: Database, task: Task) -> None:
    """Nobody is troubled about what is done."""
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(state="done", escalate_at=None))

    assert not escalate_overdue.is_due(database, day(30))
    assert escalate_overdue.sweep(database, day(30), "run-1", 30).done == 0


def test_a_notice_that_has_hung_long_enough_is_no_breach(
    database: Database, people: People, now: datetime
) -> None:
    """Seven days are the least; that they are over, and are confirmed days later, is held against nobody."""
    walk = Walk.begin(database, people, now)
    walk.until("close_notice")
    walk.now += timedelta(days=3)

    escalate_overdue.sweep(database, walk.now, "run-1", 30)
    assert not any("公示期" in message for message in breaches(database))

    walk.do("close_notice")
    with database.read() as session:
        notice = session.scalars(select(Deadline).where(Deadline.kind == "notice")).one()
    assert (notice.state, notice.met_at, notice.breached_at) == ("met", notice.due_at, None)


def breaches(database: Database) -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(select(LedgerRecord.body).where(LedgerRecord.kind == "deadline.breached"))
        )
