"""The working calendar: a year drawn, its notice taken in with a preview of the deadlines that move, and taken back."""

import uuid
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, UploadFile
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name
from jieban.clock import local_day
from jieban.errors import Invalid, NotAllowed, NotFound
from jieban.workdays import days_of_year
from jieban.workdays.tables import WorkCalendarDay
from web.i18n import N_, translate
from web.pages import redirect, render
from web.security.visitor import Visitor, may
from workflows import calendars
from workflows.flows.budget import Budget

router = APIRouter(include_in_schema=False)
Reader = Annotated[Visitor, Depends(may("rules.read"))]
Editor = Annotated[Visitor, Depends(may("rules.edit"))]
_PATIENCE = 3
"""Seconds that a click waits for the deadlines to be moved; the sweep goes on with what is left."""
_ENDINGS = {".xlsx", ".csv", ".ics"}
_TEMPLATE = "日期,是否上班,名称,地区代码\n2027-01-01,休,元旦,\n2027-02-20,班,春节调休,\n"


@router.get("/admin/calendar")
def show(
    request: Request, visitor: Reader, year: Annotated[int | None, Query(ge=2004, le=2100)] = None
) -> Response:
    """Draw a year, with the days that areas made for themselves, and list what was taken in lately."""
    return _page(request, visitor, year or local_day(visitor.now).year)


@router.get("/admin/calendar/template.csv")
def template(visitor: Editor) -> Response:  # noqa: ARG001 - only whoever may import needs it
    """Give the columns of a file, with an example of each kind."""
    return Response(
        _TEMPLATE.encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="jieban-calendar.csv"'},
    )


@router.post("/admin/calendar/import")
def take_in(request: Request, visitor: Editor, upload: UploadFile | str = File("")) -> Response:
    """Check a file; where nothing is wrong with it, show what it would change."""
    year = local_day(visitor.now).year
    name = "" if isinstance(upload, str) else Path(upload.filename or "").name
    if isinstance(upload, str) or not name:
        return _page(request, visitor, year, message="请选择要导入的文件。")
    if Path(name).suffix.lower() not in _ENDINGS:
        return _page(request, visitor, year, message="日历文件应为 xlsx、csv 或 ics 格式。")
    try:
        with visitor.database.write() as session:
            preview_id = calendars.record_preview(
                session, visitor.actor, visitor.now, content=upload.file.read(), file=name
            )
    except (Invalid, NotAllowed) as wrong:
        return _page(request, visitor, year, message=wrong.message)
    return redirect(f"/admin/calendar/import/{preview_id}")


@router.get("/admin/calendar/import/{calendar_id}")
def preview(request: Request, calendar_id: uuid.UUID, visitor: Editor) -> Response:
    """Show which days a file changes and which deadlines move, or what became of it."""
    return _preview(request, visitor, calendar_id)


@router.post("/admin/calendar/import/{calendar_id}")
def confirm(request: Request, calendar_id: uuid.UUID, visitor: Editor) -> Response:
    """Make the days valid and move the deadlines; what takes longer than a click is moved by the sweep."""
    budget = Budget(_PATIENCE)
    with visitor.database.read() as session:
        begun = calendars.find_preview(session, calendar_id).unfinished
    try:
        if begun:
            calendars.finish(visitor.database, visitor.now, calendar_id, budget)
        else:
            calendars.confirm(visitor.database, visitor.actor, visitor.now, calendar_id, budget)
    except Invalid as wrong:
        return _preview(request, visitor, calendar_id, message=wrong.message)
    return redirect(f"/admin/calendar/import/{calendar_id}")


@router.post("/admin/calendar/import/{calendar_id}/undo")
def undo(calendar_id: uuid.UUID, visitor: Editor) -> Response:
    """Take an import back; the deadlines move back with it."""
    totals = calendars.undo(visitor.database, visitor.actor, visitor.now, calendar_id, Budget(_PATIENCE))
    said = N_("已撤销，日历和期限已恢复。") if totals.done else N_("已撤销，期限正在恢复。")
    return redirect(f"/admin/calendar/import/{calendar_id}", translate(visitor.locale, said))


def _page(request: Request, visitor: Visitor, year: int, message: str = "") -> Response:
    area = visitor.actor.area_code or ""
    with visitor.database.read() as session:
        try:
            days = days_of_year(session, year)
        except NotFound:
            days = []
        own = calendars.own_days(session, year, area)
        context: dict[str, Any] = {
            "own": own,
            "places": {one.area_code: area_name(session, one.area_code) for one in own},
            "past": calendars.past_imports(session),
            "unfinished": calendars.unfinished(session),
            "whole": calendars.may_change_country(session, visitor.actor),
        }
    return render(
        request,
        "calendar.html",
        status=422 if message else 200,
        message=message,
        year=year,
        months=_months(days),
        official=bool(days) and all(day.status == "official" for day in days),
        source=days[-1].source if days else "",
        today=local_day(visitor.now),
        may_edit=visitor.actor.may("rules.edit"),
        **context,
    )


def _months(days: Sequence[WorkCalendarDay]) -> list[tuple[date, int, list[WorkCalendarDay]]]:
    """Give each month with the number of empty places before its first day in a week that begins on Monday."""
    found = []
    for _, group in groupby(days, key=lambda one: one.day.month):
        month = list(group)
        found.append((month[0].day, month[0].day.weekday(), month))
    return found


def _preview(request: Request, visitor: Visitor, preview_id: uuid.UUID, message: str = "") -> Response:
    with visitor.database.read() as session:
        found = calendars.find_preview(session, preview_id)
        plan, outlook = None, None
        changes = found.changes
        if found.imported is None:
            plan, outlook = calendars.outlook_of(session, found, visitor.now)
            changes = plan.changes
        turning = [one for one in changes if one.turns]
        codes = {one.area for one in changes if one.area} | set(outlook.counties if outlook else ())
        places = {code: _place(session, code) for code in codes}
    return render(
        request,
        "calendar_preview.html",
        status=422 if message else 200,
        message=message,
        preview=found,
        plan=plan,
        outlook=outlook,
        changes=changes,
        turning=turning,
        places=places,
    )


def _place(session: Session, code: str) -> str:
    return area_name(session, code) or code
