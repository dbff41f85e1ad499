"""Who on the staff keeps away from a matter because it concerns them (RX-10, XF-09)."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from jieban.cases.tables import Case, Relative
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.staff.tables import User
from jieban.writes import add
from tasks.operations.registry import Done
from tasks.operations.staffing import text

INTEREST = "直接利害关系"
_USER = Query(select(User.id, User.name, User.unit).where(User.username == bindparam("the_username")))


def keep_away(
    session: Session, case: Case, username: str, why: str, by: uuid.UUID, now: datetime, field: str
) -> str:
    """Register that somebody on the staff must not act on the case, and return their name; Invalid for no account."""
    user = _USER.first(session, the_username=username)
    if user is None:
        raise Invalid(errors=[{"field": field, "message": f"没有账号“{username}”，请从列表中选择。"}])
    row = Relative(
        id=new_id(),
        case_id=case.id,
        user_id=user.id,
        staff_name=user.name,
        staff_unit=user.unit,
        member_name=case.applicant_name,
        relation=why[:40] or INTEREST,
        registered_by=by,
        registered_at=now,
    )
    add(session, row)
    return str(user.name)


def register_recusals(done: Done, field: str = "recusals") -> list[str]:
    """Register everybody whom the form lists as concerned; return their names."""
    rows: list[Mapping[str, Any]] = list(done.data.get(field) or ())
    return [
        keep_away(
            done.session,
            done.case,
            text(row, "username"),
            text(row, "why"),
            done.actor.id,
            done.now,
            f"{field}.{place}.username",
        )
        for place, row in enumerate(rows)
    ]
