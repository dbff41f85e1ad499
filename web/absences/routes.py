"""Who is away and who stands in: people write down their own days, leaders those of their office."""

import uuid
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban.clock import local_day
from jieban.errors import Conflict, Invalid
from jieban.staff import absences
from jieban.staff.actor import Actor
from jieban.staff.tables import Absence, User
from tasks.unseen import unseen_tasks
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may

router = APIRouter()
_NAMED = 5


@dataclass(frozen=True)
class Filled:
    """What was filled in."""

    user: str = ""
    substitute: str = ""
    from_on: str = ""
    until_on: str = ""
    reason: str = ""


def filled_in(
    user: Annotated[str, Form(max_length=40)] = "",
    substitute: Annotated[str, Form(max_length=40)] = "",
    from_on: Annotated[str, Form(max_length=10)] = "",
    until_on: Annotated[str, Form(max_length=10)] = "",
    reason: Annotated[str, Form(max_length=200)] = "",
) -> Filled:
    """Read the form."""
    return Filled(user, substitute, from_on, until_on, reason)


@router.get("/absences")
def show_absences(request: Request, user: str = "", visitor: Visitor = Depends(may("case.read"))) -> Response:
    """Show the absences that concern the visitor, and the form; it offers who can stand in for the chosen person."""
    return _page(request, visitor, Filled(user=user[:40] or str(visitor.actor.id)))


@router.post("/absences")
def record(
    request: Request,
    filled: Filled = Depends(filled_in),
    visitor: Visitor = Depends(may("case.read")),
) -> Response:
    """Write down an absence."""
    errors: dict[str, str] = {}
    user, substitute = _id(filled.user), _id(filled.substitute)
    first, last = _day(filled.from_on), _day(filled.until_on)
    if user is None:
        errors["user"] = N_("请选择离岗的人员。")
    if substitute is None:
        errors["substitute"] = N_("请选择代岗人。")
    if first is None:
        errors["from_on"] = N_("请填写日期。")
    if last is None:
        errors["until_on"] = N_("请填写日期。")
    if errors or user is None or substitute is None or first is None or last is None:
        return _page(request, visitor, filled, errors)
    try:
        with visitor.database.write() as session:
            made = absences.record_absence(
                session,
                visitor.actor,
                visitor.now,
                user_id=user,
                substitute_id=substitute,
                from_on=first,
                until_on=last,
                reason=filled.reason,
            )
            unseen = _unseen(session, made)
    except Invalid as wrong:
        return _page(request, visitor, filled, {one["field"]: one["message"] for one in wrong.errors})
    if unseen:
        said = translate(
            visitor.locale, N_("已登记。以下任务代岗人不能办理，请另行转交：{tasks}"), tasks=unseen
        )
        return redirect("/absences", said, "warning")
    return redirect("/absences", translate(visitor.locale, "已登记，期间的任务由代岗人一并看到。"))


@router.post("/absences/{absence_id}/end")
def end(absence_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))) -> Response:
    """End an absence before its last day."""
    try:
        with visitor.database.write() as session:
            absences.end_absence(session, visitor.actor, visitor.now, absence_id)
    except Conflict as late:
        return redirect("/absences", late.message, "warning")
    return redirect("/absences", translate(visitor.locale, "离岗登记已结束。"))


def _page(
    request: Request, visitor: Visitor, filled: Filled, errors: dict[str, str] | None = None
) -> Response:
    actor = visitor.actor
    with visitor.database.read() as session:
        rows = absences.list_absences(session, actor)
        people = absences.colleagues(session, actor) if actor.may("task.assign") else []
        chosen = _chosen(session, actor, filled.user)
        substitutes = absences.possible_substitutes(session, chosen) if chosen else []
    return render(
        request,
        "absences.html",
        status=422 if errors else 200,
        rows=rows,
        today=local_day(visitor.now),
        people=[(str(one.id), f"{one.name}（{one.unit}{one.post}）") for one in people],
        substitutes=[(str(one.id), f"{one.name}（{one.unit}{one.post}）") for one in substitutes],
        may_record_for=absences.may_record_for,
        filled=filled,
        errors=errors or {},
        chosen=chosen,
    )


def _chosen(session: Session, actor: Actor, user: str) -> User | None:
    user_id = _id(user)
    found = session.get(User, user_id) if user_id else None
    return found if found and absences.may_record_for(actor, found) else None


def _unseen(session: Session, made: Absence) -> str:
    """Name the tasks that nobody would see to, the first few of them."""
    absent, substitute = (session.get_one(User, one) for one in (made.user_id, made.substitute_id))
    tasks = unseen_tasks(session, absent, substitute)
    named = "、".join(f"{one.name}（{one.case_number}）" for one in tasks[:_NAMED])
    return f"{named}…（{len(tasks)}）" if len(tasks) > _NAMED else named


def _id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
