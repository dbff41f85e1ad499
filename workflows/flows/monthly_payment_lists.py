import logging
import threading
from datetime import datetime

from prefect import flow
from sqlalchemy.exc import OperationalError

from jieban import audit
from jieban.benefits import choosing
from jieban.clock import local_day
from jieban.database import Database
from jieban.errors import NotFound
from workflows import payment_months
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "monthly_payment_lists"
_log = logging.getLogger(__name__)


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether the payment runs of this month are still to be opened."""
    with database.read() as session:
        return audit.sweep_reached(session, NAME) != _month(now)


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Open the payment run of the month for each county and kind of money, each in a transaction of its own.

    Only the case is opened: a person makes the list. A county that has nobody for it is shown and tried again.
    """
    budget, swept, month = Budget(budget_seconds, stop), Swept(), _month(now)
    with database.read() as session:
        swept.reached = audit.sweep_reached(session, NAME)
        if swept.reached == month:
            return swept
        due = payment_months.due_runs(session, month)
        try:
            kinds = payment_months.kinds_of_aid(session) if due else frozenset()
        except NotFound:
            # An installation whose procedures do not pay has nothing to open.
            kinds = frozenset()
    for one in due:
        if one.aid not in kinds:
            continue
        if budget.spent:
            swept.unfinished = True
            return swept
        _open(database, now, one, month, run_id, swept)
    if not swept.set_aside:
        swept.reached = month
    return swept


@flow(name=NAME, flow_run_name=run_name(NAME))
async def monthly_payment_lists(budget_seconds: float = 10) -> Swept:
    """Open the payment runs of the month, for people to make, check and approve their lists."""
    return await record_sweep(NAME, sweep, budget_seconds)


def _month(now: datetime) -> str:
    return f"{local_day(now):%Y-%m}"


def _open(
    database: Database, now: datetime, due: payment_months.Due, month: str, run_id: str, swept: Swept
) -> None:
    row = {"县": due.county, "种类": choosing.item(due.aid), "月份": month}
    try:
        with database.write() as session:
            case = payment_months.open_run(session, now, due, month, run_id)
            number = case.number if case else ""
    except OperationalError:
        # The database is the trouble, not this county: the sweep fails as a whole and tries again.
        raise
    except Exception as error:  # noqa: BLE001 - one bad county never stops the others
        if not isinstance(error, NotFound):
            _log.exception("the payment run of %s for %s could not be opened", due.county, due.aid)
        swept.set_aside += 1
        swept.show({**row, "结果": f"没有开成：{describe(error)}"})
        return
    if number:
        swept.done += 1
        swept.show({**row, "结果": f"已开 {number}"})
