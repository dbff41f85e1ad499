from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.ids import new_id
from jieban.people.id_numbers import check_id_number
from jieban.people.tables import Person


def find_or_add(
    session: Session, *, name: str, id_number: str | None, phone: str, now: datetime, sample: bool
) -> Person:
    """Return the person with this identity number, or add them; a person without one is always added."""
    known = check_id_number(id_number) if id_number else None
    if known:
        person = session.scalars(select(Person).where(Person.id_number == known.number)).one_or_none()
        if person:
            person.phone = phone or person.phone
            return person
    person = Person(
        id=new_id(),
        name=name,
        id_number=known.number if known else None,
        sex=known.sex if known else "",
        birth_date=known.birth_date if known else None,
        phone=phone,
        created_at=now,
        sample=sample,
    )
    session.add(person)
    return person
