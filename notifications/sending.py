"""Sending what waits for a channel: taken in one transaction, sent in none, noted in another.

Whoever takes a row has it until a moment. A row whose moment is over was taken by a program that ended before it could
note anything: where the receiver sees by the id that a second copy is one, it is sent again, otherwise nobody can know
and it says so.
"""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Select, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jieban.database import Database
from notifications import outcomes
from notifications.channels import Channel, Channels
from notifications.channels.senders import MailSender, NotSent, Outgoing, Unclear, WebhookSender, sender_of
from notifications.tables import ChannelState, Delivery

log = structlog.get_logger()

MOST_ATTEMPTS = 8
PAUSES = (1, 5, 15, 60, 180, 360, 720)
"""Minutes from one attempt to the next: what cannot be sent is given up after most of a day."""
LEASE = timedelta(minutes=10)
"""Longer than any sending may last: a dozen answers of a mail server, each within its timeout of 30 seconds at most."""
FAILURES_TO_REST = 3
_LONGEST_REST = 30
_MINUTE = timedelta(minutes=1)
_UNDER_WAY: Any = literal_column("state IN ('waiting', 'sending')")
"""Written out in the statement, since a partial index does not know what a parameter will be."""


@dataclass(frozen=True)
class Taken:
    """A row that this program alone may send now."""

    id: uuid.UUID
    attempt: int
    item: Outgoing


def due_channels(session: Session, channels: Channels, now: datetime) -> list[Channel]:
    """List the channels that have something to send and may send it now."""
    states = {row.channel: row for row in session.scalars(select(ChannelState))} if channels else {}
    return [
        one
        for one in channels
        if one.open_at(now)
        and _allowance(one, states.get(one.key), now)
        and session.execute(_due(one, now).with_only_columns(Delivery.id)).first() is not None
    ]


