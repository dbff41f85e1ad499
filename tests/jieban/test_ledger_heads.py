import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from jieban.ledger.head_files import HeadNotKept, keep_head, keep_newest, read_newest
from jieban.ledger.keys import KeyRefused, load_key, own_key
from jieban.ledger.tables import LedgerHead
from jieban.ledger.verify import stored_heads
from jieban.ledger.verify_ledger import Unreadable, parse_head, read_heads, signature_holds
from jieban.settings import read_settings
from tests.ledgers import check, forge, grow, make_key, rehash, seal_all, sign, write
from tests.people import COUNTY, OTHER_COUNTY


def heads_of(database):
    with database.read() as session:
        return stored_heads(session)


def test_a_head_is_signed_for_every_chain_that_grew_and_follows_the_one_before(database, people, now):
    grow(database, people, now, 3, 2)
    grow(database, people, now, 1, county=OTHER_COUNTY)

    first, second, other = heads_of(database)
    assert [(head.seq, head.records) for head in (first, second, other)] == [(3, 3), (5, 2), (1, 1)]
    assert (first.previous, second.previous, other.previous) == ("", first.signature, "")
    assert all(map(signature_holds, (first, second, other)))
    result = check(database, trusted=[make_key().public], now=now)
    assert (result.ok, result.signed, result.unsigned) == (True, 3, 0)
    assert result.keys == [make_key().public]


def test_what_did_not_grow_is_not_signed_again(database, people, now):
    grow(database, people, now, 2)

    assert sign(database, now).heads == []
    assert check(database).signed == 1


def test_counties_are_signed_in_portions(database, people, now):
    write(database, people, now, 1)
    write(database, people, now, 1, OTHER_COUNTY)
    seal_all(database, now)

    signed = sign(database, now, limit=1)
    assert ([head.county for head in signed.heads], signed.last) == ([COUNTY], COUNTY)
    signed = sign(database, now, limit=1, after=COUNTY)
    assert [head.county for head in signed.heads] == [OTHER_COUNTY]
    assert sign(database, now, after=OTHER_COUNTY).last == ""


def test_two_signers_at_once_sign_once(database, people, now):
    write(database, people, now, 3)
    seal_all(database, now)
    barrier = Barrier(2)

    def work(_number):
        barrier.wait()
        try:
            return len(sign(database, now).heads)
        except IntegrityError:
            return 0

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 1
    assert check(database).signed == 1


def test_records_behind_the_newest_head_are_told_and_bad_after_a_day(database, people, now):
    grow(database, people, now, 2)
    write(database, people, now, 3)
    seal_all(database, now)

    assert (check(database, now=now).ok, check(database, now=now).unsigned) == (True, 3)
    bad = check(database, now=now + timedelta(days=2)).first_bad
    assert (bad.seq, "没有签名的链头" in bad.reason) == (3, True)


@pytest.mark.parametrize(
    ("statement", "seq", "reason"),
    [
        ("UPDATE ledger_head SET hash = '" + "1" * 64 + "' WHERE seq = 4", 4, "签名无效"),
        ("UPDATE ledger_head SET seq = 5 WHERE seq = 4", 5, "签名无效"),
        ("UPDATE ledger_head SET key_id = 'none' WHERE seq = 4", 4, "签名无效"),
        ("UPDATE ledger_head SET run_id = 'x' WHERE seq = 2", 2, "签名无效"),
        ("DELETE FROM ledger_head WHERE seq = 4", 6, "不衔接"),
        ("DELETE FROM ledger_head WHERE seq = 2", 4, "不衔接"),
    ],
)
def test_a_head_that_was_changed_or_removed_is_named(database, people, now, statement, seq, reason):
    grow(database, people, now, 2, 2, 2)
    forge(database, statement)

    bad = check(database).first_bad
    assert (bad.county, bad.seq) == (COUNTY, seq)
    assert reason in bad.reason


def test_a_head_of_another_key_is_named(database, people, now):
    grow(database, people, now, 2)

    bad = check(database, trusted=[make_key(2).public]).first_bad
    assert (bad.seq, "由另一密钥签名" in bad.reason) == (2, True)


def test_a_chain_that_was_rewritten_whole_contradicts_its_heads(database, people, now):
    grow(database, people, now, 2, 2)
    forge(database, "UPDATE ledger_record SET actor_name = '他人' WHERE case_number = 'N0'")
    forge(database, *rehash(database))

    bad = check(database).first_bad
    assert (bad.county, bad.seq) == (COUNTY, 2)
    assert "链被重写" in bad.reason


def test_a_chain_that_was_rewritten_is_not_signed_any_more(database, people, now):
    grow(database, people, now, 2)
    forge(database, "UPDATE ledger_record SET actor_name = '他人' WHERE case_number = 'N0'")
    forge(database, *rehash(database))
    write(database, people, now, 1)
    seal_all(database, now)

    signed = sign(database, now)
    assert (signed.heads, [bad.county for bad in signed.refused]) == ([], [COUNTY])


