"""Whatever people do, in whatever order: no task is lost, and a finished case stays finished."""

import random
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import undefer

from jieban.cases.tables import Case, Decision
from jieban.database import Database
from jieban.demo.answers import Plot
from jieban.errors import JiebanError
from tasks.tables import Task
from tests.people import OTHER_COUNTY_TOWN, People
from tests.workflows.walk import Walk
from workflows.model_store import get_model
from workflows.steps import complete_task
from workflows.tables import Timer

STEPS = st.lists(st.integers(0, 9), min_size=5, max_size=45)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=STEPS,
    approve=st.booleans(),
    incomplete=st.booleans(),
    uncooperative=st.booleans(),
    over=st.booleans(),
    objection=st.booleans(),
    delegated=st.booleans(),
)
def test_no_sequence_of_actions_loses_a_task_or_leaves_a_finished_case(
    database: Database,
    people: People,
    now: datetime,
    steps: list[int],
    approve: bool,
    incomplete: bool,
    uncooperative: bool,
    over: bool,
    objection: bool,
    delegated: bool,
) -> None:
    """After each action the rows and the saved state of the engine name the same open tasks and timers."""
    village = "379901001001" if delegated else OTHER_COUNTY_TOWN + "001"
    walk = Walk.begin(database, people, now, village=village)
    walk.plot = Plot(
        random.Random(3),
        Decimal(200),
        1,
        approve=approve,
        incomplete=incomplete,
        uncooperative=uncooperative,
        over=over,
        objection=objection,
        amount="600",
    )
    _agrees(walk)
    for choice in steps:
        walk.now += timedelta(hours=2)
        _act(walk, choice)
        _agrees(walk)


def _act(walk: Walk, choice: int) -> None:
    tasks = walk.open_tasks()
    if not tasks:
        if walk.case().state == "open":
            walk.fire()
        else:
            _nothing_moves(walk)
        return
    task = tasks[choice % len(tasks)]
    try:
        if choice == 9:
            # Somebody who may not, or a form that is empty: refused, and nothing changes.
            with walk.database.write() as session:
                complete_task(session, walk.people.other_town_window, walk.now, task.id, {})
        else:
            walk.do(task.element)
    except JiebanError:
        return


def _nothing_moves(walk: Walk) -> None:
    with walk.database.read() as session:
        done = session.scalars(select(Task).where(Task.case_id == walk.case_id, Task.state == "done")).all()
    for task in done:
        try:
            with walk.database.write() as session:
                complete_task(session, walk.actor(task.role), walk.now, task.id, {})
        except JiebanError:
            continue
        raise AssertionError("a finished task was completed again")


def _agrees(walk: Walk) -> None:
    with walk.database.read() as session:
        case = session.scalars(
            select(Case).where(Case.id == walk.case_id).options(undefer(Case.engine_state))
        ).one()
        run = get_model(session, case.model_version_id).restore(case.engine_state)
        open_rows = set(
            session.scalars(select(Task.engine_id).where(Task.case_id == case.id, Task.state == "open"))
        )
        armed_rows = set(
            session.scalars(select(Timer.engine_id).where(Timer.case_id == case.id, Timer.state == "armed"))
        )
        decisions = session.scalar(select(func.count()).where(Decision.case_id == case.id))
    assert open_rows == {task.id for task in run.tasks()}
    assert armed_rows == {timer.id for timer in run.timers()}
    assert (case.state == "closed") == run.finished
    assert run.finished or open_rows or armed_rows, "a case that runs always waits for somebody or for a day"
    assert case.outcome != "paid" or decisions == 1
