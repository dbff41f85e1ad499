"""In whose name a command acts."""

from sqlalchemy.orm import Session

from jieban.errors import NotFound
from jieban.staff.actor import Actor, actor_of
from jieban.staff.directory import find_user


def actor_named(session: Session, username: str) -> Actor:
    """Find who acts by account name; NotFound where there is no such account in use."""
    user = find_user(session, username)
    if user is None or not user.active:
        raise NotFound(f"没有用户名为“{username}”的在用账号。")
    return actor_of(user)
