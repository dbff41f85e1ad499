"""Taking in a calendar: looked at first, confirmed with a second act that moves the running deadlines, and taken back.

The days and the record of the act are one transaction. The deadlines follow in others of some hundred each; until the
last one is written the act stands as unfinished, and whoever finishes it goes on where it was broken off.
"""

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.areas.tables import Area
from jieban.audit.tables import AdminEvent
from jieban.database import Database
from jieban.errors import Conflict, Invalid, NotAllowed, NotFound
from jieban.ids import new_id
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from jieban.workdays import CalendarImport, DayChange, Listed
from jieban.workdays.tables import WorkCalendarDay
from workflows.calendars.clocks import Span
from workflows.calendars.looking import Outlook, look_ahead
from workflows.calendars.moving import Totals, begin, recalculate
from workflows.calendars.telling import Act
from workflows.flows.budget import Budget
from workflows.tables import CalendarMove

PREVIEWED, IMPORTED, UNDONE, MOVED = (
    "calendar.previewed",
    "calendar.imported",
    "calendar.undone",
    "calendar.recalculated",
)
_COMMAND_LINE = "命令行"
_MOST_SHOWN = 20


@dataclass(frozen=True)
class Preview:
    """A file that somebody wants to take in, and what became of it."""

    id: uuid.UUID
    at: datetime
    by: str
    file: str
    sha256: str
    listed: tuple[Listed, ...]
    imported: AdminEvent | None
    undone: AdminEvent | None
    moved: AdminEvent | None
    """the end of the last recalculation; none while the deadlines are not all moved"""
    progress: CalendarMove | None = None
    """how far the last recalculation has come"""

    @property
    def can_be_undone(self) -> bool:
        return self.imported is not None and self.undone is None and self.moved is not None

    @property
    def unfinished(self) -> bool:
        return self.imported is not None and self.moved is None

    @property
    def changes(self) -> tuple[DayChange, ...]:
        """The days that were written."""
        return tuple(map(DayChange.from_json, self.imported.data["rows"])) if self.imported else ()


def record_preview(
    session: Session, actor: Actor | None, now: datetime, *, content: bytes, file: str
) -> uuid.UUID:
    """Read a file and write down who is about to take it in; Invalid says what is wrong with it. Nothing is changed.

    Without an actor the command line acts.
    """
    listed = workdays.read_days(content, file)
    _check_reach(session, actor, listed)
    data = {
        "file": file[-200:],
        "sha256": hashlib.sha256(content).hexdigest(),
        "listed": [
            {"day": one.day.isoformat(), "working": one.working, "name": one.name, "area": one.area}
            for one in listed
        ],
    }
    workdays.plan_import(session, listed, file)
    preview_id = new_id()
    _record(session, preview_id, PREVIEWED, actor, now, data)
    return preview_id


def find_preview(session: Session, preview_id: uuid.UUID) -> Preview:
    """Load what was recorded, or raise NotFound."""
    event = session.get(AdminEvent, preview_id)
    if event is None or event.kind != PREVIEWED:
        raise NotFound
    imported, undone = (session.get(AdminEvent, _named(preview_id, kind)) for kind in (IMPORTED, UNDONE))
    last = undone or imported
    return Preview(
        id=event.id,
        at=event.at,
        by=event.actor_name,
        file=event.data["file"],
        sha256=event.data["sha256"],
        listed=tuple(
            Listed(date.fromisoformat(one["day"]), one["working"], one["name"], one["area"])
            for one in event.data["listed"]
        ),
        imported=imported,
        undone=undone,
        moved=session.get(AdminEvent, _named(last.id, MOVED)) if last else None,
        progress=session.get(CalendarMove, last.id) if last else None,
    )


def look_at_file(
    session: Session, content: bytes, file: str, now: datetime
) -> tuple[CalendarImport, Outlook]:
    """Work out what a file would change and move, without writing anything down."""
    return _outlook(session, workdays.read_days(content, file), file, now)


