import logging
import threading
import uuid
from datetime import datetime
from typing import Any

from prefect import flow
from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban.cases.events import add_event
from jieban.clock import CHINA
from jieban.database import Database
from workflows import steps
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept
from workflows.tables import Timer
from workflows.taking import DueTimer, due_timers

NAME = "fire_timers"
_CHUNK = 20
"""Cases of one transaction: a click on one of them waits for it."""
_ARMED = literal("armed", literal_execute=True)
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_log = logging.getLogger(__name__)


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether any timer waits to be fired."""
    with database.read() as session:
        return session.execute(_waiting(now, 1)).first() is not None


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Fire the timers that are due, the oldest first, some cases in each transaction.

    A case that somebody works on is left for the next sweep. Where one case of a transaction cannot go on, all of it is
    undone and each is fired alone: the one is set aside with the reason, the others go on.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    while not budget.spent:
        try:
            fired = _fire_some(database, now, run_id)
        except OperationalError:
            # The database is the trouble, not a case: the sweep fails as a whole and the timers stay due.
            raise
        except Exception:  # noqa: BLE001 - one bad case never stops the others
            fired = _fire_each(database, now, run_id, budget, swept)
        if not fired:
            if busy := _left(database, now):
                swept.count("busy", busy)
            return swept
        swept.done += len(fired)
        for timer in fired:
            swept.show({**_row(timer, now), "结果": "已触发"})
    swept.unfinished = is_due(database, now)
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def fire_timers(budget_seconds: float = 10) -> Swept:
    """Fire due timers. Nothing is decided here: a timer opens the next step and writes down that it did."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _left(database: Database, now: datetime) -> int:
    """Count the timers whose cases somebody works on; the next sweep comes back to them."""
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(_waiting(now, 1000).subquery())) or 0


def _waiting(now: datetime, most: int) -> Select[uuid.UUID]:
    # In order, so that PostgreSQL goes through the index. By what it knew of the time before a sweep it would take the
    # first rows of the whole table for due.
    query = select(Timer.id).where(Timer.state == _ARMED, Timer.fire_at <= now)
    return query.order_by(Timer.fire_at, Timer.id).limit(most)


def _fire_some(database: Database, now: datetime, run_id: str, most: int = _CHUNK) -> list[DueTimer]:
    fired: dict[uuid.UUID, DueTimer] = {}
    with database.write() as session:
        for due in due_timers(session, now, most):
            # The second timer of a case sees what the first brought about: it is taken with the next ones.
            if due.case.id not in fired:
                steps.fire(session, now, due, run_id)
                fired[due.case.id] = due
    return list(fired.values())


def _fire_each(
    database: Database, now: datetime, run_id: str, budget: Budget, swept: Swept
) -> list[DueTimer]:
    """Fire one by one as many as a transaction takes; return those that fired, set the others aside."""
    with database.write() as session:
        found = due_timers(session, now, _CHUNK)
    fired = []
    for due in found:
        if budget.spent:
            break
        try:
            with database.write() as session:
                if steps.fire_timer(session, now, due.timer.id, run_id):
                    fired.append(due)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad case never stops the others
            _log.exception("timer %s of case %s is set aside", due.timer.id, due.case.number)
            with database.write() as session:
                _set_aside(session, now, due, run_id, describe(error))
            swept.set_aside += 1
            swept.show({**_row(due, now), "结果": f"搁置：{describe(error)}"})
    return fired


def _row(due: DueTimer, now: datetime) -> dict[str, Any]:
    return {
        "案件": due.case.number,
        "步骤": due.timer.element,
        "应触发": f"{due.timer.fire_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "迟（秒）": round((now - due.timer.fire_at).total_seconds()),
    }


def _set_aside(session: Session, now: datetime, due: DueTimer, run_id: str, reason: str) -> None:
    won = session.execute(
        update(Timer)
        .where(Timer.id == due.timer.id, Timer.state == "armed")
        .values(state="stuck", last_error=reason, run_id=run_id)
        .returning(Timer.id)
    ).scalar_one_or_none()
    if won is not None:
        data = {"element": due.timer.element, "due": due.timer.fire_at.isoformat(), "reason": reason}
        add_event(
            session,
            case_id=due.case.id,
            at=now,
            kind="timer.stuck",
            actor=None,
            data=data,
            run_id=run_id,
        )
