import uuid

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from jieban.errors import Conflict, Invalid
from tasks.cases import get_case
from web.cases.routes import case_page
from web.i18n import N_, translate
from web.pages import redirect
from web.security.visitor import Visitor, may
from workflows.steps import register_objection

router = APIRouter()


@router.post("/cases/{case_id}/objections")
def object_to(
    request: Request,
    case_id: uuid.UUID,
    kind: str = Form("notice", max_length=20),
    raised_by: str = Form("", max_length=100),
    phone: str = Form("", max_length=40),
    content: str = Form("", max_length=4000),
    visitor: Visitor = Depends(may("objection.register")),
) -> Response:
    """Register an objection to the posted notice, or a complaint about the case."""
    data = {"kind": kind, "raised_by": raised_by, "phone": phone, "content": content}
    try:
        with visitor.database.write() as session:
            get_case(session, visitor.actor, case_id)
            register_objection(session, visitor.actor, visitor.now, case_id, data)
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        dialog = "complaint" if kind == "complaint" else "objection"
        return case_page(request, visitor, case_id, status=422, errors=errors, given=data, dialog=dialog)
    except Conflict as late:
        return redirect(f"/cases/{case_id}", late.message, "warning")
    said = N_("已登记投诉举报。") if kind == "complaint" else N_("已登记公示异议，公示期满时处理。")
    return redirect(f"/cases/{case_id}", translate(visitor.locale, said))
