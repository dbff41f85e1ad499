"""`make bench`: every measurement, one after the other, each in a process of its own."""

import os
import platform
import subprocess
import sys
from pathlib import Path

MEASUREMENTS = ("engine", "completions", "timers")


def main() -> int:
    """Run all of them, or those named; answers how many failed."""
    wanted = sys.argv[1:] or MEASUREMENTS
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.platform()}\n")
    failed = 0
    for name in wanted:
        title = (Path(__file__).parent / f"{name}.py").read_text("utf-8").splitlines()[0].strip('"')
        print(f"== {name}: {title}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
        print(flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
