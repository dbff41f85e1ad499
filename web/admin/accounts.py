"""Accounts as an administrator sees them: those at or below the administrator's own place."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from jieban.areas.lookup import get_area
from jieban.areas.tables import Area
from jieban.audit import record_admin
from jieban.errors import Conflict, Invalid, NotFound
from jieban.staff import accounts
from jieban.staff.actor import Actor
from jieban.staff.addresses import address_errors, set_address
from jieban.staff.roles import ROLES
from jieban.staff.tables import User, UserRole

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


@dataclass(frozen=True)
class Wanted:
    """What an administrator fills in about an account."""

    name: str
    area_code: str
    roles: tuple[str, ...]
    unit: str = ""
    post: str = ""
    phone: str = ""
    mobile: str = ""
    mail: str = ""


@dataclass(frozen=True)
class UserPage:
    rows: list[User]
    next: str | None


def list_users(
    session: Session, actor: Actor, *, search: str = "", role: str = "", after: str = "", limit: int = 50
) -> UserPage:
    """List accounts by username."""
    query = select(User).where(_within(actor), User.username > after)
    if text := search.strip():
        columns = (User.username, User.name, User.unit, User.post)
        query = query.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    if role:
        query = query.where(User.id.in_(select(UserRole.user_id).where(UserRole.role == role)))
    rows = list(session.scalars(query.order_by(User.username).limit(limit + 1)))
    return UserPage(rows[:limit], rows[limit - 1].username if len(rows) > limit else None)


def get_user(session: Session, actor: Actor, user_id: uuid.UUID) -> User:
    """Return an account in the administrator's area; NotFound otherwise."""
    user = session.scalars(select(User).where(User.id == user_id, _within(actor))).one_or_none()
    if user is None:
        raise NotFound
    return user


def create(session: Session, actor: Actor, now: datetime, username: str, wanted: Wanted) -> tuple[User, str]:
    """Add an account with a password that is shown once and must be changed at the first sign-in."""
    _check(session, actor, wanted, username)
    password = fresh_password()
    user = accounts.create_user(
        session,
        username=username,
        name=wanted.name,
        password=password,
        area_code=wanted.area_code or None,
        roles=wanted.roles,
        unit=wanted.unit,
        post=wanted.post,
        phone=wanted.phone,
        must_change_password=True,
        now=now,
    )
    set_address(session, user.id, number=wanted.mobile, mail=wanted.mail)
    data = {"username": user.username, "roles": sorted(wanted.roles), "area": user.area_code}
    record_admin(session, kind="user.created", now=now, actor=actor, data=data)
    return user, password


def change(session: Session, actor: Actor, now: datetime, user_id: uuid.UUID, wanted: Wanted) -> User:
    """Change name, place and roles of an account; what was before is written down beside what is now."""
    user = get_user(session, actor, user_id)
    _check(session, actor, wanted)
    if user.id == actor.id and "sys_admin" not in wanted.roles:
        raise Invalid(errors=[{"field": "roles", "message": "不能去掉自己的系统管理员岗位。"}])
    if user.id == actor.id and (wanted.area_code or None) != user.area_code:
        raise Invalid(errors=[{"field": "area_code", "message": "不能更改自己的辖区。"}])
    before = {"roles": sorted(row.role for row in user.roles), "area": user.area_code, "name": user.name}
    user.name, user.area_code = wanted.name.strip(), wanted.area_code or None
    user.unit, user.post, user.phone = wanted.unit, wanted.post, wanted.phone
    kept = {row.role: row for row in user.roles}
    user.roles = [kept.get(role) or UserRole(role=role) for role in sorted(set(wanted.roles))]
    after = {"roles": sorted(set(wanted.roles)), "area": user.area_code, "name": user.name}
    changed = {key: f"{before[key]} → {after[key]}" for key in after if before[key] != after[key]}
    changed |= set_address(session, user.id, number=wanted.mobile, mail=wanted.mail)
    data = {"username": user.username, **changed}
    record_admin(session, kind="user.changed", now=now, actor=actor, data=data)
    return user


def switch_off(session: Session, actor: Actor, now: datetime, user_id: uuid.UUID) -> User:
    """Close an account; nobody closes their own, so that an administrator always remains."""
    user = get_user(session, actor, user_id)
    if user.id == actor.id:
        raise Conflict("不能停用自己的账户。")
    accounts.deactivate(session, user)
    record_admin(session, kind="user.deactivated", now=now, actor=actor, data={"username": user.username})
    return user


def switch_on(session: Session, actor: Actor, now: datetime, user_id: uuid.UUID) -> tuple[User, str]:
    """Open a closed account again, with a new password."""
    user = get_user(session, actor, user_id)
    user.active = True
    return user, _renew(session, actor, now, user, "user.activated")


def reset_password(session: Session, actor: Actor, now: datetime, user_id: uuid.UUID) -> tuple[User, str]:
    """Give an account a new password that is shown once; every session of it ends."""
    user = get_user(session, actor, user_id)
    return user, _renew(session, actor, now, user, "user.password_reset")


def fresh_password() -> str:
    """Make a password that can be read aloud: three groups of letters and one of digits."""
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3)]
    return "-".join([*groups, "".join(secrets.choice(_DIGITS) for _ in range(4))])


def places(session: Session, actor: Actor) -> list[Area]:
    """List the places that an administrator may give to an account, down to the township."""
    query = select(Area).where(Area.level != "village").order_by(Area.code)
    if actor.area_code:
        query = query.where(Area.code.startswith(actor.area_code, autoescape=True))
    return list(session.scalars(query))


def _renew(session: Session, actor: Actor, now: datetime, user: User, kind: str) -> str:
    password = fresh_password()
    accounts.set_password(session, user, password)
    user.must_change_password = True
    record_admin(session, kind=kind, now=now, actor=actor, data={"username": user.username})
    return password


def _within(actor: Actor) -> ColumnElement[bool]:
    # Whoever set the installation up has no place and looks after all accounts.
    if not actor.area_code:
        return true()
    return User.area_code.startswith(actor.area_code, autoescape=True)


def _check(session: Session, actor: Actor, wanted: Wanted, username: str = "-") -> None:
    errors = []
    if not username.strip():
        errors.append(("username", "请填写用户名。"))
    if not wanted.name.strip():
        errors.append(("name", "请填写姓名。"))
    if not wanted.roles:
        errors.append(("roles", "请至少选择一个岗位。"))
    if unknown := set(wanted.roles) - set(ROLES):
        errors.append(("roles", f"没有名为“{min(unknown)}”的岗位。"))
    errors += _check_place(session, actor, wanted.area_code, wanted.roles)
    errors += address_errors(wanted.mobile, wanted.mail)
    if errors:
        raise Invalid(errors=[{"field": field, "message": message} for field, message in errors])


def _check_place(session: Session, actor: Actor, code: str, roles: Iterable[str]) -> list[tuple[str, str]]:
    if not code:
        needs = any(ROLES[role].level != "any" for role in roles if role in ROLES)
        if needs or actor.area_code:
            return [("area_code", "请选择辖区。")]
        return []
    try:
        get_area(session, code)
    except NotFound as error:
        return [("area_code", error.message)]
    if actor.area_code and not actor.covers(code):
        return [("area_code", "只能选择您辖区内的地区。")]
    if any(ROLES[role].level == "town" for role in roles if role in ROLES) and len(code) < 9:
        return [("area_code", "乡镇岗位的辖区应当是一个乡镇（街道）。")]
    return []
