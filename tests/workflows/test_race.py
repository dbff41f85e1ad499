"""Two clerks complete the same task at once: one wins, the other is told who did it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier
from typing import Any

from sqlalchemy import func, select

from jieban.cases.tables import CaseEvent
from jieban.database import Database
from jieban.staff.actor import Actor
from tasks.tables import Task
from tasks.work import AlreadyCompleted
from tests.people import People
from tests.workflows.walk import Walk, application
from workflows.cases import open_case
from workflows.steps import complete_task

ROUNDS = 200


def _complete(database: Database, now: datetime, together: Barrier, given: tuple[Any, ...]) -> None:
    task, form, actor = given
    together.wait()
    with database.write() as session:
        complete_task(session, actor, now, task.id, form)


def test_two_tasks_of_one_case_completed_at_once_are_both_kept(
    database: Database, people: People, now: datetime
) -> None:
    """The investigation and the check go side by side; whoever comes second waits for the first, and neither is lost."""
    for _ in range(25):
        walk = Walk.begin(database, people, now)
        walk.until("start_check")
        both = {task.element: (task, walk.form(task), walk.actor(task.role)) for task in walk.open_tasks()}
        assert len(both) == 2
        together = Barrier(2)

        with ThreadPoolExecutor(2) as pool:
            list(pool.map(partial(_complete, database, walk.now, together), both.values()))

        opened = {task.element for task in walk.open_tasks()}
        assert len(opened) == 2
        assert not opened & both.keys()


def test_of_two_clerks_at_once_exactly_one_wins(database: Database, people: People, now: datetime) -> None:
    """In 200 rounds one completion is kept, and the other clerk is told by whom the task was done."""
    walk = Walk.begin(database, people, now)
    clerks = [people.window, people.window2]
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            with database.write() as session:
                case = open_case(session, people.window, now, application(now))
                task_id = session.scalars(select(Task.id).where(Task.case_id == case.id)).one()
            together = Barrier(2)

            def complete(clerk: Actor, task_id: object = task_id, together: Barrier = together) -> str:
                together.wait()
                try:
                    with database.write() as session:
                        complete_task(session, clerk, now, task_id, {"papers": "complete"})
                except AlreadyCompleted as refused:
                    return refused.message
                return "won"

            answers = dict(zip(clerks, pool.map(complete, clerks), strict=True))

            winner = next(clerk for clerk, said in answers.items() if said == "won")
            loser = next(clerk for clerk in clerks if clerk is not winner)
            assert answers[loser].startswith(f"该任务已由{winner.name}于")
    with database.read() as session:
        done = session.scalar(
            select(func.count()).where(CaseEvent.kind == "task.completed", CaseEvent.case_id != walk.case_id)
        )
    assert done == ROUNDS
