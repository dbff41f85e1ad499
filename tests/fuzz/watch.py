"""The watch over one input: what it raised, how long it took, how much memory it needed."""

from __future__ import annotations

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 1.0
SUSPECT = 3.0  # with coverage everything takes three to ten times as long
MEGABYTES = 200
STOP_AFTER = 20.0  # seconds, so that a hang is found and the hunt goes on
PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).parents[2]


class Hang(BaseException):
    """The input would not have ended; not an Exception, so that nothing that is hammered swallows it."""


@dataclass
class Watch:
    """Counts what was tried, and keeps every input that broke a rule."""

    target: str
    folder: Path
    run: object
    tried: int = 0
    began: float = field(default_factory=time.monotonic)
    told: float = 0.0
    found: dict[str, str] = field(default_factory=dict)
    slow_here_only: int = 0

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        self.tried += 1
        broken = verdict(self.run, data, SUSPECT)
        if broken is not None and broken not in self.found:
            self._keep(broken, data)
        if time.monotonic() - self.told > 2:
            self.report()

    def _keep(self, broken: str, data: bytes) -> None:
        path = self.folder / f"{self.target}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        # Coverage makes everything slower; only what is slow without it counts.
        if broken.startswith(("slow", "memory")) and not confirmed(self.target, path):
            self.slow_here_only += 1
            path.unlink()
            return
        self.found[broken] = path.name
        print(f"{self.target}: {broken} ({path})", flush=True)
        self.report()

    def report(self) -> None:
        """Write down how far it is; the hunt ends without a last word."""
        self.told = time.monotonic()
        said = {
            "target": self.target,
            "seconds": round(time.monotonic() - self.began),
            "executions": self.tried,
            "findings": self.found,
            "slow_under_coverage_only": self.slow_here_only,
        }
        (self.folder / f"{self.target}.json").write_text(json.dumps(said, indent=1, ensure_ascii=False))


def verdict(run, data: bytes, limit: float = SECONDS) -> str | None:
    """Try one input; the rule that it broke, and where, or nothing."""
    before, highest = _resident(), _highest()
    signal.signal(signal.SIGVTALRM, _stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, STOP_AFTER)
    started = time.process_time()
    try:
        run(data)
    except (Exception, Hang) as raised:  # noqa: BLE001 - whatever it is, it is a finding
        return _where(raised)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    seconds = time.process_time() - started
    if seconds > limit:
        return f"slow: {seconds:.0f} s"
    peak = _highest()
    if peak > highest and peak - before > MEGABYTES * 2**20:
        return f"memory: {(peak - before) // 2**20 // 100}00 MB"
    return None


def confirmed(target: str, path: Path) -> bool:
    """Whether an input breaks a rule in a process of its own, without coverage."""
    command = [sys.executable, "-m", "tests.fuzz", "again", target, str(path)]
    return subprocess.run(command, check=False, cwd=ROOT, capture_output=True, timeout=300).returncode != 0


def _stop(*_: object) -> None:
    raise Hang(f"more than {STOP_AFTER:.0f} s")


def _where(raised: BaseException) -> str:
    frames = traceback.extract_tb(raised.__traceback__)
    ours = [f for f in frames if "/bpmn/" in f.filename and "/tests/" not in f.filename] or frames
    place = ours[-1]
    return f"{type(raised).__name__} at {place.filename.rpartition('/bpmn/')[2]}:{place.name}"


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def _highest() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
