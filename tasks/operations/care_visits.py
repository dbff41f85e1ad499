"""Services as assistance, once they run: sign-in of each visit, acceptance with satisfaction, rectification (FW-03, FW-05)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from jieban.care import orders
from jieban.clock import local_day
from jieban.errors import Invalid
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_PARAMS = ("kind", "tell", "past", "stage")
_DISSATISFIED = frozenset({"dissatisfied", "very_dissatisfied"})
_ENDING = {"changed": "changed", "stopped": "stopped"}


@task_operation("record_visit", "登记服务签到", "Sign a visit in", _PARAMS)
def record_visit(done: Done) -> Mapping[str, Fact]:
    """Keep the sign-in of the earliest visit that is still open, or that it was missed, or that the services end here.

    Tells `visit_result` (done, missed, changed, stopped), `visits_left` and `visit_due`. A missed visit may be made up
    for on another day; where the situation has changed or the person wants no more, nothing that was planned remains.
    """
    visit = orders.next_visit(done.session, done.case.id)
    result = str(done.data["result"])
    kept = keep(
        replace(done, data={**done.data, "service": visit.label, "planned_on": visit.planned_on.isoformat()})
    )
    if result in _ENDING:
        orders.end_orders(done.session, done.case.id, done.now, _ENDING[result])
        return {**kept, "visit_result": result, "visits_left": 0, "visit_due": None}
    if result == "done":
        orders.sign_in(done.session, visit.id, state="done", day=done.day("visited_on"))
    else:
        orders.sign_in(done.session, visit.id, state="missed", day=None)
        if done.data.get("make_up_on"):
            day = _coming(done, "make_up_on", done.data["make_up_on"])
            orders.add_visit(done.session, done.case.id, visit.order_id, day)
    return {**kept, "visit_result": result, **_what_is_left(done)}


@task_operation("accept_service", "验收服务", "Accept the services", _PARAMS, duty="check")
def accept_service(done: Done) -> Mapping[str, Fact]:
    """Keep how the services are judged, with what was planned and done and how satisfied the person is (FW-03, FW-05).

    Whoever made the plan does not judge it. Tells `accepted` (false where the quality fails or the person is
    dissatisfied) and `go_on` (whether the situation is looked at again later).
    """
    counts = orders.count_visits(done.session, done.case.id)
    numbers = {"visits_done": int(counts.done), "visits_missed": int(counts.missed)}
    fails = done.data["quality"] == "fail" or done.data["satisfaction"] in _DISSATISFIED
    if fails and not text(done.data, "problems"):
        raise Invalid(errors=[{"field": "problems", "message": "不合格或者本人不满意的，请写明问题。"}])
    kept = keep(replace(done, data={**done.data, **numbers}))
    if not fails:
        orders.end_orders(done.session, done.case.id, done.now, "accepted")
    return {**kept, "accepted": not fails, "go_on": done.data["afterwards"] == "reassess"}


@task_operation("rectify_service", "督促整改", "Have the services put right", _PARAMS)
def rectify_service(done: Done) -> Mapping[str, Fact]:
    """Keep how the provider put things right: visits made up for, mended otherwise, or another provider.

    Tells `rectified` (make_up, mended, replaced), `visits_left` and `visit_due`.
    """
    way = str(done.data["way"])
    if way == "make_up":
        running = {one.label: one for one in orders.active_orders(done.session, done.case.id)}
        for place, row in enumerate(done.data["make_up"]):
            order = running.get(text(row, "service"))
            if order is None:
                message = "请选择本计划正在进行的服务。"
                raise Invalid(errors=[{"field": f"make_up.{place}.service", "message": message}])
            day = _coming(done, f"make_up.{place}.planned_on", row["planned_on"])
            orders.add_visit(done.session, done.case.id, order.id, day)
    elif way == "replaced":
        orders.end_orders(done.session, done.case.id, done.now, "replaced")
        return {**keep(done), "rectified": way, "visits_left": 0, "visit_due": None}
    return {**keep(done), "rectified": way, **_what_is_left(done)}


def _what_is_left(done: Done) -> dict[str, Fact]:
    following = orders.next_visit(done.session, done.case.id)
    counts = orders.count_visits(done.session, done.case.id)
    return {
        "visits_left": int(counts.planned),
        "visit_due": following.planned_on.isoformat() if following else None,
    }


def _coming(done: Done, field: str, value: Any) -> date:
    day = date.fromisoformat(str(value))
    if day < local_day(done.now):
        raise Invalid(errors=[{"field": field, "message": "补做的日期不能早于今天。"}])
    return day
