"""The benefit that a review or a change is about: which it is, and its household as far as the case knows it."""

import uuid
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from jieban.benefits import changing
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case, Income, Member, Relative, Visit
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.registry import find_or_add
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import append, change
from tasks.operations.registry import Done
from tasks.operations.staffing import text

RECORD = "benefit"
"""The kind of the record that says which benefit a case is about, and how it stood when the case began."""


def benefit_of(done: Done) -> Benefit:
    """Lock the benefit that the case is about and return it, once in a step."""
    found = done.told.get("the benefit")
    if found is None:
        data = record_of(done, RECORD)
        found = done.told["the benefit"] = changing.hold(done.session, uuid.UUID(str(data["benefit"])))
    benefit: Benefit = found
    return benefit


def record_of(done: Done, kind: str) -> Mapping[str, Any]:
    """Return the latest record of a kind in the case; empty where there is none."""
    row = _RECORD.first(done.session, the_case=done.case.id, the_kind=kind)
    return row.data if row else {}


def copy_household(
    session: Session, benefit: Benefit, case: Case, review_id: uuid.UUID | None = None
) -> None:
    """Begin with the household as it was counted last: members, incomes, and who had to keep away (DB-08).

    Out of a review a case begins with what that found, and with its visit: who made it cannot decide here either.
    """
    source = review_id or benefit.members_case_id or benefit.case_id
    if review_id:
        for row in _VISITS.all(session, the_case=review_id):
            append(session, Visit, {**row._asdict(), "id": new_id(), "case_id": case.id})
    ids = {}
    for row in _MEMBERS.all(session, the_case=source):
        if row.person_id == case.applicant_id:
            ids[row.id] = _OWN.scalar(session, the_case=case.id, the_person=row.person_id)
            told = {f"the_{name}": getattr(row, name) for name in _OF_MEMBERS}
            change(session, _TELL, {"the_member": ids[row.id], **told})
            continue
        ids[row.id] = new_id()
        copy = {name: getattr(row, name) for name in (*_OF_MEMBERS, "person_id", "name", "relation")}
        append(session, Member, {**copy, "id": ids[row.id], "case_id": case.id, "applicant": False})
    incomes = _INCOMES.all(session, the_case=source)
    visited = [row for row in incomes if row.source == "visited"]
    for row in visited or incomes:
        copy = {name: getattr(row, name) for name in ("kind", "monthly", "note")}
        kept = {"id": new_id(), "case_id": case.id, "member_id": ids.get(row.member_id), "source": "declared"}
        append(session, Income, {**copy, **kept})
    for row in _RELATIVES.all(session, the_case=benefit.case_id):
        append(session, Relative, {**row._asdict(), "id": new_id(), "case_id": case.id})
        case.has_relative = True


def change_household(done: Done, rows: list[Mapping[str, Any]]) -> list[str]:
    """Write who came, left or died into the household of the case; return what happened in sentences.

    Whoever died is marked so in the register of people: nothing can be applied for in their name any more.
    """
    told = []
    for place, row in enumerate(rows):
        name, way = text(row, "name"), str(row["way"])
        if way == "joined":
            told.append(_join(done, f"members.{place}", row))
            continue
        member = _BY_NAME.first(done.session, the_case=done.case.id, the_name=name)
        if member is None:
            message = f"家庭成员中没有“{name}”，请核对。"
            raise Invalid(errors=[{"field": f"members.{place}.name", "message": message}])
        day = _day(done, f"members.{place}.day", row)
        reason = f"{'死亡' if way == 'died' else '迁出'}（{day.isoformat()}）"
        change(done.session, _LEAVE, {"the_member": member.id, "the_reason": reason})
        if way == "died":
            change(done.session, _DIED, {"the_person": member.person_id, "the_day": day})
        told.append(f"{name}{reason}")
    return told


def keep_incomes(done: Done, rows: list[Mapping[str, Any]]) -> None:
    """Keep the monthly incomes as they were found, in place of those known before."""
    names = {row.name: row.id for row in _COUNTED.all(done.session, the_case=done.case.id)}
    change(done.session, _FORGET, {"the_case": done.case.id}, first=True)
    for place, row in enumerate(rows or [{"kind": "other", "monthly": 0, "note": "核实没有收入"}]):
        if (name := text(row, "member")) and name not in names:
            message = f"计入的家庭成员中没有“{name}”。"
            raise Invalid(errors=[{"field": f"incomes.{place}.member", "message": message}])
        found = {
            "id": new_id(),
            "case_id": done.case.id,
            "member_id": names.get(name),
            "kind": str(row["kind"]),
            "monthly": Decimal(str(row["monthly"])),
            "source": "visited",
            "note": text(row, "note"),
        }
        append(done.session, Income, found)


def last_death(done: Done) -> date | None:
    """Return the day on which the last member of the household of the case died; none where all live."""
    died_on: date | None = _DEAD.scalar(done.session, the_case=done.case.id)
    return died_on


