"""From the engine's open tasks and armed timers to rows, by comparing before and after a step."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, bindparam, update
from sqlalchemy.orm import Session

import bpmn
from jieban import deadlines, rules, workdays
from jieban.cases.tables import Case
from jieban.clock import NEVER, read_moment
from jieban.deadlines.cards import CardDays
from jieban.ids import new_id
from jieban.rules.tables import RuleSet
from jieban.staff.roles import role_at
from jieban.writes import append, change
from tasks.cited import articles
from tasks.scope import WITHHELD, is_withheld
from tasks.tables import Task
from workflows.spans import parse_span, shift, shift_hours
from workflows.tables import Timer


@dataclass(frozen=True)
class Before:
    """Which tasks, timers and incidents were open when the step began."""

    tasks: frozenset[str]
    timers: frozenset[str]
    incidents: frozenset[str] = frozenset()

    @classmethod
    def of(cls, run: bpmn.Run) -> "Before":
        return cls(
            frozenset(task.id for task in run.tasks()),
            frozenset(timer.id for timer in run.timers()),
            frozenset(one.id for one in run.incidents()),
        )

    def without(self, task: str) -> "Before":
        """Leave out the task that this step completed: its row is closed already."""
        return Before(self.tasks - {task}, self.timers, self.incidents)

    def without_timer(self, timer: str) -> "Before":
        """Leave out the timer that this step fired: its row says so already."""
        return Before(self.tasks, self.timers - {timer}, self.incidents)

    @classmethod
    def nothing(cls) -> "Before":
        return cls(frozenset(), frozenset())


@dataclass(frozen=True)
class Opened:
    """A task that this step opened."""

    id: uuid.UUID
    element: str
    name: str
    role: str
    due_at: datetime


@dataclass(frozen=True)
class Surroundings:
    """What opening a task needs to know besides the model."""

    session: Session
    now: datetime
    case: Case
    run: bpmn.Run
    calendar: workdays.Calendar
    values: RuleSet


def write_tasks(around: Surroundings, model: bpmn.Model, before: Before) -> list[Opened]:
    """Add rows for tasks that opened, cancel those that are gone; return the opened ones."""
    open_now = {task.id: task for task in around.run.tasks()}
    if gone := before.tasks - open_now.keys():
        _cancel_tasks(around, gone)
    return [
        _open_task(around, model, model.elements[task.element], key, task.turn or 0)
        for key, task in open_now.items()
        if key not in before.tasks
    ]


def ladder_of(
    element: bpmn.Element,
    due_at: datetime,
    town: str,
    calendar: workdays.Calendar,
    last_hours: timedelta | None = None,
) -> list[dict[str, Any]]:
    """Work out when whom is told that a task waits: [{"at": iso, "to": role}], the earliest first.

    With `last_hours` the limit is one of hours, of which a warning comes so long before its end. Whoever has to do the
    task is told by its role; the task itself knows who holds it then.
    """
    steps = []
    for step in element.escalation:
        span = parse_span(step.after)
        at = shift(due_at, span, calendar) if last_hours is None else shift_hours(due_at, span, last_hours)
        to = element.role or "" if step.to == bpmn.ASSIGNEE else step.to
        steps.append({"at": at.isoformat(), "to": role_at(to, town)})
    return sorted(steps, key=lambda step: step["at"])


def write_timers(session: Session, case: Case, run: bpmn.Run, before: Before) -> None:
    """Add rows for timers that were armed, cancel those that are gone without having fired."""
    armed = {timer.id: timer for timer in run.timers()}
    if gone := before.timers - armed.keys():
        for key in sorted(gone):
            change(session, _CANCEL_TIMER, {"the_case": case.id, "the_key": key})
    for key, timer in armed.items():
        if key not in before.timers:
            row = {"id": new_id(), "case_id": case.id, "engine_id": key, "element": timer.element}
            append(
                session,
                Timer,
                {**row, "fire_at": timer.fire_at, "state": "armed", "run_id": "", "last_error": ""},
            )


_TIMER = cast("Table", Timer.__table__)
_CANCEL_TIMER = (
    update(_TIMER)
    .where(
        _TIMER.c.case_id == bindparam("the_case"),
        _TIMER.c.engine_id == bindparam("the_key"),
        _TIMER.c.state == "armed",
    )
    .values(state="cancelled")
)


def _cancel_tasks(around: Surroundings, gone: frozenset[str]) -> None:
    cancelled = around.session.scalars(
        update(Task)
        .where(Task.case_id == around.case.id, Task.engine_id.in_(sorted(gone)), Task.state == "open")
        .values(state="cancelled", escalate_at=None)
        .execution_options(synchronize_session=False)
        .returning(Task.id)
    ).all()
    deadlines.cancel_tasks(around.session, cancelled)


def _open_task(
    around: Surroundings, model: bpmn.Model, element: bpmn.Element, engine_id: str, turn: int
) -> Opened:
    case, task_id = around.case, new_id()
    town, county, city = _office(around, element, turn)
    calendar = around.calendar.at(town)
    clock = _clock(around, element, task_id, calendar)
    due_at = clock.due_at if clock else NEVER
    role = role_at(element.role or "", town)
    ladder = ladder_of(element, due_at, town, calendar, _last_hours(around, clock)) if clock else []
    if clock:
        # The timers on the border of the task are given this very moment, so that they cannot say another.
        around.run.set_deadline(engine_id, due_at)
    row = {
        "id": task_id,
        "case_id": case.id,
        "case_number": case.number,
        "applicant_name": WITHHELD if is_withheld(case, town) else case.applicant_name,
        "engine_id": engine_id,
        "element": element.id,
        "name": element.name,
        "role": role,
        "form": element.form or element.id,
        "operation": element.operation.name if element.operation else "",
        "state": "open",
        "town_code": town,
        "county_code": county,
        "city_code": city,
        "opened_at": around.now,
        "due_at": due_at,
        "deadline_id": clock.id if clock else None,
        "article": "、".join(articles(around.session, case, model, element, around.run.facts)),
        "escalation": ladder,
        "escalation_level": 0,
        "escalate_at": datetime.fromisoformat(ladder[0]["at"]) if ladder else None,
        "completed_by_name": "",
    }
    append(around.session, Task, row)
    return Opened(task_id, element.id, element.name, role, due_at)


def _last_hours(around: Surroundings, clock: deadlines.Deadline) -> timedelta | None:
    """Say how long before its end a limit of hours is warned of, by the rules of the case; None for any other."""
    if clock.unit != "h":
        return None
    share = around.values.values.get("contact.warn.hours")
    return (CardDays(share=float(share["value"])) if share else CardDays()).last_hours(clock.length)


def _office(around: Surroundings, element: bpmn.Element, turn: int) -> tuple[str, str, str]:
    """Give the codes of the office that does a task: that of the case, or the one that the fact named by the model holds.

    Where a task is done several times the fact may hold the codes of as many offices, one for each turn.
    """
    case = around.case
    codes = str(around.run.facts.get(element.area) or "").split() if element.area else []
    given = codes[min(turn, len(codes) - 1)] if codes else ""
    if not given:
        return case.town_code, case.county_code, case.city_code
    return (given[:9] if len(given) >= 9 else f"{given[:6]}000"), given[:6], given[:4]


def _clock(
    around: Surroundings, element: bpmn.Element, task_id: uuid.UUID, calendar: workdays.Calendar
) -> deadlines.Deadline | None:
    """Start the clock of a task: the rule that the case is pinned to, or the model's own span where no law speaks."""
    wanted = element.deadline
    if wanted is None:
        return None
    start = around.now
    if wanted.start and (given := around.run.facts.get(wanted.start)):
        start = read_moment(str(given))
    rule = (str(around.run.facts.get(wanted.chosen) or "") if wanted.chosen else "") or wanted.rule
    if rule:
        entry = rules.entry(around.values, rule)
        length, unit, article, provenance = int(entry.value), entry.unit, entry.article, entry.provenance
    else:
        span = parse_span(str(wanted.duration))
        length, unit, article, provenance = span.length, span.unit, "", "ours"
    return deadlines.start_deadline(
        around.session,
        case=around.case,
        kind="step",
        task_id=task_id,
        element=element.id,
        name=element.name,
        rule_key=rule or "",
        length=length,
        unit=unit,
        start=start,
        article=article,
        provenance=provenance,
        calendar=calendar,
    )
