"""Walks a case through its procedure as its people would, one task at a time."""

import random
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import Database
from jieban.demo.answers import Plot, Scene, answer
from jieban.demo.people import household
from jieban.intake.applications import NewApplication
from jieban.staff.actor import Actor
from tasks.tables import Task
from tests.people import OTHER_COUNTY_TOWN, VILLAGE, People
from workflows.cases import open_case
from workflows.steps import complete_task, fire_timer
from workflows.tables import Timer
from workflows.writing_back import StepResult

STANDARD = Decimal(800)
_serial = iter(range(10_000, 1_000_000))


def application(now: datetime, **changes: Any) -> NewApplication:
    """Make an application of a household of one with a small income, in the sample village."""
    serial = next(_serial)
    made = household(
        random.Random(serial),
        serial,
        village=changes.pop("village", VILLAGE),
        address="柳林村12号",
        urban=changes.pop("urban", False),
        applied_on=local_day(now),
        standard=STANDARD,
    )
    alone = {"members": made.application.members[:1], "incomes": made.application.incomes[:1]}
    return replace(made.application, **(alone | changes))


@dataclass
class Walk:
    """One case under way in one database."""

    database: Database
    people: People
    now: datetime
    case_id: uuid.UUID = field(default_factory=uuid.uuid4)
    plot: Plot = field(
        default_factory=lambda: Plot(random.Random(1), Decimal(200), 1, approve=True, amount="600")
    )
    village: str = VILLAGE

    @classmethod
    def begin(cls, database: Database, people: People, now: datetime, **changes: Any) -> "Walk":
        """Register an application and stand before the first task."""
        walk = cls(database, people, now, village=changes.get("village", VILLAGE))
        with database.write() as session:
            case = open_case(session, walk.actor("town.window"), now, application(now, **changes))
            walk.case_id = case.id
        return walk

    def actor(self, role: str) -> Actor:
        """Find somebody who does this role's work for the place of the case."""
        return next(
            one for one in self.people.actors.values() if role in one.roles and one.covers(self.village[:9])
        )

    def pair(self, role: str) -> tuple[str, str]:
        names = [
            one.username
            for one in self.people.actors.values()
            if role in one.roles and one.covers(self.village[:9])
        ]
        return names[0], names[1]

    def open_tasks(self) -> list[Task]:
        with self.database.read() as session:
            query = select(Task).where(Task.case_id == self.case_id, Task.state == "open")
            return list(session.scalars(query.order_by(Task.opened_at, Task.id)))

    def task(self, element: str) -> Task:
        """Return the open task of an element."""
        return next(task for task in self.open_tasks() if task.element == element)

    def case(self) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, self.case_id)

    def form(self, task: Task) -> dict[str, Any]:
        """Fill in the form of a task as the plot of this walk has it."""
        pair = self.pair("county.reviewer" if task.element == "county_visit" else "town.investigator")
        return answer(task.form, Scene(self.plot, self.now, "柳林村12号", task.applicant_name, pair))

    def do(self, element: str, actor: Actor | None = None, **changes: Any) -> StepResult:
        """Complete the open task of an element, with changes to what would be filled in."""
        task = self.task(element)
        data = {**self.form(task), **changes}
        with self.database.write() as session:
            return complete_task(session, actor or self.actor(task.role), self.now, task.id, _given(data))

    def fire(self) -> None:
        """Let the next timer happen at its time."""
        with self.database.write() as session:
            timer = session.scalars(
                select(Timer)
                .where(Timer.case_id == self.case_id, Timer.state == "armed")
                .order_by(Timer.fire_at)
                .limit(1)
            ).one()
            self.now = max(self.now, timer.fire_at) + timedelta(minutes=1)
            assert fire_timer(session, self.now, timer.id)
            self.plot.notice_ends = local_day(self.now).isoformat()

    def until(self, element: str) -> Task:
        """Do whatever comes, as the plot has it, until a task of this element is open."""
        for _ in range(60):
            tasks = self.open_tasks()
            found = next((task for task in tasks if task.element == element), None)
            if found:
                return found
            if tasks:
                self.now += timedelta(hours=1)
                self.do(tasks[0].element)
            else:
                self.fire()
        raise AssertionError(f"{element} never came")

    def to_the_end(self) -> Case:
        """Do whatever comes until the case is closed."""
        for _ in range(60):
            if self.case().state == "closed":
                return self.case()
            tasks = self.open_tasks()
            if tasks:
                self.now += timedelta(hours=1)
                self.do(tasks[0].element)
            else:
                self.fire()
        raise AssertionError("the case never ended")


def _given(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value is not None}


__all__ = ["OTHER_COUNTY_TOWN", "Walk", "application"]
