"""Running clocks moved per second by a change of the calendar, with tasks, chains, timers, engine and all records.

    python -m bench.calendars [CLOCKS] [--json FILE]

Every case has two clocks: of a task, with a timer on its border, and of a notice, for whose end a timer waits. Also what
the preview costs, and the longest time that one transaction takes, since a click waits for it.
"""

import statistics
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import undefer

from bench.office import databases
from bench.report import Report
from jieban.areas.sample import seed_sample_areas
from jieban.cases.tables import Case
from jieban.cli.prepare import prepare
from jieban.database import Base, Database
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from tasks.tables import Task
from tests.jieban.test_calendar_import import STATE, csv_file
from tests.people import add_people, load_people
from tests.workflows.deadlines import add_driven, add_driven_case, by_two
from workflows import calendars
from workflows.flows import move_deadlines
from workflows.flows.budget import Budget
from workflows.tables import Timer

NOW = datetime(2027, 2, 3, 2, tzinfo=UTC)
"""A day before a holiday of a year that is not official yet: the notice moves both clocks."""
_BATCH = 2_000


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "clocks", 100_000)
    with databases() as urls:
        report.table([{"database": name, **measure(url, report.size)} for name, url in urls.items()])


def measure(url: str, clocks: int) -> dict[str, float]:
    """Give the seconds of the preview and of moving, clocks per second, and milliseconds of the chunks and of a look."""
    prepare(url, NOW)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
        people = load_people(session)
    _add_cases(database, clocks // 2)
    with database.write() as session:
        made = calendars.record_preview(
            session, people.sys_admin, NOW, content=csv_file(), file="2027.csv", notice=STATE
        )
    preview = _time(lambda: _look(database, made, clocks))
    first = _time(lambda: by_two(calendars.confirm, database, people, NOW, made, Budget(0)))
    chunks: list[float] = []
    while move_deadlines.is_due(database, NOW):
        chunks.append(_time(lambda: calendars.finish(database, NOW, made, Budget(0))))
    look = [_time(lambda: move_deadlines.is_due(database, NOW)) for _ in range(50)]
    with database.read() as session:
        done = calendars.find_preview(session, made).moved
    assert done is not None
    assert done.data["moved"] == clocks // 2 * 2, done.data
    database.close()
    seconds = first + sum(chunks)
    return {
        "clocks": clocks,
        "preview_s": round(preview, 1),
        "seconds": round(seconds, 1),
        "clocks_per_second": round(clocks / seconds),
        "chunk_ms": round(statistics.median(chunks) * 1000),
        "longest_chunk_ms": round(max(chunks) * 1000),
        "idle_look_ms": round(statistics.median(look) * 1000, 2),
    }


def _look(database: Database, made: uuid.UUID, clocks: int) -> None:
    with database.read() as session:
        outlook = calendars.outlook_of(session, calendars.find_preview(session, made), NOW)[1]
    assert outlook.moved == clocks // 2 * 2, outlook.moved


def _add_cases(database: Database, number: int) -> None:
    """Open one case, and write the others as its copies, since only their rows count."""
    with database.write() as session:
        case_id = add_driven_case(session, load_people(session).window, NOW, add_driven(session, NOW)).id
    with database.read() as session:
        case = session.execute(
            select(Case).where(Case.id == case_id).options(undefer(Case.engine_state))
        ).scalar_one()
        rows = {table: session.scalars(_of(table, case_id)).all() for table in (Deadline, Task, Timer)}
        copied = [(Case, _row(case)), *((table, _row(one)) for table, some in rows.items() for one in some)]
    for begun in range(1, number, _BATCH):
        count = min(_BATCH, number - begun)
        made: dict[type[Base], list[dict[str, Any]]] = {}
        for place in range(begun, begun + count):
            new: dict[Any, uuid.UUID] = {row["id"]: new_id() for _, row in copied}
            for table, row in copied:
                copy = {
                    name: new.get(value, value) if _is_id(value) else value for name, value in row.items()
                }
                if table is Case:
                    copy |= {"number": f"BENCH-{place}", "first_contact_id": None}
                made.setdefault(table, []).append(copy)
        with database.write() as session:
            for table, some in made.items():
                session.execute(insert(table), some)


def _of(table: type[Any], case_id: uuid.UUID) -> Any:
    return select(table).where(table.case_id == case_id)


def _row(entity: Base) -> dict[str, Any]:
    table = entity.__table__
    assert isinstance(table, Table)
    return {column.name: getattr(entity, column.name) for column in table.columns}


def _is_id(value: object) -> bool:
    return isinstance(value, uuid.UUID)


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