def deliver(
    database: Database,
    channels: Channels,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> dict[str, Counter[str]]:
    """Send what is due, the oldest first, every channel beside the others; return by channel what became of how many.

    A channel that fails once is left for the next sweep, so a server that is away costs one timeout and no other channel.
    """
    with database.read() as session:
        due = due_channels(session, channels, now)
    if not due:
        return {}
    end = monotonic() + budget_seconds
    with ThreadPoolExecutor(len(due), thread_name_prefix="channel") as pool:
        turns = [pool.submit(_turn, database, one, now, run_id, end, stop) for one in due]
    return {one.key: turn.result() for one, turn in zip(due, turns, strict=True)}


def send_again(session: Session, channel: str, now: datetime) -> int:
    """Let what was given up be tried anew, with all its attempts; return how many. What was emptied meanwhile cannot be."""
    again = (
        update(Delivery)
        .where(Delivery.channel == channel, Delivery.state == "failed", Delivery.text != "")
        .values(state="waiting", attempts=0, not_before=now, last_error="")
        .execution_options(synchronize_session=False)
    )
    count: Any = session.execute(again)
    rested = update(ChannelState).where(ChannelState.channel == channel)
    session.execute(rested.values(failures=0, paused_until=None))
    return int(count.rowcount)


def _turn(
    database: Database, channel: Channel, now: datetime, run_id: str, end: float, stop: threading.Event | None
) -> Counter[str]:
    counts: Counter[str] = Counter()
    _know(database, channel)
    with sender_of(channel) as sender:
        while monotonic() < end and not (stop and stop.is_set()):
            with database.write() as session:
                taken = _take(session, channel, now, run_id)
            if taken is None:
                break
            if isinstance(taken, str):
                counts[taken] += 1
                continue
            result, well = _send(database, channel, sender, taken, now, run_id)
            counts[result] += 1
            if not well:
                break
    return counts


def _know(database: Database, channel: Channel) -> None:
    """See that the channel has its row, which serves as the lock of those who take."""
    with database.read() as session:
        if session.get(ChannelState, channel.key) is not None:
            return
    with suppress(IntegrityError), database.write() as session:
        session.add(ChannelState(channel=channel.key, failures=0, last_error="", sent_in_minute=0))


def _due(channel: Channel, now: datetime) -> Select[Delivery]:
    query = select(Delivery).where(_UNDER_WAY, Delivery.channel == channel.key, Delivery.not_before <= now)
    return query.order_by(Delivery.not_before, Delivery.id).limit(1)


def _allowance(channel: Channel, state: ChannelState | None, now: datetime) -> bool:
    """Tell whether a channel does not rest, and has something left of its minute."""
    if state is None:
        return True
    if rests(state, now):
        return False
    return _minute_over(state, now) or state.sent_in_minute < channel.per_minute


def rests(state: ChannelState, now: datetime) -> bool:
    """Tell whether a channel rests; where the clock was set back, a rest that seems to be longer than any is over."""
    until = state.paused_until
    return until is not None and now < until <= now + timedelta(minutes=_LONGEST_REST)


def _minute_over(state: ChannelState, now: datetime) -> bool:
    # Also where the clock was set back.
    return state.minute_began is None or abs(now - state.minute_began) >= _MINUTE


def _take(session: Session, channel: Channel, now: datetime, run_id: str) -> Taken | str | None:
    """Take the row that waits longest; say in a word what became of one that cannot be sent any more, None for no more."""
    locked = select(ChannelState).where(ChannelState.channel == channel.key).with_for_update()
    state = session.scalars(locked).one()
    if not _allowance(channel, state, now):
        return None
    row = session.scalars(_due(channel, now).with_for_update(skip_locked=True)).one_or_none()
    if row is None:
        return None
    if row.state == "sending" and not channel.idempotent:
        outcomes.uncertain(session, channel, row, "发送时程序中断，不知道对方是否已经收到", now, run_id)
        return "uncertain"
    if row.attempts >= MOST_ATTEMPTS:
        outcomes.failed(session, channel, row, "发送时程序一再中断", now, run_id)
        return "failed"
    row.state, row.run_id, row.not_before = "sending", run_id, now + LEASE
    row.attempts += 1
    if _minute_over(state, now):
        state.minute_began, state.sent_in_minute = now, 0
    state.sent_in_minute += 1
    return Taken(row.id, row.attempts, Outgoing(row.id, row.address, row.subject, row.text, now))


def _send(
    database: Database,
    channel: Channel,
    sender: MailSender | WebhookSender,
    taken: Taken,
    now: datetime,
    run_id: str,
) -> tuple[str, bool]:
    """Send one message and note what became of it: in a word, and whether the channel is well."""
    reason, unclear, for_good = "", False, False
    try:
        sender.send(taken.item)
    except NotSent as error:
        reason, for_good = error.reason, error.for_good
    except Unclear as error:
        reason, unclear = error.reason, True
    except Exception as error:  # noqa: BLE001 - one message never stops the others; what it was is noted
        # Its words may hold an address or a password, and it may have gone out before.
        log.warning("a channel failed in an unknown way", channel=channel.key, error=type(error).__name__)
        reason, unclear = f"程序出错（{type(error).__name__}）", True
    reason = outcomes.clean(reason, channel, taken.item.address)
    with database.write() as session:
        row = _mine(session, taken)
        if row is None:
            return "elsewhere", True
        well = not reason or for_good
        _note_health(session, channel, reason, now, well=well)
        if not reason:
            outcomes.delivered(session, channel, row, now, run_id)
            return "delivered", True
        if unclear and not channel.idempotent:
            outcomes.uncertain(session, channel, row, reason, now, run_id)
            return "uncertain", False
        if for_good or row.attempts >= MOST_ATTEMPTS:
            outcomes.failed(session, channel, row, reason, now, run_id)
            return "failed", well
        row.state, row.last_error = "waiting", reason
        row.not_before = now + timedelta(minutes=PAUSES[row.attempts - 1])
        return "again", False


def _mine(session: Session, taken: Taken) -> Delivery | None:
    """Lock a row that was taken; None where its moment was over and somebody else has taken it since."""
    query = select(Delivery).where(
        Delivery.id == taken.id, Delivery.state == "sending", Delivery.attempts == taken.attempt
    )
    return session.scalars(query.with_for_update()).one_or_none()


def _note_health(session: Session, channel: Channel, reason: str, now: datetime, *, well: bool) -> None:
    state = session.scalars(
        select(ChannelState).where(ChannelState.channel == channel.key).with_for_update()
    ).one()
    if well:
        state.failures, state.paused_until = 0, None
        if not reason:
            state.delivered_at, state.last_error = now, ""
        return
    state.failures += 1
    state.last_error = reason
    over = state.failures - FAILURES_TO_REST
    if over >= 0:
        state.paused_until = now + timedelta(minutes=min(2 ** min(over, 10), _LONGEST_REST))
