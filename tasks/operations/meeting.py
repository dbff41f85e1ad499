"""A joint meeting: who came and what they said, what was concluded, and who has to do what by when (S1-04, LS-24)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.links.tables import CaseLink
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_PARAMS = ("kind", "tell", "past", "stage")
_OPEN, _FINISHED = "open", "done"


@task_operation("hold_meeting", "登记会议情况", "Record a meeting", (*_PARAMS, "quorum"), duty="propose")
def hold_meeting(done: Done) -> Mapping[str, Fact]:
    """Keep who came and what each department said; tells `quorum`, true where more than that percent came.

    Whoever keeps the record does not conclude. Invalid where fewer than two departments are named.
    """
    done.day("held_on")
    members = _rows(done, "members")
    names = {text(row, "department") for row in members}
    if len(names) < 2:
        raise Invalid(
            errors=[{"field": "members", "message": "一事一议由几个部门共同研究，至少登记两个不同的部门。"}]
        )
    came = [row for row in members if row["attended"] == "yes"]
    for place, row in enumerate(members):
        if row["attended"] == "yes" and not row.get("opinion"):
            raise Invalid(
                errors=[{"field": f"members.{place}.opinion", "message": "到会的部门，请登记它的意见。"}]
            )
    quorum = len(came) * 100 > len(members) * int(done.params.get("quorum", "50"))
    return keep(done) | {"quorum": quorum}


@task_operation("conclude_meeting", "作出会议结论", "Conclude a meeting", _PARAMS, duty="decide")
def conclude_meeting(done: Done) -> Mapping[str, Fact]:
    """Keep the conclusion; tells `conclusion`, how many `orders` it gives, and the earliest day of them (`orders_due`)."""
    orders = _rows(done, "orders")
    for place, row in enumerate(orders):
        if date.fromisoformat(row["by_when"]) < done.today:
            raise Invalid(errors=[{"field": f"orders.{place}.by_when", "message": "完成日期不能早于今天。"}])
    due = min((row["by_when"] for row in orders), default=None)
    return keep(done) | {
        "conclusion": str(done.data["conclusion"]),
        "orders": len(orders),
        "orders_due": due,
    }


@task_operation("follow_orders", "督办落实", "Follow up the orders", _PARAMS)
def follow_orders(done: Done) -> Mapping[str, Fact]:
    """Keep how the orders stand: none of them is left out; tells how many are still open and by when the next is due."""
    given = orders_of(done.session, done.case.id)
    rows = _rows(done, "orders")
    told = {(text(row, "department"), text(row, "what")) for row in rows}
    for row in given:
        if (row["department"], row["what"]) not in told:
            message = f"漏登了会议确定的事项：{row['department']}，{row['what']}。"
            raise Invalid(errors=[{"field": "orders", "message": message}])
    still = [row for row in rows if row["state"] == _OPEN]
    for place, row in enumerate(rows):
        if row["state"] != _OPEN:
            continue
        if not text(row, "note"):
            raise Invalid(
                errors=[{"field": f"orders.{place}.note", "message": "没有办完的，请写明原因和下一步。"}]
            )
        if date.fromisoformat(row["by_when"]) <= done.today:
            raise Invalid(
                errors=[{"field": f"orders.{place}.by_when", "message": "请填写今天以后的完成日期。"}]
            )
    due = min((row["by_when"] for row in still), default=None)
    return keep(done) | {"open_orders": len(still), "orders_due": due}


def orders_of(session: Session, case_id: Any) -> list[dict[str, Any]]:
    """List the orders that are to be followed up: as they stood last, or as the meeting gave them."""
    own = _LAST.first(session, the_case=case_id, the_kind="orders")
    if own is not None:
        return [row for row in own.data["orders"] if row["state"] != _FINISHED]
    source = _SOURCE.scalar(session, the_case=case_id)
    given = _LAST.first(session, the_case=source, the_kind="conclusion") if source else None
    return [dict(row) for row in given.data.get("orders") or ()] if given else []


def _rows(done: Done, field: str) -> list[dict[str, Any]]:
    return [dict(row) for row in done.data.get(field) or ()]


_LAST = Query(
    select(CaseRecord.data)
    .where(
        CaseRecord.case_id == bindparam("the_case", type_=Uuid()), CaseRecord.kind == bindparam("the_kind")
    )
    .order_by(CaseRecord.recorded_at.desc(), CaseRecord.id.desc())
    .limit(1)
)
_SOURCE = Query(select(CaseLink.from_id).where(CaseLink.to_id == bindparam("the_case", type_=Uuid())))
