"""Timers fired per second by one sweep: claim, engine step and all rows, one transaction per case.

    python -m bench.timers [TIMERS] [--json FILE]

Also what an idle look costs beside a great many timers that have fired.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from bench.office import databases
from bench.report import Report
from jieban.areas.sample import seed_sample_areas
from jieban.cli.prepare import prepare
from jieban.database import Database
from jieban.ids import new_id
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import add_people, load_people
from workflows.flows import fire_timers
from workflows.tables import Timer

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
OLD = 100_000


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "timers", 1000)
    rows = []
    with databases() as urls:
        for name, url in urls.items():
            fired, look = measure(url, report.size)
            row = {"database": name, "timers": report.size, "fired_per_second": round(fired)}
            rows.append(row | {"idle_look_ms": round(look, 2)})
    report.table(rows)


def measure(url: str, timers: int) -> tuple[float, float]:
    """Give timers fired per second, and milliseconds of a look when nothing is due."""
    prepare(url, NOW)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
    with database.write() as session:
        window, version = load_people(session).window, add_procedure(session, NOW)
        cases = add_waiting_cases(session, window, NOW, version, NOW - timedelta(minutes=5), timers)
    with database.write() as session:
        fired_at = NOW - timedelta(days=9)
        values = {"case_id": cases[0].id, "engine_id": "old", "element": "pause", "fire_at": fired_at}
        session.execute(insert(Timer), [{**values, "id": new_id(), "state": "fired"} for _ in range(OLD)])
    seconds = _time(lambda: fire_timers.sweep(database, NOW, "bench", 3600))
    looks = [_time(lambda: fire_timers.is_due(database, NOW)) for _ in range(50)]
    database.close()
    return timers / seconds, statistics.median(looks) * 1000


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
