"""Text messages to whoever brought a matter: what they say, when they go out, and what the officer hears."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.ledger.tables import FirstContact, LedgerRecord
from jieban.people.tables import Person
from notifications import applicants, letters, sending
from notifications.channels import attach
from notifications.channels.config import load_channels
from notifications.tables import Delivery, Message
from tasks import contacts
from tests.outside import Gateway, gateway, write_channels
from tests.people import People
from tests.workflows.walk import Walk

TOP = 'query_address = "https://jz.example.gov.cn/progress"\n'


@pytest.fixture
def sms(sqlite_database: Database, tmp_path: Path) -> Iterator[Gateway]:
    with gateway() as server:
        attach(sqlite_database, load_channels(write_channels(tmp_path, sms=server, top=TOP)))
        yield server


def deliver(database: Database, now: datetime) -> None:
    with database.read() as session:
        sending.deliver(database, session.info["channels"], now, "run-1", 5)


def deliveries(database: Database) -> list[Delivery]:
    with database.read() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def test_the_receipt_is_sent_at_once_and_the_case_and_the_ledger_say_when_it_arrived(
    sqlite_database: Database, people: People, sms: Gateway, now: datetime
) -> None:
    """Matter, first receiver, time, limit, telephones, code; no name, no identity number, no number in the ledger."""
    walk = Walk.begin(sqlite_database, people, now)
    deliver(sqlite_database, now)

    with sqlite_database.read() as session:
        case = session.get_one(Case, walk.case_id)
        contact = session.get_one(FirstContact, case.first_contact_id)
        event = session.scalars(select(CaseEvent).where(CaseEvent.kind == "message.delivered")).one()
        record = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "message.delivered")).one()
        (shown,) = applicants.receipts_of(session, case.id)
    text = sms.bodies[0]["content"]
    assert sms.bodies[0]["phone"] == contact.phone
    assert text.startswith("【东河县民政局】您的最低生活保障申请已于11月24日10:00由")
    for part in (
        "王芳",
        "12月1日前向您反馈",
        "0539-0000000",
        "12345",
        contact.receipt_code,
        "https://jz.example.gov.cn/progress",
    ):
        assert part in text
    assert case.applicant_name not in text
    assert len(text) < 200
    assert event.data["address"] == f"{contact.phone[:3]}****{contact.phone[-4:]}"
    assert contact.phone[-4:] not in record.body
    assert (shown.state, shown.delivered_at, shown.address) == ("delivered", now, "")


def test_a_receipt_that_cannot_be_sent_is_told_to_the_first_receiver(
    sqlite_database: Database, people: People, sms: Gateway, now: datetime
) -> None:
    sms.status = 500
    walk = Walk.begin(sqlite_database, people, now)
    moment = now
    for _ in range(sending.MOST_ATTEMPTS):
        deliver(sqlite_database, moment)
        moment += timedelta(hours=13)

    with sqlite_database.read() as session:
        case = session.get_one(Case, walk.case_id)
        query = select(Message).where(Message.kind == "undelivered")
        (told,) = session.scalars(query)
        kinds = session.scalars(
            select(LedgerRecord.kind).where(LedgerRecord.kind.startswith("message."))
        ).all()
    assert told.user_id == case.first_receiver_id
    assert (
        told.text == f"短信未送达（首接回执），请电话告知或当面交付：{case.applicant_name}，{case.number}。"
    )
    assert kinds == ["message.undelivered"]
    assert deliveries(sqlite_database)[0].attempts == sending.MOST_ATTEMPTS


@pytest.mark.parametrize("phone", ["0539-1234567", "12345678901", ""])
def test_what_is_no_mobile_number_gets_the_paper_alone(
    sqlite_database: Database, people: People, sms: Gateway, now: datetime, phone: str
) -> None:
    attached = sqlite_database.info.pop("channels")
    walk = Walk.begin(sqlite_database, people, now)
    sqlite_database.info["channels"] = attached
    with sqlite_database.write() as session:
        for table in (FirstContact, Person):
            session.execute(update(table).values(phone=phone))
    with sqlite_database.write() as session:
        case = session.get_one(Case, walk.case_id)
        contacts.feed_back(session, walk.actor("town.window"), now, case, "sms", "已办好")

    assert deliveries(sqlite_database) == []


def test_word_on_the_way_feedback_and_letters_say_that_there_is_something_and_not_what(
    sqlite_database: Database, people: People, sms: Gateway, now: datetime
) -> None:
    """Feedback goes out where the first receiver told it by text message, and no word of what they wrote goes with it."""
    walk = Walk.begin(sqlite_database, people, now)
    clerk = walk.actor("town.window")
    with sqlite_database.write() as session:
        case = session.get_one(Case, walk.case_id)
        day = now + timedelta(days=3)
        contacts.reply_meanwhile(session, clerk, now, case, "sms", "还差一份病历", day)
        contacts.feed_back(session, clerk, now, case, "phone", "电话里说过了")
        contacts.feed_back(session, clerk, now, case, "sms", "给您 600 元")
        letters.issue(
            session,
            case=case,
            kind="extension",
            now=now,
            actor=clerk,
            extra={
                "reason": "情况复杂",
                "explanation": "外地核对",
                "due": (now + timedelta(days=20)).isoformat(),
                "approver": "陈静",
                "rule_keys": [],
            },
        )
    deliver(sqlite_database, now)

    texts = [body["content"].removeprefix("【东河县民政局】") for body in sms.bodies]
    assert [one.kind for one in deliveries(sqlite_database)] == [
        "receipt",
        "interim",
        "feedback",
        "extension",
    ]
    assert "正在办理，11月27日前再告知您进展" in texts[1]
    assert "已有办理结果" in texts[2]
    assert "延长后的办结期限为12月14日" in texts[3]
    for word in ("病历", "600", "外地", "钱"):
        assert word not in "".join(texts[1:])
