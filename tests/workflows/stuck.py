"""A procedure that can get stuck in every way there is, and operations that break when told to."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update

from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.database import Database
from tasks.operations import SERVICES, TASKS
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.tables import Task
from tests.bpmn.sketch import sketch
from tests.people import People
from tests.workflows.walk import application
from workflows import model_store
from workflows.cases import open_case
from workflows.tables import Incident

KEY = "stuck"
MODEL = """
    start s
    user look role=town.window operation=test_look name=核实
    xor x name=够不够
    service print operation=test_print name=出证
    user serve role=town.window name=送达
    user explain role=town.window name=说明
    end e
    s -> look -> x
    x -> print : limit > 10
    x -> explain : *
    print -> serve -> e
    explain -> e
"""
FORM = {"title": "核实", "type": "object", "properties": {"found": {"type": "string", "title": "情况"}}}


@dataclass
class Office:
    """What the operations of the test do."""

    look: BaseException | None = None
    print: BaseException | None = None
    facts: dict[str, Fact] = field(default_factory=dict)
    printed: int = 0


@contextmanager
def operations() -> Iterator[Office]:
    """Register the operations of the test, and take them away again."""
    office = Office()

    @task_operation("test_look", "核实", "Look")
    def look(done: Done) -> Mapping[str, Fact]:
        done.case.stage = "reviewing"
        if office.look:
            raise office.look
        return office.facts

    @service_operation("test_print", "出证", "Print")
    def print_(asked: Asked) -> None:
        asked.case.stage = "approved"
        office.printed += 1
        add_event(asked.session, case_id=asked.case.id, at=asked.now, kind="test.printed", actor=None)
        asked.session.execute(update(Task).where(Task.case_id == asked.case.id).values(name="已改"))
        if office.print:
            raise office.print

    try:
        yield office
    finally:
        del TASKS["test_look"], SERVICES["test_print"]


def open_stuck_case(database: Database, people: People, now: datetime, model: str = MODEL) -> Case:
    """Publish the procedure and register a case in it."""
    form = json.dumps(FORM, ensure_ascii=False).encode()
    files = {"model.bpmn": sketch(model)["p.bpmn"]}
    files |= {f"forms/{name}.json": form for name in ("look", "serve", "explain")}
    with database.write() as session:
        model_store.add_published(session, now, KEY, files, note="测试")
    with database.write() as session:
        return open_case(session, people.window, now, application(now), procedure=KEY)


def task_at(database: Database, element: str) -> Task | None:
    """Find the open task at an element."""
    with database.read() as session:
        return session.scalars(
            select(Task).where(Task.element == element, Task.state == "open")
        ).one_or_none()


def incidents(database: Database) -> list[Incident]:
    """List all incidents, open and settled."""
    with database.read() as session:
        return list(session.scalars(select(Incident).order_by(Incident.opened_at, Incident.id)))
