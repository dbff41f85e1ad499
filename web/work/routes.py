import uuid
from typing import Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from jieban.audit import record_read
from jieban.cases.tables import Case
from jieban.errors import Conflict, Invalid
from jieban.staff.actor import Actor
from tasks import forms, work
from tasks.inbox import list_tasks
from tasks.prefill import prefill
from tasks.tables import Task, TaskDraft
from web.forms.reading import read_form, sent_form
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from web.titles import step_title
from web.work.page import task_page
from workflows.incidents import OperationFailed, keep_failure
from workflows.steps import complete_task
from workflows.writing_back import StepResult

router = APIRouter()


@router.get("/tasks/{task_id}")
def show_task(request: Request, task_id: uuid.UUID, visitor: Visitor = Depends(may("case.read"))) -> Response:
    """Show a task: the case in short beside the form."""
    with visitor.database.read() as session:
        task = work.get_task(session, visitor.actor, task_id)
        case = session.get_one(Case, task.case_id)
        data = _draft(session, visitor, task)
        if data is None:
            data = prefill(session, task, case, forms.get_form(session, task), visitor.now)
        context = task_page(session, visitor, task, case, data, {})
    with visitor.database.write() as session:
        record_read(
            session,
            actor=visitor.actor,
            now=visitor.now,
            case_id=case.id,
            what="unmasked" if context["unmasked"] else "case",
            detail=task.name,
        )
    return render(request, "task.html", **context)


@router.post("/tasks/{task_id}/complete")
def complete(
    request: Request,
    task_id: uuid.UUID,
    visitor: Visitor = Depends(may("task.work")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Complete the task, and go on to the next one of the worklist."""
    with visitor.database.read() as session:
        task = work.get_task(session, visitor.actor, task_id)
        form = forms.get_form(session, task)
        name = step_title(session, visitor.locale, task)
    if task.state != "open":
        return render(request, "already.html", status=409, message=work.already(task), task=task, name=name)
    data = read_form(form.schema, sent)
    try:
        with visitor.database.write() as session:
            result = complete_task(session, visitor.actor, visitor.now, task_id, data)
            said = _said(visitor, task, name, result)
    except work.AlreadyCompleted as already:
        return render(request, "already.html", status=409, message=already.message, task=task, name=name)
    except OperationFailed as failed:
        with visitor.database.write() as session:
            keep_failure(session, visitor.actor, visitor.now, task_id, data, failed)
        failed.message = translate(
            visitor.locale,
            "系统办理该步骤时出错，没有办成。您填写的内容没有丢失，流程管理员已经能看到，请稍后再提交。",
        )
        return _again(request, visitor, task, read_form(form.schema, sent, hidden=True), failed)
    except (Invalid, Conflict) as wrong:
        return _again(request, visitor, task, read_form(form.schema, sent, hidden=True), wrong)
    with visitor.database.read() as session:
        return redirect(_next(session, visitor.actor, result), said)


@router.post("/tasks/{task_id}/draft")
def save_draft(
    task_id: uuid.UUID,
    visitor: Visitor = Depends(may("task.work")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Keep a form that is half filled in, for the person who is filling it in."""
    with visitor.database.write() as session:
        task = work.get_task(session, visitor.actor, task_id)
        data = read_form(forms.get_form(session, task).schema, sent, hidden=True)
        session.merge(TaskDraft(task_id=task.id, user_id=visitor.actor.id, data=data, saved_at=visitor.now))
    return redirect(f"/tasks/{task_id}", translate(visitor.locale, "已暂存，稍后可以继续填写。"))


@router.post("/tasks/{task_id}/hand-over")
def hand_over(
    request: Request,
    task_id: uuid.UUID,
    to: str = Form("", max_length=64),
    reason: str = Form("", max_length=500),
    visitor: Visitor = Depends(may("task.work")),
) -> Response:
    """Hand the task to a colleague, with the reason."""
    try:
        with visitor.database.write() as session:
            task = work.hand_over(session, visitor.actor, visitor.now, task_id, _user_id(to), reason)
            name = work.name_of(session, task.assignee_id)
            step = step_title(session, visitor.locale, task)
    except Invalid as wrong:
        with visitor.database.read() as session:
            task = work.get_task(session, visitor.actor, task_id)
            case = session.get_one(Case, task.case_id)
            context = task_page(session, visitor, task, case, _draft(session, visitor, task) or {}, {})
        context |= {
            "handing_over": {one["field"]: one["message"] for one in wrong.errors},
            "handed": {"to": to, "reason": reason},
        }
        return render(request, "task.html", status=422, **context)
    return redirect("/", translate(visitor.locale, "“{task}”已转交给{name}。", task=step, name=name))


def _user_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid(errors=[{"field": "to", "message": "请选择接手人。"}]) from None


def _again(
    request: Request, visitor: Visitor, task: Task, data: dict[str, Any], wrong: Invalid | Conflict
) -> Response:
    """Show the form again with all that was filled in, and why it was not taken."""
    errors = {one["field"]: one["message"] for one in wrong.errors} if isinstance(wrong, Invalid) else {}
    with visitor.database.read() as session:
        case = session.get_one(Case, task.case_id)
        context = task_page(session, visitor, task, case, data, errors, wrong.message)
    return render(request, "task.html", status=422 if isinstance(wrong, Invalid) else 409, **context)


def _draft(session: Session, visitor: Visitor, task: Task) -> dict[str, Any] | None:
    draft = session.get(TaskDraft, (task.id, visitor.actor.id))
    return draft.data if draft else None


def _said(visitor: Visitor, task: Task, name: str, result: StepResult) -> str:
    if result.overtaken:
        return translate(
            visitor.locale, "“{task}”的期限已过，系统已按规定转入下一步，本次填写没有采用。", task=name
        )
    values = {"task": name, "name": task.applicant_name}
    if result.closed:
        return translate(visitor.locale, "“{task}”已办理，{name}的案件已办结。", **values)
    return translate(visitor.locale, "“{task}”（{name}）已办理。", **values)


def _next(session: Session, actor: Actor, result: StepResult) -> str:
    """Choose where to go: to a step of the same case that is the actor's too, else to the most urgent own task.

    Who has none left is shown what waits in the office, and not an empty list.
    """
    for task_id in result.opened:
        task = session.get(Task, task_id)
        if task and task.state == "open" and work.may_work(session, actor, task) is None:
            return f"/tasks/{task_id}"
    mine = list_tasks(session, actor, view="mine", limit=1).rows
    if mine:
        return f"/tasks/{mine[0].id}"
    return "/?view=pool" if list_tasks(session, actor, view="pool", limit=1).rows else "/"
