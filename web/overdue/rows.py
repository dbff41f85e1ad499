import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name
from jieban.deadlines.tables import Deadline
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from tasks.late import Late
from tasks.tables import Task
from web.i18n import N_, translate

_NAMED = 3


@dataclass(frozen=True)
class Row:
    """One late task, with the office and the person who answer for it."""

    task: Task
    county: str
    town: str
    role: str
    holder: str
    """"" where nobody has taken it"""
    office: str
    """those of the office who could take it, and so answer for it together"""
    level: int
    """how far the escalation has gone"""
    law: Deadline | None = None
    """the limit of the law that has passed"""

    @property
    def due_at(self) -> datetime:
        return self.task.due_at


def rows_of(
    session: Session, late: Sequence[Late], holders: Mapping[uuid.UUID, str], locale: str
) -> list[Row]:
    """Name places, roles and people of a page of tasks."""
    names: dict[str, str] = {}
    offices: dict[tuple[str, str], str] = {}

    def office(task: Task) -> str:
        key = (task.role, task.town_code)
        if key not in offices:
            offices[key] = "、".join(user.name for user in staff_with_role(session, *key)[:_NAMED])
        return offices[key]

    def place(code: str) -> str:
        if code not in names:
            names[code] = area_name(session, code)
        return names[code]

    return [
        Row(
            task,
            place(task.county_code),
            place(task.town_code),
            _role(task.role, locale),
            holders.get(task.assignee_id, "") if task.assignee_id else "",
            "" if task.assignee_id else office(task),
            task.escalation_level,
            one.law,
        )
        for one in late
        for task in (one.task,)
    ]


def _role(key: str, locale: str) -> str:
    if not key:
        return translate(locale, N_("首接人"))
    role = ROLES.get(key)
    return (role.english if locale == "en" else role.name) if role else key
