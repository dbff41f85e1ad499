"""What the law sets comes first on the board of what is late, whatever the task at hand says."""

from datetime import timedelta

from sqlalchemy import update

from jieban.cases.tables import Case
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from tasks.late import late_by_area, list_late
from tasks.tables import Task
from tests.flows.late import add_late_tasks


def add_total(session, now, case_id, days, **more):
    values = {"provenance": "full", "article": "审核确认办法 第二十八条", "state": "running"} | more
    clock = Deadline(
        id=new_id(),
        case_id=case_id,
        kind="total",
        name="审核确认总期限",
        length=30,
        unit="wd",
        starts_at=now - timedelta(days=90),
        due_at=now - timedelta(days=days),
        **values,
    )
    session.add(clock)


def pages(session, actor, now, **given):
    """Read page after page, each of one row."""
    found, after = [], ""
    while True:
        page = list_late(session, actor, now, after=after, limit=1, **given)
        found += page.rows
        if page.next is None:
            return found
        after = page.next


def test_the_law_comes_first_then_what_is_late_the_longest(database, people, now):
    """Of seven cases three are late by law: one whose task still has time, one in which nobody has a task, one of a task."""
    with database.write() as session:
        tasks = [session.get_one(Task, one) for one in add_late_tasks(session, people.window, now, 7)]
        cases = [one.case_id for one in tasks]
        for place, one in enumerate(tasks):
            one.due_at = now - timedelta(hours=place + 1)
        add_total(session, now, cases[0], 40)
        tasks[0].due_at = now + timedelta(days=2)
        add_total(session, now, cases[1], 50)
        tasks[1].state = "done"
        session.execute(
            update(Deadline)
            .where(Deadline.id == tasks[2].deadline_id)
            .values(provenance="part", article="审核确认办法 第十二条")
        )
        # What nobody read in its source, what is done, and what is over with its case is held against nobody.
        add_total(session, now, cases[3], 60, provenance="memory")
        add_total(session, now, cases[4], 60, state="met")
        add_total(session, now, cases[5], 60)
        tasks[5].state = "cancelled"
        session.execute(update(Case).where(Case.id == cases[5]).values(state="closed"))

    with database.read() as session:
        actor = people.supervisor
        found = pages(session, actor, now)
        assert [row.task.case_id for row in found] == [cases[one] for one in (1, 0, 2, 6, 4, 3)]
        assert [row.law is not None for row in found] == [True, True, True, False, False, False]
        assert (found[0].task.id, found[0].task.assignee_id) == (None, people.window.id)
        assert [row.task.case_id for row in pages(session, actor, now, law_only=True)] == [
            cases[one] for one in (1, 0, 2)
        ]
        assert list_late(session, actor, now, law_only=True).total == 6
        page = list_late(session, actor, now)
        assert (page.total, page.by_law, page.next) == (6, 3, None)
        assert late_by_area(session, actor, now) == [("379901", 6)]
        assert late_by_area(session, actor, now, area="379901") == [("379901001", 6)]
        assert not list_late(session, actor, now, area="379902").total
        assert list_late(session, actor, now, role="town.window").total == 5
        assert list_late(session, actor, now, search="测试1").by_law == 1
