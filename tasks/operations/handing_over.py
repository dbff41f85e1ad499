"""Handing a matter to another office, which accepts it or returns it with a reason (RX-04, section F of the rules)."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import cast

from sqlalchemy import String, Table, Uuid, bindparam, func, select, update

from jieban import rules, workdays
from jieban.areas.tables import Area
from jieban.errors import Invalid
from jieban.handovers.tables import Handover
from jieban.ids import new_id
from jieban.ledger.tables import FirstContact
from jieban.reads import Query
from jieban.writes import add, append, change
from notifications.tables import Message
from tasks.contact_limits import handed_on_late
from tasks.operations.fact_days import tell_day
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text
from tasks.scope import is_withheld

_TOWN = 9

_AREA = Query(select(Area.code, Area.full_name).where(Area.code == bindparam("the_code")))
_TABLE = cast("Table", Handover.__table__)
_WAITING = Query(
    select(_TABLE.c.id, _TABLE.c.due_at, _TABLE.c.to_area, _TABLE.c.to_unit, _TABLE.c.designated)
    .where(
        _TABLE.c.case_id == bindparam("the_case", type_=Uuid()),
        _TABLE.c.answer == "",
        _TABLE.c.part == bindparam("the_part", type_=String(12)),
        _TABLE.c.to_area.startswith(bindparam("the_place", type_=String(12))),
    )
    .order_by(_TABLE.c.handed_at.desc())
    .limit(1)
)
_KEPT_SINCE = Query(
    select(
        FirstContact.received_at,
        FirstContact.reopened_at,
        select(func.max(_TABLE.c.answered_at))
        .where(_TABLE.c.case_id == bindparam("the_case", type_=Uuid()), _TABLE.c.answer == "returned")
        .scalar_subquery(),
    ).where(FirstContact.id == bindparam("the_contact", type_=Uuid()))
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


@task_operation(
    "hand_over", "转办", "Hand over", ("rule", "wait", "kind", "tell", "past", "stage", "designated", "duty")
)
def hand_over(done: Done) -> Mapping[str, Fact]:
    """Hand the matter to the office of the area in `to_area`; `rule` says by when it accepts or returns it.

    With `designated` the county settles who has to do it, and it cannot be returned any more (RX-04). With `duty` the
    form says on what ground a township gets it from the county (RX-08). Other offices that the form lists assist (RX-07).
    Tells `office` (the area code, for tasks that name it as their area), `handed_at`, `designated` and the helpers; where
    `wait` names the rule how long the county waits beyond the limit, also `unanswered_at`, when that is over.
    """
    code = text(done.data, "to_area")
    unit = _office(done, "to_area", code)
    reason = text(done.data, "reason")
    if not reason:
        raise Invalid(errors=[{"field": "reason", "message": "请写明转办的理由和要办的事项。"}])
    designated = done.params.get("designated") == "true"
    if not designated and code == own_office(done):
        raise Invalid(errors=[{"field": "to_area", "message": "由本单位办理的，不需要转办。"}])
    if done.params.get("duty") == "true":
        _may_go_down(done, code)
    _add(done, code, unit, reason, part="lead", designated=designated)
    body: dict[str, Fact] = {"to": code, "reason": reason, "designated": designated}
    done.record("handover.made", body)
    facts = keep(replace(done, data={**done.data, "to_unit": unit})) | ask_to_assist(done, code)
    if "wait" in done.params:
        facts |= {"unanswered_at": _unanswered(done)}
    return facts | {"office": code, "handed_at": done.now.isoformat(), "designated": designated}


@task_operation("answer_handover", "签收或退回", "Accept or return", ("kind", "tell", "past", "stage"))
def answer_handover(done: Done) -> Mapping[str, Fact]:
    """Accept what was handed over, or return it with a reason; tells `handover` (accepted, returned) and `returned_late`.

    What the county designated cannot be returned (RX-04). The first receiver hears of a return.
    """
    waiting = _WAITING.first(done.session, the_case=done.case.id, the_part="lead", the_place="")
    answer, reason = str(done.data["answer"]), text(done.data, "reason")
    if answer == "returned":
        if waiting.designated:
            message = "本事项已经县级研究指定由本单位承办，不得退回。"
            raise Invalid(errors=[{"field": "answer", "message": message}])
        if not reason:
            raise Invalid(errors=[{"field": "reason", "message": "退回的，必须写明理由。"}])
    late = bool(waiting.due_at and waiting.due_at < done.now)
    _answer(done, waiting.id, answer, reason)
    done.record(f"handover.{answer}", {"by": waiting.to_area, "reason": reason, "late": late})
    if answer == "returned":
        tell_first_receiver(done, f"{waiting.to_unit}退回了您首接的事项：{reason}")
    return keep(done) | {"handover": answer, "returned_late": late and answer == "returned"}


@task_operation("assist", "协办反馈", "Assist", ("kind", "tell", "past", "stage"))
def assist(done: Done) -> Mapping[str, Fact]:
    """Report to the office that has the lead what an assisting office did, or how far it is (RX-07)."""
    place = own_office(done)
    waiting = _WAITING.first(done.session, the_case=done.case.id, the_part="assist", the_place=place)
    report = text(done.data, "report")
    late = bool(waiting.due_at and waiting.due_at < done.now)
    _answer(done, waiting.id, "reported", report)
    done.record("handover.reported", {"by": place, "late": late})
    return keep(done)


def own_office(done: Done) -> str:
    """Give the area code of the office that does the task; a county's own office has the code of the county."""
    town = done.task.town_code
    return town[:6] if town.endswith("000") else town


