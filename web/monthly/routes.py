"""How offices did in a month, at one glance: for those who supervise."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from jieban.areas.lookup import area_name, children
from jieban.audit import record_read
from jieban.clock import local_day
from jieban.errors import NotAllowed, NotFound
from tasks.monthly import BREACHES, Office, course, offices, start_of
from web.i18n import N_, translate
from web.monthly.chart import HEIGHT, WIDTH, draw
from web.overdue.export import workbook
from web.overdue.places import path_to
from web.pages import render
from web.security.visitor import Visitor, may

router = APIRouter(include_in_schema=False)
Supervisor = Annotated[Visitor, Depends(may("overdue.read"))]
Month = Annotated[str, Query(pattern=r"^(20\d\d-(0[1-9]|1[0-2]))?$")]
_SHOWN = 6
_TOWN = 9
BREACH_NAMES = {
    "total": N_("办理总期限"),
    "step": N_("步骤期限"),
    "other": N_("其他期限"),
    "unheard": N_("反馈的期限"),
}
_HEAD = (
    N_("地点"),
    N_("月份"),
    N_("受理登记"),
    N_("按期办结"),
    N_("超期办结"),
    N_("按期率"),
    N_("平均天数"),
    *BREACH_NAMES.values(),
    N_("待答复督办单"),
)
_WIDTHS = (20, 12, 10, 10, 10, 10, 10, 12, 12, 12, 12, 14)


@router.get("/monthly")
def show(request: Request, visitor: Supervisor, month: Month = "", area: str = "") -> Response:
    """Show a month: each office below, and the course of the last months as a chart."""
    chosen = _chosen(visitor, month, area)
    with visitor.database.read() as session:
        rows = _rows(session, visitor, chosen, area)
        past = [start_of(chosen, back) for back in reversed(range(_SHOWN))]
        months = course(session, visitor.actor, past, area)
        path = path_to(session, visitor.actor, area)
    following = start_of(chosen, -1)
    return render(
        request,
        "monthly.html",
        rows=rows,
        whole=_sum([one for _, one in rows]),
        months=months,
        chart=draw(months),
        size=(WIDTH, HEIGHT),
        path_to=path,
        area=area,
        month=f"{chosen:%Y-%m}",
        before=f"{start_of(chosen, 1):%Y-%m}",
        after="" if following > local_day(visitor.now) else f"{following:%Y-%m}",
        kinds=BREACH_NAMES,
        share=share,
        deepest=len(area or visitor.actor.area_code or "") >= _TOWN - 3,
    )


@router.get("/monthly/export.xlsx")
def download(visitor: Supervisor, month: Month = "", area: str = "") -> Response:
    """Give the table as a workbook; that it left the system is written down."""
    if not visitor.actor.may("report.export"):
        raise NotAllowed("您没有导出的权限。")
    chosen = _chosen(visitor, month, area)
    with visitor.database.read() as session:
        rows = _rows(session, visitor, chosen, area)
    named = f"{chosen:%Y-%m}"
    with visitor.database.write() as session:
        detail = f"monthly {named} {area or visitor.actor.area_code} {len(rows)}"
        record_read(session, actor=visitor.actor, now=visitor.now, case_id=None, what="export", detail=detail)
    head = [translate(visitor.locale, title) for title in _HEAD]
    whole = (translate(visitor.locale, N_("合计")), _sum([one for _, one in rows]))
    cells = [_cells(name, named, one) for name, one in (*rows, whole)]
    return Response(
        workbook(head, _WIDTHS, cells),
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f'attachment; filename="monthly-{named}.xlsx"'},
    )


def share(one: Office | Any) -> str:
    """Say what part of what ended was in time; nothing where nothing ended."""
    ended = one.in_time + one.late
    return f"{100 * one.in_time / ended:.1f}%" if ended else "—"


def _chosen(visitor: Visitor, month: str, area: str) -> date:
    # Somebody else's area looks like one that does not exist.
    if area and not visitor.actor.covers(area):
        raise NotFound
    today = local_day(visitor.now)
    chosen = date.fromisoformat(f"{month}-01") if month else start_of(today)
    return min(chosen, start_of(today))


def _rows(session: Session, visitor: Visitor, month: date, area: str) -> list[tuple[str, Office]]:
    """Name every place below, also one where nothing happened."""
    base = area or visitor.actor.area_code or ""
    found = {one.code: one for one in offices(session, visitor.actor, month, area)}
    below = [] if len(base) >= _TOWN else children(session, base)
    names = {one.code: one.name for one in below}
    return [
        (names.get(code) or area_name(session, code), found.get(code) or Office(code))
        for code in sorted({*names, *found})
    ]


def _sum(rows: list[Office]) -> Office:
    """Add up places; the days weigh as many as ended."""
    ended = [(one.in_time + one.late, one.days) for one in rows if one.days is not None]
    weight = sum(count for count, _ in ended)
    days = sum(count * (length or 0) for count, length in ended) / weight if weight else None
    return Office(
        "",
        sum(one.received for one in rows),
        sum(one.in_time for one in rows),
        sum(one.late for one in rows),
        days,
        {kind: sum(one.breaches[kind] for one in rows) for kind in BREACHES},
        sum(one.orders for one in rows),
    )


def _cells(name: str, month: str, one: Office) -> list[str]:
    days = "" if one.days is None else f"{one.days:.1f}"
    counts = [str(one.breaches[kind]) for kind in BREACHES]
    ends = [str(one.received), str(one.in_time), str(one.late), share(one), days]
    return [name, month, *ends, *counts, str(one.orders)]
