import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Uuid, bindparam, exists, or_, select

from jieban.cases.tables import Relative
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.staff.tables import User
from tasks.operations.registry import Done

_PAIR = Query(
    select(
        User.id,
        User.username,
        User.name,
        User.active,
        User.area_code,
        exists()
        .where(Relative.case_id == bindparam("the_case", type_=Uuid()), Relative.user_id == User.id)
        .label("related"),
    ).where(or_(User.username == bindparam("the_first"), User.username == bindparam("the_second")))
)


def investigators(done: Done) -> list[dict[str, str]]:
    """Read the two investigators of a form: two different active members of staff, none of them related (DB-08, DB-10)."""
    names = [str(done.data.get(field) or "") for field in ("first_investigator", "second_investigator")]
    if names[0] == names[1]:
        raise Invalid(
            errors=[{"field": "second_investigator", "message": "调查人员不得少于 2 人，请选择另一名同事。"}]
        )
    pair = _PAIR.all(done.session, the_case=done.case.id, the_first=names[0], the_second=names[1])
    found = {user.username: user for user in pair}
    people = []
    for field, name in zip(("first_investigator", "second_investigator"), names, strict=True):
        user = found.get(name)
        if user is None or not user.active or not done.task.town_code.startswith(user.area_code or "-"):
            raise Invalid(errors=[{"field": field, "message": "请从本单位在岗人员中选择调查人员。"}])
        if user.related:
            raise Invalid(
                errors=[{"field": field, "message": f"{user.name}与申请家庭有近亲属关系，应当回避。"}]
            )
        people.append({"user_id": str(user.id), "name": user.name})
    return people


def user_by_name(done: Done, username: str) -> uuid.UUID | None:
    """Find a member of staff by account name."""
    return done.session.scalars(select(User.id).where(User.username == username)).one_or_none()


def text(data: Mapping[str, Any], field: str) -> str:
    """Read a text of a form, trimmed, empty when it was left out."""
    return str(data.get(field) or "").strip()
