from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.audit.tables import Sweep


def sweep_started(session: Session, name: str, now: datetime, run_id: str = "") -> None:
    """Note that a sweep began."""
    sweep = _sweep(session, name)
    sweep.started_at = now
    sweep.last_run_id = run_id


def sweep_ok(
    session: Session, name: str, now: datetime, run_id: str = "", result: Mapping[str, Any] | None = None
) -> None:
    """Note that a sweep did all that was due."""
    sweep = _sweep(session, name)
    sweep.last_ok_at = now
    sweep.last_run_id = run_id
    sweep.last_error = ""
    sweep.last_result = dict(result or {})


def sweep_failed(session: Session, name: str, now: datetime, run_id: str = "", result: object = "") -> None:
    """Note why a sweep failed; its last success stays, so that the health page shows its age."""
    sweep = _sweep(session, name)
    sweep.started_at = sweep.started_at or now
    sweep.last_run_id = run_id
    sweep.last_error = str(result)[:500]


def sweep_reached(session: Session, name: str) -> str:
    """Tell how far a sweep has come that does each day or month once; "" where it never ran."""
    result = session.scalar(select(Sweep.last_result).where(Sweep.name == name))
    return str((result or {}).get("reached", ""))


def _sweep(session: Session, name: str) -> Sweep:
    sweep = session.get(Sweep, name)
    if sweep is None:
        sweep = Sweep(name=name, last_run_id="", last_error="", last_result={})
        session.add(sweep)
    return sweep
