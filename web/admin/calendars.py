"""The working calendar: a year drawn, its notice taken in with a preview of the deadlines that move, and taken back."""

import uuid
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, Request, UploadFile
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
Reader = Annotated[Visitor, Depends(may("calendar.read"))]
Editor = Annotated[Visitor, Depends(may("rules.edit"))]
Acting = Annotated[Visitor, Depends(may("calendar.act"))]
Second = Annotated[Visitor, Depends(may("calendar.confirm"))]
Reason = Annotated[str, Form(max_length=300)]
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
def take_in(
    request: Request,
    visitor: Editor,
    upload: UploadFile | str = File(""),
    notice: Annotated[str, Form(max_length=300)] = "",
    dated: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Check a file and the notice that it rests on; where nothing is wrong with it, show what it would change."""
    year, said = local_day(visitor.now).year, {"notice": notice, "dated": dated}
    name = "" if isinstance(upload, str) else Path(upload.filename or "").name
    if isinstance(upload, str) or not name:
        return _page(request, visitor, year, message="请选择要导入的文件。", **said)
    if Path(name).suffix.lower() not in _ENDINGS:
        return _page(request, visitor, year, message="日历文件应为 xlsx、csv 或 ics 格式。", **said)
    try:
        with visitor.database.write() as session:
            preview_id = calendars.record_preview(
                session,
                visitor.actor,
                visitor.now,
                content=upload.file.read(),
                file=name,
                notice=calendars.read_notice(notice, _day(dated)),
            )
    except (Invalid, NotAllowed) as wrong:
        return _page(request, visitor, year, message=wrong.message, **said)
    return redirect(f"/admin/calendar/import/{preview_id}")


@router.get("/admin/calendar/import/{calendar_id}")
def preview(request: Request, calendar_id: uuid.UUID, visitor: Acting) -> Response:
    """Show which days a file changes and which deadlines move, or what became of it."""
    return _preview(request, visitor, calendar_id)


@router.post("/admin/calendar/import/{calendar_id}")
def confirm(
    request: Request, calendar_id: uuid.UUID, visitor: Acting, replaces: Reason = "", why: Reason = ""
) -> Response:
    """Make the days valid and move the deadlines, or ask a second person to; the sweep goes on with what takes long."""
    budget = Budget(_PATIENCE)
    with visitor.database.read() as session:
        begun = calendars.find_preview(session, calendar_id).unfinished
    try:
        if begun:
            calendars.finish(visitor.database, visitor.now, calendar_id, budget)
        else:
            # The tick says that it is meant; a reason alone may be a slip of the browser.
            given = why if replaces else ""
            calendars.confirm(visitor.database, visitor.actor, visitor.now, calendar_id, budget, why=given)
    except Invalid as wrong:
        return _preview(request, visitor, calendar_id, message=wrong.message)
    return redirect(f"/admin/calendar/import/{calendar_id}")


@router.post("/admin/calendar/import/{calendar_id}/decline")
def decline(request: Request, calendar_id: uuid.UUID, visitor: Second, why: Reason = "") -> Response:
    """Say as the second person that it is not taken in."""
    try:
        with visitor.database.write() as session:
            calendars.decline(session, visitor.actor, visitor.now, calendar_id, why)
    except Invalid as wrong:
        return _preview(request, visitor, calendar_id, message=wrong.message)
    return redirect(
        f"/admin/calendar/import/{calendar_id}", translate(visitor.locale, N_("已记录，日历没有更改。"))
    )


@router.post("/admin/calendar/import/{calendar_id}/undo")
def undo(request: Request, calendar_id: uuid.UUID, visitor: Acting, why: Reason = "") -> Response:
    """Take an import back, or ask a second person to; the deadlines move back with it."""
    budget = Budget(_PATIENCE)
    try:
        totals = calendars.undo(visitor.database, visitor.actor, visitor.now, calendar_id, budget, why=why)
    except Invalid as wrong:
        return _preview(request, visitor, calendar_id, message=wrong.message)
    if totals is None:
        return redirect(f"/admin/calendar/import/{calendar_id}")
    said = N_("已撤销，日历和期限已恢复。") if totals.done else N_("已撤销，期限正在恢复。")
    return redirect(f"/admin/calendar/import/{calendar_id}", translate(visitor.locale, said))


def _page(
    request: Request, visitor: Visitor, year: int, message: str = "", notice: str = "", dated: str = ""
) -> Response:
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
            "waiting": calendars.waiting(session),
            "whole": calendars.may_change_country(session, visitor.actor),
        }
    return render(
        request,
        "calendar.html",
        status=422 if message else 200,
        message=message,
        notice=notice,
        dated=dated,
        year=year,
        months=_months(days),
        official=bool(days) and all(day.status == "official" for day in days),
        source="；".join(dict.fromkeys(day.source for day in days if day.source)),
        today=local_day(visitor.now),
        may_edit=visitor.actor.may("rules.edit"),
        may_act=visitor.actor.may("calendar.act"),
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
        settled = plan.settled(local_day(visitor.now)) if plan else []
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
        settled=settled,
        asked=found.waits_for,
        # Whoever asked for it cannot be the second person too.
        seconds=visitor.actor.may("calendar.confirm") and not _asked_by(found, visitor),
        edits=visitor.actor.may("rules.edit"),
        places=places,
    )


def _asked_by(found: calendars.Preview, visitor: Visitor) -> bool:
    return found.waits_for is not None and found.waits_for.actor_id == visitor.actor.id


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _place(session: Session, code: str) -> str:
    return area_name(session, code) or code
