"""Where staff are reached, looked up for one message or for a whole sweep."""

import uuid
from typing import NamedTuple

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban.reads import Query
from jieban.staff.tables import StaffAddress, User


class Reached(NamedTuple):
    """Where somebody is reached, and whether reminders go there too."""

    name: str
    mobile: str
    mail: str
    reminders: bool


_COLUMNS = (User.id, User.name, StaffAddress.mobile, StaffAddress.mail, StaffAddress.reminders)
_STAFF = select(*_COLUMNS).outerjoin(StaffAddress, StaffAddress.user_id == User.id).where(User.active)
_ALL = Query(_STAFF)
_ONE = Query(_STAFF.where(User.id == bindparam("the_user", type_=Uuid())))


class Book:
    """Looks up where staff are reached; a sweep has one that is read whole, once, so that no message asks again."""

    def __init__(self, *, whole: bool = False) -> None:
        self._known: dict[uuid.UUID, Reached] | None = None
        self._whole = whole

    def find(self, session: Session, user_id: uuid.UUID) -> Reached | None:
        """Give where somebody is reached; None for whose account is closed."""
        if not self._whole:
            row = _ONE.first(session, the_user=user_id)
            return None if row is None else _reached(row)
        if self._known is None:
            self._known = {row.id: _reached(row) for row in _ALL.all(session)}
        return self._known.get(user_id)


def _reached(row: tuple[uuid.UUID, str, str | None, str | None, bool | None]) -> Reached:
    _, name, number, mail, reminders = row
    return Reached(name, number or "", mail or "", bool(reminders))
