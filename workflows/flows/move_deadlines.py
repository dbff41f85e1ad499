import threading
from datetime import datetime

from prefect import flow
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from jieban.database import Database
from workflows import calendars
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept
from workflows.tables import CalendarMove

NAME = "move_deadlines"
_UNFINISHED = text("NOT done")
"""Written as in the partial index, which would not be used otherwise."""


def is_due(database: Database, now: datetime) -> bool:  # noqa: ARG001 - as the others
    """Tell whether a change of the calendar has not moved all deadlines yet."""
    with database.read() as session:
        query = select(CalendarMove.id).where(_UNFINISHED).order_by(CalendarMove.started_at).limit(1)
        return session.execute(query).first() is not None


def sweep(
    database: Database,
    now: datetime,
    run_id: str,  # noqa: ARG001 - what is moved carries the id of the act
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Go on with every change of the calendar that was broken off, or too large for the click that confirmed it.

    The one that was begun first goes first. Where one cannot go on it is shown, and the others do.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    with database.read() as session:
        waiting = calendars.unfinished(session)
    for act in waiting:
        if budget.spent:
            swept.unfinished = True
            break
        before = act.progress.moved if act.progress else 0
        try:
            totals = calendars.finish(database, now, act.id, budget)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad act never stops the others
            swept.set_aside += 1
            swept.show({"日历": act.file, "结果": f"未能调整：{describe(error)}"})
            continue
        swept.done += totals.moved - before
        swept.count("已调整期限", totals.moved - before)
        swept.show(
            {"日历": act.file, "已看": totals.looked, "结果": "已调整完" if totals.done else "继续调整"}
        )
        swept.unfinished = swept.unfinished or not totals.done
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def move_deadlines(budget_seconds: float = 10) -> Swept:
    """Move the running deadlines after a change of the calendar, until all of them are moved."""
    return await record_sweep(NAME, sweep, budget_seconds)
