from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jieban.errors import Conflict
from jieban.ids import new_id
from jieban.people.id_numbers import check_id_number
from jieban.people.tables import Person


def find_or_add(
    session: Session, *, name: str, id_number: str | None, phone: str, now: datetime, sample: bool
) -> Person:
    """Return the person with this identity number, or add them; a person without one is always added.

    Raises Conflict where somebody else adds the same person at this moment: what was checked before may no
    longer be true.
    """
    known = check_id_number(id_number) if id_number else None
    query = select(Person).where(Person.id_number == (known.number if known else None))
    if known and (person := session.scalars(query).one_or_none()):
        person.phone = phone or person.phone
        return person
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    added = (
        insert(Person)
        .values(
            id=new_id(),
            name=name,
            id_number=known.number if known else None,
            sex=known.sex if known else "",
            birth_date=known.birth_date if known else None,
            phone=phone,
            created_at=now,
            sample=sample,
        )
        .on_conflict_do_nothing(index_elements=["id_number"])
        .returning(Person)
    )
    person = session.scalars(added).one_or_none()
    if person is None:
        raise Conflict("此人刚刚由他人登记，请重新提交，系统将再次核对是否已有在办案件。")
    return person
