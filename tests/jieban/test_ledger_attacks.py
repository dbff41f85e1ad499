"""Somebody who owns the database drops the triggers and changes, deletes, inserts or moves what stands there."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from jieban.ids import new_id
from jieban.ledger import record
from jieban.ledger.chain import line_of, read_entries
from jieban.ledger.tables import LedgerRecord, LedgerSeal
from jieban.ledger.verify_ledger import START, Entry, Head, Marks, link, walk
from tests.ledgers import check, forge, grow, make_key, rehash, seal_all, sql_id, write
from tests.people import COUNTY, OTHER_COUNTY

MOVE = "UPDATE ledger_seal SET seq = {} WHERE seq {}"
SWAP = [MOVE.format(1000, "= 3"), MOVE.format(3, "= 4"), MOVE.format(4, "= 1000")]
MAKE_ROOM = [MOVE.format("seq + 1000", ">= 3"), MOVE.format("seq - 999", ">= 1000")]
CLOSE_GAP = [MOVE.format("seq + 1000", "> 3"), MOVE.format("seq - 1001", ">= 1000")]
REMOVE = [
    "DELETE FROM ledger_record WHERE id = (SELECT record_id FROM ledger_seal WHERE seq = 3)",
    "DELETE FROM ledger_seal WHERE seq = 3",
]
CHANGE = ["UPDATE ledger_record SET body = '{{}}' WHERE id = {third}"]
MOMENT = ["UPDATE ledger_record SET at = '2026-11-20 02:00:00.000000' WHERE id = {third}"]
WHOM = ["UPDATE ledger_record SET actor_id = NULL, actor_name = '' WHERE id = {third}"]
INSERT = [
    *MAKE_ROOM,
    (
        "INSERT INTO ledger_record SELECT {new}, county_code, at, kind, case_id, case_number, actor_id, actor_name, "
        "'{{}}', run_id FROM ledger_record WHERE id = {third}"
    ),
    (
        "INSERT INTO ledger_seal SELECT county_code, 3, {new}, previous, hash, sealed_at, run_id FROM ledger_seal "
        "WHERE seq = 4"
    ),
]


def attack(database, statements):
    """Do it to the third of six records; two signed heads stand at the second and at the sixth."""
    with database.read() as session:
        third = session.scalars(select(LedgerSeal.record_id).where(LedgerSeal.seq == 3)).one()
    values = {"third": sql_id(database, third), "new": sql_id(database, new_id())}
    forge(database, *(statement.format(**values) for statement in statements))


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (CHANGE, "内容与封存时不一致"),
        (MOMENT, "内容与封存时不一致"),
        (WHOM, "内容与封存时不一致"),
        (REMOVE, "缺少第 3 号记录"),
        (REMOVE[:1], "记录已被删除"),
        ([*REMOVE, *CLOSE_GAP], "不衔接"),
        (SWAP, "不衔接"),
        (INSERT, "内容与封存时不一致"),
    ],
    ids=["change", "moment", "whom", "delete", "delete record", "close the gap", "reorder", "insert"],
)
def test_each_attack_is_caught_and_the_record_named(database, people, now, statements, reason):
    grow(database, people, now, 2, 4)
    attack(database, statements)

    bad = check(database).first_bad
    assert (bad.county, bad.seq) == (COUNTY, 3)
    assert reason in bad.reason


@pytest.mark.parametrize(
    ("statements", "seq"),
    [(CHANGE, 6), ([*REMOVE, *CLOSE_GAP], 6), (SWAP, 6), (INSERT, 6)],
    ids=["change", "delete", "reorder", "insert"],
)
def test_an_attack_with_all_hashes_computed_anew_is_caught_by_the_signed_head(
    database, people, now, statements, seq
):
    """The head at the second record still holds; the one at the sixth does not, so it happened between."""
    grow(database, people, now, 2, 4)
    attack(database, statements)
    forge(database, *rehash(database))

    bad = check(database).first_bad
    assert (bad.county, bad.seq) == (COUNTY, seq)


def test_a_county_that_was_removed_whole_is_named(database, people, now):
    grow(database, people, now, 2)
    grow(database, people, now, 3, county=OTHER_COUNTY)
    forge(
        database,
        f"DELETE FROM ledger_record WHERE county_code = '{COUNTY}'",
        f"DELETE FROM ledger_seal WHERE county_code = '{COUNTY}'",
    )

    bad = check(database).first_bad
    assert (bad.county, bad.reason) == (COUNTY, "此前记到第 2 号，现在记录全部被删除")


def test_a_record_that_was_moved_to_another_county_is_named(database, people, now):
    """Its hash is right in the other chain, but its own line says where it belongs."""
    grow(database, people, now, 2)
    write(database, people, now, 1, OTHER_COUNTY)
    with database.read() as session:
        row = session.scalars(select(LedgerRecord).where(LedgerRecord.county_code == OTHER_COUNTY)).one()
        last = session.scalars(select(LedgerSeal.hash).where(LedgerSeal.seq == 2)).one()
    digest = link(last, line_of(row))
    forge(
        database,
        f"INSERT INTO ledger_seal SELECT county_code, 3, {sql_id(database, row.id)}, '{last}', '{digest}', "
        "sealed_at, run_id FROM ledger_seal WHERE seq = 2",
        "DELETE FROM ledger_unsealed",
    )

    bad = check(database).first_bad
    assert (bad.seq, bad.reason) == (3, "记录不属于所在的位置")


def test_what_is_no_text_is_named_on_sqlite(sqlite_database, people, now):
    """SQLite keeps bytes where a text should be."""
    grow(sqlite_database, people, now, 3)
    forge(sqlite_database, "UPDATE ledger_record SET body = x'7b7d' WHERE case_number = 'N1'")

    assert check(sqlite_database).first_bad.seq == 2


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)


# One database for all examples: a ledger only grows.
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            TEXTS,
            TEXTS,
            st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
            st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_the_quick_line_is_the_canonical_line(database, rows):
    with database.write() as session:
        for name, text, at, real in rows:
            record(
                session,
                county_code=COUNTY,
                at=at,
                kind="x",
                case_id=new_id() if real else None,
                case_number=text,
                actor=SimpleNamespace(id=new_id(), name=name) if real else None,
                body={text: name},
            )
    seal_all(database, datetime(2026, 1, 1, tzinfo=UTC))

    with database.read() as session:
        slow = {str(row.id): line_of(row) for row in session.scalars(select(LedgerRecord))}
        quick = {entry.record: entry.line for entry in read_entries(session)}
    assert quick == slow
    assert all(json.loads(line) for line in quick.values())


def chain_of(length, marks):
    """Make a chain, and signed heads at the places that are named."""
    entries, heads, previous, signed, before = [], [], START, "", 0
    for seq in range(1, length + 1):
        row = SimpleNamespace(
            id=UUID(int=seq),
            county_code=COUNTY,
            at=datetime(2026, 1, 1, tzinfo=UTC),
            kind="x",
            case_id=None,
            case_number="",
            actor_id=None,
            actor_name="",
            body=str(seq),
            run_id="",
        )
        line = line_of(row)
        digest = link(previous, line)
        entries.append(Entry(COUNTY, seq, str(row.id), previous, digest, line))
        previous = digest
        if seq in marks:
            heads.append(make_key().sign(Head(COUNTY, seq, digest, seq - before, signed, "", "", "")))
            signed, before = heads[-1].signature, seq
    return entries, heads


def numbered_anew(entries):
    """Give a forged chain the right numbers and hashes."""
    previous, made = START, []
    for seq, entry in enumerate(entries, 1):
        digest = link(previous, entry.line)
        made.append(entry._replace(seq=seq, previous=previous, hash=digest))
        previous = digest
    return made


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_is_done_to_what_was_signed_is_found(data):
    """One or more changes, with or without computing all hashes anew: something at or before the last head is named."""
    length = data.draw(st.integers(1, 12))
    places = data.draw(st.sets(st.integers(1, length), min_size=1))
    entries, heads = chain_of(length, places)
    original = list(entries)
    assert walk_ok(entries, heads)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, min(max(places), len(entries)) - 1)))
        if not entries:
            break
        match data.draw(st.sampled_from(["change", "delete", "insert", "swap", "cut"])):
            case "change":
                entries[at] = entries[at]._replace(line=entries[at].line.replace('"kind":"x"', '"kind":"y"'))
            case "delete":
                del entries[at]
            case "insert":
                entries.insert(at, entries[at])
            case "swap":
                other = data.draw(st.integers(0, len(entries) - 1))
                entries[at], entries[other] = entries[other], entries[at]
            case "cut":
                del entries[at:]
    if data.draw(st.booleans()):
        entries = numbered_anew(entries)
    last = max(places)
    untouched = [entry.line for entry in entries[:last]] == [entry.line for entry in original[:last]]

    assert walk_ok(entries, heads) is (untouched and entries == numbered_anew(entries))


def walk_ok(entries, heads):
    marks = Marks([make_key().public])
    marks.add_heads(heads)
    return walk(entries, marks).ok


def test_a_walk_that_ends_early_leaves_a_session_that_can_still_be_asked(database, people, now):
    """PostgreSQL is still sending then, and has to be stopped."""
    write(database, people, now, 4000)
    seal_all(database, now)
    forge(database, "UPDATE ledger_record SET body = '{}' WHERE case_number = 'N1'")
    write(database, people, now, 1)

    result = check(database)
    assert (result.first_bad.seq, result.unsealed) == (2, 1)
