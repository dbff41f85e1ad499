"""What the page of a task shows."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from jieban import workdays
from jieban.areas.lookup import full_name
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.staff.directory import staff_with_role
from jieban.staff.roles import ROLES
from tasks import forms, work
from tasks.amounts.destitute import offered
from tasks.amounts.means import worked_out
from tasks.calculation import Offer, offer
from tasks.cases import dossier
from tasks.scope import may_open_case
from tasks.tables import Task
from web.cases import words
from web.cases.recorded import shown_records
from web.forms.fields import Choices, fields_of
from web.forms.options import options_in
from web.pages import Due
from web.security.visitor import Visitor
from web.titles import titles_of

_SHOWN = (
    "examine_papers",
    "start_check",
    "report_check",
    "record_payment",
    "pay_support",
    "record_details",
    "apply_details",
)
"""Operations that compare papers or registers, or pay: they need whole identity numbers and accounts."""

_RECENT = 3
"""So many of the latest records stand below a form: what the step before said is what this one is about."""

_WORKED_OUT = ("give_opinion", "county_review", "decide")
"""Operations on whose forms an amount stands."""


def task_page(
    session: Session,
    visitor: Visitor,
    task: Task,
    case: Case,
    data: Mapping[str, Any],
    errors: Mapping[str, str],
    message: str = "",
) -> dict[str, Any]:
    """Gather everything for the page of a task."""
    form = forms.get_form(session, task)
    file = dossier(session, case, visitor.now)
    # An office that a complaint is about has a task in it, and does not learn who complained.
    sees_case = may_open_case(session, visitor.actor, case)
    recent = file.records[-_RECENT:] if sees_case else ()
    options = options_in(session, task.town_code)
    fields = fields_of(form.schema, data, errors, locale=visitor.locale, options=options)
    names = {one.name for one in fields} | {cell.name for one in fields for row in one.rows for cell in row}
    refusal = work.may_work(session, visitor.actor, task) if task.state == "open" else None
    weighed = task.state == "open" and task.operation in _WORKED_OUT
    means = worked_out(session, case.id) if weighed else None
    return {
        "task": task,
        "case": case,
        "titles": titles_of(session, visitor.locale, [case.id]),
        "file": file,
        "sees_case": sees_case,
        "records": shown_records(session, case.model_version_id, recent, visitor.locale),
        "place": full_name(session, case.village_code or case.town_code),
        "title": (form.schema.get("x-en") if visitor.locale == "en" else None) or form.title,
        "fields": fields,
        "errors": errors,
        # A message about something that is not on the form must not get lost.
        "message": message,
        "other_errors": [text for name, text in errors.items() if name not in names],
        "refusal": refusal,
        "holder": work.name_of(session, task.assignee_id) if task.assignee_id else "",
        "role": ROLES.get(task.role),
        "colleagues": _colleagues(session, visitor, task),
        "mine": task.assignee_id == visitor.actor.id,
        "may_hand_over": task.state == "open"
        and (
            task.assignee_id == visitor.actor.id
            or visitor.actor.may("task.assign")
            or (task.assignee_id is None and task.role in visitor.actor.roles)
        ),
        "means": means,
        "offer": _offer(session, visitor, task, case) if task.state == "open" and means is None else None,
        "unmasked": task.state == "open" and refusal is None and task.operation in _SHOWN,
        "handing_over": {},
        "handed": {},
        "words": words,
        "clock": Due(workdays.load_calendar(session), visitor.now, visitor.locale, clocks=file.deadlines),
    }


def _offer(session: Session, visitor: Visitor, task: Task, case: Case) -> Offer | None:
    if case.procedure.startswith("destitute_") and task.operation in (*_WORKED_OUT, "set_care"):
        today = local_day(visitor.now)
        return offered(session, case, today, visitor.now, care=task.operation == "set_care")
    return offer(session, case) if task.operation in _WORKED_OUT else None


def _colleagues(session: Session, visitor: Visitor, task: Task) -> Choices:
    people = staff_with_role(session, task.role, task.town_code) if task.role in ROLES else []
    return [
        (str(user.id), f"{user.name}（{user.unit} {user.post}）".replace(" ）", "）"))
        for user in people
        if user.id not in (visitor.actor.id, task.assignee_id)
    ]
