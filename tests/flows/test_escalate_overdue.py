import json
import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError

from jieban import clock
from jieban.cases.tables import Case, CaseEvent
from jieban.database import Database
from jieban.deadlines.cards import card_days
from jieban.deadlines.tables import Deadline
from jieban.errors import NotAllowed, NotFound
from jieban.ids import new_id
from jieban.ledger.tables import LedgerRecord
from jieban.rules.tables import RuleValue
from jieban.staff.absences import record_absence
from jieban.staff.tables import User, UserRole
from notifications.tables import Message
from tasks.tables import Task
from tests.flows.late import add_late_tasks
from tests.flows.waiting import add_procedure, add_waiting_cases
from tests.people import COUNTY, OTHER_COUNTY, TOWN, People
from tests.workflows.deadlines import add_driven, add_driven_case
from tests.workflows.walk import Walk
from workflows.flows import escalate_overdue, fire_timers
from workflows.setting_aside import count_set_aside, listed, try_again
from workflows.tables import SetAside


@pytest.fixture
def task(database: Database, people: People, now: datetime) -> Task:
    """A task of the window, due in three working days: Friday 27 November 2026."""
    with database.write() as session:
        version = add_procedure(session, now)
        add_waiting_cases(session, people.window, now, version, now - timedelta(minutes=1))
    fire_timers.sweep(database, now, "opening", 30)
    with database.read() as session:
        return session.scalars(select(Task).where(Task.element == "look")).one()


def day(number: int) -> datetime:
    """A moment shortly after the last second of that day of November 2026."""
    return clock.end_of_day(datetime(2026, 11, number).date()) + timedelta(minutes=1)  # noqa: DTZ001 - a day


def messages(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        query = select(User.username, Message.kind).join(User, User.id == Message.user_id)
        return sorted((name, kind) for name, kind in session.execute(query))


def kinds(database: Database, table: type[LedgerRecord | CaseEvent]) -> list[str]:
    with database.read() as session:
        found = session.scalars(select(table.kind).order_by(table.at, table.id)).all()
        return [kind for kind in found if kind.split(".")[1] in {"reminded", "escalated", "breached"}]


def test_before_the_limit_the_post_is_reminded(database: Database, task: Task) -> None:
    """A working day before the limit, everybody of the post gets a yellow card, since nobody has taken the task."""
    swept = escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert swept.done == 1
    assert messages(database) == [("window", "yellow_card"), ("window2", "yellow_card")]
    assert ["task.reminded"] == kinds(database, LedgerRecord) == kinds(database, CaseEvent)


def test_a_reminder_that_comes_late_does_not_ask_for_the_past(database: Database, task: Task) -> None:
    """After an outage the limit is over: nobody can be asked to finish before it."""
    escalate_overdue.sweep(database, day(30), "run-1", 30)

    with database.read() as session:
        texts = session.scalars(select(Message.text).where(Message.kind == "red_card")).all()
    assert all("（应于11月27日办结），请尽快办理" in text for text in texts)
    assert texts


@pytest.mark.parametrize(
    ("provenance", "basis", "said"),
    [("full", "办法 第三条", 0), ("memory", "本系统期限（非法定）", 1), ("ours", "本系统期限（非法定）", 1)],
)
def test_nobody_is_pressed_by_an_article_that_does_not_set_the_limit(
    database: Database, task: Task, provenance: str, basis: str, said: int
) -> None:
    """Messages, history and ledger tell the article of the step from what sets its limit."""
    with database.write() as session:
        session.execute(update(Task).values(article="办法 第九条"))
        session.execute(
            update(Deadline)
            .where(Deadline.id == task.deadline_id)
            .values(article="办法 第三条", provenance=provenance)
        )

    escalate_overdue.sweep(database, day(30), "run-1", 30)

    with database.read() as session:
        bodies = [json.loads(body) for body in session.scalars(select(LedgerRecord.body))]
        texts = session.scalars(select(Message.text)).all()
    stepped = [one for one in bodies if "step_article" in one]
    assert {(one["step_article"], one["limit_basis"]) for one in stepped} == {("办法 第九条", basis)}
    assert basis in {one["limit_basis"] for one in bodies if "deadline" in one}
    assert not any("article" in one for one in bodies)
    pressed = [text for text in texts if "“核实”" in text]
    assert pressed
    assert all(text.count("此为本系统期限（非法定）。") == said for text in pressed)


def test_who_holds_the_task_is_reminded_alone(database: Database, people: People, task: Task) -> None:
    """A task that somebody took is that person's to finish."""
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(assignee_id=people.window2.id))

    escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert messages(database) == [("window2", "yellow_card")]


