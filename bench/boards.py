"""Milliseconds of a page of the boards of those who supervise, among very many late tasks and first contacts.

    python -m bench.boards [ROWS] [--json FILE]

ROWS late tasks on the overdue board, and ROWS first contacts of which one in fifty has something wrong with it. How many
questions a page asks is no matter of measuring: tests/web/test_boards.py asserts it.
"""

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bench.office import databases
from bench.report import Report
from jieban.areas.sample import seed_sample_areas
from jieban.cases.tables import Case
from jieban.cli.prepare import prepare
from jieban.database import Database
from jieban.handovers.tables import Handover
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from jieban.staff.actor import Actor
from tasks.contact_flags import list_flagged
from tasks.late import late_by_area, list_late
from tests.factories import add_model_version
from tests.flows.late import add_late_tasks
from tests.people import VILLAGE, add_people, load_people

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
_BATCH = 5_000
_WRONG = 50


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "rows", 100_000)
    with databases() as urls:
        report.table([{"database": name, **measure(url, report.size)} for name, url in urls.items()])


def measure(url: str, rows: int) -> dict[str, float]:
    """Give milliseconds of each page and count."""
    prepare(url, NOW)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
        people = load_people(session)
        version = add_model_version(session, NOW, key="hotline_matter").id
    for begun in range(0, rows, _BATCH):
        with database.write() as session:
            number = min(_BATCH, rows - begun)
            add_late_tasks(session, people.window, NOW, number, (people.window, people.window2))
        with database.write() as session:
            _add_contacts(session, people.window, version, begun, number)
    actor = people.supervisor
    found = {
        "overdue_page_ms": _median(database, lambda session: list_late(session, actor, NOW)),
        "overdue_places_ms": _median(database, lambda session: late_by_area(session, actor, NOW)),
        "contacts_page_ms": _median(database, lambda session: list_flagged(session, actor, NOW)),
        "contacts_one_flag_ms": _median(
            database, lambda session: list_flagged(session, actor, NOW, flag="handed_late")
        ),
    }
    database.close()
    return {"rows": rows, **found}


def _add_contacts(session: Session, receiver: Actor, version: uuid.UUID, begun: int, number: int) -> None:
    """Add closed matters that somebody received first; one in fifty was handed over and answered too late, or never fed back."""
    place = {"town_code": VILLAGE[:9], "county_code": VILLAGE[:6]}
    contacts, cases, handovers = [], [], []
    for count in range(begun, begun + number):
        contact_id, case_id = new_id(), new_id()
        received = NOW - timedelta(days=30, minutes=count)
        wrong = count % _WRONG == 0
        contacts.append(
            {
                **place,
                "id": contact_id,
                "number": f"SJ-{count}",
                "receipt_code": f"R-{count}",
                "channel": "hotline",
                "matter": "热线事项",
                "person_name": f"测试{count}",
                "receiver_id": receiver.id,
                "receiver_name": receiver.name,
                "receiver_unit": receiver.unit,
                "received_at": received,
                "breached_at": received + timedelta(days=7) if wrong and count % 2 else None,
                "state": "open",
            }
        )
        cases.append(
            {
                **place,
                "id": case_id,
                "city_code": VILLAGE[:4],
                "number": f"RX-{count}",
                "procedure": "hotline_matter",
                "model_version_id": version,
                "state": "open",
                "stage": "handling",
                "urban": False,
                "delegated": False,
                "applicant_name": f"测试{count}",
                "first_receiver_id": receiver.id,
                "first_contact_id": contact_id,
                "registered_at": received,
                "engine_state": b"",
            }
        )
        if wrong or count % 3 == 0:
            due = received + timedelta(days=2)
            handovers.append(
                {
                    "id": new_id(),
                    "case_id": case_id,
                    "to_area": VILLAGE[:9],
                    "to_unit": "示例单位",
                    "reason": "请核实",
                    "handed_at": received,
                    "due_at": due,
                    "answer": "accepted",
                    "answered_at": due + timedelta(hours=1 if wrong else -1),
                }
            )
    for table, rows in ((FirstContact, contacts), (Case, cases), (Handover, handovers)):
        session.execute(insert(table), rows)


def _median(database: Database, ask: Callable[[Session], object]) -> float:
    taken = []
    for _ in range(20):
        with database.read() as session:
            begun = time.perf_counter()
            ask(session)
            taken.append(time.perf_counter() - begun)
    return round(statistics.median(taken) * 1000, 1)


if __name__ == "__main__":
    main()