def outlook_of(session: Session, preview: Preview, now: datetime) -> tuple[CalendarImport, Outlook]:
    """Work out which days a preview would change now, and which running deadlines would move."""
    return _outlook(session, preview.listed, preview.file, now)


def _outlook(
    session: Session, listed: Iterable[Listed], file: str, now: datetime
) -> tuple[CalendarImport, Outlook]:
    plan = workdays.plan_import(session, listed, file)
    calendar = workdays.calendar_with(session, plan.changes)
    return plan, look_ahead(session, calendar, _span(plan.changes), now)


def confirm(
    database: Database,
    actor: Actor | None,
    now: datetime,
    preview_id: uuid.UUID,
    budget: Budget | None = None,
) -> Totals:
    """Make the days of a preview valid and move every running deadline that rests on them, as one recorded act.

    What a budget leaves is moved by the sweep `move_deadlines`, which goes on where this stopped.
    """
    if actor:
        actor.require("rules.edit")
    with database.write() as session:
        preview = find_preview(session, preview_id)
        if preview.imported:
            raise Conflict("这份日历已经确认过。")
        _check_reach(session, actor, preview.listed)
        plan = workdays.plan_import(session, preview.listed, preview.file)
        if not plan.changes:
            raise Invalid("没有需要更改的日期。")
        workdays.write_days(session, plan.changes)
        data = _data(preview, plan.changes) | {"years": plan.years, "listed": plan.listed}
        act_id = _named(preview_id, IMPORTED)
        _record(session, act_id, IMPORTED, actor, now, data)
        begin(session, act_id, preview_id, _span(plan.changes), now)
    return finish(database, now, preview_id, budget)


def undo(
    database: Database,
    actor: Actor | None,
    now: datetime,
    preview_id: uuid.UUID,
    budget: Budget | None = None,
) -> Totals:
    """Take an import back as a recorded act: the days are what they were, and the deadlines move back with them.

    Conflict where one of the days has been changed since. What was told and recorded meanwhile stays.
    """
    if actor:
        actor.require("rules.edit")
    with database.write() as session:
        preview = find_preview(session, preview_id)
        if not preview.can_be_undone:
            raise Conflict("这次导入现在不能撤销。")
        _check_reach(session, actor, preview.listed)
        back = tuple(one.backwards() for one in preview.changes)
        workdays.write_days(session, back)
        act_id = _named(preview_id, UNDONE)
        _record(session, act_id, UNDONE, actor, now, _data(preview, back))
        begin(session, act_id, preview_id, _span(back), now)
    return finish(database, now, preview_id, budget)


def finish(database: Database, now: datetime, preview_id: uuid.UUID, budget: Budget | None = None) -> Totals:
    """Move the deadlines of an act that are not moved yet, and write down that it is done.

    It is recorded as the act of whoever confirmed it, also where somebody else or a sweep goes on with it.
    """
    with database.write() as session:
        preview = find_preview(session, preview_id)
        last = preview.undone or preview.imported
        if last is None or preview.moved is not None:
            return Totals()
        span = _span(map(DayChange.from_json, last.data["rows"]))
        if preview.progress is None:
            # Of an act that an earlier version left unfinished.
            begin(session, last.id, preview_id, span, now)
        user = session.get(User, last.actor_id) if last.actor_id else None
        actor = actor_of(user) if user else None
    totals = recalculate(database, Act(last.id, preview.file, preview.sha256, actor, now), span, budget)
    if totals.done:
        with database.write() as session:
            session.execute(update(CalendarMove).where(CalendarMove.id == last.id).values(done=True))
            done = _named(last.id, MOVED)
            if session.get(AdminEvent, done) is None:
                data = {
                    "file": preview.file,
                    "sha256": preview.sha256,
                    "act": str(last.id),
                    **totals.to_json(),
                }
                _record(session, done, MOVED, actor, now, data)
    return totals


