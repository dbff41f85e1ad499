"""Who is told of what waits: the holder, or the nearest of a role, and the substitutes of those who are away."""

import uuid
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from jieban.clock import local_day
from jieban.staff.absences import substitutes_on
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from notifications.addresses import Book


class Told(NamedTuple):
    """Somebody who is told."""

    id: uuid.UUID
    name: str


class Receivers:
    """Looks each office up once; it is made for one sweep, so what changes meanwhile counts from the next."""

    def __init__(self, now: datetime) -> None:
        self._day = local_day(now)
        self._away: dict[uuid.UUID, Told] | None = None
        self._offices: dict[tuple[str, str], tuple[Told, ...]] = {}
        self.book = Book(whole=True)
        """where all of them are reached outside the program; not read before something goes out"""

    def office(self, session: Session, role: str, area_code: str) -> tuple[Told, ...]:
        """Give those of a role who are nearest to a place, and who stands in for them."""
        key = (role, area_code)
        if key not in self._offices:
            found = staff_with_role(session, role, area_code)
            nearest = len(found[0].area_code or "") if found else 0
            near = [Told(user.id, user.name) for user in found if len(user.area_code or "") == nearest]
            self._offices[key] = self._with_substitutes(session, near)
        return self._offices[key]

    def person(self, session: Session, user_id: uuid.UUID, name: str) -> tuple[Told, ...]:
        """Give one person, and who stands in for them."""
        return self._with_substitutes(session, [Told(user_id, name)])

    def _with_substitutes(self, session: Session, people: list[Told]) -> tuple[Told, ...]:
        if self._away is None:
            self._away = {
                user_id: Told(substitute.id, substitute.name)
                for user_id, substitute in substitutes_on(session, self._day).items()
            }
        both = [told for one in people for told in (one, self._away.get(one.id)) if told is not None]
        return tuple(dict.fromkeys(both))


def role_name(key: str) -> str:
    """Name a role; one that is not known stands for itself."""
    return ROLES[key].name if key in ROLES else key
