"""`make bench`: every measurement, one after the other, each in a process of its own; the tables also go to bench/results."""

import os
import platform
import subprocess
import sys
from pathlib import Path

MEASUREMENTS = (
    "engine",
    "expressions",
    "completions",
    "starting",
    "growth",
    "timers",
    "escalation",
    "calendars",
    "boards",
    "ledger",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run all of them, or those named; answers how many failed."""
    wanted = sys.argv[1:] or MEASUREMENTS
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.platform()}\n")
    RESULTS.mkdir(exist_ok=True)
    failed = 0
    for name in wanted:
        title = (Path(__file__).parent / f"{name}.py").read_text("utf-8").splitlines()[0].strip('"')
        print(f"== {name}: {title}", flush=True)
        command = [sys.executable, "-m", f"bench.{name}", "--json", str(RESULTS / f"{name}.json")]
        failed += subprocess.run(command, check=False).returncode != 0
        print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