def import_now(
    database: Database, content: bytes, file: str, *, actor: Actor | None, now: datetime
) -> tuple[CalendarImport, Totals]:
    """Preview and confirm in one go, for the command line; a file that says nothing new changes nothing."""
    with database.write() as session:
        plan = workdays.plan_import(session, workdays.read_days(content, file), file)
        if not plan.changes:
            return plan, Totals()
        preview_id = record_preview(session, actor, now, content=content, file=file)
    return plan, confirm(database, actor, now, preview_id)


def unfinished(session: Session) -> list[Preview]:
    """List the acts whose deadlines are not all moved, the one that was begun first before the others."""
    query = select(CalendarMove.preview_id).where(~CalendarMove.done).order_by(CalendarMove.started_at)
    return [find_preview(session, preview_id) for preview_id in dict.fromkeys(session.scalars(query))]


def past_imports(session: Session) -> list[Preview]:
    """List the last imports that were confirmed, newest first."""
    query = select(AdminEvent).where(AdminEvent.kind == IMPORTED).order_by(AdminEvent.at.desc())
    found = session.scalars(query.limit(_MOST_SHOWN))
    return [
        find_preview(session, uuid.UUID(event.data["preview"])) for event in found if "preview" in event.data
    ]


def own_days(session: Session, year: int, within: str) -> list[WorkCalendarDay]:
    """List the days of a year that areas made for themselves, inside an area or round it."""
    query = select(WorkCalendarDay).where(
        WorkCalendarDay.area_code != "", WorkCalendarDay.day.between(date(year, 1, 1), date(year, 12, 31))
    )
    rows = session.scalars(query.order_by(WorkCalendarDay.day, WorkCalendarDay.area_code))
    return [row for row in rows if row.area_code.startswith(within) or within.startswith(row.area_code)]


def may_change_country(session: Session, actor: Actor | None) -> bool:
    """Tell whether somebody may change days of the whole country: they must answer for all the offices here."""
    if actor is None or actor.area_code is None:
        return True
    outside = ~User.area_code.startswith(actor.area_code, autoescape=True)
    return not session.scalar(select(exists().where(User.active, User.area_code.is_not(None), outside)))


def _check_reach(session: Session, actor: Actor | None, listed: Iterable[Listed]) -> None:
    areas = {one.area for one in listed}
    if unknown := sorted(area for area in areas if area and session.get(Area, area) is None):
        raise Invalid(f"没有代码为 {unknown[0]} 的地区。")
    if "" in areas and not may_change_country(session, actor):
        raise NotAllowed("全国的放假安排由管辖全部单位的管理员导入；您可以导入本辖区自行安排的日期。")
    own = (actor.area_code or "") if actor else ""
    if wrong := sorted(area for area in areas if area and not area.startswith(own)):
        raise NotAllowed(f"地区 {wrong[0]} 不在您的辖区内。")


def _data(preview: Preview, changes: tuple[DayChange, ...]) -> dict[str, Any]:
    return {
        "file": preview.file,
        "sha256": preview.sha256,
        "preview": str(preview.id),
        "changed": len(changes),
        "rows": [one.to_json() for one in changes],
    }


def _span(changes: Iterable[DayChange]) -> Span | None:
    days = [one.day for one in changes]
    return Span(min(days), max(days)) if days else None


def _named(act: uuid.UUID, kind: str) -> uuid.UUID:
    """Name what becomes of an act, so that it can happen once only."""
    return uuid.uuid5(act, kind)


def _record(
    session: Session, event_id: uuid.UUID, kind: str, actor: Actor | None, now: datetime, data: dict[str, Any]
) -> None:
    session.add(
        AdminEvent(
            id=event_id,
            at=now,
            kind=kind,
            actor_id=actor.id if actor else None,
            actor_name=actor.name if actor else _COMMAND_LINE,
            data=data,
        )
    )
