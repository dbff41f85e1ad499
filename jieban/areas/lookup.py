from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.errors import NotFound
from jieban.reads import Query

LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
"""The level of a place by the length of its code."""


def level_of(code: str) -> str:
    """Tell the level of a code by its length; "" where no level has that length."""
    return LEVELS.get(len(code), "")


def get_area(session: Session, code: str) -> Area:
    """Load a place, or raise NotFound."""
    area = session.get(Area, code)
    if area is None:
        raise NotFound(f"没有代码为“{code}”的区划。")
    return area


def area_name(session: Session, code: str | None) -> str:
    """Return the short name of a place, or its code where it is unknown, so that a page never breaks on it."""
    area = session.get(Area, _own(code)) if code else None
    return area.name if area else code or ""


_FULL_NAME = Query(select(Area.full_name).where(Area.code == bindparam("the_code")))


def full_name(session: Session, code: str | None, unknown: str | None = None) -> str:
    """Return the name with the places above, or the code, or what is given for it, where it is unknown."""
    shown = _own(code) if code and unknown is None else code
    name = _FULL_NAME.scalar(session, the_code=shown) if shown else None
    return str(name or (code if unknown is None else unknown) or "")


def _own(code: str) -> str:
    """Read the code under which a county's own matters stand, which no township has, as the county's."""
    return code[:6] if len(code) == 9 and code.endswith("000") else code


def children(session: Session, code: str | None) -> list[Area]:
    """List the places right below a place, by code; None lists the topmost ones."""
    return list(session.scalars(select(Area).where(Area.parent_code == code).order_by(Area.code)))


def is_village(session: Session, code: str) -> bool:
    """Tell whether a code names a known village or community."""
    area = session.get(Area, code)
    return area is not None and area.level == "village"
