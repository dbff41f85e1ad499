"""The ledger: seconds to verify it in the database, to export it, and to verify the export, which needs no database.

    python -m bench.ledger [RECORDS] [--json FILE]

100 counties, a signed head for every hundredth record; every signature is checked.
"""

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.office import databases
from bench.report import Report
from jieban.cli.migrate import migrate
from jieban.database import Database
from jieban.driver import driver_of
from jieban.ids import new_id
from jieban.ledger import verify
from jieban.ledger.chain import line_of
from jieban.ledger.keys import SigningKey
from jieban.ledger.records import canonical
from jieban.ledger.verify import export
from jieban.ledger.verify_ledger import START, Head, link, verify_export

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
COUNTIES = [f"3799{number:02}" for number in range(100)]
A_HEAD_EVERY = 100
_CHUNK = 20_000
_TABLES = {
    "ledger_record": "id county_code at kind case_id case_number actor_id actor_name body run_id",
    "ledger_seal": "county_code seq record_id previous hash sealed_at run_id",
    "ledger_head": "county_code seq hash records previous signed_at signature key_id run_id",
}


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "records", 1_000_000)
    with databases() as urls, tempfile.TemporaryDirectory() as folder:
        report.table(
            [measure(name, url, report.size, Path(folder) / f"{name}.jsonl") for name, url in urls.items()]
        )


def measure(name: str, url: str, records: int, file: Path) -> dict[str, Any]:
    """Fill a ledger, and time what an auditor does with it."""
    migrate(url)
    database = Database(url)
    private = Ed25519PrivateKey.generate()
    key = SigningKey(private, private.public_key().public_bytes_raw().hex())
    fill(database, key, records)

    def walk() -> None:
        with database.read() as session:
            result = verify(session, trusted=[key.public], now=NOW)
        assert (result.ok, result.records) == (True, records), result.first_bad

    def write() -> None:
        with database.read() as session, file.open("w", encoding="utf-8") as target:
            export(session, target)

    def walk_export() -> None:
        with file.open(encoding="utf-8") as source:
            assert verify_export(source, [key.public]).records == records

    row = {
        "database": name,
        "records": records,
        "heads": records // A_HEAD_EVERY,
        "verify_s": round(min(_seconds(walk) for _ in range(3)), 1),
        "export_s": round(_seconds(write), 1),
        "export_mb": round(file.stat().st_size / 1_000_000),
        "verify_export_s": round(_seconds(walk_export), 1),
    }
    database.close()
    file.unlink()
    return row


def fill(database: Database, key: SigningKey, records: int) -> None:
    """Write records of all counties in turn, as days of work leave them, with their seals and heads."""
    ends = dict.fromkeys(COUNTIES, (0, START, ""))
    rows: dict[str, list[tuple[Any, ...]]] = {table: [] for table in _TABLES}
    actor, case = new_id(), new_id()
    for number in range(records):
        county, at = COUNTIES[number % len(COUNTIES)], NOW + timedelta(seconds=number)
        row = SimpleNamespace(
            id=new_id(),
            county_code=county,
            at=at,
            kind="task.completed",
            case_id=case,
            case_number=f"DB{county}-2026-{number:08}",
            actor_id=actor,
            actor_name="王芳",
            body=canonical(
                {"task": "visit", "name": "入户调查", "due": "2026-09-14", "late": False, "n": number}
            ),
            run_id="",
        )
        seq, previous, signed = ends[county]
        digest = link(previous, line_of(row))
        told = f"{at:%Y-%m-%d %H:%M:%S.%f}"
        rows["ledger_record"].append(tuple(_plain({**vars(row), "at": told}.values())))
        rows["ledger_seal"].append((county, seq + 1, row.id.hex, previous, digest, told, ""))
        if (seq + 1) % A_HEAD_EVERY == 0:
            moment = at.isoformat(timespec="microseconds")
            head = key.sign(Head(county, seq + 1, digest, A_HEAD_EVERY, signed, moment, "", ""))
            signed = head.signature
            told_head = (county, seq + 1, digest, A_HEAD_EVERY, head.previous, told, signed, key.public, "")
            rows["ledger_head"].append(told_head)
        ends[county] = (seq + 1, digest, signed)
        if len(rows["ledger_record"]) == _CHUNK:
            _put(database, rows)
    _put(database, rows)
    with database.write() as session:
        for table in _TABLES:
            driver_of(session).connection.execute(f"ANALYZE {table}")


def _plain(values: Iterable[Any]) -> Iterator[Any]:
    return (value.hex if isinstance(value, UUID) else value for value in values)


def _put(database: Database, rows: dict[str, list[tuple[Any, ...]]]) -> None:
    with database.write() as session:
        connection = driver_of(session).connection
        for table, waiting in rows.items():
            names = _TABLES[table].split()
            if database.is_postgresql:
                with connection.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
                    for row in waiting:
                        copy.write_row(row)
            else:
                marks = ", ".join("?" * len(names))
                connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", waiting)
            waiting.clear()


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
