"""Durable task completions per second through workflows.complete_task, beside SpiffWorkflow's own JSON round trip.

    python -m bench.completions [CASES] [--json FILE]

Ours is everything that a click does: lock, permission, separation of duties, form check, the facts, the engine, and all
rows (task, deadlines, timers, history, ledger, outbox) in one durable transaction. Stock is the least that a program
around SpiffWorkflow must do with the same procedure: read the state, deserialize, complete, serialize, write the state,
commit; no other row. One process, one client, one disk, the same run; SQLite with synchronous=FULL, PostgreSQL with
fsync. They take turns, so that a noisy neighbour disturbs both. Two processes: both walk cases of their own at once.
"""

import subprocess
import sys
import time
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text, insert, select, update

from bench.engine import stock
from bench.office import Office, databases
from bench.report import Report
from jieban.database import Database

ROUNDS = 4
_STOCK = Table(
    "stock_case",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("version", Integer),
    Column("state", Text),
)


class Stock:
    """The stock serializer over one row for each case."""

    def __init__(self, database: Database) -> None:
        self.database = database
        states, self.step, _ = stock()
        self.kinds = list(states.values())
        self.used = 0
        _STOCK.create(database.engine)

    def complete(self, completions: int) -> float:
        """Complete so many tasks; give the seconds."""
        first, self.used = self.used, self.used + completions
        numbers = range(first, self.used)
        with self.database.engine.begin() as connection:
            rows = [{"id": n, "version": 0, "state": self.kinds[n % len(self.kinds)]} for n in numbers]
            connection.execute(insert(_STOCK), rows)
        begun = time.perf_counter()
        for n in numbers:
            with self.database.engine.begin() as connection:
                query = select(_STOCK.c.version, _STOCK.c.state).where(_STOCK.c.id == n)
                version, state = connection.execute(query).one()
                changed = update(_STOCK).where(_STOCK.c.id == n, _STOCK.c.version == version)
                connection.execute(changed.values(version=version + 1, state=self.step(state)))
        return time.perf_counter() - begun


def measure(name: str, url: str, cases: int) -> dict[str, Any]:
    """Measure both in turns, then ours in two processes."""
    office = Office.found(url)
    office.warm_up()
    theirs = Stock(office.database)
    done, spent, stock_spent = 0, 0.0, 0.0
    for turn in range(ROUNDS):
        share = cases // ROUNDS
        steps, seconds = office.walks(range(turn * share, (turn + 1) * share))
        done, spent, stock_spent = done + steps, spent + seconds, stock_spent + theirs.complete(steps)
    office.database.close()
    return {
        "database": name,
        "completions": done,
        "ours_per_second": round(done / spent),
        "two_processes_per_second": round(together(url, cases)),
        "stock_per_second": round(done / stock_spent),
        "ratio": round(stock_spent / spent, 2),
    }


def together(url: str, cases: int, processes: int = 2) -> float:
    """Let several processes walk cases at once; give the completions of all per second of completing."""
    command = [sys.executable, "-m", "bench.completions", "--walk", url]
    starts = [str(1_000_000 * (one + 1)) for one in range(processes)]
    running = [
        subprocess.Popen(
            [*command, start, str(cases)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for start in starts
    ]
    for one in running:
        assert one.stdout is not None
        one.stdout.readline()  # warmed up
    for one in running:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    rates = []
    for one in running:
        done, spent = one.communicate()[0].split()
        rates.append(int(done) / float(spent))
    return sum(rates)


def walk_alone(url: str, first: int, cases: int) -> None:
    """Walk cases in a process of its own: say when ready, begin when told, print completions and seconds."""
    office = Office.enter(url)
    office.walks(range(first + 900_000, first + 900_003))
    begun = {serial: office.begin(serial) for serial in range(first, first + cases)}
    print("ready", flush=True)
    sys.stdin.readline()
    done, spent = office.walks_of(begun)
    print(done, spent)


def main() -> None:
    """Print the table, and write it as JSON if asked."""
    if "--walk" in sys.argv:
        url, first, cases = sys.argv[sys.argv.index("--walk") + 1 :]
        walk_alone(url, int(first), int(cases))
        return
    report = Report(__doc__, "cases", 80)
    with databases() as urls:
        rows = [measure(name, url, report.size) for name, url in urls.items()]
    report.table(rows)


if __name__ == "__main__":
    main()
