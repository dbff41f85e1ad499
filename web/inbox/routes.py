import uuid
from typing import Any, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from jieban import workdays
from jieban.areas.lookup import area_name
from jieban.deadlines import load_clocks
from tasks import inbox, work
from web.i18n import translate
from web.navigation import home
from web.pages import Due, redirect, render
from web.security.visitor import Visitor, may, signed_in
from web.titles import step_title, titles_of

router = APIRouter()
_PAGE = 40


@router.get("/")
def show_inbox(
    request: Request,
    view: Literal["mine", "pool", "done"] = "mine",
    search: str = "",
    after: str = "",
    visitor: Visitor = Depends(signed_in),
) -> Response:
    """Show the worklist: the most urgent first."""
    if not visitor.actor.may("task.work"):
        return redirect(home(visitor))
    with visitor.database.read() as session:
        page = inbox.list_tasks(
            session, visitor.actor, view=view, search=search[:100], after=after or None, limit=_PAGE
        )
        context: dict[str, Any] = {
            "page": page,
            "counts": inbox.counts(session, visitor.actor),
            "cap": inbox.COUNT_CAP,
            "titles": titles_of(session, visitor.locale, [task.case_id for task in page.rows]),
            "places": {code: area_name(session, code) for code in {task.town_code for task in page.rows}},
            "clock": Due(
                workdays.load_calendar(session),
                visitor.now,
                visitor.locale,
                clocks=load_clocks(session, [task.deadline_id for task in page.rows]),
            ),
        }
    shown = {"view": view, "search": search, "after": after}
    return render(request, "inbox.html", block="list", view=view, search=search, shown=shown, **context)


@router.post("/tasks/{task_id}/claim")
def claim(
    task_id: uuid.UUID,
    back: Literal["", "pool"] = Form(""),
    visitor: Visitor = Depends(may("task.work")),
) -> Response:
    """Take a task from the pool."""
    with visitor.database.write() as session:
        task = work.claim(session, visitor.actor, visitor.now, task_id)
        name = step_title(session, visitor.locale, task)
    said = translate(visitor.locale, "已领取“{task}”（{name}）。", task=name, name=task.applicant_name)
    return redirect("/?view=pool", said) if back else redirect(f"/tasks/{task_id}", said)


@router.post("/tasks/{task_id}/release")
def release(task_id: uuid.UUID, visitor: Visitor = Depends(may("task.work"))) -> Response:
    """Give a task back to the pool of the office."""
    with visitor.database.write() as session:
        task = work.release(session, visitor.actor, visitor.now, task_id)
        name = step_title(session, visitor.locale, task)
    said = translate(visitor.locale, "“{task}”已退回本单位待领。", task=name)
    return redirect("/", said)
