from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from jieban.errors import JiebanError
from jieban.ids import new_id
from jieban.staff.directory import find_user, tidy
from jieban.staff.passwords import hash_password, needs_rehash, verify_password
from jieban.staff.tables import LoginAttempt, User

_WINDOW = timedelta(minutes=15)
_PER_USERNAME = 5
_PER_CLIENT = 20


class SignInRefused(JiebanError):  # noqa: N818 - reads as the sentence it is
    """用户名或密码不正确。"""


class SignInThrottled(SignInRefused):
    """Too many attempts failed; which ones is not told."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = ceil(wait.total_seconds())
        self.minutes = ceil(wait / timedelta(minutes=1))
        super().__init__(f"尝试次数过多，请 {self.minutes} 分钟后再试。")


def authenticate(session: Session, username: str, password: str, client: str, now: datetime) -> User:
    """Return the account of a right username and password, or raise SignInRefused.

    The failure is a row that slows down guessing: the caller catches SignInRefused inside the transaction
    and commits it. Unknown names, wrong passwords and closed accounts are told the same.
    """
    keys = {f"user:{tidy(username)[:150]}": _PER_USERNAME, f"client:{client[:150]}": _PER_CLIENT}
    for key, limit in keys.items():
        if wait := _wait(session, key, limit, now):
            raise SignInThrottled(wait)
    user = find_user(session, username)
    matches = verify_password(password, user.password_hash if user else None)
    if user is None or not user.active or not matches:
        session.execute(delete(LoginAttempt).where(LoginAttempt.at <= now - _WINDOW))
        session.add_all(LoginAttempt(id=new_id(), key=key, at=now) for key in keys)
        raise SignInRefused
    session.execute(delete(LoginAttempt).where(LoginAttempt.key == next(iter(keys))))
    if needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def _wait(session: Session, key: str, limit: int, now: datetime) -> timedelta:
    """Return how long until fewer than `limit` failures of a key lie in the window."""
    query = select(LoginAttempt.at).where(LoginAttempt.key == key, LoginAttempt.at > now - _WINDOW)
    recent = session.scalars(query.order_by(LoginAttempt.at.desc()).limit(limit)).all()
    return recent[-1] + _WINDOW - now if len(recent) == limit else timedelta()
