"""The board of what is late: where, by how much, and who answers for it."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.audit import record_read
from jieban.clock import end_of_day, local_day
from jieban.deadlines import load_clocks
from jieban.deadlines.cards import card_days
from jieban.errors import NotAllowed, NotFound
from jieban.staff.roles import ROLES
from tasks import inbox
from tasks.late import Late, LatePage, list_late
from web.overdue import export
from web.overdue.places import below, path_to
from web.overdue.rows import Row, rows_of
from web.pages import Due, render
from web.security.visitor import Visitor, may
from web.titles import titles_of

router = APIRouter(include_in_schema=False)
_PAGE = 50
_MOST_EXPORTED = 5000
_SOON_DAYS = 3
"""How many working days ahead "due soon" looks (our choice, not law)."""

View = Literal["law", "late", "soon"]
Supervisor = Annotated[Visitor, Depends(may("overdue.read"))]


@router.get("/overdue")
def board(
    request: Request,
    visitor: Supervisor,
    area: str = "",
    role: str = "",
    view: View = "late",
    search: str = "",
    after: str = "",
) -> Response:
    """Show what is late, or due soon, in the visitor's area or a part of it."""
    _inside(visitor, area)
    with visitor.database.read() as session:
        days = card_days(session, local_day(visitor.now))
        calendar = workdays.load_calendar(session)
        late, soon = _pages(session, visitor, area, role, search, after, view, calendar)
        rows = _rows(late, soon, view)
        clocks = load_clocks(session, [one.task.deadline_id for one in rows])
        clock = Due(calendar, visitor.now, visitor.locale, days, clocks)
        places = below(session, visitor.actor, visitor.now, area)
        context: dict[str, Any] = {
            "path_to": path_to(session, visitor.actor, area),
            "rows": rows_of(session, rows, (soon if view == "soon" else late).names, visitor.locale),
            "titles": titles_of(session, visitor.locale, [one.task.case_id for one in rows]),
        }
    return render(
        request,
        "overdue.html",
        block="list",
        page=soon if view == "soon" else late,
        late=late,
        soon=soon,
        clock=clock,
        places=places,
        worst=max((place.late for place in places), default=0),
        view=view,
        area=area,
        shown={"area": area, "role": role, "view": view, "search": search, "after": after},
        roles=[one for one in ROLES.values() if "task.work" in one.permissions],
        soon_days=_SOON_DAYS,
        **context,
    )


@router.get("/overdue/export.{kind}")
def download(
    kind: Literal["xlsx", "csv"],
    visitor: Supervisor,
    area: str = "",
    role: str = "",
    view: View = "late",
    search: str = "",
) -> Response:
    """Give the list as a file; that it left the system is written down."""
    if not visitor.actor.may("report.export"):
        raise NotAllowed("您没有导出的权限。")
    _inside(visitor, area)
    with visitor.database.read() as session:
        calendar = workdays.load_calendar(session)
        rows = _every_row(session, visitor, area, role, search, view, calendar)
        clocks = load_clocks(session, [row.task.deadline_id for row in rows])
        clock = Due(calendar, visitor.now, visitor.locale, clocks=clocks)
        titles = titles_of(session, visitor.locale, [row.task.case_id for row in rows])
    with visitor.database.write() as session:
        detail = f"overdue {view} {area or visitor.actor.area_code} {role} {len(rows)}"
        record_read(session, actor=visitor.actor, now=visitor.now, case_id=None, what="export", detail=detail)
    return export.file(kind, rows, clock, titles, visitor)


def _inside(visitor: Visitor, area: str) -> None:
    # Somebody else's area looks like one that does not exist.
    if area and not visitor.actor.covers(area):
        raise NotFound


def _rows(late: LatePage, soon: inbox.Page, view: View) -> list[Late]:
    return [Late(task, None) for task in soon.rows] if view == "soon" else list(late.rows)


def _pages(
    session: Session,
    visitor: Visitor,
    area: str,
    role: str,
    search: str,
    after: str,
    view: View,
    calendar: workdays.Calendar,
    limit: int = _PAGE,
) -> tuple[LatePage, inbox.Page]:
    """Read both lists; of the one that is not shown only how long it is."""
    is_soon = view == "soon"
    late = list_late(
        session,
        visitor.actor,
        visitor.now,
        area=area,
        role=role,
        search=search[:100],
        after="" if is_soon else after,
        limit=1 if is_soon else limit,
        law_only=view == "law",
    )
    soon = inbox.due_soon(
        session,
        visitor.actor,
        visitor.now,
        soon_until(visitor.now, calendar),
        area=area or None,
        role=role or None,
        search=search[:100],
        after=(after or None) if is_soon else None,
        limit=limit if is_soon else 1,
    )
    return late, soon


def _every_row(
    session: Session,
    visitor: Visitor,
    area: str,
    role: str,
    search: str,
    view: View,
    calendar: workdays.Calendar,
) -> list[Row]:
    late, soon = _pages(session, visitor, area, role, search, "", view, calendar, _MOST_EXPORTED)
    names = (soon if view == "soon" else late).names
    return rows_of(session, _rows(late, soon, view), names, visitor.locale)


def soon_until(now: datetime, calendar: workdays.Calendar) -> datetime:
    """Return the end of the last day that counts as soon."""
    return end_of_day(calendar.add_working_days(local_day(now), _SOON_DAYS)) + timedelta(seconds=1)
