"""More time for a matter: asked for while its clock runs, granted by somebody else, told to the person (RX-03, XF-05)."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select

from jieban.deadlines.tables import Deadline
from jieban.errors import Invalid
from jieban.reads import Query
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_TABLE = cast("Table", Deadline.__table__)
_CLOCK = Query(
    select(_TABLE.c.due_at, _TABLE.c.rule_key, _TABLE.c.starts_at)
    .where(
        _TABLE.c.case_id == bindparam("the_case", type_=Uuid()),
        _TABLE.c.kind == "total",
        _TABLE.c.state == "running",
    )
    .order_by(_TABLE.c.starts_at.desc())
    .limit(1)
)


def running_clock(done: Done) -> Any:
    """Give the running clock of the whole matter: due_at, rule_key, starts_at; None where none runs."""
    return _CLOCK.first(done.session, the_case=done.case.id)


def must_be_in_time(done: Done, field: str) -> Any:
    """Return the running clock, or refuse: what is over, answered or longer already gets no more time."""
    clock = running_clock(done)
    if clock is None:
        raise Invalid(errors=[{"field": field, "message": "本事项没有正在计算的办理期限，不能延期。"}])
    if clock.rule_key.endswith(".extension"):
        raise Invalid(errors=[{"field": field, "message": "本事项已经延期一次，不能再延期。"}])
    if clock.due_at < done.now:
        raise Invalid(errors=[{"field": field, "message": "办理期限已过，延期应当在期限内申请并批准。"}])
    return clock


@task_operation(
    "grant_longer", "审批延期", "Grant more time", ("kind", "tell", "past", "stage"), duty="decide"
)
def grant_longer(done: Done) -> Mapping[str, Fact]:
    """Grant or refuse the longer limit that somebody else asked for; tells `longer` and where the old limit ended."""
    granted = done.data["granted"] == "yes"
    if not granted:
        if not text(done.data, "reason"):
            raise Invalid(errors=[{"field": "reason", "message": "不同意延期的，请写明理由。"}])
        return keep(done) | {"longer": "rejected"}
    clock = must_be_in_time(done, "granted")
    return keep(done) | {"longer": "granted", "extended_from": clock.due_at.isoformat()}