def counted(done: Done) -> list[Any]:
    """List the members that count now: id, name, person, and whether they can work."""
    return _COUNTED.all(done.session, the_case=done.case.id)


def _join(done: Done, field: str, row: Mapping[str, Any]) -> str:
    name = text(row, "name")
    try:
        person = find_or_add(
            done.session,
            name=name,
            id_number=text(row, "id_number") or None,
            phone="",
            now=done.now,
            sample=done.case.sample,
        )
    except Invalid as wrong:
        raise Invalid(errors=[{"field": f"{field}.id_number", "message": wrong.message}]) from None
    if person.name != name:
        message = "姓名与该身份证号已登记的姓名不一致，请核对证件。"
        raise Invalid(errors=[{"field": f"{field}.name", "message": message}])
    about = _ABOUT.first(done.session, the_case=done.case.id, the_person=person.id)
    if about.died_on:
        message = f"登记显示此人已于 {about.died_on.isoformat()} 死亡，请核实。"
        raise Invalid(errors=[{"field": f"{field}.id_number", "message": message}])
    if about.here:
        raise Invalid(errors=[{"field": f"{field}.name", "message": f"{name}已经是计入的家庭成员。"}])
    member = {
        "id": new_id(),
        "case_id": done.case.id,
        "person_id": person.id,
        "name": person.name,
        "relation": str(row.get("relation") or "other"),
        "applicant": False,
        "counted": True,
        "not_counted_reason": "",
        "work_ability": str(row.get("work_ability") or ""),
        "health": "",
        "disability": "",
    }
    append(done.session, Member, member)
    return f"新增{name}"


def _day(done: Done, field: str, row: Mapping[str, Any]) -> date:
    if not row.get("day"):
        raise Invalid(errors=[{"field": field, "message": "请填写日期。"}])
    day = date.fromisoformat(str(row["day"]))
    if day > done.today:
        raise Invalid(errors=[{"field": field, "message": "日期不能晚于今天。"}])
    return day


_M, _I, _R, _P = (cast("Table", one.__table__) for one in (Member, Income, Relative, Person))
_THE_CASE = bindparam("the_case", type_=Uuid())
_OF_MEMBERS = ("counted", "not_counted_reason", "work_ability", "health", "disability")
_RECORD = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == bindparam("the_kind"))
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_MEMBERS = Query(select(*_M.c).where(_M.c.case_id == _THE_CASE).order_by(_M.c.id))
_COUNTED = Query(
    select(_M.c.id, _M.c.name, _M.c.person_id, _M.c.work_ability, _M.c.relation)
    .where(_M.c.case_id == _THE_CASE, _M.c.counted)
    .order_by(_M.c.id)
)
_OWN = Query(
    select(_M.c.id).where(_M.c.case_id == _THE_CASE, _M.c.person_id == bindparam("the_person", type_=Uuid()))
)
_BY_NAME = Query(
    select(_M.c.id, _M.c.person_id)
    .where(_M.c.case_id == _THE_CASE, _M.c.name == bindparam("the_name"), _M.c.counted)
    .limit(1)
)
_ABOUT = Query(
    select(
        _P.c.died_on,
        select(func.count())
        .where(_M.c.case_id == _THE_CASE, _M.c.person_id == _P.c.id, _M.c.counted)
        .scalar_subquery()
        .label("here"),
    ).where(_P.c.id == bindparam("the_person", type_=Uuid()))
)
_DEAD = Query(
    select(_P.c.died_on)
    .select_from(_M)
    .join(_P, _P.c.id == _M.c.person_id)
    .where(_M.c.case_id == _THE_CASE, _P.c.died_on.is_not(None))
    .order_by(_P.c.died_on.desc())
    .limit(1)
)
_TELL = (
    update(_M)
    .where(_M.c.id == bindparam("the_member"))
    .values({name: bindparam(f"the_{name}") for name in _OF_MEMBERS})
)
_LEAVE = (
    update(_M)
    .where(_M.c.id == bindparam("the_member"))
    .values(counted=False, not_counted_reason=bindparam("the_reason"))
)
_DIED = update(_P).where(_P.c.id == bindparam("the_person")).values(died_on=bindparam("the_day"))
_INCOMES = Query(
    select(_I.c.member_id, _I.c.kind, _I.c.monthly, _I.c.source, _I.c.note)
    .where(_I.c.case_id == _THE_CASE)
    .order_by(_I.c.id)
)
_FORGET = delete(_I).where(_I.c.case_id == bindparam("the_case"), _I.c.source == "visited")
_VISITS = Query(
    select(*(column for column in Visit.__table__.columns if column.name not in {"id", "case_id"})).where(
        Visit.case_id == _THE_CASE
    )
)
_RELATIVES = Query(
    select(
        _R.c.user_id,
        _R.c.staff_name,
        _R.c.staff_unit,
        _R.c.member_name,
        _R.c.relation,
        _R.c.registered_by,
        _R.c.registered_at,
    ).where(_R.c.case_id == _THE_CASE)
)
