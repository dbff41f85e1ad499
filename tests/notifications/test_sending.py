"""Messages that leave the machine: sent once, counted as sent when they were, and told where they were not."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.staff.tables import StaffAddress
from notifications import messages, sending
from notifications.channels import Channels, attach, channels_of
from notifications.channels.config import load_channels
from notifications.tables import ChannelState, Delivery, Message
from tests.factories import add_case
from tests.outside import SECRET, Gateway, MailServer, gateway, mail_server, write_channels
from tests.people import People


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def sms() -> Iterator[Gateway]:
    with gateway() as server:
        yield server


@pytest.fixture
def channels(database: Database, people: People, post: MailServer, sms: Gateway, tmp_path: Path) -> Channels:
    """A mail and a text-message channel, and the addresses of the clerk at the window."""
    read = load_channels(write_channels(tmp_path, post, sms))
    attach(database, read)
    with database.write() as session:
        session.add(
            StaffAddress(
                user_id=people.window.id, mobile="13800001234", mail="wang@example.gov.cn", reminders=False
            )
        )
    return read


@pytest.fixture
def case(database: Database, people: People, now: datetime) -> Case:
    with database.write() as session:
        return add_case(session, people.window, now)


def tell(database: Database, people: People, case: Case | None, now: datetime, **values: Any) -> uuid.UUID:
    """Leave the clerk a message of a kind that goes out."""
    given: dict[str, Any] = {
        "kind": "escalation",
        "text": f"请督促办结：{case.applicant_name}，{case.number}。" if case else "督促",
    }
    with database.write() as session:
        sent = messages.send(
            session,
            user_id=people.window.id,
            now=now,
            case_id=case.id if case else None,
            private=case.applicant_name if case else "",
            proof=True,
            **given | values,
        )
        return sent.id


def deliver(
    database: Database, now: datetime, run_id: str = "run-1", budget: float = 5
) -> dict[str, dict[str, int]]:
    with database.read() as session:
        channels = channels_of(session)
    assert channels is not None
    return {key: dict(one) for key, one in sending.deliver(database, channels, now, run_id, budget).items()}


def rows(database: Database, channel: str = "") -> list[Delivery]:
    with database.read() as session:
        query = select(Delivery).order_by(Delivery.id)
        return list(session.scalars(query.where(Delivery.channel == channel) if channel else query))


def kinds(database: Database, table: type[CaseEvent | LedgerRecord]) -> list[str]:
    with database.read() as session:
        found = session.scalars(select(table.kind).order_by(table.id))
        return [kind for kind in found if kind.startswith("message.")]


def changed(database: Database, key: str, **values: Any) -> None:
    """Let one channel be another than the file says, as no file may: with a timeout that a test can wait for."""
    with database.read() as session:
        channels = channels_of(session)
    assert channels is not None
    attach(
        database,
        replace(channels, all=tuple(replace(one, **values) if one.key == key else one for one in channels)),
    )


def test_a_message_goes_out_by_every_channel_and_is_recorded_when_it_was_taken(
    database: Database,
    people: People,
    channels: Channels,
    case: Case,
    post: MailServer,
    sms: Gateway,
    now: datetime,
) -> None:
    """Nothing is recorded as sent before; afterwards the case and the ledger say so, and the address is gone."""
    tell(database, people, case, now)
    assert {row.state for row in rows(database)} == {"waiting"}
    assert kinds(database, CaseEvent) == []

    sent = deliver(database, now)

    assert sent == {"mail": {"delivered": 1}, "sms": {"delivered": 1}}
    assert post.mails[0]["To"] == "wang@example.gov.cn"
    assert post.mails[0].get_content().strip() == f"请督促办结：{case.number}。"
    _, headers, body = sms.requests[0]
    by_sms, by_mail = rows(database, "sms")[0], rows(database, "mail")[0]
    assert body == {
        "phone": "13800001234",
        "content": f"【东河县民政局】请督促办结：{case.number}。",
        "id": str(by_sms.id),
    }
    assert (headers["Authorization"], headers["Idempotency-Key"]) == (f"Bearer {SECRET}", str(by_sms.id))
    assert post.mails[0]["Message-ID"] == f"<{by_mail.id}@example.gov.cn>"
    assert {(row.state, row.address, row.delivered_at, row.run_id) for row in rows(database)} == {
        ("delivered", "", now, "run-1")
    }
    assert kinds(database, CaseEvent) == kinds(database, LedgerRecord) == ["message.delivered"] * 2
    with database.read() as session:
        told = session.scalars(select(CaseEvent.data).where(CaseEvent.kind == "message.delivered")).all()
    assert {(one["channel"], one["person"], one["address"]) for one in told} == {
        ("单位邮箱", "王芳", "w***@example.gov.cn"),
        ("短信", "王芳", "138****1234"),
    }
    assert deliver(database, now + timedelta(days=1)) == {}
    assert (len(post.mails), len(sms.requests)) == (1, 1)


def test_two_workers_send_everything_once(
    database: Database,
    people: People,
    channels: Channels,
    case: Case,
    post: MailServer,
    sms: Gateway,
    now: datetime,
) -> None:
    for _ in range(20):
        tell(database, people, case, now)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda run: deliver(database, now, run, 20), ["run-1", "run-2"]))

    assert len({mail["Message-ID"] for mail in post.mails}) == len(post.mails) == 20
    assert len({body["id"] for body in sms.bodies}) == len(sms.bodies) == 20
    assert {row.state for row in rows(database)} == {"delivered"}


_CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from jieban.cli.metadata import metadata
from jieban.database import Database
from notifications import sending
from notifications.channels.config import load_channels
metadata()
sending.deliver(Database(sys.argv[1]), load_channels(Path(sys.argv[2])), datetime.fromisoformat(sys.argv[3]), "killed", 20)
"""


