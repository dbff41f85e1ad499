"""The page on which an applicant asks how far their case is, with the code of the receipt."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from jieban.staff.tables import User
from jieban.workdays import load_calendar
from web.i18n import N_, locale_of
from web.pages import Due, render
from web.progress.lookup import find, progress, tidy
from web.security.throttle import WINDOW, note_failure, too_many
from web.security.visitor import client_of

router = APIRouter(include_in_schema=False)
_PER_CODE = 5
_PER_CLIENT = 20

_NOTHING = N_("没有找到。请核对首接回执上的查询码，以及登记的手机号或身份证号的后四位。")
_TOO_MANY = N_("查询次数过多，请一刻钟后再试，或到窗口、打电话询问。")


@router.get("/progress")
def ask(request: Request, code: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Show the question; a code from the receipt's link is filled in."""
    return render(request, "progress.html", code=tidy(code), refused="", found=None)


@router.post("/progress")
def answer(
    request: Request,
    code: Annotated[str, Form(max_length=40)] = "",
    last_four: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Show how far the case is. A wrong code and wrong digits are told the same, and guessing is slowed down."""
    state = request.app.state
    now = state.clock()
    keys = {f"progress:{tidy(code)}": _PER_CODE, f"progress:client:{client_of(request)}": _PER_CLIENT}
    with state.database.read() as session:
        tired = any(too_many(session, key, limit, now) for key, limit in keys.items())
        case = None if tired else find(session, code, last_four)
        found, clock = None, None
        if case is not None:
            receiver = session.get_one(User, case.first_receiver_id)
            found = progress(session, case, now, receiver.phone)
            clock = Due(load_calendar(session).at(case.town_code), now, locale_of(request))
    if found is None and not tired:
        with state.database.write() as session:
            for key in keys:
                note_failure(session, key, now)
    refused = "" if found else _TOO_MANY if tired else _NOTHING
    status = 200 if found else 429 if tired else 404
    shown: dict[str, Any] = {"code": tidy(code), "refused": refused, "found": found, "clock": clock}
    page = render(request, "progress.html", status=status, **shown)
    if tired:
        page.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return page
