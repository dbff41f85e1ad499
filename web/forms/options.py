"""Where the choices of a field come from that only the office knows: its staff, the offices of the county."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.benefits.choosing import choices
from jieban.care.supply import offered
from jieban.care.words import ITEMS
from jieban.staff.directory import staff_with_role
from jieban.staff.tables import User
from web.forms.fields import Choices, Options


def options_in(session: Session, place: str) -> Options:
    """Make the function that answers `x-options` of a form, for a township or county code.

    staff:ROLE gives the people of that office with the role; offices gives the county and its townships, villages the
    villages and communities of the county, people everybody on its staff; services and charities what its supply list has,
    benefits what is being granted in the place.
    """

    def options(source: str) -> Choices:
        kind, _, rest = source.partition(":")
        if kind == "staff":
            people = staff_with_role(session, rest, place)
            return [(user.username, f"{user.name}（{user.post or user.unit}）") for user in people]
        if kind == "offices":
            return _places(session, place[:6], "county", "town")
        if kind == "villages":
            return _places(session, place[:6], "village")
        if kind == "benefits":
            return choices(session, place)
        if kind in {"services", "charities"}:
            return _supply(session, place[:6], charity=kind == "charities")
        return _people(session, place[:6]) if kind == "people" else []

    return options


def _places(session: Session, county: str, *levels: str) -> Choices:
    query = select(Area.code, Area.name).where(
        Area.code.startswith(county, autoescape=True), Area.level.in_(levels)
    )
    return [(row.code, row.name) for row in session.execute(query.order_by(Area.code))]


def _people(session: Session, county: str) -> Choices:
    query = select(User).where(User.active, User.area_code.startswith(county, autoescape=True))
    return [
        (user.username, f"{user.name}（{user.unit}{user.post}）")
        for user in session.scalars(query.order_by(User.area_code, User.username))
    ]


def _supply(session: Session, county: str, *, charity: bool) -> Choices:
    """Give what is offered with its kind and the places that are free."""
    found = []
    for row in offered(session, county, charity=charity):
        free = "" if row.capacity is None else f"，余 {max(row.capacity - row.used, 0)} 个名额"
        found.append((row.label, f"{row.label}（{ITEMS.get(row.item, row.item)}{free}）"))
    return found
