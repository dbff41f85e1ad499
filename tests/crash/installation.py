"""The processes of one installation without anybody who starts them again: a test kills them and starts them anew."""

import http.client
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from jieban.cli import programs
from jieban.cli.installation import prepare_folder
from jieban.cli.supervisor import Program
from jieban.settings import read_settings
from tests.program.program import free_port


class Installation:
    """Prefect's server, the runner and the web server over one data folder, each a process of its own."""

    def __init__(self, data: Path) -> None:
        prepare_folder(data)
        given = {"JIEBAN_DATA": str(data), "JIEBAN_PORT": str(free_port())}
        self.settings = read_settings({**given, "JIEBAN_PREFECT_PORT": str(free_port())})
        kept = {name: value for name, value in os.environ.items() if not name.startswith("JIEBAN_")}
        env = programs.environment(self.settings, {**kept, "PYTHONUTF8": "1"})
        made = (programs.prefect_server, programs.runner, programs.web)
        self.programs = {one.name: one for one in (make(self.settings, env) for make in made)}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names or self.programs:
            self.running[name] = _spawn(self.programs[name])

    def kill(self, name: str) -> None:
        """End a process and all that belongs to it with kill -9."""
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for name in tuple(self.running):
            self.kill(name)

    def health(self) -> dict[str, object]:
        """Ask the health page; {} where nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.settings.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            found: dict[str, object] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            found = {}
        finally:
            connection.close()
        return found

    def wait_until_well(self, seconds: float) -> dict[str, object]:
        end = time.monotonic() + seconds
        while (found := self.health()).get("status") != "ok" and time.monotonic() < end:
            time.sleep(0.3)
        return found

    def logs(self) -> str:
        files = sorted((self.settings.data / "logs").glob("*.log"))
        return "\n".join(f"--- {one.name}\n{one.read_text('utf-8')[-1500:]}" for one in files)


def _spawn(program: Program) -> subprocess.Popen[bytes]:
    with program.log.open("ab") as log:
        return subprocess.Popen(
            program.command,
            env=dict(program.environment),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
