"""The real program, started as a person starts it: processes, ports, files."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil

READY = "定时办理已就绪"
_START = "import sys; from jieban.cli import main; sys.argv[0] = 'jieban'; main()"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """One `jieban serve` (or another command) with a data folder of its own."""

    def __init__(self, data: Path, command: str = "serve", **settings: str) -> None:
        self.data = data
        self.port = int(settings.get("JIEBAN_PORT") or free_port())
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("JIEBAN_", "PREFECT_"))
        }
        environment = {
            **kept,
            "JIEBAN_DATA": str(data),
            "JIEBAN_PORT": str(self.port),
            "JIEBAN_PREFECT_PORT": str(free_port()),
            "PYTHONUTF8": "1",
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", _START, command],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            with self._changed:
                self.lines.append(line.rstrip())
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    @property
    def said(self) -> str:
        return "\n".join(self.lines)

    def wait_for(self, words: str, seconds: float = 60) -> None:
        """Wait until the program has said some words."""
        end = time.monotonic() + seconds
        with self._changed:
            while words not in self.said:
                left = end - time.monotonic()
                if left <= 0 or (self.process.poll() is not None and not self._reader.is_alive()):
                    raise AssertionError(f"never said {words!r}, but:\n{self.said}\n{self.logs()}")
                self._changed.wait(min(left, 0.5))

    def logs(self) -> str:
        files = sorted((self.data / "logs").glob("*.log")) if self.data.is_dir() else []
        return "\n".join(f"--- {one.name}\n{one.read_text('utf-8')[-2000:]}" for one in files)

    def processes(self) -> list[psutil.Process]:
        """List this program and all of its processes."""
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def child(self, words: str) -> psutil.Process:
        return next(one for one in self.processes()[1:] if words in " ".join(one.cmdline()))

    def get(self, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def end(self, number: int = signal.SIGINT, seconds: float = 15) -> float:
        """Send a signal and return how long the program took to end."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(seconds)
        self._reader.join(5)
        return time.monotonic() - began

    def close(self) -> None:
        """Leave nothing behind, whatever happened in the test."""
        if self.process.poll() is None:
            for one in reversed(self.processes()):
                one.kill()
        self.process.wait()
        self._reader.join(5)
        assert self.process.stdout
        self.process.stdout.close()


def gone(processes: list[psutil.Process], seconds: float = 5) -> bool:
    """Tell whether all of these processes have ended."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive
