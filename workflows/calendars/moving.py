"""Moving running clocks to another calendar: the clock, its task and chain, the timers, the facts, and the record of it.

Some hundred clocks in each transaction. It may be broken off and begun again: what was moved already is found right.
"""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import Session, undefer

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case, PublicNotice
from jieban.clock import local_day
from jieban.database import Database, UtcDateTime
from jieban.deadlines.tables import LASTS, Deadline
from jieban.handovers.tables import Handover
from jieban.staff.actor import Actor
from jieban.workdays import Calendar, load_calendar
from jieban.writes import change
from tasks.tables import Task
from workflows import model_store
from workflows.calendars.clocks import Move, Page, Span, pages, read_page, work_out
from workflows.effects import ladder_of
from workflows.tables import Timer


@dataclass(frozen=True)
class Act:
    """What moves the clocks: the import of a calendar, or its being taken back."""

    id: uuid.UUID
    file: str
    sha256: str
    actor: Actor | None
    now: datetime


@dataclass
class Totals:
    """What was moved."""

    looked: int = 0
    moved: int = 0
    confirmed: int = 0
    annulled: int = 0
    cases: set[uuid.UUID] = field(default_factory=set)

    def to_json(self) -> dict[str, int]:
        return {
            "looked": self.looked,
            "moved": self.moved,
            "confirmed": self.confirmed,
            "annulled": self.annulled,
            "cases": len(self.cases),
        }


def recalculate(database: Database, act: Act, span: Span | None) -> Totals:
    """Move every running clock that the calendar, as it stands now, ends elsewhere."""
    totals = Totals()
    if span is None:
        return totals
    for query in pages(span, act.now):
        cursor = None
        while True:
            with database.write() as session:
                page = read_page(session, query, cursor, lock=True)
                if page is None:
                    break
                _move_page(session, act, page, load_calendar(session), totals)
                cursor = page.cursor
    return totals


def _move_page(session: Session, act: Act, page: Page, calendar: Calendar, totals: Totals) -> None:
    by_case: dict[uuid.UUID, list[Move]] = defaultdict(list)
    for clock in page.clocks:
        move = work_out(clock, calendar, page.bases)
        if move is not None:
            _write_clock(session, act, move)
            totals.confirmed += not move.moved and clock.provisional and not move.provisional
            if move.moved:
                by_case[clock.case_id].append(move)
    totals.looked += len(page.clocks)
    totals.cases.update(by_case)
    armed, waiting = _driving(session, by_case), _waiting(session, by_case)
    for case_id, moves in by_case.items():
        for move in moves:
            _write_task(session, move, calendar, act.now)
            _write_around(session, move, waiting)
            totals.annulled += move.annuls(act.now)
        if case_id in armed:
            _turn_engine(session, case_id, moves)
        totals.moved += len(moves)
        _tell(session, act, moves)


_DEADLINE, _TASK, _TIMER, _CASE, _NOTICE, _HANDOVER = (
    cast("Table", one.__table__) for one in (Deadline, Task, Timer, Case, PublicNotice, Handover)
)
_AFTER: Any = bindparam("the_due", type_=UtcDateTime())
_BEFORE: Any = bindparam("the_old", type_=UtcDateTime())
_END = {
    "starts_at": bindparam("the_start", type_=UtcDateTime()),
    "due_at": _AFTER,
}
_SET_CLOCK = (
    update(_DEADLINE)
    .where(_DEADLINE.c.id == bindparam("the_clock"))
    .values(**_END, provisional=bindparam("is_provisional"))
)
_ANNUL = update(_DEADLINE).where(_DEADLINE.c.id == bindparam("the_clock")).values(breached_at=None)
_SET_BASE = update(_DEADLINE).where(_DEADLINE.c.id == bindparam("the_clock")).values(**_END)
_SET_TASK = (
    update(_TASK)
    .where(_TASK.c.id == bindparam("the_task"), _TASK.c.state == "open")
    .values(
        due_at=_AFTER,
        escalation=bindparam("the_ladder"),
        escalation_level=bindparam("the_level"),
        escalate_at=bindparam("the_next", type_=UtcDateTime()),
    )
)
_SET_TIMER = (
    update(_TIMER)
    .where(
        _TIMER.c.case_id == bindparam("the_case"),
        _TIMER.c.engine_id == bindparam("the_engine_id"),
        _TIMER.c.state == "armed",
    )
    .values(fire_at=_AFTER)
)
_SET_NOTICE = (
    update(_NOTICE)
    .where(
        _NOTICE.c.case_id == bindparam("the_case"),
        _NOTICE.c.ends_at == _BEFORE,
        _NOTICE.c.taken_down_at.is_(None),
    )
    .values(ends_at=_AFTER)
)
_SET_HANDOVER = (
    update(_HANDOVER)
    .where(
        _HANDOVER.c.case_id == bindparam("the_case"),
        _HANDOVER.c.due_at == _BEFORE,
        _HANDOVER.c.handed_at == bindparam("the_start", type_=UtcDateTime()),
        _HANDOVER.c.answer == "",
    )
    .values(due_at=_AFTER)
)
_SET_STATE = (
    update(_CASE)
    .where(_CASE.c.id == bindparam("the_case"))
    .values(engine_state=bindparam("the_state"), revision=_CASE.c.revision + 1)
)


