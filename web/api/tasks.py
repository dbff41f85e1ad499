import uuid
from collections.abc import Iterable
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.cases.tables import Case
from jieban.clock import NEVER
from jieban.deadlines import load_clocks
from jieban.errors import Invalid
from jieban.staff.directory import find_user
from tasks import forms, inbox, work
from tasks.prefill import prefill
from tasks.tables import Task, TaskDraft
from web.api.shapes import Completion, HandOver, StepOut, TaskDetail, TaskList, TaskOut
from web.pages import Due
from web.security.visitor import Visitor, may
from workflows.incidents import OperationFailed, keep_failure
from workflows.steps import complete_task

router = APIRouter(prefix="/tasks", tags=["tasks"])
Worker = Annotated[Visitor, Depends(may("task.work"))]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(pattern="^[-0-9T:.+]{10,40}_[0-9a-f]{32}$")]
"""The `next` of an answer. A broken one is refused: a program that got the first page again would never end."""


@router.get("", summary="List tasks")
def list_tasks(
    visitor: Worker,
    view: Literal["mine", "pool", "done"] = "mine",
    search: Annotated[str, Query(max_length=100)] = "",
    role: str | None = None,
    after: Cursor = None,
    limit: Limit = 50,
) -> TaskList:
    """List the caller's tasks, those of the office that nobody has taken, or those that the caller has done."""
    with visitor.database.read() as session:
        page = inbox.list_tasks(
            session, visitor.actor, view=view, search=search, after=after, limit=limit, role=role
        )
        due = telling(session, visitor, page.rows)
        return TaskList(
            tasks=[task_out(task, due) for task in page.rows],
            total=page.total,
            capped=page.capped,
            next=page.next,
        )


@router.get("/{task_id}", summary="A task with its form")
def show(task_id: uuid.UUID, visitor: Worker) -> TaskDetail:
    """Give a task, the schema of its form, and what the form knows already."""
    with visitor.database.read() as session:
        task = work.get_task(session, visitor.actor, task_id)
        case = session.get_one(Case, task.case_id)
        form = forms.get_form(session, task)
        draft = session.get(TaskDraft, (task.id, visitor.actor.id))
        data = draft.data if draft else prefill(session, task, case, form, visitor.now)
        refusal = work.may_work(session, visitor.actor, task) if task.state == "open" else None
        return TaskDetail(
            task=_out(session, visitor, task),
            form=dict(form.schema),
            data=data,
            refusal=refusal.message if refusal else "",
        )


@router.post("/{task_id}/claim", summary="Take a task")
def claim(task_id: uuid.UUID, visitor: Worker) -> TaskOut:
    """Take a task that nobody has; 409 says who was first."""
    with visitor.database.write() as session:
        return _out(session, visitor, work.claim(session, visitor.actor, visitor.now, task_id))


@router.post("/{task_id}/release", summary="Give a task back")
def release(task_id: uuid.UUID, visitor: Worker) -> TaskOut:
    """Give a task back to the office."""
    with visitor.database.write() as session:
        return _out(session, visitor, work.release(session, visitor.actor, visitor.now, task_id))


@router.post("/{task_id}/hand-over", summary="Hand a task over")
def hand_over(task_id: uuid.UUID, wanted: HandOver, visitor: Worker) -> TaskOut:
    """Hand a task to a colleague, with the reason."""
    with visitor.database.write() as session:
        receiver = find_user(session, wanted.to)
        if receiver is None:
            raise Invalid(errors=[{"field": "to", "message": "请选择接手人。"}])
        task = work.hand_over(session, visitor.actor, visitor.now, task_id, receiver.id, wanted.reason)
        return _out(session, visitor, task)


@router.post("/{task_id}/complete", summary="Complete a task")
def complete(task_id: uuid.UUID, wanted: Completion, visitor: Worker) -> StepOut:
    """Complete a task with the data of its form: 422 has one entry per wrong field, 409 says who was first."""
    try:
        with visitor.database.write() as session:
            result = complete_task(session, visitor.actor, visitor.now, task_id, wanted.data)
            return StepOut.model_validate(result)
    except OperationFailed as failed:
        with visitor.database.write() as session:
            keep_failure(session, visitor.actor, visitor.now, task_id, wanted.data, failed)
        raise


def telling(session: Session, visitor: Visitor, tasks: Iterable[Task]) -> Due:
    """Make what says of these tasks' deadlines the same as the pages do."""
    clocks = load_clocks(session, [task.deadline_id for task in tasks])
    return Due(workdays.load_calendar(session), visitor.now, visitor.locale, clocks=clocks)


def task_out(task: Task, due: Due) -> TaskOut:
    """Give a task as the API shows it; where no limit binds there is no due time."""
    shown = TaskOut.model_validate(task)
    told: dict[str, object] = {"due_at": None} if task.due_at >= NEVER else {}
    if task.state == "open":
        told |= {"left": due.words(task).text, "limit": due.behind(task)}
    return shown.model_copy(update=told)


def _out(session: Session, visitor: Visitor, task: Task) -> TaskOut:
    return task_out(task, telling(session, visitor, [task]))
