"""The page on which an applicant asks how far their case is, with the code of the receipt."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.errors import Conflict, Invalid
from jieban.ledger.following import DISSATISFIED
from jieban.staff.tables import User
from jieban.workdays import load_calendar
from tasks import contacts
from web.cases import words
from web.contacts.chain import SATISFACTION
from web.i18n import N_, locale_of
from web.pages import Due, render
from web.progress.contact import first_of
from web.progress.lookup import find, progress, tidy
from web.security.throttle import WINDOW, note_failure, too_many
from web.security.visitor import client_of

router = APIRouter(include_in_schema=False)
_PER_CODE = 5
_PER_CLIENT = 20

_NOTHING = N_("没有找到。请核对首接回执上的查询码，以及登记的手机号或身份证号的后四位。")
_TOO_MANY = N_("查询次数过多，请一刻钟后再试，或到窗口、打电话询问。")
_THANKS = N_("谢谢您的评价。")
_AGAIN = N_("您的意见已转给首接人和督办人员，将重新办理并再次向您反馈。")
_NOT_NOW = N_("本次办理已经评价过，或者还没有办结。")


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
    return _page(request, code, last_four)


@router.post("/progress/rate")
def rate(
    request: Request,
    code: Annotated[str, Form(max_length=40)] = "",
    last_four: Annotated[str, Form(max_length=10)] = "",
    satisfaction: Annotated[str, Form(max_length=20)] = "",
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take the rating of whoever brought the matter, once after each end; the page that follows says so."""
    state = request.app.state
    now = state.clock()
    sent = {"satisfaction": satisfaction, "reason": reason}
    keys = _keys(request, code)
    try:
        with state.database.write() as session:
            tired = any(too_many(session, key, limit, now) for key, limit in keys.items())
            case = None if tired else find(session, code, last_four)
            if case is not None:
                _must_be_open_to_rating(session, case, now)
                contacts.rate_as_person(session, now, case, satisfaction, reason.strip())
    except Conflict:
        return _page(request, code, last_four, thanks=_NOT_NOW)
    except Invalid as wrong:
        return _page(request, code, last_four, wrong=wrong.errors[0]["message"], sent=sent, status=422)
    said = _AGAIN if satisfaction in DISSATISFIED else _THANKS
    return _page(request, code, last_four, thanks=said)


def _must_be_open_to_rating(session: Session, case: Case, now: datetime) -> None:
    if not first_of(session, case, now, "zh").may_rate:
        raise Conflict(_NOT_NOW)


def _page(
    request: Request,
    code: str,
    last_four: str,
    *,
    status: int = 200,
    **said: Any,
) -> Response:
    state = request.app.state
    now = state.clock()
    keys = _keys(request, code)
    with state.database.read() as session:
        tired = any(too_many(session, key, limit, now) for key, limit in keys.items())
        case = None if tired else find(session, code, last_four)
        found, clock, first = None, None, None
        if case is not None:
            receiver = session.get_one(User, case.first_receiver_id)
            found = progress(session, case, now, receiver.phone)
            clock = Due(load_calendar(session).at(case.town_code), now, locale_of(request))
            first = first_of(session, case, now, locale_of(request))
    if found is None and not tired:
        with state.database.write() as session:
            for key in keys:
                note_failure(session, key, now)
    refused = "" if found else _TOO_MANY if tired else _NOTHING
    status = status if found else 429 if tired else 404
    shown: dict[str, Any] = {"code": tidy(code), "refused": refused, "found": found, "clock": clock}
    shown |= {"words": words, "first": first, "last_four": last_four, "levels": SATISFACTION}
    shown |= {"thanks": "", "wrong": "", "sent": {"satisfaction": "", "reason": ""}, **said}
    page = render(request, "progress.html", status=status, **shown)
    if tired:
        page.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return page


def _keys(request: Request, code: str) -> dict[str, int]:
    return {f"progress:{tidy(code)}": _PER_CODE, f"progress:client:{client_of(request)}": _PER_CLIENT}
