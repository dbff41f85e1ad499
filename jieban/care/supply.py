"""The supply list of a county: who offers which service or charity project, and how many places are free (FW-02)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from jieban.care.tables import CareGap, CareSupply
from jieban.care.words import CHARITY, PROVIDERS, items_of
from jieban.errors import Conflict, Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import append, change

_LONGEST = 100
_MOST_PLACES = 100_000
_TABLE = cast("Table", CareSupply.__table__)
_COLUMNS = select(
    _TABLE.c.id,
    _TABLE.c.provider,
    _TABLE.c.kind,
    _TABLE.c.item,
    _TABLE.c.name,
    _TABLE.c.label,
    _TABLE.c.contact,
    _TABLE.c.phone,
    _TABLE.c.capacity,
    _TABLE.c.used,
    _TABLE.c.active,
)
_BY_LABEL = Query(
    _COLUMNS.where(_TABLE.c.county_code == bindparam("the_county"), _TABLE.c.label == bindparam("the_label"))
)
_TAKE = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("the_supply", type_=Uuid()),
        _TABLE.c.active,
        or_(_TABLE.c.capacity.is_(None), _TABLE.c.used < _TABLE.c.capacity),
    )
    .values(used=_TABLE.c.used + 1)
)
_FREE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("the_supply", type_=Uuid()), _TABLE.c.used > 0)
    .values(used=_TABLE.c.used - 1)
)


@dataclass(frozen=True)
class Offered:
    """A line of the supply list as somebody chooses it."""

    id: uuid.UUID
    provider: str
    kind: str
    item: str
    name: str
    label: str
    contact: str
    phone: str
    capacity: int | None
    used: int
    active: bool

    @property
    def free(self) -> int | None:
        """Places that are free; none where there is no limit."""
        return None if self.capacity is None else max(self.capacity - self.used, 0)


@dataclass(frozen=True)
class NewSupply:
    """A line as it is typed in or imported."""

    provider: str
    kind: str
    item: str
    name: str
    contact: str = ""
    phone: str = ""
    capacity: int | None = None
    note: str = ""
    active: bool = True

    @property
    def label(self) -> str:
        return f"{self.provider}·{self.name}"


def find(session: Session, county: str, label: str) -> Offered | None:
    """Look a line up by the name under which forms choose it."""
    row = _BY_LABEL.first(session, the_county=county, the_label=label)
    return Offered(*row) if row else None


def offered(session: Session, county: str, *, charity: bool) -> list[CareSupply]:
    """List what can be chosen now: services, or the projects of charities; those without a free place too."""
    query = select(CareSupply).where(CareSupply.county_code == county, CareSupply.active)
    query = query.where(CareSupply.kind == CHARITY if charity else CareSupply.kind != CHARITY)
    return list(session.scalars(query.order_by(CareSupply.item, CareSupply.label)))


def take_place(session: Session, supply_id: uuid.UUID) -> None:
    """Take a place; Conflict when it is sent and somebody else has just taken the last one."""
    change(session, _TAKE, {"the_supply": supply_id}, must_hit=True)


def free_place(session: Session, supply_id: uuid.UUID) -> None:
    """Give a place back."""
    change(session, _FREE, {"the_supply": supply_id})


def note_gap(
    session: Session, case_id: uuid.UUID, county: str, item: str, reason: str, now: datetime
) -> None:
    """Write down that nothing on the list meets a need."""
    row = {"id": new_id(), "case_id": case_id, "county_code": county, "item": item}
    append(session, CareGap, {**row, "reason": reason, "noted_at": now})


def gaps(session: Session, county: str, since: datetime) -> list[tuple[str, int, datetime]]:
    """Count since a moment for how many people each kind of service was lacking, the most wanted first."""
    people = func.count(CareGap.case_id.distinct())
    query = (
        select(CareGap.item, people, func.max(CareGap.noted_at))
        .where(CareGap.county_code == county, CareGap.noted_at >= since)
        .group_by(CareGap.item)
        .order_by(people.desc(), CareGap.item)
    )
    return [(item, count, last) for item, count, last in session.execute(query)]


def check(wanted: NewSupply) -> dict[str, str]:
    """List what is wrong with a line, by field."""
    errors = {}
    for field, value in (("provider", wanted.provider), ("name", wanted.name)):
        if not value.strip() or len(value) > _LONGEST or "·" in value:
            errors[field] = "请填写，不超过 100 个字，不含“·”。"
    if wanted.kind not in PROVIDERS:
        errors["kind"] = "请从列出的选项中选择。"
    elif wanted.item not in items_of(wanted.kind):
        errors["item"] = (
            "慈善组织填写慈善项目的种类，其他单位填写服务的种类。"
            if wanted.item
            else "请从列出的选项中选择。"
        )
    if wanted.capacity is not None and not 0 <= wanted.capacity <= _MOST_PLACES:
        errors["capacity"] = "同时服务的人数应为 0 至 100000。"
    for field, value, longest in (
        ("contact", wanted.contact, 50),
        ("phone", wanted.phone, 30),
        ("note", wanted.note, 300),
    ):
        if len(value) > longest:
            errors[field] = f"不超过 {longest} 个字。"
    return errors


def save(
    session: Session,
    county: str,
    wanted: NewSupply,
    now: datetime,
    *,
    supply_id: uuid.UUID | None = None,
    sample: bool = False,
) -> CareSupply:
    """Add a line to a county's list, or change the one of that id; nothing is removed, since orders point at it.

    Raises Invalid with one error per field; Conflict where the county has another line of that name.
    """
    if errors := check(wanted):
        raise Invalid(errors=[{"field": field, "message": text} for field, text in errors.items()])
    same = select(CareSupply.id).where(CareSupply.county_code == county, CareSupply.label == wanted.label)
    if session.scalar(same) not in {None, supply_id}:
        raise Conflict("清单中已有同一单位的同名项目。")
    row = session.get_one(CareSupply, supply_id) if supply_id else None
    if row is None:
        row = CareSupply(id=new_id(), county_code=county, used=0, sample=sample)
        session.add(row)
    for field in (
        "provider",
        "kind",
        "item",
        "name",
        "label",
        "contact",
        "phone",
        "capacity",
        "note",
        "active",
    ):
        setattr(row, field, getattr(wanted, field))
    row.changed_at = now
    return row
