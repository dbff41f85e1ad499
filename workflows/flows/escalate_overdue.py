import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from prefect import flow
from sqlalchemy import Row, Select, literal, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.database import Database
from jieban.deadlines.tables import LASTS, Deadline
from tasks.tables import Task
from workflows.breaches import record_breach
from workflows.escalation import escalate
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "escalate_overdue"
_CHUNK = 50
"""Rows of one transaction: a click on one of their cases waits for it."""
# Written out in the statement, since a partial index does not know what a parameter will be.
_OPEN = literal("open", literal_execute=True)
_RUNNING = literal("running", literal_execute=True)
_TRY_AGAIN = timedelta(hours=1)
_log = logging.getLogger(__name__)
_Query = Select[*tuple[Any, ...]]
_Found = Row[*tuple[Any, ...]]


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether any task must be brought to somebody's notice or any deadline has passed unrecorded."""
    with database.read() as session:
        return any(session.execute(query.limit(1)).first() for query in (_tasks(now), _deadlines(now, ())))


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Bring waiting tasks to the notice of their escalation chain and record the deadlines that passed.

    Oldest first, in chunks of one transaction each; a case that somebody works on is left for the next sweep.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    failed: set[uuid.UUID] = set()
    for chunk in (_escalate_chunk, _breach_chunk):
        while True:
            if budget.spent:
                swept.unfinished = True
                return swept
            with database.write() as session:
                if not chunk(session, now, run_id, swept, failed):
                    break
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def escalate_overdue(budget_seconds: float = 10) -> Swept:
    """Remind, escalate and record breaches; nothing is approved or refused by lateness."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _tasks(now: datetime) -> _Query:
    return (
        select(Task)
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == _OPEN, Task.escalate_at <= now)
        .order_by(Task.escalate_at, Task.id)
    )


def _deadlines(now: datetime, failed: Sequence[uuid.UUID]) -> _Query:
    query = (
        select(Deadline, Case, Task)
        .join(Case, Case.id == Deadline.case_id)
        .outerjoin(Task, Task.id == Deadline.task_id)
        .where(
            Deadline.state == _RUNNING,
            Deadline.breached_at.is_(None),
            Deadline.due_at < now,
            Deadline.kind != LASTS,
            or_(Deadline.task_id.is_(None), Task.state == "open"),
        )
        .order_by(Deadline.due_at, Deadline.id)
    )
    return query.where(Deadline.id.not_in(failed)) if failed else query


def _locked(session: Session, query: _Query) -> Sequence[_Found]:
    # The case row is the one lock of every step; locking the task first could wait for a click that waits for it.
    return session.execute(query.limit(_CHUNK).with_for_update(of=Case, skip_locked=True)).all()


def _escalate_chunk(
    session: Session,
    now: datetime,
    run_id: str,
    swept: Swept,
    failed: set[uuid.UUID],  # noqa: ARG001 - a task that fails is put off in its own row
) -> int:
    rows = _locked(session, _tasks(now))
    calendar = workdays.load_calendar(session)
    for (task,) in rows:
        about = _row(task.case_number, task.name, task.due_at)
        try:
            with session.begin_nested():
                kinds = escalate(session, task, now, run_id, calendar)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad case never stops the others
            _log.exception("task %s of case %s could not be escalated", task.id, task.case_number)
            _put_off(session, task, now)
            swept.set_aside += 1
            swept.show({**about, "结果": f"未能提醒：{describe(error)}"})
        else:
            swept.done += len(kinds)
            for kind in kinds:
                swept.count("提醒" if kind == "task.reminded" else "升级")
                swept.show({**about, "结果": "已提醒" if kind == "task.reminded" else "已升级"})
    return len(rows)


def _put_off(session: Session, task: Task, now: datetime) -> None:
    session.execute(
        update(Task)
        .where(Task.id == task.id, Task.state == "open")
        .values(escalate_at=now + _TRY_AGAIN)
        .execution_options(synchronize_session=False)
    )


def _breach_chunk(session: Session, now: datetime, run_id: str, swept: Swept, failed: set[uuid.UUID]) -> int:
    rows = _locked(session, _deadlines(now, sorted(failed)))
    for deadline, case, task in rows:
        about = _row(case.number, deadline.name, deadline.due_at)
        try:
            with session.begin_nested():
                recorded = record_breach(session, deadline, case, task, now, run_id)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad case never stops the others
            _log.exception("breach of deadline %s of case %s not recorded", deadline.id, case.number)
            failed.add(deadline.id)
            swept.set_aside += 1
            swept.show({**about, "结果": f"未能记录：{describe(error)}"})
        else:
            if recorded:
                swept.done += 1
                swept.count("超期")
                swept.show({**about, "结果": "已记录超期"})
    return len(rows)


def _row(number: str, name: str, due_at: datetime) -> dict[str, Any]:
    return {"案件": number, "事项": name, "时限": f"{due_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"}
