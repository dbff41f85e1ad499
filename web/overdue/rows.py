from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from tasks.inbox import Page
from tasks.tables import Task

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

    @property
    def due_at(self) -> datetime:
        return self.task.due_at


def rows_of(session: Session, page: Page, locale: str) -> list[Row]:
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
            page.names.get(task.assignee_id, "") if task.assignee_id else "",
            "" if task.assignee_id else office(task),
            task.escalation_level,
        )
        for task in page.rows
    ]


def _role(key: str, locale: str) -> str:
    role = ROLES.get(key)
    return (role.english if locale == "en" else role.name) if role else key
