"""Taking in a calendar: looked at first, confirmed with a second act that moves the running deadlines, and taken back.

Where running deadlines move, the second act is another person's.

The days and the record of the act are one transaction. The deadlines follow in others of some hundred each; until the
last one is written the act stands as unfinished, and whoever finishes it goes on where it was broken off.
"""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban import workdays
from jieban.audit.tables import AdminEvent
from jieban.clock import local_day
from jieban.database import Database
from jieban.errors import Conflict, Invalid
from jieban.ids import new_id
from jieban.staff.actor import Actor, actor_of
from jieban.staff.tables import User
from jieban.workdays import CalendarImport, DayChange, Listed
from workflows.calendars.clocks import Span
from workflows.calendars.looking import Outlook, look_ahead, moves_any
from workflows.calendars.moving import Totals, begin, recalculate
from workflows.calendars.notices import Notice, check_notice
from workflows.calendars.previews import (
    ASKED,
    DECLINED,
    IMPORTED,
    MOVED,
    PREVIEWED,
    UNDO_ASKED,
    UNDONE,
    Preview,
    find_preview,
    named,
)
from workflows.calendars.seconds import check_reach, check_second, digest, read_reason, tell_seconds, who
from workflows.calendars.telling import Act
from workflows.flows.budget import Budget
from workflows.tables import CalendarMove

_COMMAND_LINE = "命令行"


def record_preview(
    session: Session, actor: Actor | None, now: datetime, *, content: bytes, file: str, notice: Notice
) -> uuid.UUID:
    """Read a file and write down who is about to take it in; Invalid says what is wrong with it. Nothing is changed.

    Without an actor the command line acts.
    """
    listed = workdays.read_days(content, file)
    _plan(session, actor, now, listed, file, notice)
    data = {
        "file": file[-200:],
        "sha256": hashlib.sha256(content).hexdigest(),
        "listed": [
            {"day": one.day.isoformat(), "working": one.working, "name": one.name, "area": one.area}
            for one in listed
        ],
        "notice": notice.to_json(),
    }
    preview_id = new_id()
    _record(session, preview_id, PREVIEWED, actor, now, data)
    return preview_id


def look_at_file(
    session: Session, content: bytes, file: str, now: datetime, notice: Notice
) -> tuple[CalendarImport, Outlook]:
    """Check a file as an import does, and work out what it would change and move, without writing anything down."""
    return _outlook(session, _plan(session, None, now, workdays.read_days(content, file), file, notice), now)


def outlook_of(session: Session, preview: Preview, now: datetime) -> tuple[CalendarImport, Outlook]:
    """Work out which days a preview would change now, and which running deadlines would move."""
    source = preview.notice.source(preview.file) if preview.notice else preview.file
    return _outlook(session, workdays.plan_import(session, preview.listed, source), now)


def _plan(
    session: Session,
    actor: Actor | None,
    now: datetime,
    listed: Sequence[Listed],
    file: str,
    notice: Notice,
) -> CalendarImport:
    """Make every check that does not depend on what moves, and work out the days; the preview and the act do the same."""
    check_reach(session, actor, listed)
    plan = workdays.plan_import(session, listed, notice.source(file))
    check_notice(notice, listed, now)
    return plan


def _outlook(session: Session, plan: CalendarImport, now: datetime) -> tuple[CalendarImport, Outlook]:
    calendar = workdays.calendar_with(session, plan.changes)
    return plan, look_ahead(session, calendar, _span(plan.changes), now)


def confirm(
    database: Database,
    actor: Actor | None,
    now: datetime,
    preview_id: uuid.UUID,
    budget: Budget | None = None,
    *,
    why: str = "",
) -> Totals | None:
    """Make the days of a preview valid and move every running deadline that rests on them, as one recorded act.

    Where one of them moves, the first person only asks for it, and None is returned; a second one confirms. Days of the
    past and days that were official already need a reason. What a budget leaves is moved by the sweep `move_deadlines`.
    """
    with database.write() as session:
        preview = find_preview(session, preview_id)
        if preview.imported:
            raise Conflict("这份日历已经确认过。")
        if preview.declined:
            raise Conflict("这份日历复核没有通过，请重新导入。")
        if preview.notice is None:
            raise Invalid("请重新导入，并填写放假通知的文号和日期。")
        plan = _plan(session, actor, now, preview.listed, preview.file, preview.notice)
        if not plan.changes:
            raise Invalid("没有需要更改的日期。")
        why = read_reason(why)
        settled = plan.settled(local_day(now))
        if settled and preview.asked is None and not why:
            raise Invalid(
                f"其中 {len(settled)} 天已经过去或者已经正式公布（如 {settled[0].day}），"
                "确需更改的，请确认并写明理由。"
            )
        given = _agreed(session, actor, now, preview, ASKED, plan.changes, why)
        if given is None:
            return None
        workdays.write_days(session, plan.changes)
        data = _data(preview, plan.changes) | given | {"years": plan.years, "listed": plan.listed}
        act_id = named(preview_id, IMPORTED)
        _record(session, act_id, IMPORTED, actor, now, data)
        begin(session, act_id, preview_id, _span(plan.changes), now)
    return finish(database, now, preview_id, budget)


