"""The second person: what moves the deadlines of running cases, or voids breaches, is confirmed by somebody else.

Whoever enters a calendar may confirm it alone only where no running deadline moves by it, as for a year ahead.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.audit.tables import AdminEvent
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.staff.actor import Actor, actor_of
from jieban.staff.roles import ROLES
from jieban.staff.tables import User, UserRole
from jieban.workdays import DayChange, Listed
from notifications import messages

_LONGEST_REASON = 200
_MOST_TOLD = 50


def may_change_country(session: Session, actor: Actor | None) -> bool:
    """Tell whether somebody may change days of the whole country: they must answer for all the offices here."""
    if actor is None or actor.area_code is None:
        return True
    outside = ~User.area_code.startswith(actor.area_code, autoescape=True)
    return not session.scalar(select(exists().where(User.active, User.area_code.is_not(None), outside)))


def check_reach(session: Session, actor: Actor | None, listed: Iterable[Listed]) -> None:
    """Refuse areas that do not exist, and those that are not the actor's."""
    areas = {one.area for one in listed}
    if unknown := sorted(area for area in areas if area and session.get(Area, area) is None):
        raise Invalid(f"没有代码为 {unknown[0]} 的地区。")
    if "" in areas and not may_change_country(session, actor):
        raise NotAllowed("全国的放假安排由管辖全部单位的管理员导入；您可以导入本辖区自行安排的日期。")
    own = (actor.area_code or "") if actor else ""
    if wrong := sorted(area for area in areas if area and not area.startswith(own)):
        raise NotAllowed(f"地区 {wrong[0]} 不在您的辖区内。")


def read_reason(why: str) -> str:
    """Read a reason, which may be empty; Invalid where it is too long."""
    why = " ".join(why.split())
    if len(why) > _LONGEST_REASON:
        raise Invalid(f"理由不超过 {_LONGEST_REASON} 字。")
    return why


def digest(changes: Iterable[DayChange]) -> str:
    """Give a fingerprint of what was asked for, so that nothing else is confirmed."""
    text = json.dumps([one.to_json() for one in changes], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check_second(actor: Actor | None, asked: AdminEvent, changes: Iterable[DayChange]) -> None:
    """Refuse whoever asked for it themselves or may not confirm, and what is not any more what was asked for."""
    if actor is None or actor.id == asked.actor_id:
        raise Conflict("已提交复核，须由另一人（督办人）确认后才生效。")
    actor.require("calendar.confirm")
    if asked.data["digest"] != digest(changes):
        raise Conflict("提交复核以后日历有了变化，请重新导入。")


def tell_seconds(session: Session, asked: AdminEvent, listed: Iterable[Listed], now: datetime) -> None:
    """Leave a message for those who may confirm it."""
    days = list(listed)
    roles = [role.key for role in ROLES.values() if "calendar.confirm" in role.permissions]
    query = select(User).where(User.active, User.roles.any(UserRole.role.in_(roles))).order_by(User.id)
    text = f"{asked.actor_name}提交了工作日历“{asked.data['file']}”，会改变正在计算的期限，请在“工作日历”中复核。"
    for user in session.scalars(query.limit(_MOST_TOLD)):
        if user.id != asked.actor_id and _reaches(session, user, days):
            messages.leave(session, user_id=user.id, kind="reminder", text=text, now=now)


def _reaches(session: Session, user: User, listed: list[Listed]) -> bool:
    try:
        check_reach(session, actor_of(user), listed)
    except (Invalid, NotAllowed):
        return False
    return True


def who(asked: AdminEvent | None, actor: Actor | None, nobody: str) -> dict[str, Any]:
    """Name both people for the record: who entered it, and who confirmed it."""
    me = actor.name if actor else nobody
    return {"entered_by": asked.actor_name if asked else me, "confirmed_by": me}
