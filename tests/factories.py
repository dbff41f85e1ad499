"""Rows with working defaults, for tests of one part; nothing here is random where a test looks at it."""

import hashlib
import uuid
from datetime import date, datetime
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.cases.tables import Application, Case
from jieban.ids import new_id
from jieban.ledger import open_first_contact
from jieban.people.tables import Person
from jieban.procedures.tables import ModelVersion
from jieban.rules import rule_set_for
from jieban.staff.actor import Actor
from jieban.writes import write_out
from tests.people import VILLAGE

_numbers = count(1)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_number(birth: date = date(1970, 5, 6), serial: int | None = None, area: str = "379901") -> str:
    """Make an ID number of the sample county with a right check digit."""
    digits = f"{area}{birth:%Y%m%d}{(serial or next(_numbers)) % 1000:03}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


def add_person(session: Session, now: datetime, **values: Any) -> Person:
    """Add a person with an ID number of the sample county."""
    person = Person(
        **{
            "id": new_id(),
            "name": "钱桂兰",
            "id_number": id_number(),
            "sex": "女",
            "birth_date": date(1970, 5, 6),
            "created_at": now,
        }
        | values
    )
    session.add(person)
    return person


def add_model_version(session: Session, now: datetime, key: str = "sample_procedure") -> ModelVersion:
    """Add a published version of a procedure that has no files, or return the one that is there."""
    found = session.scalar(select(ModelVersion).where(ModelVersion.key == key))
    if found:
        return found
    version = ModelVersion(
        id=new_id(),
        key=key,
        number=1,
        name="测试程序",
        state="published",
        sha256=hashlib.sha256(key.encode()).hexdigest(),
        created_at=now,
        changed_at=now,
        published_at=now,
        effective_from=now.date(),
    )
    session.add(version)
    return version


def add_case(session: Session, actor: Actor, now: datetime, *, village: str = VILLAGE, **values: Any) -> Case:
    """Add a registered case whose engine state is empty: for parts that never run the engine."""
    person = add_person(session, now)
    version = add_model_version(session, now)
    contact = open_first_contact(
        session,
        actor=actor,
        now=now,
        channel="window",
        matter="最低生活保障申请",
        person_name=person.name,
        phone="",
        town_code=village[:9],
        place="窗口",
        told="",
        limit=None,
    )
    rule_set = rule_set_for(session, village[:6], now.date(), now)
    # The case refers to all of these.
    session.flush()
    write_out(session)
    case = Case(
        **{
            "id": new_id(),
            "number": f"TEST-{uuid.uuid4().hex[:12]}",
            "procedure": version.key,
            "model_version_id": version.id,
            "rule_set_id": rule_set.id,
            "state": "open",
            "stage": "registered",
            "urban": False,
            "delegated": True,
            "village_code": village,
            "town_code": village[:9],
            "county_code": village[:6],
            "city_code": village[:4],
            "applicant_id": person.id,
            "applicant_name": person.name,
            "first_receiver_id": actor.id,
            "first_contact_id": contact.id,
            "registered_at": now,
            "engine_state": b"",
            "sample": False,
        }
        | values
    )
    session.add(case)
    session.flush()
    session.add(Application(case_id=case.id, channel="window", applied_on=now.date()))
    return case