def ask_to_assist(done: Done, lead: str) -> dict[str, Fact]:
    """Ask the offices that the form lists in `helpers` to assist; tells how many, and the area code of each."""
    rows = list(done.data.get("helpers") or ())
    codes = [text(row, "area") for row in rows]
    if len(set(codes)) < len(codes) or lead in codes:
        message = "协办单位不能重复，也不能是主办单位。"
        raise Invalid(errors=[{"field": "helpers", "message": message}])
    for row, code in zip(rows, codes, strict=True):
        unit = _office(done, "helpers", code)
        _add(done, code, unit, text(row, "what"), part="assist", designated=False)
        done.record("handover.made", {"to": code, "reason": text(row, "what"), "part": "assist"})
    facts: dict[str, Fact] = {f"helper_{place}": code for place, code in enumerate(codes, 1)}
    return facts | {"helpers": len(codes)}


def tell_first_receiver(done: Done, sentence: str) -> None:
    """Leave a message for the first receiver, who follows the matter until it is closed."""
    if done.case.first_receiver_id == done.actor.id:
        return
    row = {
        "id": new_id(),
        "user_id": done.case.first_receiver_id,
        "at": done.now,
        "kind": "handover",
        "text": f"{sentence[:400]}（{done.case.applicant_name}，{done.case.number}）",
        "case_id": done.case.id,
        "run_id": "",
    }
    append(done.session, Message, row)


def _office(done: Done, field: str, code: str) -> str:
    """Name an office of the county that may be given the matter; Invalid for others, and for one that it is about."""
    area = _AREA.first(done.session, the_code=code)
    if area is None or not code.startswith(done.case.county_code) or len(code) > _TOWN:
        raise Invalid(errors=[{"field": field, "message": "请从列表中选择本县（市、区）内的承办单位。"}])
    if is_withheld(done.case, code):
        message = "投诉、举报不得转给被投诉、举报的单位，来电人的情况也不得透露给它。"
        raise Invalid(errors=[{"field": field, "message": message}])
    return str(area.full_name)


def _may_go_down(done: Done, code: str) -> None:
    """Refuse what the county pushes down to a township though it is for one of its own departments (RX-08)."""
    if len(code) < _TOWN or not done.task.role.startswith("county."):
        return
    duty = text(done.data, "duty")
    if duty == "county":
        message = "属于县级部门职责范围的事项，不得交由乡镇（街道）承担。"
        raise Invalid(errors=[{"field": "duty", "message": message}])
    if not duty or not text(done.data, "duty_item"):
        message = "交由乡镇（街道）办理的，请写明对应的属地管理事项责任清单条目。"
        raise Invalid(errors=[{"field": "duty_item" if duty else "duty", "message": message}])


def _add(done: Done, code: str, unit: str, reason: str, *, part: str, designated: bool) -> None:
    handover = Handover(
        id=new_id(),
        case_id=done.case.id,
        part=part,
        designated=designated,
        from_user=done.actor.id,
        from_name=done.actor.name,
        from_unit=done.actor.unit,
        to_area=code,
        to_unit=unit,
        reason=reason,
        handed_at=done.now,
        made_late=part == "lead" and not designated and _kept_too_long(done),
        due_at=_due(done) if part == "lead" else None,
        answer="",
        answered_name="",
        answer_reason="",
    )
    add(done.session, handover)


def _kept_too_long(done: Done) -> bool:
    """Tell whether the first receiver kept the matter longer than the rule allows, since it came or came back."""
    row = _KEPT_SINCE.first(done.session, the_case=done.case.id, the_contact=done.case.first_contact_id)
    if row is None:
        return False
    since = max(one for one in row if one is not None)
    return handed_on_late(done.rules, done.calendar, since, done.now)


def _answer(done: Done, handover: uuid.UUID, answer: str, reason: str) -> None:
    values = {
        "the_handover": handover,
        "the_answer": answer,
        "the_now": done.now,
        "the_actor": done.actor.id,
        "the_name": done.actor.name,
        "the_reason": reason,
    }
    change(done.session, _ANSWER, values, must_hit=True)


def _unanswered(done: Done) -> str:
    """Say when an office that has not answered is not waited for any more; both lengths are of working days."""
    limit, wait = (rules.entry(done.rules, done.params[name]) for name in ("rule", "wait"))
    both = replace(limit, name="逾期没有答复，另行指定", value=str(int(limit.value) + int(wait.value)))
    return tell_day(done, "unanswered_at", both, done.now)


def _due(done: Done) -> datetime | None:
    rule = done.params.get("rule")
    if not rule:
        return None
    entry = rules.entry(done.rules, rule)
    return workdays.due(done.now, int(entry.value), entry.unit, done.calendar).at
