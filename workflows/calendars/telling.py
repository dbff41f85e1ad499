"""The record of an act of the calendar: on every case what was and what is, in its history and in the ledger."""

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.clock import local_day
from jieban.ledger.tables import LedgerRecord
from jieban.staff.actor import Actor
from workflows.calendars.clocks import Move
from workflows.calendars.days import DayMove


@dataclass(frozen=True)
class Act:
    """What moves the clocks: the import of a calendar, or its being taken back."""

    id: uuid.UUID
    file: str
    sha256: str
    actor: Actor | None
    """whoever confirmed it, also where somebody else or a sweep goes on with it"""
    now: datetime
    """when this part of it is done"""
    notice: str = ""
    """what it rests on"""
    why: str = ""
    """why days that were settled changed, or why it was taken back"""
    entered_by: str = ""
    """who entered it; the actor confirmed it"""

    @property
    def grounds(self) -> dict[str, str]:
        """What it rests on and who answers for it, for a record."""
        confirmed = self.actor.name if self.actor else ""
        given = {"notice": self.notice, "why": self.why, "entered_by": self.entered_by}
        return {name: text for name, text in {**given, "confirmed_by": confirmed}.items() if text}


@dataclass(frozen=True, slots=True)
class _Told:
    """What the record of an act says of one deadline."""

    name: str
    kind: str
    task_id: uuid.UUID | None
    before: datetime
    after: datetime
    provisional: bool
    breached_at: datetime | None
    annulled: bool

    @property
    def body(self) -> dict[str, Any]:
        return {
            "deadline": self.name,
            "kind": self.kind,
            "before": self.before.isoformat(),
            "after": self.after.isoformat(),
            "provisional": self.provisional,
        }


def _told(move: Move | DayMove, now: datetime) -> _Told:
    annulled = move.annuls(now)
    if isinstance(move, DayMove):
        return _Told(
            move.name,
            move.kind,
            None,
            move.before,
            move.after,
            move.provisional,
            move.breached_at,
            annulled,
        )
    clock = move.clock
    return _Told(
        clock.name,
        clock.kind,
        clock.task_id,
        clock.due_at,
        move.due_at,
        move.provisional,
        clock.breached_at,
        annulled,
    )


def tell(session: Session, act: Act, moves: Sequence[Move] | Sequence[DayMove]) -> None:
    """Write into the case and the ledger what was and what is, and for a breach that is none, that it is none."""
    first = moves[0] if isinstance(moves[0], DayMove) else moves[0].clock
    about: dict[str, Any] = {
        "case_id": first.case_id,
        "at": act.now,
        "actor": act.actor,
        "run_id": str(act.id),
    }
    place: dict[str, Any] = {"county_code": first.county_code, "case_number": first.case_number}
    told = [_told(move, act.now) for move in moves]
    moved = "；".join(f"{one.name} {local_day(one.before)} → {local_day(one.after)}" for one in told)
    body = {"moves": moved, "file": act.file, "sha256": act.sha256, "clocks": [one.body for one in told]}
    body |= act.grounds
    add_event(session, kind="deadline.moved", data=body, **about)
    ledger.record(session, kind="deadline.moved", body=body, **about, **place)
    for one in told:
        if one.annulled and one.breached_at is not None:
            said = {**one.body, "file": act.file, "breached": one.breached_at.isoformat(), **act.grounds}
            said |= _corrects(session, first.case_id, one)
            add_event(session, kind="deadline.annulled", task_id=one.task_id, data=said, **about)
            ledger.record(session, kind="deadline.annulled", body=said, **about, **place)


_RECORDED = {"feedback": "first_contact.breached"}


def _corrects(session: Session, case_id: uuid.UUID, one: _Told) -> dict[str, str]:
    """Point at the record of the breach that is none: it stays, and this one corrects it."""
    kind = _RECORDED.get(one.kind, "deadline.breached")
    query = select(LedgerRecord.id, LedgerRecord.body).where(
        LedgerRecord.case_id == case_id, LedgerRecord.kind == kind
    )
    for row in session.execute(query.order_by(LedgerRecord.at.desc(), LedgerRecord.id.desc())):
        if kind != "deadline.breached" or json.loads(row.body).get("deadline") == one.name:
            return {"record": str(row.id), "corrected": kind}
    return {}
