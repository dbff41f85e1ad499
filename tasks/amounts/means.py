"""A status that rests on what the household has and must spend: granted with the calculation behind it (BY-01, GX-01)."""

import uuid
from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from tasks.amounts.registry import Granted, amount_by, home_of
from tasks.operations.registry import Done

_WORKED_OUT = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == bindparam("the_case", type_=Uuid()), CaseRecord.kind == "means")
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)


@amount_by("marginal")
def marginal(done: Done) -> Granted:
    """Grant the status of a household at the margin, where that is what the table of kinds says (BY-01)."""
    return _status(done, "marginal")


@amount_by("rigid")
def rigid(done: Done) -> Granted:
    """Grant the status of a household with rigid expenditure (GX-01); what several departments concluded stands for the table (GX-06)."""
    return _status(done, "rigid")


def _status(done: Done, kind: str) -> Granted:
    field, met = "decision" if "decision" in done.data else "result", done.facts.get("joint_meeting_outcome")
    if met == "refused":
        message = "县级协调机制集体研究，结论是不同意，不能认定。"
        raise Invalid(errors=[{"field": field, "message": message}])
    if done.facts.get("household_kind") != kind and met != "approved" and not done.data.get("complex"):
        message = f"按核算结果不符合条件：{done.facts.get('kind_reason') or '没有核算'}。"
        raise Invalid(errors=[{"field": field, "message": message}])
    calculation = worked_out(done.session, done.case.id) or {}
    return Granted(None, home_of(done).members, method="status", calculation=calculation)


def worked_out(session: Session, case_id: uuid.UUID) -> dict[str, Any] | None:
    """Give the latest calculation of what the household has and must spend; None where nobody has worked it out."""
    found = _WORKED_OUT.first(session, the_case=case_id)
    return dict(found.data["calculation"]) if found else None
