"""A ledger to test with: written, sealed, signed, exported, and changed behind the back of the program."""

import io
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, text

from jieban.database import Database
from jieban.ledger import record, seal, verify
from jieban.ledger.chain import line_of
from jieban.ledger.heads import Signed, sign_heads
from jieban.ledger.keys import SigningKey
from jieban.ledger.tables import LedgerRecord, LedgerSeal
from jieban.ledger.verify import export
from jieban.ledger.verify_ledger import START, Verification, link
from tests.people import COUNTY, People


def make_key(seed: int = 1) -> SigningKey:
    private = Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32))
    return SigningKey(private, private.public_key().public_bytes_raw().hex())


def write(database: Database, people: People, now: datetime, count: int, county: str = COUNTY) -> None:
    with database.write() as session:
        for number in range(count):
            record(
                session,
                county_code=county,
                at=now,
                kind="task.completed",
                case_id=None,
                case_number=f"N{number}",
                actor=people.window,
                body={"步骤": "入户调查", "n": number},
            )


def seal_all(database: Database, now: datetime, limit: int = 1000) -> list[int]:
    counts = []
    while True:
        with database.write() as session:
            counts.append(seal(session, now, "run-1", limit))
        if not counts[-1]:
            return counts[:-1]


def sign(database: Database, now: datetime, key: SigningKey | None = None, **known: Any) -> Signed:
    with database.write() as session:
        return sign_heads(session, key or make_key(), now, "run-1", **known)


def grow(database: Database, people: People, now: datetime, *parts: int, county: str = COUNTY) -> None:
    """Write, seal and sign as many records as each part says."""
    for count in parts:
        write(database, people, now, count, county)
        seal_all(database, now)
        sign(database, now)


def check(database: Database, **given: Any) -> Verification:
    with database.read() as session:
        return verify(session, **given)


def exported(database: Database) -> list[str]:
    file = io.StringIO()
    with database.read() as session:
        export(session, file)
    return file.getvalue().splitlines()


_GUARDS = (
    "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) FROM pg_trigger "
    "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'refuse_change' UNION ALL "
    "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint "
    "WHERE contype = 'f' AND confrelid = 'ledger_record'::regclass"
)


def forge(database: Database, *statements: str) -> None:
    """Change the database as somebody would who owns it: take away its guards first, triggers and foreign keys."""
    if database.is_postgresql:
        with database.engine.begin() as connection:
            for statement in [*connection.scalars(text(_GUARDS)), *statements]:
                connection.exec_driver_sql(statement)
        return
    with closing(sqlite3.connect(database.engine.url.database or "")) as file:
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            file.execute(statement)
        file.commit()


def sql_id(database: Database, value: Any) -> str:
    """Write a record's id as the database keeps it."""
    return f"'{value}'" if database.is_postgresql else f"'{value.hex}'"


def rehash(database: Database, county: str = COUNTY) -> Iterable[str]:
    """Compute a county's chain anew over the records as they are now, as somebody would who knows how it is made."""
    with database.read() as session:
        rows = session.execute(
            select(LedgerSeal.seq, LedgerRecord.__table__)
            .join(LedgerRecord, LedgerRecord.id == LedgerSeal.record_id)
            .where(LedgerSeal.county_code == county)
            .order_by(LedgerSeal.seq)
        ).all()
    previous, statements = START, []
    for row in rows:
        digest = link(previous, line_of(row))
        statements.append(
            f"UPDATE ledger_seal SET previous = '{previous}', hash = '{digest}' "
            f"WHERE county_code = '{county}' AND seq = {row.seq}"
        )
        previous = digest
    return statements
