"""Supervisors' orders: who has to do what by when, the answers, and what became of them."""

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.clock import local_day
from jieban.deadlines import load_clocks
from jieban.errors import Conflict, Invalid, NotFound
from tasks import supervision, supervision_orders
from tasks.cases import get_case
from tasks.scope import may_open_case
from tasks.tables import Task
from web.cases import words
from web.i18n import N_, translate
from web.pages import Due, redirect, render
from web.security.visitor import Visitor, may
from web.titles import titles_of

router = APIRouter()
Text = Annotated[str, Form(max_length=2000)]
Day = Annotated[str, Form(max_length=10)]
Reader = Annotated[Visitor, Depends(may("case.read"))]
Issuer = Annotated[Visitor, Depends(may("order.issue"))]
_DAYS = 3
"""Working days that the form proposes for an answer (our choice)."""
STATES = {
    "issued": N_("待答复"),
    "answered": N_("待审核"),
    "accepted": N_("已办结"),
    "returned": N_("退回重办"),
    "withdrawn": N_("已撤销"),
}
TONES = {
    "issued": "state-waiting",
    "answered": "state-open",
    "accepted": "state-done",
    "returned": "state-refused",
    "withdrawn": "",
}


@router.get("/orders")
def show_orders(
    request: Request, visitor: Reader, view: Literal["mine", "issued", "all"] | None = None
) -> Response:
    """List orders: those to be answered first."""
    chosen = view or ("all" if visitor.actor.may("order.issue") else "mine")
    with visitor.database.read() as session:
        rows = supervision_orders.list_orders(session, visitor.actor, chosen)
        titles = titles_of(session, visitor.locale, [row.case_id for row in rows])
        mine = len(supervision_orders.list_orders(session, visitor.actor, "mine"))
        clock = _clock(session, visitor)
    return render(
        request,
        "orders.html",
        rows=rows,
        view=chosen,
        mine=mine,
        clock=clock,
        titles=titles,
        states=STATES,
        tones=TONES,
        words=words,
    )


@router.get("/orders/new")
def new_order(
    request: Request, visitor: Issuer, case: uuid.UUID | None = None, task: uuid.UUID | None = None
) -> Response:
    """Show the form of an order about a case, or about a task of it."""
    if case is None:
        raise NotFound
    return _form(request, visitor, case, task, {})


@router.post("/orders/new")
def issue(
    request: Request,
    visitor: Issuer,
    case: Annotated[uuid.UUID, Form()],
    task: Annotated[str, Form(max_length=40)] = "",
    to: Annotated[str, Form(max_length=80)] = "",
    what: Text = "",
    due_on: Day = "",
) -> Response:
    """Issue an order."""
    task_id = _id(task)
    try:
        with visitor.database.write() as session:
            order = supervision.issue_order(
                session,
                visitor.actor,
                visitor.now,
                case_id=case,
                to=to,
                what=what,
                due_on=_day(due_on),
                task_id=task_id,
            )
            target, number = f"/orders/{order.id}", order.number
    except Invalid as wrong:
        given = {"to": to, "what": what, "due_on": due_on}
        return _form(request, visitor, case, task_id, _errors(wrong), given)
    return redirect(target, translate(visitor.locale, "督办单{number}已下达。", number=number))


@router.get("/orders/{order_id}")
def show_order(request: Request, order_id: uuid.UUID, visitor: Reader) -> Response:
    """Show an order with its answers."""
    return _page(request, visitor, order_id)


@router.post("/orders/{order_id}/answer")
def answer(request: Request, order_id: uuid.UUID, visitor: Reader, text: Text = "") -> Response:
    """Answer an order."""
    try:
        with visitor.database.write() as session:
            supervision.answer_order(session, visitor.actor, visitor.now, order_id, text)
    except Invalid as wrong:
        return _page(request, visitor, order_id, errors=_errors(wrong), given={"text": text})
    except Conflict as late:
        return redirect(f"/orders/{order_id}", late.message, "warning")
    return redirect(f"/orders/{order_id}", translate(visitor.locale, "已答复，等待下达人审核。"))


