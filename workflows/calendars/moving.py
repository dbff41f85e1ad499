"""Moving what runs to another calendar: clocks, their tasks, chains, timers and facts, other days, and the record of it.

Some hundred rows in each transaction, which writes down how far it has come. So it may be broken off and gone on with by
somebody else, and two at once share the work.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, func, select, update
from sqlalchemy.orm import Session, undefer

from jieban.cases.tables import Case, CaseEvent, PublicNotice
from jieban.database import Database, UtcDateTime
from jieban.deadlines.tables import LASTS, Deadline
from jieban.handovers.tables import Handover
from jieban.workdays import Calendar, load_calendar
from jieban.writes import change
from tasks.tables import Task
from workflows import model_store
from workflows.calendars.clocks import Move, Page, Span, pages, read_page, work_out
from workflows.calendars.days import KINDS, DayMove, Kind, read_days
from workflows.calendars.telling import Act, tell
from workflows.effects import ladder_of
from workflows.flows.budget import Budget
from workflows.tables import CalendarMove, Timer


@dataclass(frozen=True)
class Totals:
    """What was moved."""

    looked: int = 0
    moved: int = 0
    confirmed: int = 0
    annulled: int = 0
    cases: int = 0
    done: bool = True
    """whether nothing is left"""

    @classmethod
    def of(cls, progress: CalendarMove) -> "Totals":
        return cls(
            progress.looked,
            progress.moved,
            progress.confirmed,
            progress.annulled,
            progress.cases,
        )

    def to_json(self) -> dict[str, int]:
        return {
            "looked": self.looked,
            "moved": self.moved,
            "confirmed": self.confirmed,
            "annulled": self.annulled,
            "cases": self.cases,
        }


def begin(
    session: Session, act: uuid.UUID, preview: uuid.UUID, span: Span | None, now: datetime
) -> CalendarMove:
    """Write down that an act has something to move, and how much there is to look at."""
    progress = CalendarMove(id=act, preview_id=preview, started_at=now, last_at=now)
    progress.expected = _count(session, span, now) if span else 0
    session.add(progress)
    session.flush()  # the row is locked by its id right after
    return progress


def recalculate(database: Database, act: Act, span: Span | None, budget: Budget | None = None) -> Totals:
    """Move what runs and ends elsewhere by the calendar as it stands now, from where it was broken off.

    Without a budget it goes on to the end.
    """
    while True:
        with database.write() as session:
            query = select(CalendarMove).where(CalendarMove.id == act.id).with_for_update()
            progress = session.execute(query).scalar_one()
            left = _move_some(session, act, span, progress)
            totals = replace(Totals.of(progress), done=not left)
        if totals.done or (budget is not None and budget.spent):
            return totals


def _count(session: Session, span: Span, now: datetime) -> int:
    asked = [query.with_only_columns(func.count()) for query in pages(span, now)]
    asked += [kind.query(span).with_only_columns(func.count()) for kind in KINDS]
    return sum(session.scalar(query) or 0 for query in asked)


def _move_some(session: Session, act: Act, span: Span | None, progress: CalendarMove) -> bool:
    """Move the next rows, or where a kind of them is through only go on to the next; tell whether any may be left."""
    queries = pages(span, progress.started_at) if span else []
    kinds = KINDS if span else ()
    part = progress.part
    found = False
    if span and part < len(queries):
        at, last = progress.cursor_at, progress.cursor_id
        page = read_page(session, queries[part], (at, last) if at and last else None, lock=True)
        if page is not None:
            found = True
            _move_page(session, act, page, load_calendar(session), progress)
            progress.cursor_at, progress.cursor_id = page.cursor
            progress.looked += len(page.clocks)
    elif span and part < len(queries) + len(kinds):
        kind = kinds[part - len(queries)]
        rows = read_days(session, kind, span, progress.cursor_id, lock=True)
        if rows:
            found = True
            _move_days(session, act, kind, rows, progress)
            progress.cursor_id = kind.key_of(rows[-1])
            progress.looked += len(rows)
    if not found:
        # What is through stays through: whoever comes after the last kind finds nothing.
        progress.part = min(part + 1, len(queries) + len(kinds))
        progress.cursor_at = progress.cursor_id = None
    progress.last_at = act.now
    return progress.part < len(queries) + len(kinds)


def _move_page(session: Session, act: Act, page: Page, calendar: Calendar, progress: CalendarMove) -> None:
    by_case: dict[uuid.UUID, list[Move]] = defaultdict(list)
    for clock in page.clocks:
        move = work_out(clock, calendar, page.bases)
        if move is not None:
            _write_clock(session, act, move)
            progress.confirmed += not move.moved and clock.provisional and not move.provisional
            if move.moved:
                by_case[clock.case_id].append(move)
    progress.cases += _not_counted(session, act, by_case)
    armed, waiting = _driving(session, by_case), _waiting(session, by_case)
    for case_id, moves in by_case.items():
        for move in moves:
            _write_task(session, move, calendar, act.now)
            _write_around(session, move, waiting)
            progress.annulled += move.annuls(act.now)
        if case_id in armed:
            _turn_engine(session, case_id, moves)
        progress.moved += len(moves)
        tell(session, act, moves)


def _move_days(session: Session, act: Act, kind: Kind, rows: list[Any], progress: CalendarMove) -> None:
    calendar = load_calendar(session)
    by_case: dict[uuid.UUID, list[DayMove]] = defaultdict(list)
    for row in rows:
        move = kind.work_out(row, calendar)
        if move is not None:
            kind.write(session, row, move, calendar, act.now)
            if move.moved:
                by_case[move.case_id].append(move)
    progress.cases += _not_counted(session, act, by_case)
    for case_id, moves in by_case.items():
        if any(move.fact for move in moves):
            _turn_engine(session, case_id, moves)
        progress.moved += len(moves)
        progress.annulled += sum(move.annuls(act.now) for move in moves)
        tell(session, act, moves)


def _not_counted(session: Session, act: Act, cases: Sequence[uuid.UUID] | dict[uuid.UUID, Any]) -> int:
    """Count the cases in which this act has moved nothing yet; it wrote its id on what it told them."""
    query = select(func.count(CaseEvent.case_id.distinct())).where(
        CaseEvent.case_id.in_(list(cases)),
        CaseEvent.kind == "deadline.moved",
        CaseEvent.run_id == str(act.id),
    )
    return len(cases) - (session.scalar(query) or 0) if cases else 0


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


def _turn_engine(session: Session, case_id: uuid.UUID, moves: Sequence[Move] | Sequence[DayMove]) -> None:
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
        if isinstance(move, DayMove):
            run.move(move.fact, move.before, move.after)
            continue
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
