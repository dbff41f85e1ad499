"""kill -9 of the web server, the runner and Prefect's server at random moments of a sweep, again and again.

Slow: `make test-faults`. A short one of the same kind is test_kill.py.
"""

import http.client
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from jieban import clock
from jieban.areas.sample import seed_sample_areas
from jieban.cases.tables import CaseEvent
from jieban.cli.prepare import prepare
from jieban.database import Database
from jieban.staff import sessions
from jieban.staff.tables import User
from tasks.tables import Task
from tests.crash import report
from tests.crash.faults import ROUNDS, Cases, Count
from tests.crash.installation import Installation
from tests.people import add_people, load_people

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(180 + 60 * ROUNDS)]
EACH = 600


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def cases(installation: Installation) -> Iterator[Cases]:
    now = clock.now()
    prepare(installation.settings.database_url, now)
    database = Database(installation.settings.database_url)
    with database.write() as session:
        seed_sample_areas(session)
        add_people(session)
    with database.read() as session:
        window = load_people(session).window
    yield Cases(database, window, now)
    database.close()


@pytest.mark.parametrize("name", ["prefect", "runner", "web"])
def test_a_program_is_killed(installation: Installation, cases: Cases, name: str) -> None:
    """Whatever is killed: every timer fires once, what a clerk was told was done is done, and health is right again."""
    installation.start()
    found = installation.wait_until_well(120)
    assert found.get("status") == "ok", installation.logs()
    clerk = Clerk(installation, cases)
    chance, count = random.Random(name), Count()
    while count.hit < ROUNDS and count.rounds < 2 * ROUNDS:
        before, answered = cases.fired(), len(clerk.done)
        assert _until(lambda answered=answered: len(clerk.done) > answered or not cases.made, 60)
        cases.now = clock.now()
        cases.add(EACH)
        _until(lambda before=before: cases.fired() > before, 60)
        time.sleep(chance.uniform(0, 0.2))
        count.rounds += 1
        count.hit += before < cases.fired() < cases.made
        installation.kill(name)
        installation.start(name)
        assert _until(lambda: cases.fired() == cases.made, 90), installation.logs()
    clerk.stop()

    cases.check(count)
    assert installation.wait_until_well(120).get("status") == "ok", installation.health()
    report.add(f"kill -9: {name}", "sqlite", count)
    assert (count.lost, count.twice) == (0, 0)
    clerk.check()


class Clerk:
    """Completes tasks through the web server all the while, and remembers what was answered."""

    def __init__(self, installation: Installation, cases: Cases) -> None:
        self.installation, self.database = installation, cases.database
        with self.database.write() as session:
            user = session.get_one(User, cases.actor.id)
            self.token, _ = sessions.start(session, user, clock.now())
        self.done: set[uuid.UUID] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(30)

    def check(self) -> None:
        """What was answered with yes is there; nothing was completed twice."""
        with self.database.read() as session:
            closed = set(session.scalars(select(Task.id).where(Task.state == "done")))
            events = select(CaseEvent.task_id, func.count()).where(CaseEvent.kind == "task.completed")
            times = dict(session.execute(events.group_by(CaseEvent.task_id)).all())
        assert self.done
        assert self.done <= closed
        assert set(times) == closed
        assert set(times.values()) == {1}

    def _work(self) -> None:
        while not self._stop.wait(0.05):
            with self.database.read() as session:
                task = session.scalar(select(Task.id).where(Task.state == "open").limit(1))
            if task is not None and self._complete(task) == 200:
                self.done.add(task)

    def _complete(self, task: uuid.UUID) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.installation.settings.port, timeout=10)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(
                "POST", f"/api/v1/tasks/{task}/complete", json.dumps({"data": {"note": "已核实"}}), headers
            )
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def _until(true, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(true())
