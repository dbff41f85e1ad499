"""How often a step waits for PostgreSQL: a round trip costs more than what it carries."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

import psycopg
import pytest

from jieban.database import Database
from tests.people import People
from tests.workflows.walk import OTHER_COUNTY_TOWN, Walk
from workflows.steps import complete_task

MOST = 6


class Waits:
    """Counts how often the driver waits for the server; statements of one pipeline are waited for together."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        wait, pipeline = psycopg.Connection.wait, psycopg.Connection.pipeline
        idle = psycopg.pq.TransactionStatus.IDLE

        def counted_wait(connection: Any, work: Any, *given: Any, **named: Any) -> Any:
            # A rollback of nothing, as when a connection goes back to the pool, is not sent.
            nothing = work.__name__ == "_rollback_gen" and connection.info.transaction_status == idle
            self.count += connection._pipeline is None and not nothing
            return wait(connection, work, *given, **named)

        def counted_pipeline(connection: Any) -> Any:
            self.count += 1
            return pipeline(connection)

        patch.setattr(psycopg.Connection, "wait", counted_wait)
        patch.setattr(psycopg.Connection, "pipeline", counted_pipeline)


PATHS: dict[str, dict[str, Any]] = {
    "approved by the township": {},
    "approved by the county": {"village": OTHER_COUNTY_TOWN + "001"},
    "urban": {"urban": True},
    "missing papers": {"incomplete": True},
    "refused": {"approve": False},
    "objection": {"objection": True},
    "over the limit": {"over": True},
    "not cooperating": {"uncooperative": True},
}


@pytest.mark.parametrize("path", PATHS)
def test_a_completion_waits_for_the_database_six_times_at_most(
    postgresql_database: Database,
    people: People,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
) -> None:
    """From the first paper to the end, with everything that the product writes, and the letters too."""
    _walk(postgresql_database, people, now, path).to_the_end()  # what a process reads only once
    walk = _walk(postgresql_database, people, now, path)
    waits, found = Waits(monkeypatch), Counter[str]()

    def counted(element: str) -> None:
        task = walk.task(element)
        form = {key: value for key, value in walk.form(task).items() if value is not None}
        actor = walk.actor(task.role)
        before = waits.count
        with postgresql_database.write() as session:
            complete_task(session, actor, walk.now, task.id, form)
        found[element] = max(found[element], waits.count - before)

    monkeypatch.setattr(walk, "do", counted)
    walk.to_the_end()

    assert len(found) >= 3
    assert {element: count for element, count in found.items() if count > MOST} == {}


def _walk(database: Database, people: People, now: datetime, path: str) -> Walk:
    wanted = dict(PATHS[path])
    places = {key: wanted.pop(key) for key in ("village", "urban") if key in wanted}
    walk = Walk.begin(database, people, now, **places)
    walk.plot = replace(walk.plot, amount="800" if "urban" in places else walk.plot.amount, **wanted)
    if "village" in places:
        walk.plot.amount = "580"
    return walk