def test_after_the_limit_the_leader_is_told_and_the_breach_is_recorded(
    database: Database, task: Task
) -> None:
    """When the limit has passed, the leader of the office hears of it and the breach stands in the ledger, once."""
    escalate_overdue.sweep(database, day(26), "run-1", 30)
    escalate_overdue.sweep(database, day(27), "run-2", 30)
    escalate_overdue.sweep(database, day(27), "run-3", 30)

    assert ("leader", "escalation") in messages(database)
    assert kinds(database, LedgerRecord) == ["task.reminded", "deadline.breached", "task.escalated"]
    with database.read() as session:
        deadline = session.get_one(Deadline, task.deadline_id)
        records = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "deadline.breached")).all()
    assert deadline.due_at == deadline.breached_at
    assert [record.run_id for record in records] == ["run-2"]
    assert "窗口经办人" in records[0].body


def test_on_the_first_day_after_the_limit_whoever_must_act_gets_one_red_card(
    database: Database, task: Task
) -> None:
    """The leader is asked to press, and those of the post see red: once, however far the chain goes on."""
    escalate_overdue.sweep(database, day(26), "run-1", 30)
    escalate_overdue.sweep(database, day(27), "run-2", 30)
    escalate_overdue.sweep(database, day(30) + timedelta(days=10), "run-3", 30)

    reds = [name for name, kind in messages(database) if kind == "red_card"]
    assert reds == ["window", "window2"]
    assert ("county_leader", "escalation") in messages(database)


def own_cards(key: str, value: str, unit: str, area: str) -> RuleValue:
    named = {"key": key, "value": value, "unit": unit, "area_code": area, "name": key, "provenance": "ours"}
    return RuleValue(id=new_id(), effective_from=date(2026, 1, 1), **named)


def test_cards_follow_the_days_of_the_place_and_a_sweep_asks_for_them_once(
    sqlite_database: Database, people: People
) -> None:
    """As the limits of feedback do; a county may wait longer before red, or count in hours."""
    now = day(27)
    with sqlite_database.write() as session:
        session.add(own_cards("contact.alarm", "3", "wd", COUNTY))
        session.add(own_cards("contact.warn", "4", "h", OTHER_COUNTY))
        add_late_tasks(session, people.window, now, 3)
    said: list[str] = []
    event.listen(
        sqlite_database.engine, "checkout", lambda connection, *_: connection.set_trace_callback(said.append)
    )

    def asked(run: str) -> int:
        said.clear()
        assert escalate_overdue.sweep(sqlite_database, now, run, 30).done == 6
        return sum("FROM rule_value" in one for one in said)

    assert asked("run-1") == 1
    with sqlite_database.read() as session:
        bodies = session.scalars(select(LedgerRecord.body).where(LedgerRecord.kind == "task.escalated")).all()
        cards = card_days(session, now.date())
    assert [json.loads(body)["card"] for body in bodies] == ["yellow"] * 3
    assert (cards.at(TOWN).alarm, cards.at(OTHER_COUNTY).alarm, cards.at(None).alarm) == (3, 1, 1)
    assert (cards.at(OTHER_COUNTY).warn, cards.at(OTHER_COUNTY).warn_unit) == (4, "h")
    with sqlite_database.write() as session:
        add_late_tasks(session, people.window, now, 3)
    assert asked("run-2") == 1


