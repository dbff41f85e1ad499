"""A supervisor's orders: issued to somebody below, answered, accepted or returned. An order decides nothing in the case."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban import ledger, workdays
from jieban.cases.events import add_event
from jieban.clock import end_of_day, local_day
from jieban.deadlines import Limit, last_moment
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ids import new_id
from jieban.staff.absences import substitutes_on
from jieban.staff.actor import Actor
from jieban.staff.directory import staff_with_role
from jieban.staff.tables import User
from jieban.supervision.tables import SupervisionOrder
from notifications import letters, messages
from tasks.cases import get_case
from tasks.scope import WITHHELD, is_withheld
from tasks.supervision_orders import (
    RANKS,
    WAITS,
    addressees,
    get_order,
    may_answer,
    may_judge,
    rank_of,
)
from tasks.tables import Task

_STEPS = (0, 2, 5)
"""So many working days after the limit the next level is told, and the next (our choice, not law)."""
_LONGEST = 2000
_TOWN = 9


def issue_order(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    case_id: uuid.UUID,
    to: str,
    what: str,
    due_on: date | None,
    task_id: uuid.UUID | None = None,
) -> SupervisionOrder:
    """Give somebody below an order about a case, with its letter; Invalid per field."""
    actor.require("order.issue")
    case = get_case(session, actor, case_id)
    task = session.get(Task, task_id) if task_id else None
    if task is not None and task.case_id != case.id:
        raise NotFound("没有找到该任务，或您无权查看。")
    addressee = next((one for one in addressees(session, actor, case) if one.key == to), None)
    errors = _wrong_day(due_on, now) + _wrong_text("what", what, "请写明督办的事项和要求。")
    if addressee is None:
        errors.append({"field": "to", "message": "请选择承办的单位或人员。"})
    if errors or addressee is None or due_on is None:
        raise Invalid(errors=errors)
    withheld = is_withheld(case, addressee.area)
    order = SupervisionOrder(
        id=new_id(),
        case_id=case.id,
        case_number=case.number,
        applicant_name=WITHHELD if withheld else case.applicant_name,
        county_code=case.county_code,
        task_id=task.id if task else None,
        task_name=task.name if task else "",
        from_user=actor.id,
        from_name=actor.name,
        from_unit=actor.unit,
        to_user=addressee.user,
        to_role=addressee.role,
        to_area=addressee.area,
        to_name=addressee.label,
        what=what.strip(),
        issued_at=now,
        state="issued",
        answers=[],
        closing="",
    )
    _arm(order, due_on, addressee.rank, now, workdays.load_calendar(session))
    letter = letters.issue(
        session,
        case=case,
        kind="supervision_order",
        now=now,
        actor=actor,
        extra={
            **_said_in_letter(order),
            "signed_in": (actor.area_code or "").strip("*"),
            "provisional": _limit(session, order).provisional,
        },
    )
    order.number, order.letter_id = letter.number, letter.id
    session.add(order)
    _record(session, order, actor, now, "order.issued", {"what": order.what, "due": order.due_at.isoformat()})
    _tell_addressee(
        session, order, now, f"{actor.name}向您下达督办单{order.number}，请于{_day(session, order)}前答复"
    )
    return order


def answer_order(session: Session, actor: Actor, now: datetime, order_id: uuid.UUID, text: str) -> None:
    """Answer an order; Conflict where it was withdrawn or answered meanwhile."""
    order = get_order(session, actor, order_id)
    if not may_answer(session, actor, order):
        raise NotAllowed("该督办单由承办的单位或人员答复。")
    if errors := _wrong_text("text", text, "请写明办理情况和结果。"):
        raise Invalid(errors=errors)
    late = order.due_at < now
    given: dict[str, Any] = {"at": now.isoformat(), "by": actor.name, "by_id": str(actor.id)}
    given |= {"text": text.strip(), "late": late}
    _move(session, order, WAITS, state="answered", answers=[*order.answers, given], escalate_at=None)
    _record(session, order, actor, now, "order.answered", {"answer": given["text"], "late": late})
    _tell(session, order, [order.from_user], now, f"督办单{order.number}已答复，请审核")


def judge_order(
    session: Session,
    actor: Actor,
    now: datetime,
    order_id: uuid.UUID,
    *,
    accept: bool,
    reason: str,
    due_on: date | None = None,
) -> None:
    """Accept the answer, or return it with a reason and a new limit; only whoever issued the order."""
    order = get_order(session, actor, order_id)
    _must_be_issuer(actor, order)
    if not accept and (
        errors := _wrong_day(due_on, now) + _wrong_text("reason", reason, "请写明退回的理由。")
    ):
        raise Invalid(errors=errors)
    if order.state != "answered":
        raise Conflict("该督办单现在没有待审核的答复。")
    verdict = {
        "verdict": "accepted" if accept else "returned",
        "verdict_at": now.isoformat(),
        "verdict_by": actor.name,
        "reason": reason.strip()[:_LONGEST],
    }
    answers = [*order.answers[:-1], {**order.answers[-1], **verdict}]
    if accept:
        _move(session, order, ("answered",), state="accepted", answers=answers, closed_at=now)
        _record(session, order, actor, now, "order.accepted", {"reason": verdict["reason"]})
        _tell_addressee(session, order, now, f"督办单{order.number}的答复已通过，督办办结")
        return
    assert due_on is not None
    _move(session, order, ("answered",), state="returned", answers=answers)
    _arm(order, due_on, _rank_of(session, order), now, workdays.load_calendar(session))
    _record(
        session,
        order,
        actor,
        now,
        "order.returned",
        {"reason": verdict["reason"], "due": order.due_at.isoformat()},
    )
    _tell_addressee(
        session,
        order,
        now,
        f"督办单{order.number}的答复被退回，请于{_day(session, order)}前重新答复：{reason.strip()}",
    )


def withdraw_order(session: Session, actor: Actor, now: datetime, order_id: uuid.UUID, reason: str) -> None:
    """Withdraw an order with a reason; only whoever issued it, and while it is not accepted."""
    order = get_order(session, actor, order_id)
    _must_be_issuer(actor, order)
    if errors := _wrong_text("reason", reason, "请写明撤销的理由。"):
        raise Invalid(errors=errors)
    _move(
        session,
        order,
        (*WAITS, "answered"),
        state="withdrawn",
        closed_at=now,
        closing=reason.strip(),
        escalate_at=None,
    )
    _record(session, order, actor, now, "order.withdrawn", {"reason": order.closing})
    _tell_addressee(session, order, now, f"督办单{order.number}已撤销：{order.closing}")


def _must_be_issuer(actor: Actor, order: SupervisionOrder) -> None:
    if not may_judge(actor, order):
        raise NotAllowed("只有下达该督办单的人可以审核答复或者撤销。")


def _move(session: Session, order: SupervisionOrder, before: tuple[str, ...], **values: Any) -> None:
    won = session.execute(
        update(SupervisionOrder)
        .where(SupervisionOrder.id == order.id, SupervisionOrder.state.in_(before))
        .values(values)
        .execution_options(synchronize_session=False)
        .returning(SupervisionOrder.id)
    ).scalar_one_or_none()
    session.refresh(order)
    if won is None:
        raise Conflict("该督办单已经变化，请刷新后再办理。")


def order_chain(due_at: datetime, above: Sequence[str], calendar: workdays.Calendar) -> list[dict[str, str]]:
    """Work out by when whom is told that nobody answers: the addressee a working day before, then level after level."""
    last = local_day(due_at)
    before = end_of_day(calendar.add_working_days(last, -1))
    steps = [{"at": before.isoformat(), "to": ""}]
    for days, role in zip(_STEPS, above, strict=False):
        at = end_of_day(calendar.add_working_days(last, days)) if days else due_at
        steps.append({"at": at.isoformat(), "to": role})
    return steps


def _arm(
    order: SupervisionOrder, due_on: date, rank: int, now: datetime, calendar: workdays.Calendar
) -> None:
    """Set by when it is answered and who is told otherwise; a named day that is one of rest gives way to the next."""
    calendar = calendar.at(order.to_area)
    order.due_on, order.due_at = due_on, end_of_day(calendar.next_working_day(due_on))
    above = [role for role, level in RANKS.items() if level > rank]
    if len(order.to_area) < _TOWN:
        above = [role for role in above if role != "town.leader"]
    chain = order_chain(order.due_at, above, calendar)
    # A reminder whose time is over when the order is given is not sent.
    passed = sum(datetime.fromisoformat(step["at"]) <= now for step in chain)
    order.escalation, order.escalation_level = chain, passed
    order.escalate_at = datetime.fromisoformat(chain[passed]["at"]) if passed < len(chain) else None


def _rank_of(session: Session, order: SupervisionOrder) -> int:
    if order.to_user is None:
        return RANKS[order.to_role]
    user = session.get_one(User, order.to_user)
    return rank_of(frozenset(row.role for row in user.roles))


def _tell_addressee(session: Session, order: SupervisionOrder, now: datetime, text: str) -> None:
    if order.to_user is not None:
        found = [order.to_user]
    else:
        office = staff_with_role(session, order.to_role, order.to_area)
        found = [user.id for user in office if user.area_code == order.to_area]
    _tell(session, order, found, now, text)


def _tell(
    session: Session, order: SupervisionOrder, users: list[uuid.UUID], now: datetime, text: str
) -> None:
    away = substitutes_on(session, local_day(now))
    told = [*users, *(away[user].id for user in users if user in away)]
    for user_id in dict.fromkeys(told):
        messages.send(
            session,
            user_id=user_id,
            kind="order",
            text=f"{text}：{order.applicant_name}，{order.case_number}。",
            now=now,
            case_id=order.case_id,
            private=order.applicant_name,
            proof=True,
        )


def _record(
    session: Session, order: SupervisionOrder, actor: Actor, now: datetime, kind: str, more: dict[str, Any]
) -> None:
    body = {"number": order.number, "to": order.to_name, "task": order.task_name, **more}
    about: dict[str, Any] = {"case_id": order.case_id, "at": now, "kind": kind, "actor": actor}
    add_event(session, **about, task_id=order.task_id, data=body)
    ledger.record(session, **about, county_code=order.county_code, case_number=order.case_number, body=body)


def _said_in_letter(order: SupervisionOrder) -> dict[str, Any]:
    return {
        "to": order.to_name.partition("（")[0],
        "subject": order.applicant_name,
        "task": order.task_name,
        "what": order.what,
        "due": order.due_at.isoformat(),
        "signed_by": order.from_unit,
        "issuer": order.from_name,
    }


def _wrong_day(due_on: date | None, now: datetime) -> list[dict[str, str]]:
    if due_on is None:
        return [{"field": "due_on", "message": "请填写答复的期限。"}]
    if due_on < local_day(now):
        return [{"field": "due_on", "message": "答复的期限不能早于今天。"}]
    return []


def _wrong_text(field: str, text: str, message: str) -> list[dict[str, str]]:
    if not text.strip():
        return [{"field": field, "message": message}]
    if len(text) > _LONGEST:
        return [{"field": field, "message": f"内容过长，最多 {_LONGEST} 个字。"}]
    return []


def _limit(session: Session, order: SupervisionOrder) -> Limit:
    """Give its end as it is told: where the calendar of that year is not official, the day may change."""
    here = workdays.load_calendar(session).at(order.to_area)
    return Limit(order.due_at, provisional=here.is_provisional(local_day(order.due_at)))


def _day(session: Session, order: SupervisionOrder) -> str:
    return last_moment(_limit(session, order))
