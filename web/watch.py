"""The watchdog on every page: whether any sweep is late, asked at most twice a minute and process."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from jieban.database import Database
from jieban.staff.actor import Actor
from workflows.health import LATE_AFTER, late_sweeps

ASK_EVERY = 30
"""Seconds for which an answer is kept, so that a page costs no question more."""


@dataclass
class Watch:
    """What this process knows of the sweeps."""

    _began: float = field(default_factory=time.monotonic)
    _late: tuple[str, ...] = ()
    _asked: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def late(self, database: Database, actor: Actor, now: datetime) -> tuple[str, ...]:
        """Name the sweeps that are late, for those who keep the installation running or supervise; () for others.

        A sweep that has never run counts only once this process is older than a sweep may be.
        """
        if not (actor.may("health.read") or "supervisor" in actor.roles):
            return ()
        # Whoever comes while somebody asks takes the answer from before.
        if self._stale(now) and self._lock.acquire(blocking=False):
            try:
                self._late = self._ask(database, now)
                self._asked = now
            finally:
                self._lock.release()
        return self._late

    def _stale(self, now: datetime) -> bool:
        # Also where the clock was set back.
        return self._asked is None or abs((now - self._asked).total_seconds()) >= ASK_EVERY

    def _ask(self, database: Database, now: datetime) -> tuple[str, ...]:
        try:
            with database.read() as session:
                return late_sweeps(session, now, never=time.monotonic() - self._began > LATE_AFTER)
        except SQLAlchemyError:
            # The page itself will say that the database is away.
            return self._late
