import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Barrier

import pytest
from sqlalchemy import func, select

from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ledger import close_first_contact, correct, open_first_contact, seal, verify
from jieban.ledger.limits import FeedbackLimit
from jieban.ledger.records import canonical
from jieban.ledger.tables import FirstContact, LedgerRecord, LedgerSeal, LedgerUnsealed
from jieban.ledger.verify_ledger import Unreadable, read_export, verify_export
from tests.ledgers import check, exported, forge, seal_all, sql_id, write
from tests.people import COUNTY, OTHER_COUNTY, TOWN


def test_each_county_has_a_chain_of_its_own(database, people, now):
    write(database, people, now, 3)
    write(database, people, now, 2, OTHER_COUNTY)

    assert sum(seal_all(database, now)) == 5
    result = check(database)
    assert (result.ok, result.counties, result.records, result.unsealed) == (True, 2, 5, 0)


def test_records_wait_until_they_are_sealed(database, people, now):
    write(database, people, now, 2)

    result = check(database)
    assert (result.ok, result.records, result.unsealed) == (True, 0, 2)


def test_sealing_goes_by_chunks_and_continues_the_chain(database, people, now):
    write(database, people, now, 7)

    assert seal_all(database, now, limit=3) == [3, 3, 1]
    with database.read() as session:
        rows = session.scalars(select(LedgerSeal).order_by(LedgerSeal.seq)).all()
        records = session.scalars(select(LedgerRecord.id).order_by(LedgerRecord.id)).all()
    assert [row.seq for row in rows] == list(range(1, 8))
    assert [row.record_id for row in rows] == records
    assert all(later.previous == earlier.hash for earlier, later in pairwise(rows))


def test_one_chunk_is_shared_by_the_counties(database, people, now):
    write(database, people, now, 2)
    write(database, people, now, 2, OTHER_COUNTY)

    assert seal_all(database, now, limit=3) == [3, 1]


def test_sealing_again_seals_nothing(database, people, now):
    write(database, people, now, 2)

    assert seal_all(database, now) == [2]
    assert seal_all(database, now) == []


def test_a_sealing_that_was_rolled_back_leaves_nothing_behind(database, people, now):
    write(database, people, now, 2)
    with database.write() as session:
        seal(session, now)
        session.rollback()

    assert check(database).unsealed == 2
    assert seal_all(database, now) == [2]
    assert check(database).ok


def test_two_sealers_at_once_make_one_chain(database, people, now):
    write(database, people, now, 60)
    barrier = Barrier(2)

    def work(_number):
        barrier.wait()
        return seal_all(database, now, limit=5)

    with ThreadPoolExecutor(2) as pool:
        rounds = list(pool.map(work, range(2)))
    seal_all(database, now)

    result = check(database)
    assert (result.ok, result.records, result.unsealed) == (True, 60, 0)
    assert sum(map(sum, rounds)) <= 60


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE ledger_record SET body = '{{}}' WHERE id = {id}", "内容与封存时不一致"),
        ("UPDATE ledger_record SET actor_name = '他人' WHERE id = {id}", "内容与封存时不一致"),
        ("UPDATE ledger_record SET county_code = '379902' WHERE id = {id}", "内容与封存时不一致"),
        ("UPDATE ledger_seal SET hash = '" + "1" * 64 + "' WHERE seq = 3", "内容与封存时不一致"),
        ("UPDATE ledger_seal SET previous = '" + "1" * 64 + "' WHERE seq = 3", "不衔接"),
        ("DELETE FROM ledger_seal WHERE seq = 3", "缺少第 3 号记录"),
    ],
)
def test_a_change_by_hand_is_found_and_named(database, people, now, statement, reason):
    write(database, people, now, 5)
    seal_all(database, now)
    with database.read() as session:
        row = session.scalars(select(LedgerSeal).where(LedgerSeal.seq == 3)).one()
    forge(database, statement.format(id=sql_id(database, row.record_id)))

    bad = check(database).first_bad

    assert (bad.county, bad.seq) == (COUNTY, 3)
    assert reason in bad.reason


def test_a_removed_record_is_found(database, people, now):
    write(database, people, now, 3)
    seal_all(database, now)
    forge(database, "DELETE FROM ledger_record WHERE case_number = 'N1'")

    assert check(database).first_bad.reason == "记录已被删除"


def test_a_record_that_was_slipped_past_the_sealer_is_found(database, people, now):
    write(database, people, now, 2)
    forge(database, "DELETE FROM ledger_unsealed")

    assert "既未封存" in check(database).first_bad.reason


def test_an_export_is_verified_without_a_database(database, people, now):
    write(database, people, now, 3)
    write(database, people, now, 2, OTHER_COUNTY)
    seal_all(database, now)

    result = verify_export(exported(database))

    assert (result.ok, result.counties, result.records) == (True, 2, 5)
    assert result.heads == check(database).heads


def test_a_chain_whose_end_was_cut_off_is_found_by_an_earlier_export(database, people, now):
    """The rest of the chain holds, so only what was put away elsewhere tells."""
    write(database, people, now, 3)
    seal_all(database, now)
    earlier = list(read_export(exported(database)).entries)
    write(database, people, now, 1)
    seal_all(database, now)
    with database.read() as session:
        assert verify(session, earlier).ok
    forge(
        database,
        "DELETE FROM ledger_seal WHERE seq > 2",
        "DELETE FROM ledger_record WHERE id NOT IN (SELECT record_id FROM ledger_seal)",
    )

    with database.read() as session:
        assert verify(session).ok
        bad = verify(session, earlier).first_bad

    assert (bad.county, bad.seq) == (COUNTY, 3)
    assert "其后的记录被删除" in bad.reason


