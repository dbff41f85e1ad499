"""Whether an installation is well: database, Prefect's server, and how long ago each sweep last did its work.

This is the watchdog outside Prefect, so it does not import it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import func, literal, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

import jieban
from jieban.audit.tables import Sweep
from jieban.database import Database
from workflows.incidents import count_open
from workflows.setting_aside import count_set_aside
from workflows.tables import Timer

SWEEPS = (
    "fire_timers",
    "escalate_overdue",
    "follow_contacts",
    "move_deadlines",
    "start_reviews",
    "seal_accountability",
    "deliver_outbox",
    "daily_digest",
    "monthly_payment_lists",
    "housekeeping",
)
LATE_AFTER = 300
"""Seconds since its last success after which a sweep is late; the runner lets each run every 180 s at least."""


@dataclass(frozen=True)
class Health:
    """The answer of the health page; `ok` is False as soon as one part is bad."""

    ok: bool
    parts: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {"status": "ok" if self.ok else "bad", **self.parts}


def check_health(database: Database, prefect_api_url: str, now: datetime) -> Health:
    """Look at every part; none of them can raise."""
    parts: dict[str, Any] = {
        "version": jieban.__version__,
        "database": {"ok": True, "kind": database.engine.dialect.name},
        "prefect": {"ok": _answers(f"{prefect_api_url}/health")},
        "sweeps": {},
    }
    try:
        with database.read() as session:
            session.execute(text("SELECT 1"))
            parts["sweeps"] = _sweeps(session, now)
            parts["incidents"] = count_open(session)
            # Set aside for a person to look at; the installation itself is well.
            parts["stuck_timers"] = session.scalar(
                select(func.count())
                .select_from(Timer)
                .where(Timer.state == literal("stuck", literal_execute=True))
            )
            parts["set_aside"] = count_set_aside(session)
    except SQLAlchemyError as error:
        parts["database"] = {"ok": False, "kind": database.engine.dialect.name, "error": type(error).__name__}
    bad = [parts["database"], parts["prefect"], *parts["sweeps"].values()]
    return Health(all(part["ok"] for part in bad) and bool(parts["sweeps"]), parts)


def late_sweeps(session: Session, now: datetime, *, never: bool = True) -> tuple[str, ...]:
    """Name the sweeps whose last success lies too far back; with `never`, also those that have not had one yet."""
    return tuple(
        name
        for name, part in _sweeps(session, now).items()
        if not part["ok"] and (never or part["age_seconds"] is not None)
    )


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _sweeps(session: Session, now: datetime) -> dict[str, Any]:
    rows = {row.name: row for row in session.scalars(select(Sweep))}
    return {name: _sweep(rows.get(name), now) for name in SWEEPS}


def _sweep(row: Sweep | None, now: datetime) -> dict[str, Any]:
    if row is None or row.last_ok_at is None:
        return {"ok": False, "age_seconds": None, "last_error": row.last_error if row else ""}
    age = (now - row.last_ok_at).total_seconds()
    # A success that lies in the future was noted before the clock was set back: it says nothing about now.
    return {
        "ok": -LATE_AFTER <= age <= LATE_AFTER,
        "age_seconds": round(age, 1),
        "last_error": row.last_error,
    }
