import re
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from jieban.areas.tables import Area
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import Invalid, NotAllowed
from jieban.intake.applications import NewApplication
from jieban.intake.checks import check
from jieban.ledger.tables import FirstContact
from jieban.staff.actor import Actor, within
from web.cases import words
from web.cases.application_form import Given, blank, read_given, to_application
from web.forms.reading import sent_form
from web.i18n import translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from workflows.cases import open_case

router = APIRouter()
_NUMBER = re.compile(r"案号\s*([\w-]+)")


@router.get("/cases/new")
def new_case(request: Request, visitor: Visitor = Depends(may("case.register"))) -> Response:
    """Show the empty registration form."""
    return _page(request, visitor, Given(blank(local_day(visitor.now))))


@router.post("/cases/new")
def register(
    request: Request,
    visitor: Visitor = Depends(may("case.register")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Register the application, and go to its case with the receipt to print."""
    given = read_given(sent)
    application = to_application(given)
    if given.errors:
        return _again(request, visitor, given, application)
    try:
        with visitor.database.write() as session:
            case = open_case(session, visitor.actor, visitor.now, application)
            contact = session.get_one(FirstContact, case.first_contact_id)
            values = {"number": case.number, "code": contact.receipt_code}
    except Invalid as wrong:
        given.errors |= {one["field"]: one["message"] for one in wrong.errors}
        return _page(request, visitor, given, status=422)
    except NotAllowed as outside:
        given.errors["village_code"] = outside.message
        return _page(request, visitor, given, status=403)
    said = translate(
        visitor.locale, "已登记，案号 {number}，查询码 {code}。请打印首接回执交给申请人。", **values
    )
    return redirect(f"/cases/{case.id}#letters", said)


def _again(request: Request, visitor: Visitor, given: Given, application: NewApplication) -> Response:
    """Say everything that is wrong at once, what could not be read first."""
    with visitor.database.read() as session:
        found = check(application, session, local_day(visitor.now))
    for one in found:
        given.errors.setdefault(one["field"], one["message"])
    return _page(request, visitor, given, status=422)


def _page(request: Request, visitor: Visitor, given: Given, status: int = 200) -> Response:
    with visitor.database.read() as session:
        context: dict[str, Any] = {
            "villages": _villages(session, visitor.actor),
            "same": _same_person(session, visitor.actor, given),
        }
    return render(
        request,
        "case_new.html",
        status=status,
        # The applicant's row stays, even where nothing was typed into it.
        given=given.values | {"members": given.values["members"] or blank(local_day(visitor.now))["members"]},
        errors=given.errors,
        words=words,
        **context,
    )


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
