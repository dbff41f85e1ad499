"""Lists of tasks: mine, my office's pool, what I did, what is due soon in my area. Most urgent first, keyset paging."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Uuid,
    and_,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from jieban.database import UtcDateTime
from jieban.staff.actor import Actor, within
from jieban.staff.roles import ROLES
from jieban.staff.tables import User
from tasks.tables import Task

COUNT_CAP = 1000
"""Counts stop here and are shown as 1000+, since an exact count of a province costs a tenth of a second."""


@dataclass(frozen=True)
class Page:
    rows: Sequence[Task]
    next: str | None
    total: int
    capped: bool = False
    names: dict[uuid.UUID, str] = field(default_factory=dict)
    """names of the holders"""


def list_tasks(
    session: Session,
    actor: Actor,
    *,
    view: str,
    search: str = "",
    after: str | None = None,
    limit: int = 25,
    role: str | None = None,
) -> Page:
    """List the actor's tasks: view "mine", "pool" (nobody's yet) or "done" (latest first)."""
    if view == "done":
        return _done(session, actor, search, after, limit)
    roles = [role] if role else sorted(actor.roles)
    if view == "mine":
        conditions = [
            [Task.assignee_id == one, *([Task.role == role] if role else [])] for one in _holders(actor)
        ]
    else:
        conditions = [
            [Task.role == one, Task.assignee_id.is_(None), _place(actor)] for one in roles if one in ROLES
        ]
    return _page(
        session, [[Task.state == "open", *condition] for condition in conditions], search, after, limit
    )


def due_soon(
    session: Session,
    actor: Actor,
    now: datetime,
    until: datetime,
    *,
    area: str | None = None,
    role: str | None = None,
    search: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """List what falls due until a moment in the actor's area (or below `area`), the next first."""
    soon = and_(Task.due_at >= now, Task.due_at <= until)
    place = [_place(actor), *([Task.town_code.startswith(area, autoescape=True)] if area else [])]
    roles = [role] if role else list(ROLES)
    return _page(
        session,
        [[Task.state == "open", Task.role == one, soon, *place] for one in roles],
        search,
        after,
        limit,
    )


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """Count the open tasks of the actor's lists, up to the cap: mine, pool."""
    mine: list[list[ColumnElement[bool]]] = [
        [Task.state == "open", Task.assignee_id == one] for one in _holders(actor)
    ]
    pool = [
        [Task.state == "open", Task.role == one, Task.assignee_id.is_(None), _place(actor)]
        for one in sorted(actor.roles)
        if one in ROLES
    ]
    return {"mine": _count(session, mine, ""), "pool": _count(session, pool, "")}


def _holders(actor: Actor) -> list[uuid.UUID]:
    """Name whose tasks are the actor's to do: the own ones, and those of whom they stand in for."""
    return [actor.id, *sorted(actor.stands_in_for)]


def _place(actor: Actor) -> ColumnElement[bool]:
    return true() if actor.area_code == "*" else within(actor, Task)


def _matches(search: str) -> list[ColumnElement[bool]]:
    text = search.strip()
    if not text:
        return []
    return [
        or_(
            Task.applicant_name.contains(text, autoescape=True),
            Task.case_number.contains(text, autoescape=True),
            Task.name.contains(text, autoescape=True),
        )
    ]


def _page(session: Session, conditions: list[list[Any]], search: str, after: str | None, limit: int) -> Page:
    if not conditions:
        return Page([], None, 0)
    total = _count(session, conditions, search)
    keyset: list[ColumnElement[bool]] = []
    if after and (cursor := _cursor(after)) is not None:
        keyset = [tuple_(Task.due_at, Task.id) > cursor]
    # One ordered index range per role, merged: a single query over several roles would sort them all.
    parts: list[Select[Any]] = [
        select(
            select(Task.id, Task.due_at)
            .where(*condition, *_matches(search), *keyset)
            .order_by(Task.due_at, Task.id)
            .limit(limit + 1)
            .subquery()
        )
        for condition in conditions
    ]
    merged = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    chosen = select(merged.c.id).order_by(merged.c.due_at, merged.c.id).limit(limit + 1).subquery()
    task = aliased(Task)
    rows = list(
        session.scalars(select(task).join(chosen, chosen.c.id == task.id).order_by(task.due_at, task.id))
    )
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(
        rows,
        f"{rows[-1].due_at.isoformat()}_{rows[-1].id.hex}" if more else None,
        total,
        capped=total >= COUNT_CAP,
        names=_names(session, rows),
    )


def _count(session: Session, conditions: list[list[Any]], search: str) -> int:
    if not conditions:
        return 0
    parts = [
        select(select(Task.id).where(*condition, *_matches(search)).limit(COUNT_CAP).subquery())
        for condition in conditions
    ]
    merged = (union_all(*parts) if len(parts) > 1 else parts[0]).subquery()
    return min(session.execute(select(func.count()).select_from(merged)).scalar_one(), COUNT_CAP)


def _done(session: Session, actor: Actor, search: str, after: str | None, limit: int) -> Page:
    query = select(Task).where(Task.completed_by == actor.id, Task.state == "done", *_matches(search))
    if after and (cursor := _cursor(after)) is not None:
        query = query.where(tuple_(Task.completed_at, Task.id) < cursor)
    rows = list(session.scalars(query.order_by(Task.completed_at.desc(), Task.id.desc()).limit(limit + 1)))
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1].completed_at if more else None
    return Page(
        rows,
        f"{last.isoformat()}_{rows[-1].id.hex}" if last else None,
        len(rows),
        names=_names(session, rows),
    )


def _cursor(text: str) -> Any | None:
    moment, _, key = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
        return tuple_(literal(at, UtcDateTime()), literal(uuid.UUID(key), Uuid())) if at.tzinfo else None
    except ValueError:
        return None  # a cursor typed by hand starts at the first page


def _names(session: Session, rows: Sequence[Task]) -> dict[uuid.UUID, str]:
    holders = {row.assignee_id for row in rows if row.assignee_id}
    if not holders:
        return {}
    found = session.execute(select(User.id, User.name).where(User.id.in_(holders)))
    return dict(found.all())
