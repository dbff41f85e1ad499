"""Sweeps and the channels: what an escalation costs, heads of the ledger by mail, the digest, and what is emptied."""

import uuid
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from jieban.cases.tables import CaseEvent
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.ledger.verify_ledger import Unreadable, read_heads
from jieban.staff.tables import StaffAddress
from notifications.channels import Channels, attach
from notifications.channels.config import load_channels
from notifications.tables import Delivery
from tests.flows.late import add_late_tasks
from tests.ledgers import check, write
from tests.outside import gateway, mail_server, write_channels
from tests.people import COUNTY, OTHER_COUNTY, People
from workflows.flows import deliver_outbox, escalate_overdue, housekeeping, seal_accountability


def _statements(database: Database) -> Counter[str]:
    """Count what the driver is really asked, by the first words, from now on."""
    counts: Counter[str] = Counter()

    def watch(connection: Any, *_: object) -> None:
        connection.set_trace_callback(lambda sql: counts.update([" ".join(sql.split()[:3])]))

    event.listen(database.engine, "connect", watch)
    database.engine.dispose()
    return counts


def test_an_escalation_costs_nothing_more_without_a_channel_and_one_question_with_one(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    """The sweep may have a hundred thousand tasks on one morning: no task asks a question of its own."""
    database = sqlite_database
    with database.write() as session:
        for who in (people.window, people.leader):
            session.add(StaffAddress(user_id=who.id, mobile="13800001234", mail="w@example.gov.cn"))
    found = []
    with mail_server() as post, gateway() as sms:
        for channels in (Channels(), load_channels(write_channels(tmp_path, post, sms))):
            attach(database, channels)
            with database.write() as session:
                add_late_tasks(session, people.window, now, 150, [people.window])
            counts = _statements(database)
            assert escalate_overdue.sweep(database, now, "run-1", 60).counts == {"升级": 150, "超期": 150}
            found.append(+counts)
    without, with_channels = found

    assert not any("delivery" in sql or "staff_address" in sql for sql in without)
    assert with_channels.pop("INSERT INTO delivery") == 150 * 4
    assert with_channels - without == {"SELECT staff_user.id, staff_user.name,": 1}


def test_each_step_is_proved_in_the_ledger_when_it_was_delivered_and_the_sweep_counts_by_channel(
    database: Database, people: People, now: datetime, tmp_path: Path, data_folder: Path
) -> None:
    """No applicant is named to an outside server."""
    with database.write() as session:
        session.add(StaffAddress(user_id=people.leader.id, mobile="13800001234", mail=""))
        add_late_tasks(session, people.window, now, 1, [people.window])
    with gateway() as sms:
        attach(database, load_channels(write_channels(tmp_path, sms=sms)))
        escalate_overdue.sweep(database, now, "run-1", 60)
        assert deliver_outbox.is_due(database, now)
        swept = deliver_outbox.sweep(database, now, "run-2", 5)
        assert not deliver_outbox.is_due(database, now)

    assert (swept.done, swept.counts) == (1, {"短信已送达": 1})
    (body,) = sms.bodies
    assert "“核实”" in body["content"]
    assert "LATE-" in body["content"]
    assert "测试0" not in body["content"]
    with database.read() as session:
        records = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "message.delivered")).all()
        events = session.scalars(select(CaseEvent).where(CaseEvent.kind == "message.delivered")).all()
    assert [(one.run_id, one.county_code) for one in records] == [("run-2", COUNTY)]
    assert "138****1234" in records[0].body
    assert events[0].data["person"] == "陈静"


def test_the_heads_of_a_sweep_go_in_one_mail_that_the_verifier_reads(
    database: Database, people: People, now: datetime, data_folder: Path
) -> None:
    """As a mail program saves it, with what servers put around it."""
    kept = data_folder / "kept"
    kept.mkdir()
    with mail_server() as post:
        extra = 'to = ["audit@example.gov.cn"]'
        path = write_channels(data_folder, post, mail_more=', "ledger_heads"', mail_extra=extra)
        attach(database, load_channels(path))
        write(database, people, now, 3)
        write(database, people, now, 2, OTHER_COUNTY)
        seal_accountability.sweep(database, now, "run-1", 60)
        deliver_outbox.sweep(database, now, "run-2", 5)
        assert [mail["To"] for mail in post.mails] == ["audit@example.gov.cn"]
        (kept / "heads.eml").write_bytes(b"Received: from somewhere\r\n" + post.raw[0])
        seal_accountability.sweep(database, now, "run-3", 60)
        deliver_outbox.sweep(database, now, "run-4", 5)
        assert len(post.mails) == 1

    heads = read_heads(kept)
    assert [(head.county, head.seq) for head in heads] == [(COUNTY, 3), (OTHER_COUNTY, 2)]
    assert check(database, witnesses=heads).ok
    (kept / "note.eml").write_text("Subject: x\n\n{a note that is no head}\n")
    with pytest.raises(Unreadable, match="不是链头"):
        read_heads(kept)


def test_old_deliveries_lose_address_and_text_and_stay_as_what_happened(
    database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    """A digest, which no case tells of, goes altogether; what still waits is left."""
    old = now - timedelta(days=40)
    with database.write() as session:
        for number, (state, case_id) in enumerate(
            [
                ("delivered", people.window.id),
                ("failed", people.window.id),
                ("waiting", people.window.id),
                ("delivered", None),
            ]
        ):
            session.add(
                Delivery(
                    id=_id_of(old, number),
                    key=str(number),
                    channel="sms",
                    kind="digest",
                    case_id=case_id,
                    address="13800001234",
                    masked="138****1234",
                    text="正文",
                    state=state,
                    created_at=old,
                    not_before=old,
                    delivered_at=old if state == "delivered" else None,
                )
            )

    counts = housekeeping.sweep(database, now.replace(hour=19), "run-1", 30).counts

    assert (counts["已送达"], counts["送达记录中的地址和内容"]) == (1, 2)
    with database.read() as session:
        rows = session.scalars(select(Delivery).order_by(Delivery.key)).all()
    assert [(row.state, row.address, row.text, row.masked) for row in rows] == [
        ("delivered", "", "", "138****1234"),
        ("failed", "", "", "138****1234"),
        ("waiting", "13800001234", "正文", "138****1234"),
    ]


def _id_of(moment: datetime, number: int) -> uuid.UUID:

    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80 | number)