def test_a_chain_whose_heads_are_gone_is_not_signed_against_what_was_kept(database, people, now):
    """Somebody with the database alone rewrites everything and removes the heads; the machine's own copy tells."""
    grow(database, people, now, 2)
    newest = {head.county: head for head in heads_of(database)}
    forge(
        database,
        "DELETE FROM ledger_head",
        "UPDATE ledger_record SET actor_name = '他人' WHERE case_number = 'N0'",
    )
    forge(database, *rehash(database))

    signed = sign(database, now, newest=newest)
    assert (signed.heads, "本机留存的链头" in signed.refused[0].reason) == ([], True)
    assert check(database).ok
    assert "另行保管的链头" in check(database, witnesses=newest.values()).first_bad.reason


def test_a_head_cannot_be_changed_by_hand(database, people, now):
    grow(database, people, now, 1)
    for statement in ("UPDATE ledger_head SET hash = 'x'", "DELETE FROM ledger_head"):
        with pytest.raises(DBAPIError, match="ledger_head is append-only"), database.write() as session:
            session.connection().exec_driver_sql(statement)
    with database.read() as session:
        assert session.scalars(select(LedgerHead.seq)).all() == [1]


def test_heads_are_put_away_as_one_small_file_each(sqlite_database, people, now, tmp_path):
    grow(sqlite_database, people, now, 2, 1)
    kept = heads_of(sqlite_database)

    assert [keep_head(tmp_path, head) for head in kept] == [True, True]
    assert [keep_head(tmp_path, head) for head in kept] == [False, False]
    files = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert files == [f"{COUNTY}/000000000002.jsonl", f"{COUNTY}/000000000003.jsonl"]
    assert read_heads(tmp_path) == kept


def test_a_share_that_is_not_mounted_is_no_empty_folder(sqlite_database, people, now, tmp_path):
    grow(sqlite_database, people, now, 1)

    with pytest.raises(HeadNotKept, match="没有挂载"):
        keep_head(tmp_path / "share", heads_of(sqlite_database)[0])
    assert not (tmp_path / "share").exists()


def test_a_county_never_leads_out_of_the_folder(sqlite_database, people, now, tmp_path):
    grow(sqlite_database, people, now, 1)

    with pytest.raises(HeadNotKept, match="不是区划代码"):
        keep_head(tmp_path, heads_of(sqlite_database)[0]._replace(county="../a"))


def test_the_newest_head_of_a_county_replaces_the_one_before(sqlite_database, people, now, tmp_path):
    grow(sqlite_database, people, now, 2, 1)
    folder = tmp_path / "newest"
    assert read_newest(folder) == {}
    keep_newest(folder, heads_of(sqlite_database))

    assert read_newest(folder) == {COUNTY: heads_of(sqlite_database)[-1]}
    (folder / f"{COUNTY}.jsonl").write_text("{}", "utf-8")
    with pytest.raises(HeadNotKept, match="可能已被改动"):
        read_newest(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"head": "{}", "signature": ""}', '{"head": 1}', "\x00"])
def test_what_is_no_head_is_refused(text):
    with pytest.raises(Unreadable, match="不是链头"):
        parse_head(text, "第 1 行")


def test_a_head_that_says_more_than_it_should_is_refused(sqlite_database, people, now):
    grow(sqlite_database, people, now, 1)
    kept = heads_of(sqlite_database)[0].kept

    assert parse_head(kept, "").seq == 1
    with pytest.raises(Unreadable, match="不是链头"):
        parse_head(kept.replace('"seq\\"', '"seq\\" '), "第 1 行")


def settings(folder, **more):
    return read_settings({"JIEBAN_DATA": str(folder), **more})


def test_the_key_is_made_once_and_is_the_owners_alone(tmp_path):
    made = own_key(settings(tmp_path))

    assert own_key(settings(tmp_path)).public == made.public
    assert stat.S_IMODE((tmp_path / "ledger-key.pem").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["ledger-key.pem"]


def test_processes_that_start_together_have_one_key(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        assert len({key.public for key in pool.map(own_key, [settings(tmp_path)] * 4)}) == 1


def test_a_key_that_is_named_is_used_and_must_be_there(tmp_path):
    named = {"JIEBAN_LEDGER_KEY_FILE": str(tmp_path / "elsewhere.pem")}
    with pytest.raises(KeyRefused, match="无法读取"):
        own_key(settings(tmp_path, **named))
    made = own_key(settings(tmp_path))
    (tmp_path / "ledger-key.pem").rename(tmp_path / "elsewhere.pem")

    assert own_key(settings(tmp_path, **named)).public == made.public


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path):
    own_key(settings(tmp_path))
    path = tmp_path / "ledger-key.pem"
    path.chmod(0o644)
    with pytest.raises(KeyRefused, match="chmod 600"):
        load_key(path)
    path.chmod(0o600)
    path.write_text("no key", "utf-8")
    with pytest.raises(KeyRefused, match="不是可用的密钥文件"):
        load_key(path)
