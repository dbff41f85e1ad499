"""What need not be kept: signed-out browsers, drafts of closed tasks, what went out long ago, old messages that were read.

Facts of cases, their history and the ledger are never touched here.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Delete, Update, delete, or_, select, tuple_, update
from sqlalchemy.orm import Session

from jieban.errors import JiebanError
from jieban.staff.tables import LoginAttempt, WebSession
from notifications.tables import Delivery, Message, Outbox
from tasks.tables import Task, TaskDraft

CHUNK = 500
"""Rows of one transaction."""
_ATTEMPTS = timedelta(days=1)


class RetentionError(JiebanError):
    """A setting of what is kept is wrong."""


@dataclass(frozen=True)
class Keep:
    """For how many days something is kept."""

    messages: int = 90
    outbox: int = 30
    runs: int = 7
    deliveries: int = 30


def read_keep(environ: Mapping[str, str]) -> Keep:
    """Read JIEBAN_KEEP_MESSAGES_DAYS (90), _OUTBOX_DAYS (30), _DELIVERIES_DAYS (30) and _RUNS_DAYS (7)."""
    return Keep(
        messages=_days(environ, "JIEBAN_KEEP_MESSAGES_DAYS", Keep.messages),
        outbox=_days(environ, "JIEBAN_KEEP_OUTBOX_DAYS", Keep.outbox),
        deliveries=_days(environ, "JIEBAN_KEEP_DELIVERIES_DAYS", Keep.deliveries),
        runs=_days(environ, "JIEBAN_KEEP_RUNS_DAYS", Keep.runs),
    )


def _days(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 36500:
        raise RetentionError(f"{name} 应为 1 至 36500 之间的天数，现为“{text}”。")
    return int(text)


def web_sessions(now: datetime, _keep: Keep) -> Delete:
    """Delete sign-ins that have ended."""
    rows = select(WebSession.token_hash).where(WebSession.expires_at <= now).limit(CHUNK)
    return delete(WebSession).where(WebSession.token_hash.in_(rows.with_for_update(skip_locked=True)))


def login_attempts(now: datetime, _keep: Keep) -> Delete:
    """Delete failed sign-ins that slow down nobody any more."""
    rows = select(LoginAttempt.id).where(
        LoginAttempt.id < _first_id(now - _ATTEMPTS), LoginAttempt.at < now - _ATTEMPTS
    )
    rows = rows.order_by(LoginAttempt.id).limit(CHUNK)
    return delete(LoginAttempt).where(LoginAttempt.id.in_(rows.with_for_update(skip_locked=True)))


def drafts(_now: datetime, _keep: Keep) -> Delete:
    """Delete drafts of tasks that are done or cancelled."""
    rows = (
        select(TaskDraft.task_id, TaskDraft.user_id)
        .join(Task, Task.id == TaskDraft.task_id)
        .where(Task.state != "open")
        .limit(CHUNK)
        .with_for_update(of=TaskDraft, skip_locked=True)
    )
    return delete(TaskDraft).where(tuple_(TaskDraft.task_id, TaskDraft.user_id).in_(rows))


def outbox(now: datetime, keep: Keep) -> Delete:
    """Delete what was sent out long ago; what failed stays for people to see."""
    before = now - timedelta(days=keep.outbox)
    rows = select(Outbox.id).where(
        Outbox.id < _first_id(before), Outbox.state == "done", Outbox.done_at < before
    )
    rows = rows.order_by(Outbox.id).limit(CHUNK)
    return delete(Outbox).where(Outbox.id.in_(rows.with_for_update(skip_locked=True)))


def messages(now: datetime, keep: Keep) -> Delete:
    """Delete messages that were read long ago; unread ones stay."""
    before = now - timedelta(days=keep.messages)
    rows = select(Message.id).where(Message.id < _first_id(before), Message.read_at < before)
    rows = rows.order_by(Message.id).limit(CHUNK)
    return delete(Message).where(Message.id.in_(rows.with_for_update(skip_locked=True)))


def delivered(now: datetime, keep: Keep) -> Delete:
    """Delete deliveries that no case tells of, such as digests, long after they arrived."""
    before = now - timedelta(days=keep.deliveries)
    rows = select(Delivery.id).where(
        Delivery.id < _first_id(before), Delivery.case_id.is_(None), Delivery.delivered_at < before
    )
    rows = rows.order_by(Delivery.id).limit(CHUNK)
    return delete(Delivery).where(Delivery.id.in_(rows.with_for_update(skip_locked=True)))


def addresses(now: datetime, keep: Keep) -> Update:
    """Empty addresses and texts of old deliveries, whatever became of them; that there was one stays."""
    before = now - timedelta(days=keep.deliveries)
    rows = select(Delivery.id).where(
        Delivery.id < _first_id(before),
        Delivery.state.not_in(("waiting", "sending")),
        or_(Delivery.address != "", Delivery.text != ""),
    )
    rows = rows.order_by(Delivery.id).limit(CHUNK)
    some = Delivery.id.in_(rows.with_for_update(skip_locked=True))
    return update(Delivery).where(some).values(address="", text="")


RULES: tuple[tuple[str, Callable[[datetime, Keep], Delete | Update]], ...] = (
    ("登录", web_sessions),
    ("登录失败记录", login_attempts),
    ("草稿", drafts),
    ("已送出", outbox),
    ("已读消息", messages),
    ("已送达", delivered),
    ("送达记录中的地址和内容", addresses),
)
"""What is deleted, in the words of the report, and how a chunk of it is."""


def delete_some(
    session: Session, now: datetime, keep: Keep, rule: Callable[[datetime, Keep], Delete | Update]
) -> int:
    """Delete a chunk of what a rule says; return how many rows it was."""
    result: Any = session.execute(rule(now, keep).execution_options(synchronize_session=False))
    return int(result.rowcount)


def _first_id(moment: datetime) -> uuid.UUID:
    """Give the smallest id that a row of a moment can have: ids are in order of time, so old rows are an index range."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)
