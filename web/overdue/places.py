"""The places below, with how much is late in each, so that a supervisor finds where to look."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name, children
from jieban.staff.actor import Actor
from tasks.late import late_by_area

_TOWN = 9


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    late: int
    has_parts: bool
    """whether the board can go one level deeper"""


def below(session: Session, actor: Actor, now: datetime, area: str) -> list[Place]:
    """List the places one level below, the latest first; those without anything late are named too."""
    base = area or actor.area_code or ""
    if len(base) >= _TOWN:
        return []
    late = dict(late_by_area(session, actor, now, area=area))
    names = {one.code: one.name for one in children(session, base)}
    places = [
        Place(code, names.get(code) or area_name(session, code), late.get(code, 0), len(code) < _TOWN)
        for code in {*names, *late}
    ]
    return sorted(places, key=lambda place: (-place.late, place.code))


def path_to(session: Session, actor: Actor, area: str) -> list[Place]:
    """List the places from the actor's own down to the one that is shown."""
    own = actor.area_code or ""
    codes = [own, *(area[:length] for length in (4, 6, 9) if len(own) < length <= len(area))]
    return [Place(code, area_name(session, code), 0, has_parts=True) for code in codes if code]