@router.post("/orders/{order_id}/judge")
def judge(
    request: Request,
    order_id: uuid.UUID,
    visitor: Issuer,
    verdict: Annotated[str, Form(pattern="^(accept|return)$")],
    reason: Text = "",
    due_on: Day = "",
) -> Response:
    """Accept the answer of an order, or return it."""
    accept = verdict == "accept"
    try:
        with visitor.database.write() as session:
            supervision.judge_order(
                session,
                visitor.actor,
                visitor.now,
                order_id,
                accept=accept,
                reason=reason,
                due_on=_day(due_on),
            )
    except Invalid as wrong:
        given = {"reason": reason, "due_on": due_on}
        return _page(request, visitor, order_id, errors=_errors(wrong), given=given)
    except Conflict as late:
        return redirect(f"/orders/{order_id}", late.message, "warning")
    said = N_("答复已通过，督办办结。") if accept else N_("答复已退回。")
    return redirect(f"/orders/{order_id}", translate(visitor.locale, said))


@router.post("/orders/{order_id}/withdraw")
def withdraw(request: Request, order_id: uuid.UUID, visitor: Issuer, why: Text = "") -> Response:
    """Withdraw an order."""
    try:
        with visitor.database.write() as session:
            supervision.withdraw_order(session, visitor.actor, visitor.now, order_id, why)
    except Invalid as wrong:
        errors = dict.fromkeys(("why",), next(iter(_errors(wrong).values()), ""))
        return _page(request, visitor, order_id, errors=errors, given={"why": why})
    except Conflict as late:
        return redirect(f"/orders/{order_id}", late.message, "warning")
    return redirect(f"/orders/{order_id}", translate(visitor.locale, "督办单已撤销。"))


def _form(
    request: Request,
    visitor: Visitor,
    case_id: uuid.UUID,
    task_id: uuid.UUID | None,
    errors: dict[str, str],
    given: dict[str, str] | None = None,
) -> Response:
    with visitor.database.read() as session:
        case = get_case(session, visitor.actor, case_id)
        task = session.get(Task, task_id) if task_id else None
        if task_id and (task is None or task.case_id != case.id):
            raise NotFound
        calendar = workdays.load_calendar(session)
        choices = [
            (one.key, words.addressee(visitor.locale, one.label, one.role))
            for one in supervision_orders.addressees(session, visitor.actor, case)
        ]
        holder = f"user:{task.assignee_id}" if task and task.assignee_id else ""
        clocks = load_clocks(session, [task.deadline_id] if task else [])
        titles = titles_of(session, visitor.locale, [case.id])
        soon = calendar.add_working_days(local_day(visitor.now), _DAYS).isoformat()
    proposed = {"to": holder, "what": "", "due_on": soon}
    return render(
        request,
        "order_new.html",
        status=422 if errors else 200,
        case=case,
        task=task,
        titles=titles,
        choices=choices,
        given=given or proposed,
        errors=errors,
        clock=Due(calendar, visitor.now, visitor.locale, clocks=clocks),
    )


def _page(
    request: Request,
    visitor: Visitor,
    order_id: uuid.UUID,
    *,
    errors: dict[str, str] | None = None,
    given: dict[str, Any] | None = None,
) -> Response:
    with visitor.database.read() as session:
        order = supervision_orders.get_order(session, visitor.actor, order_id)
        case = supervision_orders.case_of(session, order)
        context: dict[str, Any] = {
            "order": order,
            "titles": titles_of(session, visitor.locale, [order.case_id]),
            "opens_case": may_open_case(session, visitor.actor, case),
            "may_answer": supervision_orders.may_answer(session, visitor.actor, order),
            "is_issuer": supervision_orders.may_judge(visitor.actor, order),
            "clock": _clock(session, visitor),
        }
    return render(
        request,
        "order.html",
        status=422 if errors else 200,
        errors=errors or {},
        given=given or {},
        states=STATES,
        tones=TONES,
        words=words,
        **context,
    )


def _clock(session: Session, visitor: Visitor) -> Due:
    return Due(workdays.load_calendar(session), visitor.now, visitor.locale)


def _errors(wrong: Invalid) -> dict[str, str]:
    return {one["field"]: one["message"] for one in wrong.errors}


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if text else None
    except ValueError:
        raise NotFound from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
