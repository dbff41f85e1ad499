import uuid

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from jieban import workdays
from jieban.areas.lookup import area_name
from jieban.deadlines.tables import Deadline
from jieban.errors import Conflict, Invalid
from tasks.cases import get_case
from tasks.work import name_of
from web.cases.routes import case_page
from web.i18n import N_, translate
from web.pages import Due, redirect, render
from web.security.visitor import Visitor, may
from workflows import extensions

router = APIRouter()


@router.post("/cases/{case_id}/extensions")
def ask(
    request: Request,
    case_id: uuid.UUID,
    reason: str = Form("", max_length=40),
    explanation: str = Form("", max_length=500),
    visitor: Visitor = Depends(may("extension.ask")),
) -> Response:
    """Ask for more time for a case."""
    try:
        with visitor.database.write() as session:
            get_case(session, visitor.actor, case_id)
            extensions.ask(session, visitor.actor, visitor.now, case_id, reason, explanation)
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        given = {"reason": reason, "explanation": explanation}
        return case_page(
            request, visitor, case_id, status=422, errors=errors, given=given, dialog="extension"
        )
    except Conflict as late:
        return redirect(f"/cases/{case_id}", late.message, "warning")
    return redirect(f"/cases/{case_id}", translate(visitor.locale, "延期申请已提交，等待审批。"))


@router.get("/extensions")
def waiting(request: Request, visitor: Visitor = Depends(may("extension.approve"))) -> Response:
    """Show the extensions that wait for an answer."""
    return _page(request, visitor)


@router.post("/extensions/{extension_id}")
def answer(
    request: Request,
    extension_id: uuid.UUID,
    verdict: str = Form(..., pattern="^(approve|reject)$"),
    words: str = Form("", max_length=500),
    visitor: Visitor = Depends(may("extension.approve")),
) -> Response:
    """Approve or reject."""
    approve = verdict == "approve"
    try:
        with visitor.database.write() as session:
            extensions.answer(session, visitor.actor, visitor.now, extension_id, approve=approve, words=words)
    except Invalid as wrong:
        return _page(request, visitor, 422, {extension_id: wrong.errors[0]["message"]}, words)
    except Conflict as late:
        return redirect("/extensions", late.message, "warning")
    said = N_("已批准，延长办理期限告知书已出具。") if approve else N_("已答复不同意延期。")
    return redirect("/extensions", translate(visitor.locale, said))


def _page(
    request: Request,
    visitor: Visitor,
    status: int = 200,
    errors: dict[uuid.UUID, str] | None = None,
    words: str = "",
) -> Response:
    with visitor.database.read() as session:
        rows = [
            {
                "extension": extension,
                "case": case,
                "asked_by": name_of(session, extension.asked_by),
                "place": area_name(session, case.town_code),
                "total": session.get_one(Deadline, extension.deadline_id),
                "own": extension.asked_by == visitor.actor.id,
            }
            for extension, case in extensions.waiting(session, visitor.actor)
        ]
        clock = Due(workdays.load_calendar(session), visitor.now, visitor.locale)
    return render(
        request,
        "extensions.html",
        status=status,
        rows=rows,
        clock=clock,
        reasons=extensions.REASONS,
        errors=errors or {},
        given=words,
    )
