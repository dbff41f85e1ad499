"""Where the choices of a field come from that only the office knows: its staff, the offices of the county."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.staff.directory import staff_with_role
from web.forms.fields import Choices, Options


def options_in(session: Session, place: str) -> Options:
    """Make the function that answers `x-options` of a form, for a township or county code.

    staff:ROLE gives the people of that office with the role; offices gives the county and its townships.
    """

    def options(source: str) -> Choices:
        kind, _, rest = source.partition(":")
        if kind == "staff":
            people = staff_with_role(session, rest, place)
            return [(user.username, f"{user.name}（{user.post or user.unit}）") for user in people]
        if kind == "offices":
            return _offices(session, place[:6])
        return []

    return options


def _offices(session: Session, county: str) -> Choices:
    query = select(Area.code, Area.name).where(
        Area.code.startswith(county, autoescape=True), Area.level.in_(("county", "town"))
    )
    return [(row.code, row.name) for row in session.execute(query.order_by(Area.code))]
