import threading
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from jieban import audit
from jieban.database import Database
from jieban.ids import new_id
from jieban.staff.tables import User
from jieban.supervision.tables import SupervisionOrder
from notifications.tables import Message
from tasks.tables import Task
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import TOWN, People
from workflows.flows import daily_digest, fire_timers


def give_tasks(database: Database, people: People, now: datetime, **changes: object) -> None:
    """Three tasks for the window of the town, opened so long ago that they are late; `changes` are of all of them."""
    opened = now - timedelta(days=9)
    with database.write() as session:
        version = add_procedure(session, opened)
        add_waiting_cases(session, people.window, opened, version, opened, 3)
    fire_timers.sweep(database, opened, "run-0", 30)
    if changes:
        with database.write() as session:
            session.execute(update(Task).values(**changes))


def digests(database: Database) -> dict[str, Message]:
    with database.read() as session:
        query = select(User.username, Message).join(Message, Message.user_id == User.id)
        return {row[0]: row[1] for row in session.execute(query.where(Message.kind == "digest"))}


def run(database: Database, now: datetime, name: str, budget: float = 30):
    """Sweep as the runner does, with a note of how it went."""
    swept = daily_digest.sweep(database, now, name, budget)
    with database.write() as session:
        audit.sweep_ok(session, daily_digest.NAME, now, name, swept.totals())
    return swept


def test_everybody_with_something_to_do_hears_of_it_once(
    database: Database, people: People, now: datetime
) -> None:
    """Whose task is late is told which, whose pool it is how many; who has nothing to do is left in peace."""
    give_tasks(database, people, now, assignee_id=people.window.id, due_at=now + timedelta(hours=2))
    with database.write() as session:
        one = session.scalars(select(Task.id).limit(1)).one()
        session.execute(
            update(Task).where(Task.id == one).values(assignee_id=None, due_at=now - timedelta(days=4))
        )

    swept = run(database, now, "run-1")
    again = run(database, now + timedelta(hours=1), "run-2")

    found = digests(database)
    assert (swept.done, swept.set_aside, again.done) == (len(found), 0, 0)
    assert found["window"].text.startswith("11月24日待办提醒。您的任务：今日到期 2 件。最急的：核实 ")
    assert "（今日到期）" in found["window"].text
    assert "本岗位待领取：已超期 1 件。" in found["window"].text
    assert found["window2"].text == "11月24日待办提醒。本岗位待领取：已超期 1 件。"
    assert found["leader"].text == "11月24日待办提醒。辖区内已超期 1 件。"
    assert found["window"].run_id == "run-1"
    assert not {"other_town_window", "nobody", "no_area", "sys_admin"} & set(found)


def test_orders_are_told_to_both_sides(database: Database, people: People, now: datetime) -> None:
    """Whose answer is asked for hears how many wait and are late; whoever gave the order, how many answers do."""
    give_tasks(database, people, now, due_at=now + timedelta(days=9))
    with database.write() as session:
        case = session.scalars(select(Task.case_id).limit(1)).one()
        states = (("issued", -1), ("returned", 1), ("answered", 1), ("accepted", -1))
        for number, (state, days) in enumerate(states):
            session.add(
                SupervisionOrder(
                    id=new_id(),
                    number=f"督〔2026〕{number}",
                    letter_id=new_id(),
                    case_id=case,
                    case_number="案",
                    applicant_name="人",
                    county_code="379901",
                    from_user=people.supervisor.id,
                    from_name=people.supervisor.name,
                    to_user=None if number else people.leader.id,
                    to_role="town.leader",
                    to_area=TOWN,
                    to_name="柳林镇",
                    what="请办理",
                    issued_at=now - timedelta(days=3),
                    due_at=now + timedelta(days=days),
                    state=state,
                )
            )

    run(database, now, "run-1")

    found = digests(database)
    assert found["leader"].text == "11月24日待办提醒。督办单待答复 2 件（已超期 1 件）。"
    assert found["supervisor"].text == "11月24日待办提醒。您下达的督办单，有 1 件答复待审核。"
    assert set(found) == {"leader", "supervisor"}


def test_it_is_left_on_working_mornings_alone(database: Database, people: People, now: datetime) -> None:
    """Neither before half past seven nor on a day of rest; the next working day there is another."""
    give_tasks(database, people, now)
    early, saturday, friday = now - timedelta(hours=3), now + timedelta(days=4), now + timedelta(days=3)

    assert not daily_digest.is_due(database, early)
    assert not daily_digest.is_due(database, saturday)
    assert daily_digest.sweep(database, early, "run-0", 30).done == 0
    first = run(database, now, "run-1").done
    assert not daily_digest.is_due(database, now + timedelta(hours=8))

    assert daily_digest.is_due(database, friday)
    assert run(database, friday, "run-2").done == first


def test_sweeps_side_by_side_tell_nobody_twice(database: Database, people: People, now: datetime) -> None:
    """Two workers in the same minute leave one message for each person."""
    give_tasks(database, people, now)
    done: list[int] = []

    def work(name: str) -> None:
        done.append(daily_digest.sweep(database, now, name, 30).done)

    threads = [threading.Thread(target=work, args=(f"run-{number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(done) == len(digests(database)) > 0


def test_without_time_it_goes_on_later(database: Database, people: People, now: datetime) -> None:
    """A run that was cut off leaves the day open, and the next one finishes it."""
    give_tasks(database, people, now)

    assert run(database, now, "run-1", 0).unfinished
    assert daily_digest.is_due(database, now)
    assert run(database, now, "run-2").reached == "2026-11-24"
    assert digests(database)


def test_the_message_of_a_day_has_one_name(sqlite_database: Database, people: People) -> None:
    """The same for the same person and day, another for another; in the order of time among other rows."""
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)
    first = daily_digest.message_id(people.window.id, monday)

    assert first == daily_digest.message_id(people.window.id, monday)
    assert first != daily_digest.message_id(people.window2.id, monday)
    assert first < daily_digest.message_id(people.window.id, tuesday)
    assert (first.version, first.variant) == (7, "specified in RFC 4122")
