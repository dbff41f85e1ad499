import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import datetime

from prefect import flow
from sqlalchemy import Row, literal, select, tuple_, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.database import Database
from workflows import steps
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept
from workflows.tables import Timer

NAME = "fire_timers"
_PAGE = 200
_ARMED = literal("armed", literal_execute=True)
"""Written out in the statement, since a partial index does not know what a parameter will be."""
_log = logging.getLogger(__name__)
_Due = Row[uuid.UUID, uuid.UUID, str, datetime, str]


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether any timer waits to be fired."""
    with database.read() as session:
        return bool(_page(session, now, None, 1))


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Fire the timers that are due, the oldest first, each in a transaction of its case.

    1. Look at a page of due timers without locking any.
    2. For each: lock its case unless somebody works on it (the next sweep comes back), and fire it, which
       happens once however many sweeps try.
    3. A timer whose case cannot go on is set aside with the reason; the others go on.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    after: _Due | None = None
    while True:
        with database.read() as session:
            page = _page(session, now, after, _PAGE)
        if not page:
            return swept
        for timer in page:
            if budget.spent:
                swept.unfinished = True
                return swept
            _fire(database, now, timer, run_id, swept)
        after = page[-1]


@flow(name=NAME, flow_run_name=run_name(NAME))
async def fire_timers(budget_seconds: float = 10) -> Swept:
    """Fire due timers. Nothing is decided here: a timer opens the next step and writes down that it did."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _page(session: Session, now: datetime, after: _Due | None, limit: int) -> Sequence[_Due]:
    query = (
        select(Timer.id, Timer.case_id, Timer.element, Timer.fire_at, Case.number)
        .join(Case, Case.id == Timer.case_id)
        .where(Timer.state == _ARMED, Timer.fire_at <= now)
        .order_by(Timer.fire_at, Timer.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(Timer.fire_at, Timer.id) > (after.fire_at, after.id))
    return session.execute(query).all()


def _fire(database: Database, now: datetime, timer: _Due, run_id: str, swept: Swept) -> None:
    row = {
        "案件": timer.number,
        "步骤": timer.element,
        "应触发": f"{timer.fire_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "迟（秒）": round((now - timer.fire_at).total_seconds()),
    }
    try:
        with database.write() as session:
            if not _lock_free_case(session, timer):
                swept.count("busy")
                return
            if steps.fire_timer(session, now, timer.id, run_id):
                swept.done += 1
                swept.show({**row, "结果": "已触发"})
    except OperationalError:
        # The database is the trouble, not this case: the sweep fails as a whole and the timer stays due.
        raise
    except Exception as error:  # noqa: BLE001 - one bad case never stops the others
        _log.exception("timer %s of case %s is set aside", timer.id, timer.number)
        with database.write() as session:
            _set_aside(session, now, timer, run_id, describe(error))
        swept.set_aside += 1
        swept.show({**row, "结果": f"搁置：{describe(error)}"})


def _lock_free_case(session: Session, timer: _Due) -> bool:
    # Only the case row is ever locked, here and in every other step, so that no two wait for each other.
    query = select(Case.id).where(Case.id == timer.case_id).with_for_update(skip_locked=True)
    return session.execute(query).scalar_one_or_none() is not None


def _set_aside(session: Session, now: datetime, timer: _Due, run_id: str, reason: str) -> None:
    won = session.execute(
        update(Timer)
        .where(Timer.id == timer.id, Timer.state == "armed")
        .values(state="stuck", last_error=reason, run_id=run_id)
        .returning(Timer.id)
    ).scalar_one_or_none()
    if won is not None:
        data = {"element": timer.element, "due": timer.fire_at.isoformat(), "reason": reason}
        add_event(
            session,
            case_id=timer.case_id,
            at=now,
            kind="timer.stuck",
            actor=None,
            data=data,
            run_id=run_id,
        )
