"""Slows down guessing on public pages, by the same rows that slow down guessing passwords."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.staff.tables import LoginAttempt

WINDOW = timedelta(minutes=15)


def too_many(session: Session, key: str, limit: int, now: datetime) -> bool:
    """Tell whether a key has failed `limit` times in the last quarter of an hour."""
    query = (
        select(func.count())
        .select_from(LoginAttempt)
        .where(LoginAttempt.key == key[:200], LoginAttempt.at > now - WINDOW)
    )
    return (session.scalar(query) or 0) >= limit


def note_failure(session: Session, key: str, now: datetime) -> None:
    """Remember a failure of a key."""
    session.add(LoginAttempt(id=new_id(), key=key[:200], at=now))
