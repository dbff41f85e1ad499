from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.staff.roles import ROLES
from jieban.staff.tables import User, UserRole

_LENGTHS = {"town": 9, "county": 6}


def find_user(session: Session, username: str) -> User | None:
    """Find an account by its username; capitals and blanks around it do not matter."""
    return session.scalar(select(User).where(User.username == tidy(username)))


def tidy(username: str) -> str:
    """Write a username the one way in which it is stored."""
    return username.strip().lower()


def staff_with_role(session: Session, role: str, area_code: str) -> list[User]:
    """List the active staff who may do a role's work for a place, those nearest to it first.

    Their area is the place at the role's level, or lies above it. Who is away is among them: see `absences`.
    """
    level = ROLES[role].level if role in ROLES else "any"
    place = area_code[: _LENGTHS.get(level, len(area_code))]
    above = [place[:length] for length in (2, 4, 6, 9, 12) if length <= len(place)]
    query = (
        select(User)
        .join(UserRole, UserRole.user_id == User.id)
        .where(UserRole.role == role, User.active, User.area_code.in_(above))
        .order_by(User.username)
    )
    return sorted(session.scalars(query), key=lambda user: -len(user.area_code or ""))
