import uuid
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, false

from jieban.errors import NotAllowed
from jieban.staff.roles import permissions_of

if TYPE_CHECKING:
    from jieban.staff.tables import User


@dataclass(frozen=True)
class Actor:
    """Who acts: the person behind a request, with the area they answer for and what they may do."""

    id: uuid.UUID
    name: str
    area_code: str | None
    roles: frozenset[str] = field(default_factory=frozenset)
    unit: str = ""
    phone: str = ""
    username: str = ""
    stands_in_for: frozenset[uuid.UUID] = field(default_factory=frozenset)
    """who is away today and has named this person: what was given to them shows here too"""

    @cached_property
    def permissions(self) -> frozenset[str]:
        return permissions_of(self.roles)

    def may(self, permission: str) -> bool:
        """Tell whether one of the roles gives the permission."""
        return permission in self.permissions

    def require(self, permission: str) -> None:
        """Raise NotAllowed where no role gives the permission."""
        if not self.may(permission):
            raise NotAllowed

    def covers(self, area_code: str | None) -> bool:
        """Tell whether a place lies in the actor's area; without an area nobody covers anything."""
        return bool(self.area_code and area_code and area_code.startswith(self.area_code))


def actor_of(user: "User", stands_in_for: frozenset[uuid.UUID] = frozenset()) -> Actor:
    """Make the actor of a member of staff, with those whom they stand in for."""
    return Actor(
        id=user.id,
        name=user.name,
        area_code=user.area_code,
        roles=frozenset(row.role for row in user.roles),
        unit=user.unit,
        phone=user.phone,
        username=user.username,
        stands_in_for=stands_in_for,
    )


def within(actor: Actor, table: Any) -> ColumnElement[bool]:
    """Make the condition that rows lie in the actor's area.

    The table has town_code, county_code and city_code; equality on the column of the actor's level uses its index.
    An actor without an area sees nothing.
    """
    code = actor.area_code
    if not code:
        return false()
    by_length: dict[int, ColumnElement[str]] = {9: table.town_code, 6: table.county_code, 4: table.city_code}
    if len(code) in by_length:
        return by_length[len(code)] == code
    if len(code) == 2:
        return by_length[4].startswith(code, autoescape=True)
    if len(code) == 12 and hasattr(table, "village_code"):
        village: ColumnElement[str] = table.village_code
        return village == code
    return false()
