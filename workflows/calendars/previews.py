"""What was recorded of the calendars that somebody took in, or wants to: found by its id, and listed."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.audit.tables import AdminEvent
from jieban.errors import NotFound
from jieban.workdays import DayChange, Listed
from jieban.workdays.tables import WorkCalendarDay
from workflows.calendars.notices import Notice
from workflows.tables import CalendarMove

PREVIEWED, IMPORTED, UNDONE, MOVED = (
    "calendar.previewed",
    "calendar.imported",
    "calendar.undone",
    "calendar.recalculated",
)
ASKED, DECLINED, UNDO_ASKED = "calendar.asked", "calendar.declined", "calendar.undo_asked"
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
    notice: Notice | None = None
    """none where an earlier version looked at the file"""
    asked: AdminEvent | None = None
    """that it waits, or waited, for a second person"""
    declined: AdminEvent | None = None
    undo_asked: AdminEvent | None = None

    @property
    def can_be_undone(self) -> bool:
        return self.imported is not None and self.undone is None and self.moved is not None

    @property
    def waits_for(self) -> AdminEvent | None:
        """What a second person has to say something to."""
        if self.imported is None:
            return None if self.declined else self.asked
        return None if self.undone else self.undo_asked

    @property
    def unfinished(self) -> bool:
        return self.imported is not None and self.moved is None

    @property
    def changes(self) -> tuple[DayChange, ...]:
        """The days that were written."""
        return tuple(map(DayChange.from_json, self.imported.data["rows"])) if self.imported else ()


def find_preview(session: Session, preview_id: uuid.UUID) -> Preview:
    """Load what was recorded, or raise NotFound."""
    event = session.get(AdminEvent, preview_id)
    if event is None or event.kind != PREVIEWED:
        raise NotFound
    imported, undone, asked, declined, undo_asked = (
        session.get(AdminEvent, named(preview_id, kind))
        for kind in (IMPORTED, UNDONE, ASKED, DECLINED, UNDO_ASKED)
    )
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
        moved=session.get(AdminEvent, named(last.id, MOVED)) if last else None,
        progress=session.get(CalendarMove, last.id) if last else None,
        notice=Notice.from_json(event.data.get("notice")),
        asked=asked,
        declined=declined,
        undo_asked=undo_asked,
    )


def unfinished(session: Session) -> list[Preview]:
    """List the acts whose deadlines are not all moved, the one that was begun first before the others."""
    query = select(CalendarMove.preview_id).where(~CalendarMove.done).order_by(CalendarMove.started_at)
    return [find_preview(session, preview_id) for preview_id in dict.fromkeys(session.scalars(query))]


def waiting(session: Session) -> list[Preview]:
    """List what waits for a second person, the oldest first."""
    query = select(AdminEvent).where(AdminEvent.kind.in_((ASKED, UNDO_ASKED))).order_by(AdminEvent.at.desc())
    found = (
        find_preview(session, uuid.UUID(one.data["preview"]))
        for one in session.scalars(query.limit(_MOST_SHOWN))
    )
    return [one for one in reversed(list(found)) if one.waits_for]


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


def named(act: uuid.UUID, kind: str) -> uuid.UUID:
    """Name what becomes of an act, so that it can happen once only."""
    return uuid.uuid5(act, kind)
