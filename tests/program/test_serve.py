"""`jieban serve` as a person meets it: what it says, when it refuses, and that it leaves nothing behind."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from jieban.database import Database
from tests.program.program import READY, Program, free_port, gone
from workflows.health import SWEEPS

pytestmark = pytest.mark.prefect
Start = Callable[..., Program]


def test_a_port_in_use_is_one_sentence(start: Start) -> None:
    """The sentence names the port and the setting, and nothing is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = start(JIEBAN_PORT=port)

        assert program.process.wait(20) == 1
    assert len(program.lines) == 1
    assert f"端口 {port}" in program.said
    assert "JIEBAN_PORT" in program.said


def test_a_folder_that_cannot_be_written_is_one_sentence(start: Start, tmp_path: Path) -> None:
    """The sentence names the folder; below a file not even the superuser can write."""
    (tmp_path / "file").write_text("")
    data = tmp_path / "file" / "data"

    program = start(data=str(data))

    assert program.process.wait(20) == 1
    assert len(program.lines) == 1
    assert str(data) in program.said


def test_data_of_a_newer_version_are_left_alone(start: Start, tmp_path: Path) -> None:
    """A program that is too old says so and touches nothing."""
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "jieban.sqlite3"
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        session.connection().exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        session.connection().exec_driver_sql("INSERT INTO alembic_version VALUES ('from-the-future')")
    database.close()

    program = start()

    assert program.process.wait(30) == 1
    assert "from-the-future" in program.said
    assert "Traceback" not in program.said


def test_one_life(start: Start, tmp_path: Path) -> None:
    """An empty folder becomes an installation that is well, is alone, mends itself, and goes without a trace.

    One start for all of it, because every start takes seconds.
    """
    home = tmp_path / "home"
    home.mkdir()
    program = start(HOME=str(home))
    program.wait_for("create-admin")
    program.wait_for(READY)
    processes = program.processes()

    status, health = program.get("/healthz")
    assert status == 200, health
    assert set(health["sweeps"]) == set(SWEEPS)

    second = start(JIEBAN_PORT=str(free_port()))
    assert second.process.wait(20) == 1
    assert str(program.process.pid) in second.said
    assert len(second.lines) == 1

    program.child("web.app").kill()
    program.wait_for("网页服务意外退出")
    assert _answers_again(program)
    processes += program.processes()

    assert program.end(signal.SIGINT) < 10
    assert program.process.returncode == 0
    assert gone(processes)
    assert not list(home.iterdir())
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "home"]


def test_the_others_die_with_the_program(start: Start) -> None:
    """After kill -9 nothing is left that holds a port or writes beside the next start."""
    program = start()
    program.wait_for("create-admin")
    processes = program.processes()
    assert len(processes) == 4

    program.process.kill()

    assert gone(processes)


def test_a_signal_in_the_middle_of_the_start_ends_everything(start: Start) -> None:
    """Whoever changes their mind at once is obeyed at once."""
    program = start()
    while not (processes := psutil.Process(program.process.pid).children()):
        time.sleep(0.05)

    assert program.end(signal.SIGTERM) < 10
    assert gone(processes)


def _answers_again(program: Program) -> bool:
    for _ in range(200):
        try:
            return program.get("/healthz")[0] > 0
        except OSError:
            time.sleep(0.1)
    return False
