import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from jieban.staff.tables import User, WebSession

_IDLE = timedelta(hours=8)
_ABSOLUTE = timedelta(hours=24)
_TOUCH_AFTER = timedelta(minutes=5)


def start(session: Session, user: User, now: datetime) -> tuple[str, WebSession]:
    """Sign a browser in; the token goes into its cookie and only the hash is kept."""
    session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    token = secrets.token_urlsafe(32)
    web_session = WebSession(
        token_hash=_digest(token),
        user_id=user.id,
        csrf=secrets.token_urlsafe(32),
        created_at=now,
        seen_at=now,
        expires_at=now + _ABSOLUTE,
    )
    session.add(web_session)
    return token, web_session


def find(session: Session, token: str, now: datetime) -> tuple[User, WebSession] | None:
    """Find the account behind a cookie; None when it is unknown, too long idle, too old, or the account is closed.

    This only reads: see touch().
    """
    web_session = session.get(WebSession, _digest(token))
    if web_session is None or now >= web_session.expires_at or now >= web_session.seen_at + _IDLE:
        return None
    user = session.get(User, web_session.user_id)
    return (user, web_session) if user and user.active else None


def needs_touch(web_session: WebSession, now: datetime) -> bool:
    """Tell whether the last use lies far enough back to be written again, so that not every page writes."""
    return now >= web_session.seen_at + _TOUCH_AFTER


def touch(session: Session, web_session: WebSession, now: datetime) -> None:
    """Write that a session was used just now, which keeps it from becoming idle."""
    session.execute(
        update(WebSession).where(WebSession.token_hash == web_session.token_hash).values(seen_at=now)
    )


def end(session: Session, token: str) -> None:
    """Sign a browser out; an unknown token is none of our business."""
    session.execute(delete(WebSession).where(WebSession.token_hash == _digest(token)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
