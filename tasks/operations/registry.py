import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from jieban import ledger, workdays
from jieban.cases.tables import Case
from jieban.clock import local_day, read_moment
from jieban.database import Base
from jieban.errors import Invalid, JiebanError
from jieban.rules.tables import RuleSet
from jieban.staff.actor import Actor
from jieban.writes import add
from tasks.tables import Task

_DAY = len("2026-11-24")

Fact = str | bool | int | Decimal | None


class UnknownOperationError(JiebanError):
    """流程图引用了系统中没有的服务操作。"""


@dataclass(frozen=True)
class Done:
    """A task that somebody has just finished: what an operation may read and write with."""

    session: Session
    actor: Actor
    now: datetime
    case: Case
    task: Task
    data: Mapping[str, Any]
    calendar: workdays.Calendar
    rules: RuleSet
    told: dict[str, Any] = field(default_factory=dict)
    """what this step has just written and its letters speak of, by the part of a letter"""
    params: Mapping[str, str] = field(default_factory=dict)
    """the literal parameters that the model gives the operation"""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """what the gateways saw when the step began"""

    @property
    def today(self) -> date:
        return local_day(self.now)

    def tell(self, part: str, row: Base) -> None:
        """Write a row, and tell the letters of this step about it."""
        add(self.session, row)
        self.told[part] = row

    def record(self, kind: str, body: Mapping[str, Any]) -> None:
        """Write into the ledger of the county what this step did with the case."""
        _record(self, kind, body)

    def day(self, field: str) -> date:
        """Read a date or moment of the form; one in the future is refused, since nothing has happened there yet."""
        text = str(self.data[field])
        moment = read_moment(text)
        if local_day(moment) > self.today:
            raise Invalid(errors=[{"field": field, "message": "日期不能晚于今天。"}])
        if len(text) > _DAY and moment > self.now:
            raise Invalid(errors=[{"field": field, "message": "时间不能晚于现在。"}])
        return local_day(moment)


@dataclass(frozen=True)
class Asked:
    """A service step that the engine passed: the same surroundings, with the model's literal parameters."""

    session: Session
    actor: Actor | None
    now: datetime
    case: Case
    calendar: workdays.Calendar
    params: Mapping[str, str]
    told: dict[str, Any] = field(default_factory=dict)
    """what this step has just written and its letters speak of, by the part of a letter"""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """what the gateways see now"""
    to_open: list["ToOpen"] = field(default_factory=list)
    """the linked cases that are opened when this step is written"""

    def record(self, kind: str, body: Mapping[str, Any]) -> None:
        """Write into the ledger of the county what this step did with the case."""
        _record(self, kind, body)


def _record(step: Done | Asked, kind: str, body: Mapping[str, Any]) -> None:
    ledger.record(
        step.session,
        county_code=step.case.county_code,
        at=step.now,
        kind=kind,
        case_id=step.case.id,
        case_number=step.case.number,
        actor=step.actor,
        body=dict(body),
    )


@dataclass(frozen=True)
class ToOpen:
    """A case that is to be opened beside this one, for the same person or for whoever holds a benefit."""

    procedure: str
    kind: str
    """what the link is called"""
    facts: Mapping[str, Any]
    """what its gateways know from the start"""
    data: Mapping[str, Any]
    """the fields of its opening form"""
    benefit_id: uuid.UUID | None = None
    """whose holder and place it is about, where that is not the person of this case"""
    channel: str = "transfer"
    place: str = ""
    """the village of the new case, where that of this one is not meant"""


F = TypeVar("F")
TaskOperation = Callable[[Done], Mapping[str, Fact]]
ServiceOperation = Callable[[Asked], None]


@dataclass(frozen=True)
class Entry(Generic[F]):
    name: str
    title: str
    english: str
    call: F
    params: tuple[str, ...] = ()
    duty: str = ""
    """what whoever did it must not do besides: see tasks.separation"""


TASKS: dict[str, "Entry[TaskOperation]"] = {}
SERVICES: dict[str, "Entry[ServiceOperation]"] = {}


def _new(name: str) -> None:
    if name in TASKS or name in SERVICES:
        raise RuntimeError(f"two operations are called {name}")


def task_operation(
    name: str, title: str, english: str, params: tuple[str, ...] = (), *, duty: str = ""
) -> Callable[[TaskOperation], TaskOperation]:
    """Register what a finished user task does under the name that models use.

    `duty` is investigate, propose, decide, pay, make or check; no person has two of them that exclude each other.
    """

    def register(call: TaskOperation) -> TaskOperation:
        _new(name)
        TASKS[name] = Entry(name, title, english, call, params, duty)
        return call

    return register


def service_operation(
    name: str, title: str, english: str, params: tuple[str, ...] = ()
) -> Callable[[ServiceOperation], ServiceOperation]:
    """Register what a service step does under the name that models use."""

    def register(call: ServiceOperation) -> ServiceOperation:
        _new(name)
        SERVICES[name] = Entry(name, title, english, call, params)
        return call

    return register


def run_task(name: str, done: Done) -> Mapping[str, Fact]:
    """Run the operation of a finished task; a task without one only keeps its form."""
    if not name:
        return {}
    if name not in TASKS:
        raise UnknownOperationError(f"流程图引用了系统中没有的服务操作“{name}”。")
    return TASKS[name].call(done)


def run_service(name: str, asked: Asked) -> None:
    """Run the operation of a service step."""
    if name not in SERVICES:
        raise UnknownOperationError(f"流程图引用了系统中没有的服务操作“{name}”。")
    SERVICES[name].call(asked)


def catalogue() -> list[dict[str, Any]]:
    """List every operation for the model editor: name, title, parameters, and where it may stand."""
    found: list[tuple[str, Entry[Any]]] = [("userTask", one) for one in TASKS.values()]
    found += [("serviceTask", one) for one in SERVICES.values()]
    return [
        {
            "name": one.name,
            "title": one.title,
            "english": one.english,
            "params": list(one.params),
            "on": where,
        }
        for where, one in sorted(found, key=lambda pair: (pair[0], pair[1].name))
    ]
