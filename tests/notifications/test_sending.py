"""Messages that leave the machine: sent once, counted as sent when they were, and told where they were not."""

import logging
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.staff.tables import StaffAddress, User
from notifications import messages, sending
from notifications.channels import Channels, attach, channels_of
from notifications.channels.config import load_channels
from notifications.tables import ChannelState, Delivery, Message
from tests.factories import add_case
from tests.outside import (
    SECRET,
    Gateway,
    MailServer,
    certificate,
    gateway,
    mail_server,
    write_channels,
)
from tests.people import People
from workflows.flows import deliver_outbox


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


@pytest.fixture
def plain(
    sqlite_database: Database,
    people: People,
    post: MailServer,
    sms: Gateway,
    now: datetime,
    tmp_path: Path,
) -> tuple[Database, Case]:
    """The same on SQLite alone, with a case, for what does not depend on the database."""
    attach(sqlite_database, load_channels(write_channels(tmp_path, post, sms)))
    with sqlite_database.write() as session:
        session.add(StaffAddress(user_id=people.window.id, mobile="13800001234", mail="w@example.gov.cn"))
        return sqlite_database, add_case(session, people.window, now)


def test_without_channels_nothing_is_written_and_nothing_is_opened(
    sqlite_database: Database, people: People, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever addresses there are: no row, and no socket, which a test would see."""

    def refuse(*_: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    attach(sqlite_database, Channels())
    with sqlite_database.write() as session:
        session.add(StaffAddress(user_id=people.window.id, mobile="13800001234", mail="w@example.gov.cn"))
        case = add_case(session, people.window, now)
    tell(sqlite_database, people, case, now)

    assert not deliver_outbox.is_due(sqlite_database, now)
    deliver_outbox.sweep(sqlite_database, now, "run-1", 5)
    assert rows(sqlite_database) == []


def test_a_server_that_never_answers_costs_one_timeout_and_no_other_channel(
    plain: tuple[Database, Case], people: People, post: MailServer, sms: Gateway, now: datetime
) -> None:
    """After three failures in a row it rests, longer each time; its messages keep their attempts meanwhile."""
    database, case = plain
    changed(database, "mail", timeout=0.05)
    post.hang_at = "MAIL"
    for _ in range(4):
        tell(database, people, case, now)

    assert deliver(database, now) == {"mail": {"again": 1}, "sms": {"delivered": 4}}
    assert post.connections == 1
    assert [deliver(database, now), deliver(database, now)] == [{"mail": {"again": 1}}] * 2
    assert "没有答复" in rows(database, "mail")[0].last_error
    assert deliver(database, now) == {}
    assert _rests_until(database, "mail") == now + timedelta(minutes=1)
    assert sorted(row.attempts for row in rows(database, "mail")) == [0, 1, 1, 1]
    assert deliver(database, now + timedelta(minutes=1)) == {"mail": {"again": 1}}
    assert _rests_until(database, "mail") == now + timedelta(minutes=3)

    post.hang_at = ""
    assert deliver(database, now + timedelta(minutes=20)) == {"mail": {"delivered": 4}}
    assert _rests_until(database, "mail") is None


def test_what_was_handed_over_without_an_answer_goes_again_by_mail_and_not_by_text_message(
    plain: tuple[Database, Case], people: People, post: MailServer, sms: Gateway, now: datetime
) -> None:
    """Nobody knows whether it arrived; a gateway that knows the id may say so in the file."""
    database, case = plain
    changed(database, "mail", timeout=0.05)
    changed(database, "sms", timeout=0.05)
    post.hang_at, sms.hang = "END", True
    tell(database, people, case, now)

    assert deliver(database, now) == {"mail": {"again": 1}, "sms": {"uncertain": 1}}
    post.hang_at, sms.hang = "", False
    assert deliver(database, now + timedelta(minutes=1)) == {"mail": {"delivered": 1}}
    assert post.mails[0]["Message-ID"] == post.mails[1]["Message-ID"]

    changed(database, "sms", idempotent=True)
    sms.status = 504
    tell(database, people, case, now)
    assert deliver(database, now + timedelta(minutes=2))["sms"] == {"again": 1}
    sms.status = 200
    assert deliver(database, now + timedelta(minutes=9))["sms"] == {"delivered": 1}
    assert sms.bodies[-1]["id"] == sms.bodies[-2]["id"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"status": 302}, "本系统不跟随"),
        ({"status": 403}, "对方答复 403"),
        (
            {"answer": {"errcode": 93000, "errmsg": "invalid webhook url"}},
            "code 为 None（invalid webhook url）",
        ),
        ({"answer": {"code": "1"}}, "code 为 1"),
    ],
)
def test_an_answer_that_does_not_say_yes_is_no_delivery(
    plain: tuple[Database, Case],
    people: People,
    sms: Gateway,
    now: datetime,
    given: dict[str, Any],
    said: str,
) -> None:
    """The status alone proves nothing: gateways and robots answer 200 to what they refuse."""
    database, case = plain
    for name, value in given.items():
        setattr(sms, name, value)
    tell(database, people, case, now)

    assert deliver(database, now)["sms"] == {"again": 1}
    assert said in rows(database, "sms")[0].last_error
    assert [path for path, _, _ in sms.requests] == ["/send"]


def test_an_address_that_is_not_there_is_given_up_at_once_and_the_channel_goes_on(
    plain: tuple[Database, Case], people: People, post: MailServer, now: datetime
) -> None:
    """A server that refuses us rather than the address is asked again."""
    database, case = plain
    post.answers["RCPT"] = "550 5.1.1 <w@example.gov.cn> no such user"
    tell(database, people, case, now)

    assert deliver(database, now)["mail"] == {"failed": 1}
    assert _rests_until(database, "mail") is None
    assert rows(database, "mail")[0].last_error == "邮件服务器不接受收件人：550 5.1.1 <***> no such user"
    post.answers["RCPT"] = "550 5.7.1 relaying denied"
    tell(database, people, case, now)
    assert deliver(database, now)["mail"] == {"again": 1}


def test_hostile_text_stays_text(
    plain: tuple[Database, Case], people: People, post: MailServer, sms: Gateway, now: datetime
) -> None:
    """Line feeds make no header and no command, and places of a shape that stand in a text are not filled."""
    database, _ = plain
    text = (
        "一\r\nBcc: eve@example.com\r\n.\r\nRCPT TO:<eve@example.com>\r\n{secret} {address} \x00" + "长" * 900
    )
    tell(database, people, None, now, text=text)

    assert deliver(database, now) == {"mail": {"delivered": 1}, "sms": {"delivered": 1}}
    mail = post.mails[0]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "接办 督促"
    assert "Bcc: eve@example.com" in mail.get_content()
    assert [line for line in post.said if line.upper().startswith("RCPT")] == ["rcpt TO:<w@example.gov.cn>"]
    assert "{secret} {address}" in sms.bodies[0]["content"]
    assert SECRET not in sms.bodies[0]["content"]


def test_secrets_stand_nowhere(
    plain: tuple[Database, Case],
    people: People,
    sms: Gateway,
    now: datetime,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Not in a log, not in the database, whatever the other side says or however it fails."""
    database, case = plain
    caplog.set_level(logging.DEBUG)
    for status, answer in ((200, {"code": SECRET}), (500, SECRET.encode()), (200, {"code": 0})):
        sms.status, sms.answer = status, answer
        tell(database, people, case, now)
        deliver(database, now)

    out, err = capfd.readouterr()
    assert SECRET not in caplog.text + out + err
    # What was deleted may still stand in a page of the file, so the file itself is read.
    with database.engine.connect() as connection:
        kept = "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert SECRET not in kept
    assert "delivery" in kept


def test_a_channel_sends_within_its_hours_and_no_more_than_it_may_in_a_minute(
    plain: tuple[Database, Case], people: People, post: MailServer, sms: Gateway, now: datetime
) -> None:
    """What waits is not even looked for, so the sweep is not called for nothing."""
    database, case = plain
    changed(database, "mail", hours=(time(11), time(12)))
    changed(database, "sms", per_minute=2)
    for _ in range(3):
        tell(database, people, case, now)

    assert deliver(database, now) == {"sms": {"delivered": 2}}
    assert not deliver_outbox.is_due(database, now + timedelta(seconds=59))
    assert deliver_outbox.is_due(database, now + timedelta(seconds=60))
    assert deliver(database, now + timedelta(seconds=60)) == {"sms": {"delivered": 1}}
    assert deliver(database, now + timedelta(hours=1)) == {"mail": {"delivered": 3}}


def test_who_chose_so_gets_reminders_in_the_program_alone_and_what_presses_everywhere(
    plain: tuple[Database, Case], people: People, now: datetime
) -> None:
    """A landline gets no text message; a closed account gets nothing."""
    database, case = plain
    for kind in ("reminder", "yellow_card", "handover", "digest", "red_card", "order"):
        tell(database, people, case, now, kind=kind)
    assert {row.kind for row in rows(database)} == {"red_card", "order"}

    with database.write() as session:
        address = session.get_one(StaffAddress, people.window.id)
        address.reminders, address.mobile = True, ""
    tell(database, people, case, now, kind="reminder")
    assert [row.channel for row in rows(database) if row.kind == "reminder"] == ["mail"]
    with database.write() as session:
        session.get_one(User, people.window.id).active = False
    tell(database, people, case, now, kind="contact")
    assert "contact" not in {row.kind for row in rows(database)}


@pytest.mark.parametrize(
    ("kind", "answer", "body"),
    [
        (
            "wecom",
            {"errcode": 0},
            {"msgtype": "text", "text": {"content": "王芳：督促", "mentioned_mobile_list": ["13800001234"]}},
        ),
        (
            "dingtalk",
            {"errcode": 0},
            {"msgtype": "text", "text": {"content": "王芳：督促"}, "at": {"atMobiles": ["13800001234"]}},
        ),
        ("feishu", {"code": 0}, {"msg_type": "text", "content": {"text": "王芳：督促"}}),
    ],
)
def test_a_robot_tells_its_group_whom_it_is_about(
    sqlite_database: Database,
    people: People,
    sms: Gateway,
    now: datetime,
    tmp_path: Path,
    kind: str,
    answer: dict[str, int],
    body: dict[str, Any],
) -> None:
    """It takes no second message of a kind for one person, and where nobody has a number it mentions nobody."""
    (tmp_path / "robot").write_text(f"{sms.url}?key=hush")
    (tmp_path / "sign").write_text("SEC1")
    secret = 'secret_file = "sign"' if kind == "dingtalk" else ""
    path = tmp_path / "channels.toml"
    path.write_text(
        f'[[channel]]\nkey = "group"\nname = "工作群"\nkind = "{kind}"\nfor = ["staff"]\nurl_file = "robot"\n{secret}',
        "utf-8",
    )
    attach(sqlite_database, load_channels(path))
    sms.answer = dict.fromkeys(answer, 45009) | {"errmsg": "api freq out of limit"}
    tell(sqlite_database, people, None, now)
    with sqlite_database.write() as session:
        session.add(StaffAddress(user_id=people.window.id, mobile="13800001234", mail=""))
    tell(sqlite_database, people, None, now)

    assert deliver(sqlite_database, now) == {"group": {"again": 1}}
    assert "45009（api freq out of limit）" in rows(sqlite_database)[0].last_error
    assert "13800001234" not in str(sms.bodies[0])
    sms.answer = answer
    assert deliver(sqlite_database, now) == {"group": {"delivered": 1}}
    assert sms.bodies[-1] == body
    asked = sms.requests[-1][0]
    assert asked.startswith("/send?key=hush")
    assert ("&sign=" in asked) == (kind == "dingtalk")


def test_a_password_goes_to_a_server_whose_certificate_holds_and_to_no_other(
    sqlite_database: Database, people: People, post: MailServer, now: datetime, tmp_path: Path
) -> None:
    """An office's own authority is named in the file; the password is not said before the line is closed to others."""
    _, post.tls = certificate(tmp_path)
    extra = 'user = "jieban"\npassword_file = "sms-secret"\n'
    path = write_channels(tmp_path, post, mail_extra=extra)
    secure = path.read_text().replace('security = "none"', 'security = "starttls"')
    path.write_text(secure)
    attach(sqlite_database, load_channels(path))
    with sqlite_database.write() as session:
        session.add(StaffAddress(user_id=people.window.id, mobile="", mail="w@example.gov.cn"))
    tell(sqlite_database, people, None, now)

    assert deliver(sqlite_database, now) == {"mail": {"again": 1}}
    assert "证书无法验证" in rows(sqlite_database)[0].last_error
    assert not any("AUTH" in line for line in post.said)

    path.write_text(secure + 'ca_file = "cert.pem"\n')
    attach(sqlite_database, load_channels(path))
    assert deliver(sqlite_database, now + timedelta(minutes=1)) == {"mail": {"delivered": 1}}
    assert any("AUTH PLAIN" in line for line in post.said)