def test_a_ledger_that_was_emptied_is_found(database, people, now):
    """Its first contacts still stand elsewhere."""
    receive(database, people, now)
    forge(database, "DELETE FROM ledger_unsealed", "DELETE FROM ledger_record")

    assert "首接登记有 1 件，台账只记载了 0 件" in check(database).first_bad.reason


def test_a_changed_export_names_its_first_bad_record(database, people, now):
    write(database, people, now, 3)
    seal_all(database, now)
    lines = exported(database)
    entry = json.loads(lines[2])
    entry["line"] = entry["line"].replace("王芳", "他人")
    lines[2] = json.dumps(entry)

    assert verify_export(lines).first_bad.seq == 2


@pytest.mark.parametrize(
    "lines",
    [["{}"], ["certainly not JSON"], ["[]"], ['{"format": "jieban-ledger-1"}', '{"county": "379901"}']],
)
def test_what_is_no_export_is_refused(lines):
    with pytest.raises(Unreadable, match="台账导出文件"):
        verify_export(lines)


def test_canonical_json_has_one_form():
    assert canonical({"b": 1, "a": "首接"}) == '{"a":"首接","b":1}'
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


def receive(database, people, now):
    with database.write() as session:
        return open_first_contact(
            session,
            actor=people.window,
            now=now,
            channel="window",
            matter="最低生活保障申请",
            person_name="钱桂兰",
            phone="13800000000",
            town_code=TOWN,
            place="柳林镇社会救助窗口",
            told="已一次告知",
            limit=FeedbackLimit(now + timedelta(days=7), now + timedelta(days=7)),
        )


def bodies(database):
    with database.read() as session:
        rows = session.scalars(select(LedgerRecord).order_by(LedgerRecord.id))
        return [(row.kind, json.loads(row.body)) for row in rows]


def test_a_first_contact_names_its_receiver_for_good(database, people, now):
    contact = receive(database, people, now)

    with database.read() as session:
        row = session.get_one(FirstContact, contact.id)
        assert (row.receiver_name, row.receiver_unit, row.county_code, row.state) == (
            "王芳",
            "柳林镇社会救助窗口",
            COUNTY,
            "open",
        )
        assert session.scalar(select(func.count()).select_from(LedgerUnsealed)) == 1
    assert bodies(database)[0][0] == "first_contact.opened"


def test_the_persons_name_stays_out_of_what_can_never_be_taken_back(database, people, now):
    receive(database, people, now)

    assert "钱桂兰" not in json.dumps(bodies(database), ensure_ascii=False)
    assert "13800000000" not in json.dumps(bodies(database))


def test_receipt_codes_are_told_apart_by_ear_and_not_guessed(database, people, now):
    codes = {receive(database, people, now).receipt_code for _ in range(20)}

    assert len(codes) == 20
    assert not set("".join(codes)) & set("01ILOU")


@pytest.mark.parametrize(("days", "late"), [(6, False), (8, True)])
def test_a_first_contact_is_closed_once_and_says_whether_in_time(database, people, now, days, late):
    contact = receive(database, people, now)
    moment = now + timedelta(days=days)
    with database.write() as session:
        close_first_contact(session, contact_id=contact.id, actor=None, now=moment, result="paid")

    assert bodies(database)[1] == (
        "first_contact.closed",
        {"number": contact.number, "result": "paid", "late": late},
    )
    with pytest.raises(Conflict), database.write() as session:
        close_first_contact(session, contact_id=contact.id, actor=None, now=moment, result="paid")


def the_record(database):
    with database.read() as session:
        return session.scalars(select(LedgerRecord).order_by(LedgerRecord.id).limit(1)).one()


def test_a_correction_points_at_the_old_record_which_stays(database, people, now):
    write(database, people, now, 1)
    seal_all(database, now)
    old = the_record(database)
    with database.write() as session:
        new = correct(session, record_id=old.id, why=" 日期误记为 9 日 ", actor=people.supervisor, now=now)
    seal_all(database, now)

    assert the_record(database).body == old.body
    assert bodies(database)[1] == (
        "correction",
        {"record": str(old.id), "kind": "task.completed", "why": "日期误记为 9 日"},
    )
    with database.read() as session:
        row = session.get_one(LedgerRecord, new)
        assert (row.actor_name, row.county_code, row.case_number) == ("徐明", COUNTY, "N0")
    assert (check(database).ok, check(database).records) == (True, 2)


def test_a_correction_needs_a_reason_a_record_and_somebody_who_may(database, people, now):
    write(database, people, now, 1)
    old = the_record(database).id
    attempts = [
        (old, " ", people.supervisor, Invalid),
        (old, "长" * 1001, people.supervisor, Invalid),
        (people.window.id, "有误", people.supervisor, NotFound),
        (old, "有误", people.sys_admin, NotFound),
        (old, "有误", people.window, NotAllowed),
    ]
    for record_id, why, actor, refusal in attempts:
        with pytest.raises(refusal), database.write() as session:
            correct(session, record_id=record_id, why=why, actor=actor, now=now)
    assert len(bodies(database)) == 1
