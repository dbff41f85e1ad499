"""Cases that cannot go on by themselves, for those who keep the procedures; nothing here names the applicant."""

import uuid
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from jieban.areas.lookup import area_name
from jieban.errors import Conflict, Invalid, NotFound
from web.forms.reading import sent_form
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from workflows.incidents import open_incidents, stuck_timers
from workflows.retrying import rearm_timer, retry_incident
from workflows.setting_aside import listed, try_again

router = APIRouter()
_WHAT = {"task": N_("没能提醒和督促"), "breach": N_("没能记录超期"), "order": N_("没能督促答复督办单")}
_FACT = "fact."


@router.get("/incidents")
def show(request: Request, visitor: Visitor = Depends(may("incident.retry"))) -> Response:
    """Show what waits to be put right."""
    return _page(request, visitor)


@router.post("/incidents/{incident_id}")
def retry(
    request: Request,
    incident_id: uuid.UUID,
    visitor: Visitor = Depends(may("incident.retry")),
    sent: FormData = Depends(sent_form),
) -> Response:
    """Try again, with facts that were missing."""
    given = {name: str(text) for name, text in sent.items() if name.startswith(_FACT) or name == "why"}
    facts = {name.removeprefix(_FACT): text for name, text in given.items() if name.startswith(_FACT)}
    try:
        with visitor.database.write() as session:
            goes_on = retry_incident(
                session, visitor.actor, visitor.now, incident_id, facts, given.get("why", "")
            )
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        return _page(request, visitor, 422, incident_id, errors, facts | {"why": given.get("why", "")})
    except Conflict as late:
        return redirect("/incidents", translate(visitor.locale, late.message), "warning")
    if goes_on:
        return redirect("/incidents", translate(visitor.locale, N_("案件已继续办理。")))
    return redirect("/incidents", translate(visitor.locale, N_("仍然不能继续，请看新的原因。")), "warning")


@router.post("/incidents/timers/{timer_id}")
def rearm(timer_id: uuid.UUID, visitor: Visitor = Depends(may("incident.retry"))) -> Response:
    """Let a timer that was set aside be fired again."""
    try:
        with visitor.database.write() as session:
            rearm_timer(session, visitor.actor, visitor.now, timer_id)
    except Conflict as late:
        return redirect("/incidents", translate(visitor.locale, late.message), "warning")
    return redirect("/incidents", translate(visitor.locale, N_("已重新排入，到时办理会再次执行。")))


@router.post("/incidents/aside/{row_id}")
def take_up(row_id: uuid.UUID, visitor: Visitor = Depends(may("incident.retry"))) -> Response:
    """Let what the sweep over late matters could not do be tried again at once."""
    try:
        with visitor.database.write() as session:
            try_again(session, visitor.actor, visitor.now, row_id)
    except (Conflict, NotFound) as gone:
        return redirect("/incidents", translate(visitor.locale, gone.message), "warning")
    return redirect("/incidents", translate(visitor.locale, N_("已重新排入，到时办理会再次执行。")))


def _page(
    request: Request,
    visitor: Visitor,
    status: int = 200,
    failed: uuid.UUID | None = None,
    errors: Mapping[str, str] | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    with visitor.database.read() as session:
        rows = [
            {"incident": incident, "case": case, "place": area_name(session, case.town_code)}
            for incident, case in open_incidents(session, visitor.actor)
        ]
        timers = [
            {"timer": timer, "case": case, "place": area_name(session, case.town_code)}
            for timer, case in stuck_timers(session, visitor.actor)
        ]
        aside = [
            {
                "aside": row,
                "case": case,
                "place": area_name(session, case.town_code),
                "what": _WHAT.get(row.kind, row.kind),
            }
            for row, case in listed(session, visitor.actor)
        ]
    return render(
        request,
        "incidents.html",
        status=status,
        rows=rows,
        timers=timers,
        aside=aside,
        failed=failed,
        errors=errors or {},
        given=given or {},
    )
