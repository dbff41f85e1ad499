import logging
import threading
import uuid
from collections.abc import Callable
from datetime import datetime

from prefect import flow
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit
from jieban.database import Database
from workflows import reviews
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "start_reviews"
_PAGE = 200
_log = logging.getLogger(__name__)
_Find = Callable[[Session, datetime, int, reviews.Due | None], list[reviews.Due]]
_Do = Callable[[Session, datetime, uuid.UUID, str], object]

_WORK: tuple[tuple[str, _Find, _Do], ...] = (
    ("期满停止", reviews.over, reviews.end_one),
    ("期满提醒", reviews.near_their_end, reviews.foretell_end),
    ("开始核查", reviews.due_reviews, reviews.start_review),
)
"""What the sweep does, in its order: what it is called, how it is found, and how one of it is done."""


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether any review, end or reminder waits."""
    with database.read() as session:
        return any(find(session, now, 1, None) for _, find, _ in _WORK)


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """End what ran out, foretell what will, and open the reviews that are due, each in a transaction of its benefit."""
    budget, swept = Budget(budget_seconds, stop), Swept()
    for title, find, do in _WORK:
        after: reviews.Due | None = None
        while True:
            with database.read() as session:
                page = find(session, now, _PAGE, after)
            if not page:
                break
            for one in page:
                if budget.spent:
                    swept.unfinished = True
                    return swept
                _do(database, now, one, run_id, swept, title, do)
            after = page[-1]
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def start_reviews(budget_seconds: float = 10) -> Swept:
    """Open due reviews and tell coming ends. Nothing is decided here: an end was decided with its day."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _do(
    database: Database, now: datetime, due: reviews.Due, run_id: str, swept: Swept, title: str, do: _Do
) -> None:
    benefit_id, day = due
    row = {"待遇": _number(database, benefit_id), "事项": title, "日期": day.isoformat()}
    try:
        with database.write() as session:
            done = do(session, now, benefit_id, run_id)
    except OperationalError:
        # The database is the trouble, not this benefit: the sweep fails as a whole and what is due stays due.
        raise
    except Exception as error:  # noqa: BLE001 - one bad benefit never stops the others
        _log.exception("%s of benefit %s failed", title, benefit_id)
        swept.set_aside += 1
        swept.show({**row, "结果": f"没有办成：{describe(error)}"})
        if do is reviews.start_review:
            with database.write() as session:
                reviews.try_tomorrow(session, now, benefit_id)
        return
    if done:
        swept.done += 1
        swept.count(title)
        swept.show({**row, "结果": "已办"})


def _number(database: Database, benefit_id: uuid.UUID) -> str:
    with database.read() as session:
        return session.get_one(Benefit, benefit_id).case_number
