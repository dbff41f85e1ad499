from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from jieban.areas.lookup import get_area
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.staff.directory import find_user, tidy
from jieban.staff.passwords import check_password_strength, hash_password
from jieban.staff.roles import ROLES
from jieban.staff.signing_in import SignInRefused, SignInThrottled, authenticate
from jieban.staff.tables import User, UserRole, WebSession

__all__ = [
    "SignInRefused",
    "SignInThrottled",
    "authenticate",
    "check_password_strength",
    "create_user",
    "deactivate",
    "set_password",
]


def create_user(
    session: Session,
    *,
    username: str,
    name: str,
    password: str,
    area_code: str | None,
    roles: Iterable[str],
    unit: str = "",
    post: str = "",
    phone: str = "",
    id_number: str | None = None,
    sample: bool = False,
    must_change_password: bool = False,
    now: datetime,
) -> User:
    """Add an account; only a sample account may have a weak password, because everybody knows it anyway."""
    username = tidy(username)
    roles = sorted(set(roles))
    _check(session, username, name, roles)
    if area_code:
        get_area(session, area_code)
    if not sample:
        check_password_strength(password, username)
    user = User(
        id=new_id(),
        username=username,
        name=name.strip(),
        id_number=id_number,
        password_hash=hash_password(password),
        must_change_password=must_change_password,
        area_code=area_code,
        unit=unit,
        post=post,
        phone=phone,
        active=True,
        created_at=now,
        sample=sample,
        locale="zh",
        roles=[UserRole(role=role) for role in roles],
    )
    session.add(user)
    # The next account of the same transaction must see this username as taken.
    session.flush()
    return user


def _check(session: Session, username: str, name: str, roles: list[str]) -> None:
    errors = []
    if not username or len(username) > 64 or any(letter.isspace() for letter in username):
        errors.append({"field": "username", "message": "用户名应为 1 至 64 个字符，不能有空格。"})
    elif find_user(session, username):
        errors.append({"field": "username", "message": f"用户名“{username}”已被使用。"})
    if not name.strip():
        errors.append({"field": "name", "message": "请填写姓名。"})
    errors += [
        {"field": "roles", "message": f"没有名为“{role}”的岗位。"} for role in roles if role not in ROLES
    ]
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)


def set_password(session: Session, user: User, password: str) -> None:
    """Change a password and end every session of the account, since one of them may be a thief's."""
    check_password_strength(password, user.username)
    user.password_hash = hash_password(password)
    user.must_change_password = False
    _end_sessions(session, user)


def deactivate(session: Session, user: User) -> None:
    """Close an account: nobody can sign in with it and its sessions end; what it did stays under its name."""
    user.active = False
    _end_sessions(session, user)


def _end_sessions(session: Session, user: User) -> None:
    session.execute(delete(WebSession).where(WebSession.user_id == user.id))
