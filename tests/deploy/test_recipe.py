"""A larger installation as docs/deploy describes it, run for real: two web servers, two workers, PostgreSQL, and Redis.

Slow: `make test-deploy`.
"""

import contextlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import create_engine, func, make_url, select, text

from jieban import clock
from jieban.areas.sample import seed_sample_areas
from jieban.cases.tables import CaseEvent
from jieban.cli.prepare import prepare
from jieban.database import Database
from jieban.rules import seed_sample_rules
from tasks.tables import Task
from tests.databases import postgresql_server, quick_folder
from tests.deploy.recipe import Recipe, full_postgresql, has_redis, postgresql
from tests.flows.waiting import add_many_waiting, add_procedure
from tests.people import PASSWORD, add_people, load_people
from tests.workflows.walk import application
from workflows.tables import Timer

pytestmark = [pytest.mark.prefect, pytest.mark.slow, pytest.mark.timeout(600)]
TIMERS, SPREAD = 1200, 150


VARIANTS = ["Prefect on SQLite", "Prefect on PostgreSQL", "Prefect on PostgreSQL with Redis"]


@pytest.fixture(params=VARIANTS)
def recipe(request: pytest.FixtureRequest) -> Iterator[Recipe]:
    """The first variant runs from packages of Python alone; the others need a PostgreSQL with extensions, and Redis."""
    redis, small = request.param == VARIANTS[2], request.param == VARIANTS[0]
    programs = full_postgresql()
    if redis and not has_redis():
        pytest.skip("there is no redis-server, or no prefect-redis")
    if programs is None and not small:
        pytest.skip("there is no PostgreSQL with pg_trgm")
    with quick_folder() as folder, contextlib.ExitStack() as stack:
        if small or programs is None:
            address = stack.enter_context(postgresql_server()).get_uri()
        else:
            address = stack.enter_context(postgresql(programs, folder))
        _create(address, "jieban", "prefect")
        made = Recipe(folder, address, prefect=not small, redis=redis)
        try:
            yield made
        finally:
            made.close()


def _create(address: str, *names: str) -> None:
    url = make_url(address).set(drivername="postgresql+psycopg")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    for name in names:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()


@pytest.fixture
def database(recipe: Recipe) -> Iterator[Database]:
    """The installation's database, migrated, with the people of the tests."""
    prepare(recipe.database_url, clock.now())
    opened = Database(recipe.database_url)
    with opened.write() as session:
        seed_sample_areas(session)
        seed_sample_rules(session)
        add_people(session)
    yield opened
    opened.close()


def test_two_web_servers_and_two_workers_are_one_installation(recipe: Recipe, database: Database) -> None:
    """Signed in at one, at work at the other; both workers take part, and nothing happens twice."""
    recipe.start_all()
    first, second = (f"http://127.0.0.1:{port}" for port in recipe.web_ports)
    with httpx.Client(trust_env=False, timeout=20) as one:
        body = {"username": "window", "password": PASSWORD}
        token = one.post(f"{first}/api/v1/session", json=body).json()["token"]
        one.headers["Authorization"] = f"Bearer {token}"
        opened = one.post(f"{first}/api/v1/cases", json=_application())
        assert opened.status_code == 201, opened.text
        mine = one.get(f"{second}/api/v1/tasks", params={"view": "pool"})
        assert [task["case_number"] for task in mine.json()["tasks"]] == [opened.json()["number"]]

    begin = clock.now()
    with database.write() as session:
        version = add_procedure(session, begin)
        # They fall due one after the other, for longer than one shift lasts.
        moments = [begin - timedelta(days=1) + timedelta(seconds=1)]
        moments += [begin + timedelta(seconds=SPREAD * one / TIMERS) for one in range(1, TIMERS)]
        add_many_waiting(session, load_people(session).window, begin - timedelta(days=2), version, moments)
    assert _until(lambda: _fired(database) == TIMERS, 240), recipe.logs()
    assert _until(lambda: httpx.get(f"{second}/healthz", trust_env=False).status_code == 200, 120), (
        httpx.get(f"{second}/healthz", trust_env=False).text + recipe.logs()
    )
    with database.read() as session:
        events = select(CaseEvent.case_id, func.count().label("n")).where(CaseEvent.kind == "timer.fired")
        per_case = events.group_by(CaseEvent.case_id).subquery()
        assert session.execute(select(func.count(), func.max(per_case.c.n)).select_from(per_case)).one() == (
            TIMERS,
            1,
        )
        assert session.scalar(select(func.count()).where(Task.element == "look")) == TIMERS
        runs = set(session.scalars(select(Timer.run_id).where(Timer.state == "fired").distinct()))
    assert _workers_of(recipe, runs) == {"worker-1", "worker-2"}, recipe.logs()


def _workers_of(recipe: Recipe, runs: set[str]) -> set[str]:
    """Name the workers whose shifts fired the timers of these runs."""
    asked = {"id": {"any_": sorted(runs)}}
    parents = [one["parent_task_run_id"] for one in recipe.ask_prefect("/flow_runs/filter", flow_runs=asked)]
    tasks = recipe.ask_prefect("/task_runs/filter", task_runs={"id": {"any_": parents}})
    return {_worker(recipe, one["flow_run_id"]) for one in tasks}


def _worker(recipe: Recipe, shift: str) -> str:
    for name in ("worker-1", "worker-2"):
        if shift in (recipe.folder / "logs" / f"{name}.log").read_text("utf-8"):
            return name
    return ""


def _application() -> dict[str, Any]:
    given = application(clock.now())
    plain = ("channel", "urban", "village_code", "address", "phone", "reason", "account_holder")
    return {
        **{name: getattr(given, name) for name in plain},
        "applied_on": given.applied_on.isoformat(),
        "truth_promised": True,
        "check_authorised": True,
        "members": [
            {"name": one.name, "id_number": one.id_number, "relation": one.relation} for one in given.members
        ],
        "incomes": [
            {"member_name": one.member_name, "kind": one.kind, "monthly": str(one.monthly)}
            for one in given.incomes
        ],
        "papers": ["id_card"],
    }


def _fired(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(Timer.state == "fired")) or 0


def _until(true: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.3)
    return bool(true())