def test_what_was_sent_by_a_program_that_was_killed_is_sent_again_only_where_the_receiver_knows_it(
    sqlite_database: Database, people: People, post: MailServer, sms: Gateway, now: datetime, tmp_path: Path
) -> None:
    """The program dies after the server took the message and before it can note that: a mail goes again with the same
    id; a text message might come twice, so nobody knows, and the officer hears that."""
    database = sqlite_database
    path = write_channels(tmp_path, post, sms)
    attach(database, load_channels(path))
    with database.write() as session:
        case = add_case(session, people.window, now)
        session.add(StaffAddress(user_id=people.window.id, mobile="13800001234", mail="w@example.gov.cn"))
    tell(database, people, case, now)
    command = [sys.executable, "-c", _CHILD, database.url, str(path), now.isoformat()]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as child:
        both: list[int] = []

        def taken() -> None:
            both.append(1)
            if len(both) == 2:
                os.kill(child.pid, signal.SIGKILL)
            post.released.wait(10)

        post.taken = sms.taken = taken
        assert child.wait(60) == -signal.SIGKILL
        post.released.set()
    post.taken = sms.taken = lambda: None

    assert {row.state for row in rows(database)} == {"sending"}
    assert deliver(database, now + timedelta(minutes=1)) == {}
    assert deliver(database, now + sending.LEASE) == {"mail": {"delivered": 1}, "sms": {"uncertain": 1}}

    assert len(post.mails) == 2
    assert len({mail["Message-ID"] for mail in post.mails}) == 1
    assert len(sms.requests) == 1
    assert sorted(kinds(database, CaseEvent)) == ["message.delivered", "message.uncertain"]
    assert "不能确定" in _officer(database, people)[0]


def _officer(database: Database, people: People) -> list[str]:
    with database.read() as session:
        query = select(Message.text).where(Message.kind == "undelivered", Message.user_id == people.window.id)
        return list(session.scalars(query.order_by(Message.id)))


def test_a_server_that_refuses_is_asked_again_later_then_it_is_given_up_and_told(
    database: Database,
    people: People,
    channels: Channels,
    case: Case,
    post: MailServer,
    sms: Gateway,
    now: datetime,
) -> None:
    """Growing pauses over most of a day; the other channel is not held up; then the officer hears, the case and the
    ledger say so, and an administrator may let it be tried anew."""
    sms.answer = {"code": 7, "msg": f"余额不足 {SECRET} 13800001234"}
    tell(database, people, case, now)

    assert deliver(database, now) == {"mail": {"delivered": 1}, "sms": {"again": 1}}
    assert rows(database, "sms")[0].last_error == "对方没有接受：code 为 7（余额不足 *** ***）"
    moment, pauses = now, []
    for _ in range(sending.MOST_ATTEMPTS - 1):
        due = max(rows(database, "sms")[0].not_before, _rests_until(database, "sms") or now)
        pauses.append(due - moment)
        moment = due
        last = deliver(database, moment)
    assert pauses == sorted(pauses)
    assert last == {"sms": {"failed": 1}}

    assert (
        kinds(database, LedgerRecord)
        == kinds(database, CaseEvent)
        == ["message.delivered", "message.undelivered"]
    )
    assert _officer(database, people) == [
        f"给王芳的督促没有通过短信送达，请另行告知：{case.applicant_name}，{case.number}。"
    ]
    assert deliver(database, moment + timedelta(days=9)) == {}
    sms.answer = {"code": 0}
    with database.write() as session:
        assert sending.send_again(session, "sms", moment) == 1
    assert deliver(database, moment) == {"sms": {"delivered": 1}}


def _rests_until(database: Database, channel: str) -> datetime | None:
    with database.read() as session:
        return session.get_one(ChannelState, channel).paused_until