def _write_clock(session: Session, act: Act, move: Move) -> None:
    for base_id, start, end in move.bases:
        change(session, _SET_BASE, {"the_clock": base_id, "the_start": start, "the_due": end})
    given = {
        "the_clock": move.clock.id,
        "the_start": move.starts_at,
        "the_due": move.due_at,
        "is_provisional": move.provisional,
    }
    change(session, _SET_CLOCK, given)
    if move.annuls(act.now):
        change(session, _ANNUL, {"the_clock": move.clock.id})


def _write_task(session: Session, move: Move, calendar: Calendar, now: datetime) -> None:
    """Set the task's copy of its end, and its chain: whoever was told too early is told again when it is time."""
    clock = move.clock
    if clock.task_id is None or clock.engine_id is None:
        return
    element = model_store.get_model(session, clock.model_version_id).elements[clock.element]
    ladder = ladder_of(element, move.due_at, clock.town_code, calendar.at(clock.town_code))
    passed = sum(datetime.fromisoformat(step["at"]) <= now for step in ladder)
    told = min(clock.escalation_level or 0, passed)
    given = {
        "the_task": clock.task_id,
        "the_due": move.due_at,
        "the_ladder": ladder,
        "the_level": told,
        "the_next": datetime.fromisoformat(ladder[told]["at"]) if told < len(ladder) else None,
    }
    change(session, _SET_TASK, given)


def _write_around(session: Session, move: Move, waiting: set[tuple[uuid.UUID, datetime | None]]) -> None:
    """Set what else holds the moment: the sheet that hangs, the handover that waits for an answer."""
    clock = move.clock
    given = {"the_case": clock.case_id, "the_old": clock.due_at, "the_due": move.due_at}
    if clock.kind == LASTS:
        change(session, _SET_NOTICE, given)
    elif (clock.case_id, clock.due_at) in waiting:
        change(session, _SET_HANDOVER, {**given, "the_start": clock.starts_at})


def _driving(session: Session, by_case: dict[uuid.UUID, list[Move]]) -> set[uuid.UUID]:
    """Find the cases in which a timer waits for a clock that moves, or a fact holds its end."""
    dues = {(case_id, move.clock.due_at) for case_id, moves in by_case.items() for move in moves}
    query = select(Timer.case_id, Timer.fire_at).where(
        Timer.case_id.in_(list(by_case)), Timer.state == "armed"
    )
    found = {row.case_id for row in session.execute(query) if (row.case_id, row.fire_at) in dues}
    return found | {case_id for case_id, moves in by_case.items() if any(one.clock.fact for one in moves)}


def _waiting(
    session: Session, by_case: dict[uuid.UUID, list[Move]]
) -> set[tuple[uuid.UUID, datetime | None]]:
    """Find the handovers of these cases that nobody has answered: case, and by when."""
    query = select(Handover.case_id, Handover.due_at).where(
        Handover.case_id.in_(list(by_case)), Handover.answer == "", Handover.due_at.is_not(None)
    )
    return {(row.case_id, row.due_at) for row in session.execute(query)}


def _turn_engine(session: Session, case_id: uuid.UUID, moves: list[Move]) -> None:
    """Set the timers of the run that fire when a task is due, and those that wait for a fact."""
    case = session.execute(
        select(Case)
        .where(Case.id == case_id)
        .options(undefer(Case.engine_state))
        .execution_options(populate_existing=True)
    ).scalar_one()
    run = model_store.get_model(session, case.model_version_id).restore(case.engine_state)
    before = {timer.id: timer.fire_at for timer in run.timers()}
    for move in moves:
        clock = move.clock
        if clock.engine_id is not None:
            run.set_deadline(clock.engine_id, move.due_at)
        if clock.fact:
            run.move(clock.fact, clock.due_at, move.due_at)
    change(session, _SET_STATE, {"the_case": case_id, "the_state": run.dump()})
    for timer in run.timers():
        if timer.fire_at != before.get(timer.id):
            given = {"the_case": case_id, "the_engine_id": timer.id, "the_due": timer.fire_at}
            change(session, _SET_TIMER, given)


def _tell(session: Session, act: Act, moves: list[Move]) -> None:
    """Write into the case and the ledger what was and what is, and for a breach that is none, that it is none."""
    first = moves[0].clock
    about: dict[str, Any] = {
        "case_id": first.case_id,
        "at": act.now,
        "actor": act.actor,
        "run_id": str(act.id),
    }
    place: dict[str, Any] = {"county_code": first.county_code, "case_number": first.case_number}
    moved = "；".join(
        f"{one.clock.name} {local_day(one.clock.due_at)} → {local_day(one.due_at)}" for one in moves
    )
    clocks = [_said(move) for move in moves]
    body = {"moves": moved, "file": act.file, "sha256": act.sha256, "clocks": clocks}
    add_event(session, kind="deadline.moved", data=body, **about)
    ledger.record(session, kind="deadline.moved", body=body, **about, **place)
    for move in moves:
        if move.annuls(act.now):
            told = {**_said(move), "file": act.file, "breached": _iso(move.clock.breached_at)}
            add_event(session, kind="deadline.annulled", task_id=move.clock.task_id, data=told, **about)
            ledger.record(session, kind="deadline.annulled", body=told, **about, **place)


def _said(move: Move) -> dict[str, Any]:
    return {
        "deadline": move.clock.name,
        "kind": move.clock.kind,
        "before": move.clock.due_at.isoformat(),
        "after": move.due_at.isoformat(),
        "provisional": move.provisional,
    }


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
