import pytest

from jieban.ledger.verify_ledger import read_heads
from notifications import outbox
from tests.ledgers import check, forge, rehash, write
from tests.people import COUNTY, OTHER_COUNTY
from workflows.flows import seal_accountability


def sweep(database, now):
    return seal_accountability.sweep(database, now, "run-1", 60)


def test_a_run_signs_each_chain_once_however_many_chunks_it_took(database, people, now, data_folder):
    write(database, people, now, 1200)
    write(database, people, now, 3, OTHER_COUNTY)

    swept = sweep(database, now)

    assert (swept.done, swept.counts, swept.unfinished) == (1203, {"signed": 2}, False)
    result = check(database, now=now)
    assert (result.ok, result.signed, result.unsigned) == (True, 2, 0)
    assert {path.name for path in (data_folder / "ledger-heads").iterdir()} == {
        f"{COUNTY}.jsonl",
        f"{OTHER_COUNTY}.jsonl",
    }
    assert sweep(database, now).counts == {}


def test_a_chain_that_was_rewritten_is_set_aside_and_the_others_go_on(database, people, now, data_folder):
    write(database, people, now, 2)
    sweep(database, now)
    forge(
        database,
        "DELETE FROM ledger_head",
        "UPDATE ledger_record SET actor_name = '他人' WHERE case_number = 'N0'",
    )
    forge(database, *rehash(database))
    write(database, people, now, 1)
    write(database, people, now, 1, OTHER_COUNTY)

    swept = sweep(database, now)

    assert (swept.done, swept.set_aside, swept.counts) == (2, 1, {"signed": 1})
    assert swept.worst[0]["县级代码"] == COUNTY


def test_heads_go_to_another_disk_through_the_outbox(database, people, now, data_folder, monkeypatch):
    share = data_folder / "share"
    monkeypatch.setenv("JIEBAN_LEDGER_HEADS_FOLDER", str(share))
    write(database, people, now, 2)
    sweep(database, now)
    # The share is not mounted: the head waits.
    assert outbox.deliver(database, now, "run-2", 60, data_folder).again == 1
    share.mkdir()

    later = now.replace(hour=now.hour + 1)
    assert outbox.deliver(database, later, "run-3", 60, data_folder).done == 1
    assert [(head.county, head.seq) for head in read_heads(share)] == [(COUNTY, 2)]
    assert check(database, witnesses=read_heads(share)).ok


def test_without_a_usable_key_records_are_sealed_all_the_same(sqlite_database, people, now, data_folder):
    (data_folder / "ledger-key.pem").write_text("no key", "utf-8")
    (data_folder / "ledger-key.pem").chmod(0o600)
    write(sqlite_database, people, now, 2)

    with pytest.raises(Exception, match="不是可用的密钥文件"):
        sweep(sqlite_database, now)
    assert (check(sqlite_database).records, check(sqlite_database).unsealed) == (2, 0)
