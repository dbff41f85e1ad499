"""What somebody should know in the morning, in one message: what is due today, late, waiting for takers, or ordered."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from jieban.clock import end_of_day, local_day
from jieban.deadlines import Deadline, words
from jieban.staff.actor import Actor, within
from jieban.staff.roles import ROLES
from jieban.supervision.tables import SupervisionOrder
from jieban.workdays import Calendar
from tasks.inbox import COUNT_CAP
from tasks.late import list_late
from tasks.tables import Task

_SHOWN = 3
"""Tasks that are named; the others are counted."""
_OPEN: ColumnElement[str] = literal("open", literal_execute=True)
"""Written out in the statement, since a partial index does not know what a parameter will be."""


@dataclass(frozen=True)
class _Part:
    today: int
    late: int

    def __bool__(self) -> bool:
        return bool(self.today or self.late)

    def __str__(self) -> str:
        parts = [f"今日到期 {_many(self.today)} 件"] if self.today else []
        parts += [f"已超期 {_many(self.late)} 件"] if self.late else []
        return "、".join(parts)


def digest(session: Session, actor: Actor, now: datetime, calendar: Calendar) -> str:
    """Say in a few sentences what waits for somebody today; "" where nothing does."""
    said = []
    own = _due(session, now, Task.assignee_id == actor.id)
    if own:
        said.append(f"您的任务：{own}。最急的：{'；'.join(_named(session, actor.id, now, calendar))}。")
    pool = _pool(session, actor, now)
    if pool:
        said.append(f"本岗位待领取：{pool}。")
    said += _orders(session, actor, now)
    if actor.may("overdue.read") and (late := list_late(session, actor, now, limit=1)).total:
        by_law = f"，其中超过法定期限 {_many(late.by_law)} 件" if late.by_law else ""
        said.append(f"辖区内已超期 {_many(late.total)} 件{by_law}。")
    day = local_day(now)
    return f"{day.month}月{day.day}日待办提醒。{''.join(said)}" if said else ""


def _due(session: Session, now: datetime, *whose: ColumnElement[bool]) -> _Part:
    """Count what is late and what falls due till the end of the day, up to the cap."""
    until = end_of_day(local_day(now))
    some = (
        select(Task.due_at)
        .where(Task.state == _OPEN, *whose, Task.due_at <= until)
        .order_by(Task.due_at)
        .limit(COUNT_CAP)
        .subquery()
    )
    late = func.count().filter(some.c.due_at < now)
    row = session.execute(select(func.count(), late).select_from(some)).one()
    return _Part(row[0] - row[1], row[1])


def _pool(session: Session, actor: Actor, now: datetime) -> _Part:
    parts = [
        _due(session, now, Task.role == role, Task.assignee_id.is_(None), within(actor, Task))
        for role in sorted(actor.roles)
        if role in ROLES and actor.may("task.work")
    ]
    return _Part(sum(one.today for one in parts), sum(one.late for one in parts))


def _orders(session: Session, actor: Actor, now: datetime) -> list[str]:
    """Say which supervision orders wait for an answer of this person or their office, and which answers for a verdict."""
    order = SupervisionOrder
    office = and_(
        order.to_user.is_(None),
        order.to_area == (actor.area_code or ""),
        order.to_role.in_(sorted(actor.roles)),
    )
    to_answer = select(func.count(), func.count().filter(order.due_at < now)).where(
        order.state.in_(("issued", "returned")), or_(order.to_user == actor.id, office)
    )
    waiting, late = session.execute(to_answer).one()
    answered = session.scalar(
        select(func.count()).where(order.from_user == actor.id, order.state == "answered")
    )
    said = [f"督办单待答复 {waiting} 件{f'（已超期 {late} 件）' if late else ''}。"] if waiting else []
    return said + ([f"您下达的督办单，有 {answered} 件答复待审核。"] if answered else [])


def _named(session: Session, user_id: uuid.UUID, now: datetime, calendar: Calendar) -> Sequence[str]:
    query = (
        select(Task.name, Task.case_number, Task.due_at, Task.town_code, Deadline.unit)
        .outerjoin(Deadline, Deadline.id == Task.deadline_id)
        .where(Task.state == _OPEN, Task.assignee_id == user_id)
        .order_by(Task.due_at, Task.id)
        .limit(_SHOWN)
    )
    until = end_of_day(local_day(now))
    return [
        f"{name} {number}（{words(due_at, now, calendar.at(town), unit=unit or 'wd').text}）"
        for name, number, due_at, town, unit in session.execute(query)
        if due_at <= until
    ]


def _many(number: int) -> str:
    return f"{number}+" if number >= COUNT_CAP else str(number)
