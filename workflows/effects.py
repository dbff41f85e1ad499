"""From the engine's open tasks and armed timers to rows, by comparing before and after a step."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

import bpmn
from jieban import deadlines, rules, workdays
from jieban.cases.tables import Case
from jieban.clock import NEVER
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.rules.tables import RuleSet
from tasks.tables import Task
from workflows.spans import parse_span, shift
from workflows.tables import Timer


@dataclass(frozen=True)
class Before:
    """Which tasks and timers were open when the step began."""

    tasks: frozenset[str]
    timers: frozenset[str]

    @classmethod
    def of(cls, run: bpmn.Run) -> "Before":
        return cls(frozenset(task.id for task in run.tasks()), frozenset(timer.id for timer in run.timers()))

    def without(self, task: str) -> "Before":
        """Leave out the task that this step completed: its row is closed already."""
        return Before(self.tasks - {task}, self.timers)

    @classmethod
    def nothing(cls) -> "Before":
        return cls(frozenset(), frozenset())


def write_tasks(
    session: Session,
    now: datetime,
    case: Case,
    model: bpmn.Model,
    run: bpmn.Run,
    before: Before,
    calendar: workdays.Calendar,
    values: RuleSet,
) -> list[Task]:
    """Add rows for tasks that opened, cancel those that are gone; return the opened ones."""
    open_now = {task.id: task for task in run.tasks()}
    gone = before.tasks - open_now.keys()
    if gone:
        session.execute(
            update(Task)
            .where(Task.case_id == case.id, Task.engine_id.in_(sorted(gone)), Task.state == "open")
            .values(state="cancelled", escalate_at=None)
            .execution_options(synchronize_session=False)
        )
    opened = [
        _task(session, now, case, model.elements[task.element], task.id, run, calendar, values)
        for key, task in open_now.items()
        if key not in before.tasks
    ]
    session.add_all(opened)
    return opened


def write_timers(session: Session, case: Case, run: bpmn.Run, before: Before) -> None:
    """Add rows for timers that were armed, cancel those that are gone without having fired."""
    armed = {timer.id: timer for timer in run.timers()}
    gone = before.timers - armed.keys()
    if gone:
        session.execute(
            update(Timer)
            .where(Timer.case_id == case.id, Timer.engine_id.in_(sorted(gone)), Timer.state == "armed")
            .values(state="cancelled")
            .execution_options(synchronize_session=False)
        )
    session.add_all(
        Timer(
            id=new_id(),
            case_id=case.id,
            engine_id=key,
            element=timer.element,
            fire_at=timer.fire_at,
            state="armed",
        )
        for key, timer in armed.items()
        if key not in before.timers
    )


def _task(
    session: Session,
    now: datetime,
    case: Case,
    element: bpmn.Element,
    engine_id: str,
    run: bpmn.Run,
    calendar: workdays.Calendar,
    values: RuleSet,
) -> Task:
    task_id = new_id()
    deadline = _deadline(session, now, case, element, task_id, run, calendar, values)
    due_at = deadline.due_at if deadline else NEVER
    ladder = _ladder(element, due_at, calendar) if deadline else []
    return Task(
        id=task_id,
        case_id=case.id,
        case_number=case.number,
        applicant_name=case.applicant_name,
        engine_id=engine_id,
        element=element.id,
        name=element.name,
        role=element.role or "",
        form=element.form or element.id,
        operation=element.operation.name if element.operation else "",
        state="open",
        town_code=case.town_code,
        county_code=case.county_code,
        city_code=case.city_code,
        opened_at=now,
        due_at=due_at,
        deadline_id=deadline.id if deadline else None,
        article="、".join(law.article for law in element.law),
        escalation=ladder,
        escalation_level=0,
        escalate_at=datetime.fromisoformat(ladder[0]["at"]) if ladder else None,
    )


def _deadline(
    session: Session,
    now: datetime,
    case: Case,
    element: bpmn.Element,
    task_id: uuid.UUID,
    run: bpmn.Run,
    calendar: workdays.Calendar,
    values: RuleSet,
) -> Deadline | None:
    """Start the clock of a step: the rule that the case is pinned to, or the model's own span where no law speaks."""
    wanted = element.deadline
    if wanted is None:
        return None
    start = now
    if wanted.start and (given := run.facts.get(wanted.start)):
        start = datetime.fromisoformat(str(given))
    if wanted.rule:
        entry = rules.entry(values, wanted.rule)
        length, unit, article, provenance = int(entry.value), entry.unit, entry.article, entry.provenance
    else:
        span = parse_span(str(wanted.duration))
        length, unit, article, provenance = span.length, span.unit, "", "ours"
    return deadlines.start_deadline(
        session,
        case=case,
        kind="step",
        name=element.name,
        rule_key=wanted.rule or "",
        length=length,
        unit=unit,
        start=start,
        article=article,
        provenance=provenance,
        calendar=calendar,
        task_id=task_id,
    )


def _ladder(element: bpmn.Element, due_at: datetime, calendar: workdays.Calendar) -> list[dict[str, Any]]:
    steps = [
        {"at": shift(due_at, parse_span(step.after), calendar).isoformat(), "to": step.to}
        for step in element.escalation
    ]
    return sorted(steps, key=lambda step: step["at"])
