"""What a change of the calendar would move, before anybody confirms it."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from jieban.clock import local_day
from jieban.workdays import Calendar
from workflows.calendars.clocks import Move, Span, pages, read_page, work_out
from workflows.calendars.days import KINDS, DayMove, read_days

_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Moving:
    """A deadline that would move."""

    case_id: uuid.UUID
    case_number: str
    name: str
    before: date
    """its last day"""
    after: date


@dataclass
class Outlook:
    """How many running deadlines would move, and which; names of people are not among it."""

    looked: int = 0
    later: int = 0
    earlier: int = 0
    confirmed: int = 0
    """end on the same day, which is certain now"""
    annulled: int = 0
    """breaches that would be none"""
    late: int = 0
    """clocks in time that would be over at once"""
    cases: set[uuid.UUID] = field(default_factory=set)
    counties: Counter[str] = field(default_factory=Counter)
    shown: list[Moving] = field(default_factory=list)
    """the first hundred"""
    voided: list[Moving] = field(default_factory=list)
    """the first hundred of the breaches that would be none"""

    @property
    def moved(self) -> int:
        return self.later + self.earlier

    def add(self, move: Move, now: datetime) -> None:
        """Count a clock that another calendar ends elsewhere, or makes certain."""
        clock = move.clock
        if not move.moved:
            self.confirmed += clock.provisional and not move.provisional
            return
        place = Moving(
            clock.case_id, clock.case_number, clock.name, local_day(clock.due_at), local_day(move.due_at)
        )
        self._count(move, place, clock.county_code, now)

    def add_day(self, move: DayMove, now: datetime) -> None:
        """Count a day beside the clocks."""
        if not move.moved:
            return
        place = Moving(
            move.case_id, move.case_number, move.name, local_day(move.before), local_day(move.after)
        )
        self._count(move, place, move.county_code, now)

    def _count(self, move: Move | DayMove, place: Moving, county: str, now: datetime) -> None:
        if place.after > place.before:
            self.later += 1
        else:
            self.earlier += 1
        self.annulled += move.annuls(now)
        self.late += move.falls_late(now)
        self.cases.add(place.case_id)
        self.counties[county] += 1
        if len(self.shown) < _MOST_SHOWN:
            self.shown.append(place)
        if move.annuls(now) and len(self.voided) < _MOST_SHOWN:
            self.voided.append(place)


def look_ahead(session: Session, calendar: Calendar, span: Span | None, now: datetime) -> Outlook:
    """Work out what would move by a calendar that differs in the days of a span; nothing is written."""
    outlook = Outlook()
    for move in _moves(session, calendar, span, now, outlook):
        if isinstance(move, DayMove):
            outlook.add_day(move, now)
        else:
            outlook.add(move, now)
    return outlook


def moves_any(session: Session, calendar: Calendar, span: Span | None, now: datetime) -> bool:
    """Tell whether a running deadline, or a day beside them, would move."""
    return any(move.moved for move in _moves(session, calendar, span, now, Outlook()))


def _moves(
    session: Session, calendar: Calendar, span: Span | None, now: datetime, outlook: Outlook
) -> Iterator[Move | DayMove]:
    if span is None:
        return
    for query in pages(span, now):
        page = read_page(session, query, None, lock=False)
        while page is not None:
            outlook.looked += len(page.clocks)
            for clock in page.clocks:
                move = work_out(clock, calendar, page.bases)
                if move is not None:
                    yield move
            page = read_page(session, query, page.cursor, lock=False)
    for kind in KINDS:
        last: uuid.UUID | None = None
        while rows := read_days(session, kind, span, last, lock=False):
            outlook.looked += len(rows)
            for row in rows:
                day = kind.work_out(row, calendar)
                if day is not None:
                    yield day
            last = kind.key_of(row)
