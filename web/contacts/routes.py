"""First contacts: what the first receiver records, and the board of what went wrong for those who supervise."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.areas.lookup import area_name, children
from jieban.audit import record_read
from jieban.cases.tables import Case
from jieban.clock import CHINA, end_of_day, local_day
from jieban.errors import Conflict, Invalid, NotFound
from tasks import contacts
from tasks.cases import get_case
from tasks.contact_flags import FLAGS as KEYS
from tasks.contact_flags import Followed, list_flagged
from web.cases.routes import case_page
from web.contacts.chain import FLAGS, MEANINGS, SATISFACTION, Link, chain
from web.i18n import N_, translate
from web.overdue.export import workbook
from web.pages import Due, redirect, render
from web.security.visitor import Visitor, may
from web.titles import titles_of

router = APIRouter()
Supervisor = Annotated[Visitor, Depends(may("overdue.read"))]
Reader = Annotated[Visitor, Depends(may("case.read"))]
Reporter = Annotated[Visitor, Depends(may("report.export"))]
Text = Annotated[str, Form(max_length=2000)]
Word = Annotated[str, Form(max_length=20)]
_MOST_EXPORTED = 2000
_TOWN = 9
_HEAD = (
    N_("问题"),
    N_("申请人"),
    N_("案号"),
    N_("事项"),
    N_("首接人"),
    N_("首接单位"),
    N_("首接时间"),
    N_("反馈期限"),
    N_("反馈"),
    N_("评价"),
    N_("重办次数"),
    N_("经过"),
)
_WIDTHS = (20, 12, 22, 20, 12, 22, 18, 14, 18, 12, 10, 90)


@router.get("/contacts")
def board(
    request: Request, visitor: Supervisor, area: str = "", flag: str = "", search: str = "", after: str = ""
) -> Response:
    """Show the matters of the visitor's area with which something went wrong, each with its whole chain."""
    _inside(visitor, area)
    with visitor.database.read() as session:
        page = list_flagged(
            session,
            visitor.actor,
            visitor.now,
            area=area,
            flag=flag,
            search=search[:100],
            after=after[:100],
        )
        own = visitor.actor.area_code or ""
        places = [] if len(own) >= _TOWN else [(one.code, one.name) for one in children(session, own)]
        if area and area not in dict(places):
            places.append((area, area_name(session, area)))
        clock = Due(workdays.load_calendar(session), visitor.now, visitor.locale)
        titles = titles_of(session, visitor.locale, [row.case.id for row in page.rows])
    return render(
        request,
        "contacts.html",
        page=page,
        chains={row.case.id: _chain(visitor, row) for row in page.rows},
        places=places,
        shown={"area": area, "flag": flag, "search": search, "after": after},
        flags=FLAGS,
        meanings=MEANINGS,
        levels=SATISFACTION,
        clock=clock,
        titles=titles,
    )


@router.get("/contacts/export.xlsx")
def download(visitor: Reporter, area: str = "", flag: str = "", search: str = "") -> Response:
    """Give the list with every chain as a workbook; that it left the system is written down."""
    _inside(visitor, area)
    with visitor.database.read() as session:
        page = list_flagged(
            session,
            visitor.actor,
            visitor.now,
            area=area,
            flag=flag,
            search=search[:100],
            limit=_MOST_EXPORTED,
        )
    with visitor.database.write() as session:
        detail = f"contacts {flag} {area or visitor.actor.area_code} {len(page.rows)}"
        record_read(session, actor=visitor.actor, now=visitor.now, case_id=None, what="export", detail=detail)
    head = [translate(visitor.locale, title) for title in _HEAD]
    content = workbook(head, _WIDTHS, [_cells(visitor, row) for row in page.rows])
    name = f"contacts-{local_day(visitor.now).isoformat()}.xlsx"
    return Response(
        content,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post("/cases/{case_id}/contact/feedback")
def feed_back(
    request: Request,
    case_id: uuid.UUID,
    visitor: Reader,
    how: Word = "",
    content: Text = "",
    until: Word = "",
) -> Response:
    """Record what the person was told; with a day until when, it was only how far the matter is."""
    given = {"how": how, "content": content, "until": until}

    def record(session: Session, case: Case) -> None:
        if until:
            day = end_of_day(_day(until, visitor))
            contacts.reply_meanwhile(session, visitor.actor, visitor.now, case, how, content, day)
        else:
            contacts.feed_back(session, visitor.actor, visitor.now, case, how, content)

    return _act(request, visitor, case_id, record, given, "contact-feedback", N_("已登记。"))


@router.post("/cases/{case_id}/contact/rating")
def rate(
    request: Request, case_id: uuid.UUID, visitor: Reader, satisfaction: Word = "", reason: Text = ""
) -> Response:
    """Record how the person rates it, who was asked back."""
    given = {"satisfaction": satisfaction, "reason": reason}

    def record(session: Session, case: Case) -> None:
        contacts.record_rating(session, visitor.actor, visitor.now, case, satisfaction, reason)

    return _act(request, visitor, case_id, record, given, "contact-rating", N_("已登记。"))


def _act(
    request: Request,
    visitor: Visitor,
    case_id: uuid.UUID,
    record: Any,
    given: dict[str, str],
    dialog: str,
    said: str,
) -> Response:
    try:
        with visitor.database.write() as session:
            record(session, get_case(session, visitor.actor, case_id))
    except Invalid as wrong:
        errors = {one["field"]: one["message"] for one in wrong.errors}
        return case_page(request, visitor, case_id, status=422, errors=errors, given=given, dialog=dialog)
    except Conflict as late:
        return redirect(f"/cases/{case_id}", late.message, "warning")
    return redirect(f"/cases/{case_id}", translate(visitor.locale, said))


def _day(text: str, visitor: Visitor) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = local_day(visitor.now)
    if day <= local_day(visitor.now):
        raise Invalid(errors=[{"field": "until", "message": "应当是今天以后的日期。"}])
    return day


def _inside(visitor: Visitor, area: str) -> None:
    # Somebody else's area looks like one that does not exist.
    if area and not visitor.actor.covers(area):
        raise NotFound


def _chain(visitor: Visitor, row: Followed) -> list[Link]:
    return chain(visitor.locale, row.contact, list(row.handovers), list(row.steps), visitor.now)


def _cells(visitor: Visitor, row: Followed) -> list[str]:
    def say(text: str) -> str:
        return translate(visitor.locale, text)

    contact = row.contact
    told = "\n".join(
        f"{_moment(one.at)} {one.text}{f'（{one.by}）' if one.by else ''}" for one in _chain(visitor, row)
    )
    return [
        "、".join(say(FLAGS[one]) for one in KEYS if one in row.flags),
        row.case.applicant_name,
        row.case.number,
        contact.matter,
        contact.receiver_name,
        contact.receiver_unit,
        _moment(contact.received_at),
        local_day(contact.feedback_due).isoformat() if contact.feedback_due else "",
        _moment(contact.feedback_at) if contact.feedback_at else "",
        say(SATISFACTION.get(contact.satisfaction, "")),
        str(contact.reopened),
        told,
    ]


def _moment(at: datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
