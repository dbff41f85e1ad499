import logging
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from prefect import flow
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.clock import CHINA, local_day
from jieban.database import Database
from jieban.deadlines.cards import card_days
from jieban.errors import Conflict
from jieban.reads import Query
from workflows import breaches, escalation, order_escalation, setting_aside
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
    name: Callable[[T], str]
    key: str
    """what it is called among the rows that were set aside"""
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

    Oldest first, in chunks of one transaction each, the kinds by turns, so that a long backlog of one does not keep
    the others waiting; a breach comes first, since a remedy hangs on it. A case that somebody works on is left for the
    next sweep. Where one row of a chunk cannot be dealt with, all of it is undone and each is done alone: the one is
    set aside with the reason, the others go on.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    if not is_due(database, now):
        return swept
    with database.read() as session:
        calendar, days = workdays.load_calendar(session), card_days(session, local_day(now))
        aside = setting_aside.known(session)
    common = Sweep(now, run_id, calendar, days, Receivers(now))
    swept.unfinished = not _sweep_by_turns(_Work(database, common, budget, swept, aside))
    if aside:
        with database.write() as session:
            setting_aside.drop_gone(session)
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def escalate_overdue(budget_seconds: float = 10) -> Swept:
    """Remind, escalate and record breaches; nothing is approved or refused by lateness."""
    return await record_sweep(NAME, sweep, budget_seconds)


@dataclass(frozen=True)
class _Work:
    """What the parts of one sweep share."""

    database: Database
    common: Sweep
    budget: Budget
    swept: Swept
    aside: frozenset[uuid.UUID]
    """the rows that were set aside by earlier sweeps"""


def _sweep_by_turns(work: _Work) -> bool:
    """Deal with a chunk of each kind, again and again; False where time ran out.

    A round that was begun is finished, so that the last kind is not the one that always goes without.
    """
    waiting: list[_Kind[Any]] = [_BREACHES, _TASKS, _ORDERS]
    while waiting and not work.budget.spent:
        for kind in tuple(waiting):
            if work.budget.stopped:
                break
            if not _sweep_some(kind, work):
                waiting.remove(kind)
    return not waiting


def _sweep_some(kind: _Kind[T], work: _Work) -> bool:
    """Deal with a chunk of a kind; False where nothing of it was due."""
    try:
        done = _chunk(kind, work)
        more = bool(done)
    except OperationalError:
        # The database is the trouble, not a case: the sweep fails as a whole and the rows stay due.
        raise
    except Exception:  # noqa: BLE001 - one bad case never stops the others
        done, more = _one_by_one(kind, work), True
    for row, results in done:
        _show(work.swept, kind, row, results)
    return more


def _chunk(kind: _Kind[T], work: _Work) -> _Done[T]:
    with work.database.write() as session:
        rows = kind.find(session, work.common.now, _CHUNK)
        done = [(row, kind.work(session, row, work.common)) for row in rows]
        if back := [row.id for row in rows if row.id in work.aside]:
            setting_aside.settle(session, back)
        return done


def _one_by_one(kind: _Kind[T], work: _Work) -> _Done[T]:
    with work.database.write() as session:
        found = kind.find(session, work.common.now, _CHUNK)
    done: _Done[T] = []
    for row in found:
        if work.budget.spent:
            break
        try:
            with work.database.write() as session:
                taken = kind.take(session, row.id, work.common.now)
                results = () if taken is None else kind.work(session, taken, work.common)
                if taken is not None and row.id in work.aside:
                    setting_aside.settle(session, [row.id])
        except OperationalError:
            raise
        except Conflict:
            continue  # another sweep was first
        except Exception as error:  # noqa: BLE001 - one bad case never stops the others
            _set_aside(kind, row, work, describe(error))
        else:
            done.append((row, results))
    return done


def _set_aside(kind: _Kind[T], row: T, work: _Work, reason: str) -> None:
    _log.exception("%s %s of the sweep is set aside", type(row).__name__, row.id)
    with work.database.write() as session:
        setting_aside.set_aside(
            session,
            work.common.now,
            work.common.run_id,
            kind=kind.key,
            row_id=row.id,
            case_id=row.case_id,
            name=kind.name(row),
            due_at=row.due_at,
            reason=reason,
        )
    work.swept.set_aside += 1
    work.swept.show({**kind.about(row), "结果": f"{kind.failed}：{reason}"})


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


def _row(number: str, name: str, due_at: datetime) -> dict[str, Any]:
    return {"案件": number, "事项": name, "时限": f"{due_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"}


_TASKS: _Kind[DueTask] = _Kind(
    escalation.due_tasks,
    escalation.take_due_task,
    escalation.escalate,
    lambda row: _row(row.case_number, row.name, row.due_at),
    lambda row: row.name,
    "task",
    "未能提醒",
)
_BREACHES: _Kind[DueBreach] = _Kind(
    breaches.due_breaches,
    breaches.take_breach,
    _breach,
    lambda row: _row(row.case_number, row.name, row.due_at),
    lambda row: row.name,
    "breach",
    "未能记录",
)
_ORDERS: _Kind[DueOrder] = _Kind(
    order_escalation.due_orders,
    order_escalation.take_order,
    order_escalation.escalate,
    lambda row: _row(row.case_number, row.number, row.due_at),
    lambda row: row.number,
    "order",
    "未能督促",
)