def test_the_substitute_of_somebody_who_is_away_is_told_too(
    database: Database, people: People, task: Task, now: datetime
) -> None:
    """Both hear of it: who is away, and who stands in for them."""
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(assignee_id=people.window2.id))
        # The same role of the whole county, who is only told where nobody nearer is.
        session.execute(
            update(UserRole).where(UserRole.user_id == people.county_check.id).values(role="town.leader")
        )
        session.expire_all()
        for absent, substitute in ((people.window2, people.window), (people.leader, people.county_check)):
            record_absence(
                session,
                absent,
                now,
                user_id=absent.id,
                substitute_id=substitute.id,
                from_on=now.date(),
                until_on=(now + timedelta(days=9)).date(),
                reason="培训",
            )

    escalate_overdue.sweep(database, day(26), "run-1", 30)
    escalate_overdue.sweep(database, day(27), "run-2", 30)

    found = messages(database)
    assert {name for name, kind in found if kind == "yellow_card"} == {"window", "window2"}
    assert {name for name, kind in found if kind == "escalation"} == {"leader", "county_check"}


def test_two_sweeps_at_once_escalate_each_task_once(
    database: Database, people: People, now: datetime
) -> None:
    """Two sweeps over the same tasks share the work, and nobody is told twice."""
    with database.write() as session:
        add_late_tasks(session, people.window, now, 450, [people.window])
    threads = [
        threading.Thread(target=escalate_overdue.sweep, args=(database, now, f"run-{number}", 60))
        for number in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    escalate_overdue.sweep(database, now, "run-3", 60)

    assert not escalate_overdue.is_due(database, now)
    assert_each_once(database, 450)


def test_a_sweep_whose_connection_is_cut_again_and_again_loses_and_doubles_nothing(
    postgresql_database: Database, people: People, now: datetime
) -> None:
    """What was not committed when the connection broke is done by the next sweep, and by no other."""
    database = postgresql_database
    with database.write() as session:
        add_late_tasks(session, people.window, now, 450, [people.window])
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active'"
    )
    broken = 0

    def work() -> None:
        nonlocal broken
        try:
            escalate_overdue.sweep(database, now, "run", 60)
        except DBAPIError:
            broken += 1

    for _ in range(8):
        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            with database.engine.connect() as connection:
                hit = connection.execute(cut).all()
            thread.join(0.02)
            if hit:
                break
        thread.join()
    database.engine.dispose()
    escalate_overdue.sweep(database, now, "last", 60)

    assert broken
    assert not escalate_overdue.is_due(database, now)
    assert_each_once(database, 450)


def assert_each_once(database: Database, number: int) -> None:
    """Each task gave one event, one record and two messages for its step, and one of each for its breach."""
    with database.read() as session:
        for table in (CaseEvent, LedgerRecord):
            found = Counter((kind, case) for kind, case in session.execute(select(table.kind, table.case_id)))
            assert set(found.values()) == {1}
            kinds_of = Counter(kind for kind, _ in found)
            assert kinds_of == {"task.escalated": number, "deadline.breached": number}
        told = Counter(session.scalars(select(Message.kind)))
        assert told == {"escalation": number, "red_card": number}


def test_nothing_is_decided(database: Database, task: Task) -> None:
    """However late: the task stays open and waits for a person."""
    escalate_overdue.sweep(database, day(30) + timedelta(days=300), "run-1", 30)

    with database.read() as session:
        late = session.get_one(Task, task.id)
    assert (late.state, late.escalation_level, late.escalate_at) == ("open", 3, None)


def test_all_steps_missed_while_the_program_was_down_are_made_up(database: Database, task: Task) -> None:
    """After an outage every step of the chain is done, in its order; the late reminder is the red card."""
    escalate_overdue.sweep(database, day(30) + timedelta(days=30), "run-1", 30)

    assert kinds(database, LedgerRecord) == [
        "deadline.breached",
        "task.reminded",
        "task.escalated",
        "task.escalated",
    ]
    assert [name for name, _ in messages(database)] == ["county_leader", "leader", "window", "window2"]