def decline(session: Session, actor: Actor, now: datetime, preview_id: uuid.UUID, why: str) -> None:
    """Say as the second person that a calendar is not taken in, and why; nothing changes."""
    preview = find_preview(session, preview_id)
    if preview.imported or preview.declined or preview.asked is None:
        raise Conflict("这份日历没有等待复核。")
    actor.require("calendar.confirm")
    check_reach(session, actor, preview.listed)
    if not (why := read_reason(why)):
        raise Invalid("请写明不同意的理由。")
    data = {"file": preview.file, "sha256": preview.sha256, "preview": str(preview_id), "why": why}
    _record(session, named(preview_id, DECLINED), DECLINED, actor, now, data)


def undo(
    database: Database,
    actor: Actor | None,
    now: datetime,
    preview_id: uuid.UUID,
    budget: Budget | None = None,
    *,
    why: str = "",
) -> Totals | None:
    """Take an import back as a recorded act: the days are what they were, and the deadlines move back with them.

    It needs a reason, and a second person where a running deadline moves: None where it waits for one. Conflict where one
    of the days has been changed since. What was told and recorded meanwhile stays.
    """
    with database.write() as session:
        preview = find_preview(session, preview_id)
        if not preview.can_be_undone:
            raise Conflict("这次导入现在不能撤销。")
        check_reach(session, actor, preview.listed)
        back = tuple(one.backwards() for one in preview.changes)
        why = read_reason(why)
        if preview.undo_asked is None and not why:
            raise Invalid("请写明撤销的理由。")
        given = _agreed(session, actor, now, preview, UNDO_ASKED, back, why)
        if given is None:
            return None
        workdays.write_days(session, back)
        act_id = named(preview_id, UNDONE)
        _record(session, act_id, UNDONE, actor, now, _data(preview, back) | given)
        begin(session, act_id, preview_id, _span(back), now)
    return finish(database, now, preview_id, budget)


def _agreed(
    session: Session,
    actor: Actor | None,
    now: datetime,
    preview: Preview,
    kind: str,
    changes: tuple[DayChange, ...],
    why: str,
) -> dict[str, Any] | None:
    """Give who answers for an act and why; None where the first person has asked for it now and a second one must agree."""
    asked = preview.asked if kind == ASKED else preview.undo_asked
    if asked is not None:
        check_second(actor, asked, changes)
        return who(asked, actor, _COMMAND_LINE) | {"why": asked.data["why"]}
    if actor:
        actor.require("rules.edit")
    calendar = workdays.calendar_with(session, changes)
    if not moves_any(session, calendar, _span(changes), now):
        return who(None, actor, _COMMAND_LINE) | {"why": why}
    data = {
        "file": preview.file,
        "sha256": preview.sha256,
        "preview": str(preview.id),
        "why": why,
        "digest": digest(changes),
    }
    event = _record(session, named(preview.id, kind), kind, actor, now, data)
    tell_seconds(session, event, preview.listed, now)
    return None


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
    act = Act(
        last.id,
        preview.file,
        preview.sha256,
        actor,
        now,
        notice=preview.notice.words if preview.notice else "",
        why=last.data.get("why", ""),
        entered_by=last.data.get("entered_by", ""),
    )
    totals = recalculate(database, act, span, budget)
    if totals.done:
        with database.write() as session:
            session.execute(update(CalendarMove).where(CalendarMove.id == last.id).values(done=True))
            done = named(last.id, MOVED)
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
    database: Database,
    content: bytes,
    file: str,
    *,
    actor: Actor | None,
    now: datetime,
    notice: Notice,
    why: str = "",
) -> tuple[CalendarImport, Totals | None]:
    """Preview and confirm in one go, for the command line; a file that says nothing new changes nothing.

    No totals where it waits for a second person now, as it does where running deadlines would move.
    """
    with database.write() as session:
        plan = _plan(session, actor, now, workdays.read_days(content, file), file, notice)
        if not plan.changes:
            return plan, Totals()
        preview_id = record_preview(session, actor, now, content=content, file=file, notice=notice)
    return plan, confirm(database, actor, now, preview_id, why=why)


def _data(preview: Preview, changes: tuple[DayChange, ...]) -> dict[str, Any]:
    return {
        "file": preview.file,
        "sha256": preview.sha256,
        "preview": str(preview.id),
        "notice": preview.notice.to_json() if preview.notice else None,
        "changed": len(changes),
        "rows": [one.to_json() for one in changes],
    }


def _span(changes: Iterable[DayChange]) -> Span | None:
    days = [one.day for one in changes]
    return Span(min(days), max(days)) if days else None


def _record(
    session: Session, event_id: uuid.UUID, kind: str, actor: Actor | None, now: datetime, data: dict[str, Any]
) -> AdminEvent:
    event = AdminEvent(
        id=event_id,
        at=now,
        kind=kind,
        actor_id=actor.id if actor else None,
        actor_name=actor.name if actor else _COMMAND_LINE,
        data=data,
    )
    session.add(event)
    return event
