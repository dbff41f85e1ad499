"""Registering an application of a household, for whichever procedure takes one."""

import re
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from jieban.areas.tables import Area
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import Invalid, NotAllowed, NotFound
from jieban.intake.applications import NewApplication
from jieban.intake.checks import check
from jieban.ledger.tables import FirstContact
from jieban.staff.actor import Actor, within
from tasks import forms
from web.cases import words
from web.cases.application_form import Given, blank, read_given, to_application
from web.forms.fields import fields_of
from web.forms.options import options_in
from web.forms.reading import read_form, sent_form, under
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from web.titles import opening_name
from workflows.cases import open_case
from workflows.opening import Beginning, openable

router = APIRouter()
_NUMBER = re.compile(r"案号\s*([\w-]+)")
_USUAL = "subsistence_allowance"
_EXTRA = "extra."
"""What the procedure itself asks for stands under names of its own, apart from the application's."""


@router.get("/cases/new")
def new_case(
    request: Request, procedure: str = _USUAL, visitor: Visitor = Depends(may("case.register"))
) -> Response:
    """Show the empty registration form."""
    return _page(request, visitor, procedure, Given(blank(local_day(visitor.now))))


@router.post("/cases/new")
def register(
    request: Request,
    procedure: str = _USUAL,
    visitor: Visitor = Depends(may("case.register")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Register the application, and go to its case with the receipt to print."""
    given = read_given(sent)
    application = to_application(given)
    extra = _read_extra(visitor, procedure, sent)
    application = replace(application, extra=extra)
    if given.errors:
        return _again(request, visitor, procedure, given, application)
    try:
        with visitor.database.write() as session:
            case = open_case(session, visitor.actor, visitor.now, application, procedure=procedure)
            contact = session.get_one(FirstContact, case.first_contact_id)
            values = {"number": case.number, "code": contact.receipt_code}
    except Invalid as wrong:
        given.errors |= {one["field"]: one["message"] for one in wrong.errors}
        if not wrong.errors:
            given.errors["procedure"] = wrong.message
        return _page(request, visitor, procedure, given, extra, status=422)
    except NotAllowed as outside:
        given.errors["village_code"] = outside.message
        return _page(request, visitor, procedure, given, extra, status=403)
    said = translate(
        visitor.locale, "已登记，案号 {number}，查询码 {code}。请打印首接回执交给申请人。", **values
    )
    return redirect(f"/cases/{case.id}#letters", said)


def _again(
    request: Request, visitor: Visitor, procedure: str, given: Given, application: NewApplication
) -> Response:
    """Say everything that is wrong at once, what could not be read first."""
    with visitor.database.read() as session:
        found = check(application, session, local_day(visitor.now), procedure=procedure)
    for one in found:
        given.errors.setdefault(one["field"], one["message"])
    return _page(request, visitor, procedure, given, application.extra, status=422)


def _page(
    request: Request,
    visitor: Visitor,
    procedure: str,
    given: Given,
    extra: Any = None,
    status: int = 200,
) -> Response:
    with visitor.database.read() as session:
        choices = openable(session, visitor.actor, "household")
        beginning = _chosen(choices, procedure)
        schema = _schema(session, beginning)
        wrong = _extra_errors(schema, given)
        fields = fields_of(
            schema,
            extra or {},
            wrong,
            locale=visitor.locale,
            options=options_in(session, visitor.actor.area_code or "-"),
            prefix=_EXTRA,
        )
        context: dict[str, Any] = {
            "villages": _villages(session, visitor.actor),
            "same": _same_person(session, visitor.actor, given),
            "procedure": beginning,
            "procedures": choices,
            "extra_title": schema.get("x-en" if visitor.locale == "en" else "title", ""),
            "extra_fields": fields,
        }
    return render(
        request,
        "case_new.html",
        opening_name=opening_name,
        status=status,
        # The applicant's row stays, even where nothing was typed into it.
        given=given.values | {"members": given.values["members"] or blank(local_day(visitor.now))["members"]},
        errors=given.errors,
        words=words,
        **context,
    )


def _chosen(choices: list[Beginning], procedure: str) -> Beginning:
    found = next((one for one in choices if one.version.key == procedure), None)
    if found is None:
        raise NotFound("没有这个救助事项，或者还没有发布流程。")
    return found


def _schema(session: Session, beginning: Beginning) -> dict[str, Any]:
    if beginning.form is None:
        return {}
    return dict(forms.form_of(session, beginning.version.id, beginning.form).schema)


def _read_extra(visitor: Visitor, procedure: str, sent: FormData) -> dict[str, Any]:
    with visitor.database.read() as session:
        schema = _schema(session, _chosen(openable(session, visitor.actor, "household"), procedure))
    return read_form(schema, under(_EXTRA, sent)) if schema else {}


def _extra_errors(schema: dict[str, Any], given: Given) -> dict[str, str]:
    """Pick the messages about the procedure's own fields, which its form names without the prefix."""
    own = schema.get("properties", {})
    return {
        f"{_EXTRA}{field}": message
        for field, message in given.errors.items()
        if field.split(".", 1)[0] in own and field.split(".", 1)[0] not in given.values
    }


def _villages(session: Session, actor: Actor) -> list[tuple[str, str]]:
    query = select(Area).where(
        Area.level == "village", Area.code.startswith(actor.area_code or "-", autoescape=True)
    )
    return [(area.code, area.full_name) for area in session.scalars(query.order_by(Area.code))]


def _same_person(session: Session, actor: Actor, given: Given) -> list[Case]:
    """Find the open cases that the messages name, as far as the visitor may open them."""
    numbers = {found[1] for text in given.errors.values() if (found := _NUMBER.search(text))}
    if not numbers:
        return []
    query = select(Case).where(Case.number.in_(sorted(numbers)), within(actor, Case))
    return list(session.scalars(query))