def test_a_damaged_chain_does_not_stop_the_others(
    database: Database, people: People, task: Task, now: datetime
) -> None:
    """A task whose chain cannot be read is set aside and shown; the next one is reminded all the same."""
    with database.write() as session:
        session.execute(
            update(Task).where(Task.id == task.id).values(escalation=[{"at": "someday", "to": "town.window"}])
        )
        version = session.get_one(Case, task.case_id).model_version_id
        add_waiting_cases(session, people.window, now, version, now)
    fire_timers.sweep(database, now, "opening", 30)

    swept = escalate_overdue.sweep(database, day(26), "run-1", 30)

    assert (swept.done, swept.set_aside) == (1, 1)
    with database.read() as session:
        row = session.scalars(select(SetAside)).one()
        told = session.scalars(select(CaseEvent).where(CaseEvent.kind == "timer.stuck")).one()
        assert session.get_one(Task, task.id).escalate_at == task.escalate_at
        assert count_set_aside(session) == 1
    assert (row.id, row.kind, row.tries, row.retry_at) == (task.id, "task", 1, day(26) + timedelta(hours=1))
    assert "someday" in row.reason == told.data["reason"]
    assert not escalate_overdue.is_due(database, day(26))


def test_what_was_set_aside_is_tried_again_after_growing_pauses(database: Database, task: Task) -> None:
    """An hour, two, four; at most a day. Once it is mended it is done, and the list is empty; history told of it once."""
    with database.write() as session:
        session.execute(
            update(Task).where(Task.id == task.id).values(escalation=[{"at": "someday", "to": "town.window"}])
        )
    moment, pauses = day(26), []
    for _ in range(7):
        escalate_overdue.sweep(database, moment, "run", 30)
        assert not escalate_overdue.is_due(database, moment)
        with database.read() as session:
            row = session.get_one(SetAside, task.id)
        pauses.append((row.retry_at - moment) // timedelta(hours=1))
        moment = row.retry_at
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(escalation=task.escalation))
        session.execute(update(Deadline).values(breached_at=moment))

    escalate_overdue.sweep(database, moment, "run", 30)

    assert pauses == [1, 2, 4, 8, 16, 24, 24]
    with database.read() as session:
        assert session.scalars(select(SetAside)).all() == []
        assert session.scalars(select(CaseEvent.kind)).all().count("timer.stuck") == 1
    assert "task.escalated" in kinds(database, CaseEvent)


