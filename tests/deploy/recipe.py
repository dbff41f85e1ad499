"""The recipe of docs/deploy on this machine: the commands of the units, with the settings of the example, on loopback."""

import contextlib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url

import jieban
from tests.program.program import free_port

FOLDER = Path(jieban.__file__).parent.parent / "docs" / "deploy"
UNITS = FOLDER / "systemd"
WORD = "jieban:loopback-only"


def example(*, redis: bool = False) -> dict[str, str]:
    """Read the example of the settings; what is commented out there is for Redis."""
    found = {}
    for line in (FOLDER / "jieban.env").read_text("utf-8").splitlines():
        match = re.fullmatch(r"(#?)([A-Z_]+)=(.*)", line)
        if match and (redis or not match[1]):
            found[match[2]] = match[3]
    return found


def command(unit: str, instance: str = "", **ports: int) -> list[str]:
    """Take the command of a unit, with this Python and these ports."""
    line = re.search(r"^ExecStart=(.*)$", (UNITS / unit).read_text("utf-8"), re.MULTILINE)
    assert line
    words = [word.replace("%i", instance) for word in shlex.split(line[1])]
    words[0] = sys.executable
    return [str(ports.get(word, word)) for word in words]


class Recipe:
    """All processes of one larger installation."""

    def __init__(self, folder: Path, postgresql: str, *, prefect: bool = True, redis: bool = False) -> None:
        """Prepare it; without `prefect` Prefect keeps its history in SQLite, not in PostgreSQL."""
        self.folder, self.redis_port = folder, free_port() if redis else 0
        self.prefect_port, self.web_ports = free_port(), [free_port(), free_port()]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        url = make_url(postgresql)
        ours = url.set(drivername="postgresql+psycopg", database="jieban")
        self.database_url = ours.render_as_string(hide_password=False)
        its = url.set(drivername="postgresql+asyncpg", database="prefect").render_as_string(
            hide_password=False
        )
        if not prefect:
            its = f"sqlite+aiosqlite:///{folder / 'prefect' / 'prefect.db'}"
        api = f"http://127.0.0.1:{self.prefect_port}/api"
        for name in ("data", "prefect", "logs"):
            (folder / name).mkdir()
        given = example(redis=redis)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("JIEBAN_", "PREFECT_"))
        }
        self.environment: Mapping[str, str] = {
            **kept,
            **given,
            "PYTHONUTF8": "1",
            "JIEBAN_DATA": str(folder / "data"),
            "JIEBAN_DATABASE_URL": self.database_url,
            "JIEBAN_SECURE_COOKIES": "0",
            # Which worker took which shift is said in their logs.
            "PREFECT_LOGGING_LEVEL": "INFO",
            "JIEBAN_PREFECT_API_URL": api,
            "PREFECT_API_URL": api,
            "PREFECT_API_AUTH_STRING": WORD,
            "PREFECT_SERVER_API_AUTH_STRING": WORD,
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_PROFILES_PATH": str(folder / "prefect" / "profiles.toml"),
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": its,
        }
        if redis:
            self.environment = {
                **self.environment,
                "PREFECT_REDIS_MESSAGING_PORT": str(self.redis_port),
                "PREFECT_SERVER_DOCKET_URL": f"redis://127.0.0.1:{self.redis_port}/1",
            }

    def start(self, name: str, words: list[str]) -> None:
        with (self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                words,
                env=dict(self.environment),
                cwd=self.folder / "prefect",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, *words: str) -> str:
        """Run a command of the recipe to its end."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            env=dict(self.environment),
            cwd=FOLDER,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()
        return done.stdout

    def start_all(self) -> None:
        """Start what the units start, in the order of the recipe."""
        if self.redis_port:
            self.start(
                "redis", ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", ""]
            )
        words = command("jieban-prefect.service")
        words[words.index("--port") + 1] = str(self.prefect_port)
        self.start("prefect", words)
        for number, port in enumerate(self.web_ports):
            self.start(f"web-{number}", command("jieban-web@.service", str(port)))
        self.answers(f"http://127.0.0.1:{self.prefect_port}/api/health", 120)
        self.run("prefect", "work-pool", "create", "jieban", "--type", "process")
        self.run("prefect", "--no-prompt", "deploy", "--all")
        self.run("workflows.shift")
        for number in (1, 2):
            self.start(f"worker-{number}", command("jieban-worker@.service", str(number)))
        for port in self.web_ports:
            self.answers(f"http://127.0.0.1:{port}/healthz", 60)

    def answers(self, url: str, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2, trust_env=False).status_code in {200, 503}:
                    return
            time.sleep(0.3)
        raise AssertionError(f"nobody answers at {url}\n{self.logs()}")

    def ask_prefect(self, path: str, **question: Any) -> Any:
        """Ask Prefect's API."""
        user, _, word = WORD.partition(":")
        url = f"http://127.0.0.1:{self.prefect_port}/api{path}"
        return httpx.post(url, json=question, auth=(user, word), trust_env=False, timeout=10).json()

    def logs(self) -> str:
        files = sorted((self.folder / "logs").glob("*.log"))
        return "\n".join(f"--- {one.name}\n{one.read_text('utf-8')[-2500:]}" for one in files)

    def close(self) -> None:
        for process in reversed(self.running.values()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in reversed(self.running.values()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def has_redis() -> bool:
    """Tell whether this machine could run the variant with Redis."""
    return shutil.which("redis-server") is not None and importlib.util.find_spec("prefect_redis") is not None


def full_postgresql() -> Path | None:
    """Find the programs of a PostgreSQL with its extensions, of which Prefect needs pg_trgm; None where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    return found[-1].parent if found and shutil.which("setpriv") else None


@contextlib.contextmanager
def postgresql(programs: Path, folder: Path) -> Iterator[str]:
    """Run a PostgreSQL of its own on loopback, and give its address."""
    port, data = free_port(), folder / "postgresql"
    data.mkdir()
    as_postgres: list[str] = []
    if os.geteuid() == 0:
        # PostgreSQL refuses to run as root.
        shutil.chown(data, "postgres", "postgres")
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    made = [
        *as_postgres,
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "jieban",
        "-A",
        "trust",
        "--no-sync",
    ]
    subprocess.run(made, check=True, capture_output=True, cwd="/")
    given = ["-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data), "-F"]
    server = subprocess.Popen(
        [*as_postgres, str(programs / "postgres"), *given], cwd="/", stderr=subprocess.DEVNULL
    )
    try:
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
        while subprocess.run(ready, check=False).returncode:
            time.sleep(0.1)
        yield f"postgresql://jieban@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
