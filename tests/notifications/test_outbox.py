from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from jieban.database import Database
from notifications import messages, outbox
from notifications.tables import Letter, Message, Outbox
from tests.people import People
from tests.workflows.walk import Walk


def ask(database: Database, people: People, now: datetime, key: str, **payload: Any) -> None:
    """Ask for a message to the clerk at the window."""
    given = {"user": str(people.window.id), "kind": "reminder", "text": f"请办理 {key}"} | payload
    with database.write() as session:
        outbox.enqueue(session, key=key, kind="message", payload=given, now=now)


def row(database: Database, key: str) -> Outbox:
    with database.read() as session:
        return session.scalars(select(Outbox).where(Outbox.key == key)).one()


def texts(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(Message.text)))


def test_a_letter_is_made_and_its_digest_kept(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """The receipt of a new case lies in the folder of letters, named by the digest that the letter carries."""
    walk = Walk.begin(database, people, now)

    delivered = outbox.deliver(database, now, "run-1", 30, tmp_path)

    assert delivered.done >= 1
    assert (delivered.failed, delivered.again) == (0, 0)
    with database.read() as session:
        letter = session.scalars(select(Letter).where(Letter.case_id == walk.case_id)).one()
    assert sha256((tmp_path / f"{letter.sha256}.pdf").read_bytes()).hexdigest() == letter.sha256
    assert (row(database, f"letter:{letter.id}").state, row(database, f"letter:{letter.id}").run_id) == (
        "done",
        "run-1",
    )


def test_what_is_done_is_not_done_again(database: Database, people: People, now: datetime, tmp_path: Path):
    """A second delivery finds nothing."""
    ask(database, people, now, "a")

    assert outbox.deliver(database, now, "", 5, tmp_path) == outbox.Delivered(done=1)
    assert outbox.deliver(database, now, "", 5, tmp_path) == outbox.Delivered()
    assert texts(database) == ["请办理 a"]


def test_nothing_is_sent_before_its_time(database: Database, people: People, now: datetime, tmp_path: Path):
    """What is asked for tomorrow waits until tomorrow."""
    ask(database, people, now + timedelta(days=1), "later")
    with database.read() as session:
        waiting = outbox.waiting(session, now)

    assert not waiting
    assert outbox.deliver(database, now, "", 5, tmp_path) == outbox.Delivered()
    assert outbox.deliver(database, now + timedelta(days=1), "", 5, tmp_path).done == 1


def test_an_item_that_fails_does_not_stop_the_others_and_is_set_aside_in_the_end(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """It is tried again at growing intervals, eight times, and keeps its error; the others go out at once."""
    ask(database, people, now, "bad", user="no such id")
    ask(database, people, now, "good")

    first = outbox.deliver(database, now, "", 5, tmp_path)
    waits = []
    moment = now
    for _ in range(outbox.MOST_ATTEMPTS - 1):
        due = row(database, "bad").not_before
        waits.append(due - moment)
        moment = due
        last = outbox.deliver(database, moment, "", 5, tmp_path)

    assert (first.done, first.again, first.failed) == (1, 1, 0)
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=30)
    assert last == outbox.Delivered(failed=1)
    failed = row(database, "bad")
    assert (failed.state, failed.attempts) == ("failed", outbox.MOST_ATTEMPTS)
    assert "UUID" in failed.last_error
    assert texts(database) == ["请办理 good"]
    assert outbox.deliver(database, moment + timedelta(days=9), "", 5, tmp_path) == outbox.Delivered()


def test_an_unknown_kind_is_kept_with_a_sentence(sqlite_database: Database, now: datetime, tmp_path: Path):
    """A row that this version cannot send says so."""
    with sqlite_database.write() as session:
        outbox.enqueue(session, key="x", kind="pigeon", payload={}, now=now)

    assert outbox.deliver(sqlite_database, now, "", 5, tmp_path).again == 1
    assert "pigeon" in row(sqlite_database, "x").last_error


def test_a_key_names_one_thing(database: Database, people: People, now: datetime):
    """The same thing cannot be asked for twice."""
    ask(database, people, now, "once")

    with pytest.raises(IntegrityError):
        ask(database, people, now, "once")


def test_two_deliveries_at_once_send_everything_once(
    database: Database, people: People, now: datetime, tmp_path: Path
):
    """Whoever takes a row has it; nothing is sent twice and nothing is left."""
    for number in range(30):
        ask(database, people, now, f"{number:02}")

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda run: outbox.deliver(database, now, run, 30, tmp_path), "abc"))

    assert sum(one.done for one in found) == 30
    assert texts(database) == [f"请办理 {number:02}" for number in range(30)]


def test_a_folder_that_cannot_be_written_delays_the_letter(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
):
    """The letter stays issued; its file is made when there is room again."""
    Walk.begin(sqlite_database, people, now)
    blocked = tmp_path / "letters"
    blocked.write_text("in the way")

    assert outbox.deliver(sqlite_database, now, "", 30, blocked).again == 1
    blocked.unlink()
    assert outbox.deliver(sqlite_database, now + timedelta(minutes=1), "", 30, blocked).done == 1


def test_messages_are_read_by_whom_they_are_for(database: Database, people: People, now: datetime):
    """Unread ones are counted and come first; nobody reads another's."""
    with database.write() as session:
        one = messages.send(session, user_id=people.window.id, kind="reminder", text="长" * 600, now=now)
        messages.send(session, user_id=people.window.id, kind="handover", text="交接", now=now)
    with database.write() as session:
        messages.mark_read(session, people.leader, now, one.id)
        assert messages.unread(session, people.window.id) == 2
        messages.mark_read(session, people.window, now, one.id)
        assert messages.unread(session, people.window.id) == 1
        assert [item.kind for item in messages.inbox(session, people.window)] == ["handover", "reminder"]
        messages.mark_read(session, people.window, now)
        assert messages.unread(session, people.window.id) == 0
        assert messages.inbox(session, people.leader) == []
        kept = session.scalar(select(func.max(func.length(Message.text))))
    assert kept == 500
