"""Finding the benefit that a review or a change is about: by its id, by the number of the case that granted it, by its person."""

import uuid
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.errors import Invalid
from jieban.links.tables import CaseLink
from jieban.reads import Query

ITEMS = {
    "subsistence_allowance": "最低生活保障",
    "destitute_support": "特困人员救助供养",
    "marginal_household": "低保边缘家庭",
    "rigid_expenditure_household": "刚性支出困难家庭",
}
"""What was granted, by the procedure that granted it."""

_MOST_CHOICES = 500


def find(session: Session, text: str, person_id: uuid.UUID | None) -> uuid.UUID:
    """Find an active benefit by its id or the number of its case; without a text the only one of the person.

    Invalid says why there is none, or that there are several to choose from.
    """
    text = text.strip()
    if text:
        found = _BY_ID.all(session, the_benefit=key) if (key := _uuid(text)) else []
        found = found or _BY_NUMBER.all(session, the_number=text)
        if not found:
            raise _wrong(f"没有案号为“{text}”的待遇，请从列表中选择。")
        if active := [row for row in found if row.state == "active"]:
            return _only(active)
        raise _wrong(f"{found[0].holder}的这项待遇已于 {found[0].ended_month} 终止。")
    found = _BY_PERSON.all(session, the_person=person_id) if person_id else []
    if not found:
        raise _wrong("此人没有正在享受的待遇，请核对。")
    return _only(found)


def item(procedure: str) -> str:
    """Name what a procedure grants."""
    return ITEMS.get(procedure, procedure)


def open_about(session: Session, granted_by: uuid.UUID, procedure: str) -> str | None:
    """Return the number of the open case of a procedure that already deals with what a case granted."""
    number: str | None = _OPEN.scalar(session, the_case=granted_by, the_procedure=procedure)
    return number


def choices(session: Session, place: str) -> list[tuple[str, str]]:
    """List the active benefits of a township, county or city for a choice: case number, and who holds what."""
    column = {9: Benefit.town_code, 6: Benefit.county_code, 4: Benefit.city_code}.get(len(place))
    if column is None:
        return []
    query = (
        select(Benefit.case_number, Benefit.holder, Benefit.procedure, Benefit.amount)
        # The county is in the index; of a township it is named besides.
        .where(column == place, *_in_county(place), Benefit.state == "active")
        .order_by(Benefit.holder, Benefit.case_number)
        .limit(_MOST_CHOICES)
    )
    return [(row.case_number, _title(row)) for row in session.execute(query)]


def _in_county(place: str) -> list[ColumnElement[bool]]:
    return [Benefit.county_code == place[:6]] if len(place) >= 6 else []


def _title(row: Any) -> str:
    money = f"，每月 {row.amount} 元" if row.amount is not None else ""
    return f"{row.holder}（{item(row.procedure)}{money}）"


def _only(found: list[Any]) -> uuid.UUID:
    if len(found) > 1:
        names = "、".join(f"{item(row.procedure)}（{row.case_number}）" for row in found)
        raise _wrong(f"此人有多项待遇，请选择其中一项：{names}。")
    chosen: uuid.UUID = found[0].id
    return chosen


def _uuid(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _wrong(message: str) -> Invalid:
    return Invalid(errors=[{"field": "benefit", "message": message}])


_B, _C, _L = (cast("Table", one.__table__) for one in (Benefit, Case, CaseLink))
_COLUMNS = select(_B.c.id, _B.c.case_number, _B.c.procedure, _B.c.holder, _B.c.state, _B.c.ended_month)
_BY_ID = Query(_COLUMNS.where(_B.c.id == bindparam("the_benefit", type_=Uuid())))
_BY_NUMBER = Query(
    _COLUMNS.join(_C, _C.c.id == _B.c.case_id).where(_C.c.number == bindparam("the_number")).order_by(_B.c.id)
)
_BY_PERSON = Query(
    _COLUMNS.where(_B.c.person_id == bindparam("the_person", type_=Uuid()), _B.c.state == "active").order_by(
        _B.c.id
    )
)
_OPEN = Query(
    select(_C.c.number)
    .join(_L, _L.c.to_id == _C.c.id)
    .where(
        _L.c.from_id == bindparam("the_case", type_=Uuid()),
        _C.c.procedure == bindparam("the_procedure"),
        _C.c.state == "open",
    )
    .limit(1)
)
