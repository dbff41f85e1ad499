"""Handing a matter to another office, which accepts it or returns it with a reason (RX-04, section F of the rules)."""

from collections.abc import Mapping
from datetime import datetime
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, select, update

from jieban import ledger, rules, workdays
from jieban.areas.tables import Area
from jieban.errors import Invalid
from jieban.handovers.tables import Handover
from jieban.ids import new_id
from jieban.reads import Query
from jieban.writes import add, change
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_AREA = Query(select(Area.code, Area.full_name).where(Area.code == bindparam("the_code")))
_TABLE = cast("Table", Handover.__table__)
_WAITING = Query(
    select(_TABLE.c.id, _TABLE.c.due_at, _TABLE.c.to_area)
    .where(_TABLE.c.case_id == bindparam("the_case", type_=Uuid()), _TABLE.c.answer == "")
    .order_by(_TABLE.c.handed_at.desc())
    .limit(1)
)
_ANSWER = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("the_handover"), _TABLE.c.answer == "")
    .values(
        answer=bindparam("the_answer"),
        answered_at=bindparam("the_now"),
        answered_by=bindparam("the_actor"),
        answered_name=bindparam("the_name"),
        answer_reason=bindparam("the_reason"),
    )
)


@task_operation("hand_over", "转办", "Hand over", ("rule", "kind", "tell", "past", "stage"))
def hand_over(done: Done) -> Mapping[str, Fact]:
    """Hand the matter to the office of the area in `to_area`; `rule` says by when it accepts or returns it.

    Tells `office` (the area code, for tasks that name it as their area) and `handed_at`.
    """
    code = text(done.data, "to_area")
    area = _AREA.first(done.session, the_code=code)
    if area is None or not code.startswith(done.case.county_code):
        raise Invalid(errors=[{"field": "to_area", "message": "请从列表中选择本县（市、区）内的承办单位。"}])
    reason = text(done.data, "reason")
    if not reason:
        raise Invalid(errors=[{"field": "reason", "message": "请写明转办的理由和要办的事项。"}])
    handover = Handover(
        id=new_id(),
        case_id=done.case.id,
        from_user=done.actor.id,
        from_name=done.actor.name,
        from_unit=done.actor.unit,
        to_area=code,
        to_unit=area.full_name,
        reason=reason,
        handed_at=done.now,
        due_at=_due(done),
        answer="",
        answered_name="",
        answer_reason="",
    )
    add(done.session, handover)
    _to_ledger(done, "handover.made", {"to": code, "reason": reason})
    return keep(done) | {"office": code, "handed_at": done.now.isoformat()}


@task_operation("answer_handover", "签收或退回", "Accept or return", ("kind", "tell", "past", "stage"))
def answer_handover(done: Done) -> Mapping[str, Fact]:
    """Accept what was handed over, or return it with a reason; tells `handover` (accepted, returned) and `returned_late`."""
    waiting = _WAITING.first(done.session, the_case=done.case.id)
    answer, reason = str(done.data["answer"]), text(done.data, "reason")
    if answer == "returned" and not reason:
        raise Invalid(errors=[{"field": "reason", "message": "退回的，必须写明理由。"}])
    late = bool(waiting.due_at and waiting.due_at < done.now)
    values = {
        "the_handover": waiting.id,
        "the_answer": answer,
        "the_now": done.now,
        "the_actor": done.actor.id,
        "the_name": done.actor.name,
        "the_reason": reason,
    }
    change(done.session, _ANSWER, values, must_hit=True)
    _to_ledger(done, f"handover.{answer}", {"by": waiting.to_area, "reason": reason, "late": late})
    return keep(done) | {"handover": answer, "returned_late": late and answer == "returned"}


def _due(done: Done) -> datetime | None:
    rule = done.params.get("rule")
    if not rule:
        return None
    entry = rules.entry(done.rules, rule)
    return workdays.due(done.now, int(entry.value), entry.unit, done.calendar).at


def _to_ledger(done: Done, kind: str, body: Mapping[str, Fact]) -> None:
    ledger.record(
        done.session,
        county_code=done.case.county_code,
        at=done.now,
        kind=kind,
        case_id=done.case.id,
        case_number=done.case.number,
        actor=done.actor,
        body=dict(body),
    )
