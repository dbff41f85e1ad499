"""Cases opened per second: an application with its checks, people, household, receipt letter, ledger and first task.

    python -m bench.starting [CASES] [--json FILE]

One process, one durable transaction for each case.
"""

import time
from typing import Any

from bench.office import Office, application, databases
from bench.report import Report


def measure(name: str, url: str, cases: int) -> dict[str, Any]:
    """Open cases, one after the other."""
    office = Office.found(url)
    office.warm_up()
    given = [application(serial) for serial in range(cases)]
    begun = time.perf_counter()
    for one in given:
        office.register(one)
    spent = time.perf_counter() - begun
    office.database.close()
    return {"database": name, "cases": cases, "opened_per_second": round(cases / spent)}


def main() -> None:
    """Print the table."""
    report = Report(__doc__, "cases", 500)
    with databases() as urls:
        report.table([measure(name, url, report.size) for name, url in urls.items()])


if __name__ == "__main__":
    main()
