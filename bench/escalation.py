"""Overdue tasks escalated per second by one sweep, with all rows: message, event, ledger; and their breaches.

    python -m bench.escalation [TASKS] [--json FILE]

Every task has a holder, so that each gives two messages: the leader's and the holder's red card. Also what an idle look
costs beside them, and an idle sweep.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.office import databases
from bench.report import Report
from jieban.areas.sample import seed_sample_areas
from jieban.cli.prepare import prepare
from jieban.database import Database
from tests.flows.late import add_late_tasks
from tests.people import add_people, load_people
from workflows.flows import escalate_overdue

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
_BATCH = 5_000


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "tasks", 100_000)
    with databases() as urls:
        report.table([{"database": name, **measure(url, report.size)} for name, url in urls.items()])


def measure(url: str, tasks: int) -> dict[str, float]:
    """Give the seconds of the sweep, what it did per second, and milliseconds of a look and a sweep with nothing due."""
    prepare(url, NOW)
    database = Database(url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
    for begun in range(0, tasks, _BATCH):
        with database.write() as session:
            people = load_people(session)
            holders = (people.window, people.window2)
            add_late_tasks(session, people.window, NOW, min(_BATCH, tasks - begun), holders)
    seconds = _time(lambda: _all(database, tasks))
    looks = [_time(lambda: escalate_overdue.is_due(database, NOW)) for _ in range(50)]
    sweeps = [_time(lambda: escalate_overdue.sweep(database, NOW, "idle", 60)) for _ in range(50)]
    database.close()
    return {
        "tasks": tasks,
        "seconds": round(seconds, 1),
        "tasks_per_second": round(tasks / seconds),
        "idle_look_ms": round(statistics.median(looks) * 1000, 2),
        "idle_sweep_ms": round(statistics.median(sweeps) * 1000, 2),
    }


def _all(database: Database, tasks: int) -> None:
    swept = escalate_overdue.sweep(database, NOW, "bench", 3600)
    # Each task was escalated once and its limit recorded as broken once.
    assert swept.counts == {"升级": tasks, "超期": tasks}, swept.counts


def _time(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