def test_an_administrator_need_not_wait_and_what_is_over_is_off_the_list(
    database: Database, people: People, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A breach that cannot be written down is set aside as well; whose task was done meanwhile, nobody tries again."""

    def refuse(*_: object) -> None:
        raise ValueError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(escalate_overdue.breaches, "record_breach", refuse)
        swept = escalate_overdue.sweep(database, day(30), "run-1", 30)
        with database.read() as session:
            row = session.scalars(select(SetAside)).one()
            shown = [one.id for one, _ in listed(session, people.model_admin)]
    assert (row.kind, row.reason, shown) == ("breach", "ValueError: broken", [row.id])
    assert (swept.set_aside, swept.counts) == (1, {"提醒": 1, "升级": 1})
    with database.write() as session, pytest.raises(NotAllowed):
        try_again(session, people.window, day(30), row.id)

    with database.write() as session:
        try_again(session, people.model_admin, day(30), row.id)
    swept = escalate_overdue.sweep(database, day(30), "run-2", 30)

    assert swept.counts == {"超期": 1}
    with database.write() as session, pytest.raises(NotFound):
        try_again(session, people.model_admin, day(30), row.id)
    columns = [column.name for column in SetAside.__table__.columns]
    with database.write() as session:
        session.add(SetAside(**{name: getattr(row, name) for name in columns}))
    with database.read() as session:
        assert count_set_aside(session) == 0
        assert listed(session, people.model_admin) == []


def test_a_long_backlog_of_one_kind_does_not_keep_the_others_waiting(
    database: Database, people: People, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time for one round is time for a chunk of breaches and a chunk of tasks, the breaches first."""

    class OneRound:
        looked = 0
        stopped = False

        @property
        def spent(self) -> bool:
            self.looked += 1
            return self.looked > 1

    monkeypatch.setattr(escalate_overdue, "_CHUNK", 10)
    monkeypatch.setattr(escalate_overdue, "Budget", lambda *_: OneRound())
    with database.write() as session:
        add_late_tasks(session, people.window, now, 35)

    swept = escalate_overdue.sweep(database, now, "run-1", 30)

    assert (swept.unfinished, list(swept.counts.items())) == (True, [("超期", 10), ("升级", 10)])
    for _ in range(4):
        swept = escalate_overdue.sweep(database, now, "run-2", 30)
    assert not swept.counts
    assert not escalate_overdue.is_due(database, now)


def test_a_finished_task_is_left_alone(database: Database, task: Task) -> None:
    """Nobody is troubled about what is done."""
    with database.write() as session:
        session.execute(update(Task).where(Task.id == task.id).values(state="done", escalate_at=None))

    assert not escalate_overdue.is_due(database, day(30))
    assert escalate_overdue.sweep(database, day(30), "run-1", 30).done == 0


def test_a_notice_that_has_hung_long_enough_is_no_breach(
    database: Database, people: People, now: datetime
) -> None:
    """Seven days are the least; that they are over, and are confirmed days later, is held against nobody."""
    walk = Walk.begin(database, people, now)
    walk.until("close_notice")
    walk.now += timedelta(days=3)

    escalate_overdue.sweep(database, walk.now, "run-1", 30)
    assert not any("公示期" in message for message in breaches(database))

    walk.do("close_notice")
    with database.read() as session:
        notice = session.scalars(select(Deadline).where(Deadline.kind == "notice")).one()
    assert (notice.state, notice.met_at, notice.breached_at) == ("met", notice.due_at, None)


def breaches(database: Database) -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(select(LedgerRecord.body).where(LedgerRecord.kind == "deadline.breached"))
        )


def test_a_limit_of_hours_is_pressed_in_hours_at_night_and_on_days_of_rest(
    database: Database, people: People
) -> None:
    """A quarter of it before its end, at its end, and so many times 24 hours after; whatever the model says in working days."""
    opened = datetime(2026, 11, 27, 12, tzinfo=UTC)  # a Friday evening in China
    with database.write() as session:
        add_driven_case(session, people.window, opened, add_driven(session, opened, "PT24H"))
    with database.read() as session:
        task = session.scalars(select(Task)).one()
    due = opened + timedelta(hours=24)
    hours = [timedelta(hours=number) for number in (-6, 0, 48)]
    assert [datetime.fromisoformat(step["at"]) for step in task.escalation] == [due + one for one in hours]

    said: list[list[tuple[str, str, str]]] = []
    for moment in (due - timedelta(hours=7), due - timedelta(hours=5.5), due + timedelta(hours=3.2)):
        escalate_overdue.sweep(database, moment, "run-1", 30)
        with database.read() as session:
            query = (
                select(User.username, Message.kind, Message.text)
                .join(User, User.id == Message.user_id)
                .where(Message.at == moment, Message.task_id.is_not(None), User.username != "window2")
                .order_by(Message.kind)
            )
            said.append([(row[0], row[1], row[2]) for row in session.execute(query)])

    assert said[0] == []
    [(who, kind, text)] = said[1]
    assert (who, kind) == ("window", "yellow_card")
    assert text.startswith("“核实”剩余 5 小时，请于11月28日 20:00前办结：")
    assert [(who, kind) for who, kind, _ in said[2]] == [("leader", "escalation"), ("window", "red_card")]
    assert "超期 3 小时（应于11月28日 20:00办结），尚未领取（窗口经办人），请督促办结" in said[2][0][2]
    with database.read() as session:
        bodies = [json.loads(body) for body in session.scalars(select(LedgerRecord.body))]
    assert [one["card"] for one in bodies if "card" in one] == ["yellow", "red"]
