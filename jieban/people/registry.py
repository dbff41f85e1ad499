import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jieban.errors import Conflict
from jieban.ids import new_id
from jieban.people.id_numbers import check_id_number
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.writes import change


@dataclass(frozen=True)
class Registered:
    """A person of the register."""

    id: uuid.UUID
    name: str


def find_or_add(
    session: Session, *, name: str, id_number: str | None, phone: str, now: datetime, sample: bool
) -> Registered:
    """Return the person with this identity number, or add them; a person without one is always added.

    Raises Conflict where somebody else adds the same person at this moment: what was checked before may no
    longer be true.
    """
    known = check_id_number(id_number) if id_number else None
    if known and (person := _KNOWN.first(session, the_number=known.number)):
        if phone and phone != person.phone:
            change(session, _CALL, {"the_person": person.id, "the_phone": phone})
        return Registered(person.id, person.name)
    added = _ADD[session.get_bind().dialect.name].scalar(
        session,
        id=new_id(),
        name=name,
        id_number=known.number if known else None,
        sex=known.sex if known else "",
        birth_date=known.birth_date if known else None,
        phone=phone,
        created_at=now,
        sample=sample,
    )
    if added is None:
        raise Conflict("此人刚刚由他人登记，请重新提交，系统将再次核对是否已有在办案件。")
    return Registered(added, name)


_TABLE = cast("Table", Person.__table__)
_COLUMNS = ("id", "name", "id_number", "sex", "birth_date", "phone", "created_at", "sample")
_KNOWN = Query(
    select(_TABLE.c.id, _TABLE.c.name, _TABLE.c.phone).where(_TABLE.c.id_number == bindparam("the_number"))
)
_CALL = update(_TABLE).where(_TABLE.c.id == bindparam("the_person")).values(phone=bindparam("the_phone"))


def _add(insert: Any) -> Query:
    row = insert(_TABLE).values({name: bindparam(name, type_=_TABLE.c[name].type) for name in _COLUMNS})
    return Query(row.on_conflict_do_nothing(index_elements=["id_number"]).returning(_TABLE.c.id))


_ADD = {"postgresql": _add(postgresql.insert), "sqlite": _add(sqlite.insert)}
