import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from prefect import flow
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.clock import CHINA, local_day
from jieban.database import Database
from jieban.deadlines.cards import card_days
from jieban.errors import Conflict
from jieban.reads import Query
from tasks.tables import Task
from workflows import breaches, escalation, order_escalation
from workflows.breaches import DueBreach
from workflows.escalation import DueTask, Sweep
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept
from workflows.order_escalation import DueOrder
from workflows.receivers import Receivers

NAME = "escalate_overdue"
_CHUNK = 100
"""Rows of one transaction: a click on one of their cases waits for it."""
_TRY_AGAIN = timedelta(hours=1)
_log = logging.getLogger(__name__)
T = TypeVar("T", DueTask, DueBreach, DueOrder)
_Done = list[tuple[T, Sequence[str]]]


@dataclass(frozen=True)
class _Kind(Generic[T]):
    """One kind of row that a sweep deals with: how it is found, taken alone, worked on and told."""

    find: Callable[[Session, datetime, int], list[T]]
    take: Callable[[Session, uuid.UUID, datetime], T | None]
    work: Callable[[Session, T, Sweep], Sequence[str]]
    about: Callable[[T], dict[str, Any]]
    put_off: Callable[[Session, T, datetime], None]
    failed: str
    """what is said of a row that could not be dealt with"""


_LOOK = Query(
    select(
        escalation.first_due.label("tasks"),
        breaches.first_due.label("breaches"),
        order_escalation.first_due.label("orders"),
    )
)
"""One question for all three, since a look every few seconds is mostly the way to the database."""


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether anything must be brought to somebody's notice, or a deadline has passed unrecorded."""
    with database.read() as session:
        return any(_LOOK.first(session, the_now=now))


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Bring waiting tasks and orders to the notice of those above them, and record the deadlines that passed.

    Oldest first, in chunks of one transaction each; a case that somebody works on is left for the next sweep. Where
    one row of a chunk cannot be dealt with, all of it is undone and each is done alone: the one is put off with the
    reason, the others go on.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    if not is_due(database, now):
        return swept
    with database.read() as session:
        calendar, days = workdays.load_calendar(session), card_days(session, local_day(now))
    common = Sweep(now, run_id, calendar, days, Receivers(now))
    finished = (
        _sweep_kind(database, _TASKS, common, budget, swept)
        and _sweep_kind(database, _BREACHES, common, budget, swept)
        and _sweep_kind(database, _ORDERS, common, budget, swept)
    )
    swept.unfinished = not finished
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def escalate_overdue(budget_seconds: float = 10) -> Swept:
    """Remind, escalate and record breaches; nothing is approved or refused by lateness."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _sweep_kind(database: Database, kind: _Kind[T], common: Sweep, budget: Budget, swept: Swept) -> bool:
    """Deal with all rows of a kind; False where time ran out."""
    failed: set[uuid.UUID] = set()
    while not budget.spent:
        try:
            done = _chunk(database, kind, common, failed)
        except OperationalError:
            # The database is the trouble, not a case: the sweep fails as a whole and the rows stay due.
            raise
        except Exception:  # noqa: BLE001 - one bad case never stops the others
            done = _one_by_one(database, kind, common, budget, swept, failed)
        else:
            if not done:
                return True
        for row, results in done:
            _show(swept, kind, row, results)
    return False


def _chunk(database: Database, kind: _Kind[T], common: Sweep, failed: set[uuid.UUID]) -> _Done[T]:
    with database.write() as session:
        # One that failed may still stand first among what is due; it must not hide the others.
        rows = kind.find(session, common.now, _CHUNK + len(failed))
        return [(row, kind.work(session, row, common)) for row in rows if row.id not in failed]


def _one_by_one(
    database: Database,
    kind: _Kind[T],
    common: Sweep,
    budget: Budget,
    swept: Swept,
    failed: set[uuid.UUID],
) -> _Done[T]:
    with database.write() as session:
        found = kind.find(session, common.now, _CHUNK + len(failed))
    done: _Done[T] = []
    for row in found:
        if budget.spent:
            break
        if row.id in failed:
            continue
        try:
            with database.write() as session:
                taken = kind.take(session, row.id, common.now)
                results = () if taken is None else kind.work(session, taken, common)
        except OperationalError:
            raise
        except Conflict:
            continue  # another sweep was first
        except Exception as error:  # noqa: BLE001 - one bad case never stops the others
            _log.exception("%s %s of the sweep could not be dealt with", type(row).__name__, row.id)
            with database.write() as session:
                kind.put_off(session, row, common.now)
            failed.add(row.id)
            swept.set_aside += 1
            swept.show({**kind.about(row), "结果": f"{kind.failed}：{describe(error)}"})
        else:
            done.append((row, results))
    return done


def _show(swept: Swept, kind: _Kind[T], row: T, results: Sequence[str]) -> None:
    swept.done += len(results)
    for result in results:
        count, said = _RESULTS[result]
        swept.count(count)
        swept.show({**kind.about(row), "结果": said})


_RESULTS = {
    "task.reminded": ("提醒", "已提醒"),
    "task.escalated": ("升级", "已升级"),
    "deadline.breached": ("超期", "已记录超期"),
    "order.reminded": ("提醒", "已提醒"),
    "order.overdue": ("升级", "已升级"),
}


def _breach(session: Session, due: DueBreach, common: Sweep) -> Sequence[str]:
    breaches.record_breach(session, due, common.now, common.run_id, common.receivers)
    return ("deadline.breached",)


def _put_off_task(session: Session, task: DueTask, now: datetime) -> None:
    session.execute(
        update(Task)
        .where(Task.id == task.id, Task.state == "open", Task.escalation_level == task.escalation_level)
        .values(escalate_at=now + _TRY_AGAIN)
        .execution_options(synchronize_session=False)
    )


def _leave(session: Session, row: DueBreach, now: datetime) -> None:
    """Leave a breach as it is: its moment is the law's, and the next sweep tries again."""


def _row(number: str, name: str, due_at: datetime) -> dict[str, Any]:
    return {"案件": number, "事项": name, "时限": f"{due_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"}


_TASKS: _Kind[DueTask] = _Kind(
    escalation.due_tasks,
    escalation.take_due_task,
    escalation.escalate,
    lambda row: _row(row.case_number, row.name, row.due_at),
    _put_off_task,
    "未能提醒",
)
_BREACHES: _Kind[DueBreach] = _Kind(
    breaches.due_breaches,
    breaches.take_breach,
    _breach,
    lambda row: _row(row.case_number, row.name, row.due_at),
    _leave,
    "未能记录",
)
_ORDERS: _Kind[DueOrder] = _Kind(
    order_escalation.due_orders,
    order_escalation.take_order,
    order_escalation.escalate,
    lambda row: _row(row.case_number, row.number, row.due_at),
    order_escalation.put_off,
    "未能督促",
)
