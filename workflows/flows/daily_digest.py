import hashlib
import logging
import threading
import uuid
from collections.abc import Sequence
from datetime import date, datetime, time

from prefect import flow
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from jieban import audit, workdays
from jieban.clock import CHINA, local_day
from jieban.database import Database
from jieban.staff.actor import actor_of
from jieban.staff.tables import User
from notifications import messages
from notifications.tables import Message
from tasks.digests import digest
from workflows.failures import describe
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "daily_digest"
MORNING = time(7, 30)
"""Chinese time from which the message of the day is there."""
_CHUNK = 50
_log = logging.getLogger(__name__)


def is_due(database: Database, now: datetime) -> bool:
    """Tell whether the messages of this working day are still to be left."""
    local = now.astimezone(CHINA)
    if local.time() < MORNING:
        return False
    with database.read() as session:
        reached = audit.sweep_reached(session, NAME)
        return reached != local.date().isoformat() and workdays.load_calendar(session).is_working(
            local.date()
        )


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Leave everybody who has something to do one message for the day, some people in each transaction.

    Whoever has the message of the day is left alone, so running it again tells nobody anything twice.
    """
    budget, day = Budget(budget_seconds, stop), local_day(now)
    with database.read() as session:
        swept = Swept(reached=audit.sweep_reached(session, NAME))
        calendar = workdays.load_calendar(session)
    if not is_due(database, now):
        return swept
    reached_day, _, last = swept.reached.partition(" ")
    after = uuid.UUID(last) if last and reached_day == day.isoformat() else uuid.UUID(int=0)
    while True:
        if budget.spent:
            swept.unfinished = True
            return swept
        with database.write() as session:
            users = _next_users(session, after)
            for user in users:
                _tell(session, user, now, run_id, swept, calendar)
        if not users:
            swept.reached = day.isoformat()
            return swept
        after = users[-1].id
        swept.reached = f"{day.isoformat()} {after}"


@flow(name=NAME, flow_run_name=run_name(NAME))
async def daily_digest(budget_seconds: float = 10) -> Swept:
    """Tell everybody in the morning of a working day what falls due and what is late."""
    return await record_sweep(NAME, sweep, budget_seconds)


def message_id(user_id: uuid.UUID, day: date) -> uuid.UUID:
    """Name the message of a person and day, so that the database itself lets there be only one."""
    moment = int(datetime.combine(day, MORNING, CHINA).timestamp() * 1000)
    rest = int.from_bytes(hashlib.sha256(user_id.bytes + day.isoformat().encode()).digest()[:10], "big")
    value = moment << 80 | rest
    return uuid.UUID(int=value & ~(0xF << 76) & ~(0x3 << 62) | 0x7 << 76 | 0x2 << 62)


def _next_users(session: Session, after: uuid.UUID) -> Sequence[User]:
    """Lock the next active accounts: a second sweep waits for the first, and then sees whom it has told."""
    query = select(User).where(User.active, User.id > after).order_by(User.id).limit(_CHUNK)
    return session.scalars(query.with_for_update(of=User, key_share=True)).all()


def _tell(
    session: Session, user: User, now: datetime, run_id: str, swept: Swept, calendar: workdays.Calendar
) -> None:
    wanted = message_id(user.id, local_day(now))
    if session.get(Message, wanted) is not None:
        return
    try:
        text = digest(session, actor_of(user), now, calendar)
    except OperationalError:
        # The database is the trouble, not this person: the sweep fails as a whole and goes on from here.
        raise
    except Exception as error:  # noqa: BLE001 - one bad account never stops the others
        _log.exception("the digest of %s could not be written", user.username)
        swept.set_aside += 1
        swept.show({"账号": user.username, "结果": f"没有办成：{describe(error)}"})
        return
    if not text:
        return
    messages.leave(
        session, message_id=wanted, user_id=user.id, kind="digest", text=text, now=now, run_id=run_id
    )
    swept.done += 1
    swept.show({"账号": user.username, "内容": text})
