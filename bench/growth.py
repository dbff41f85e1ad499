"""Whether a completion costs the same beside few stored cases and beside very many.

    python -m bench.growth [CASES] [--json FILE]

The office is filled with open cases, each with its task, deadlines, timer and history; before and after, the same walks
are measured.
"""

import time
from typing import Any

from sqlalchemy import Connection, insert, select, text

from bench.office import NOW, Office, databases
from bench.report import Report
from jieban.cases.tables import Application, Case, CaseEvent, Member
from jieban.database import Base
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from tasks.tables import Task
from workflows.tables import Timer

FEW = 1_000
WALKS = 40
_CHUNK = 5_000


def fill(office: Office, cases: int) -> None:
    """Store open cases like one that has just been registered, by copying all of its rows."""
    pattern = office.begin(800_000 + cases % 99_991)
    with office.database.read() as session:
        case = session.execute(select(Case.__table__).where(Case.id == pattern)).mappings().one()
        contact = (
            session.execute(select(FirstContact.__table__).where(FirstContact.id == case["first_contact_id"]))
            .mappings()
            .one()
        )
        rows = {
            table: session.execute(select(table.__table__).where(table.case_id == pattern)).mappings().all()
            for table in (Application, Member, Task, Deadline, Timer, CaseEvent)
        }
        timer = {
            "case_id": pattern,
            "engine_id": "x",
            "element": "pay_month",
            "fire_at": NOW,
            "state": "fired",
        }
        rows[Timer] = rows[Timer] or [timer]
    for first in range(0, cases, _CHUNK):
        with office.database.engine.begin() as connection:
            _copy(connection, case, contact, rows, range(first, min(first + _CHUNK, cases)), cases)
    with office.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # What a database does by itself in the hours after a load, and would do in the middle of the measurement.
        if office.database.is_postgresql:
            connection.execute(text("VACUUM (ANALYZE)"))
            connection.execute(text("CHECKPOINT"))
        else:
            connection.execute(text("ANALYZE"))


def _copy(connection: Connection, case: Any, contact: Any, rows: Any, numbers: range, cases: int) -> None:
    made: dict[type[Base], list[dict[str, Any]]] = {FirstContact: [], Case: []}
    for number in numbers:
        contact_id, case_id = new_id(), new_id()
        serial = f"{cases}-{number}"
        made[FirstContact].append({**contact, "id": contact_id, "number": serial, "receipt_code": serial})
        made[Case].append({**case, "id": case_id, "number": serial, "first_contact_id": contact_id})
        for table, copies in rows.items():
            for row in copies:
                key = {} if table is Application else {"id": new_id()}
                made.setdefault(table, []).append({**row, **key, "case_id": case_id})
    for table, all_rows in made.items():
        connection.execute(insert(table.__table__), all_rows)


def measure(name: str, url: str, cases: int) -> dict[str, Any]:
    """Measure beside few, fill, measure beside many."""
    office = Office.found(url)
    office.warm_up()
    fill(office, FEW)
    few = _per_step(office, 0)
    begun = time.perf_counter()
    fill(office, cases)
    filled = time.perf_counter() - begun
    office.walks(
        range(20_000, 20_010)
    )  # what lies on the disk comes into memory as it would in an hour of work
    many = _per_step(office, 10_000)
    office.database.close()
    return {
        "database": name,
        "stored": cases,
        "filled_in_s": round(filled),
        "ms_beside_1000": round(few, 2),
        "ms_beside_all": round(many, 2),
        "ratio": round(many / few, 2),
    }


def _per_step(office: Office, first: int) -> float:
    """Give milliseconds of a completion, the best of three turns."""
    turns = []
    for turn in range(3):
        begun = first + turn * WALKS
        done, spent = office.walks(range(begun, begun + WALKS))
        turns.append(spent / done * 1000)
    return min(turns)


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "cases", 100_000)
    with databases() as urls:
        report.table([measure(name, url, report.size) for name, url in urls.items()])


if __name__ == "__main__":
    main()
