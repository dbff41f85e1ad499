from datetime import date, timedelta

import pytest

from jieban.clock import NEVER, end_of_day, start_of_day
from jieban.deadlines import Words, meet, start_deadline, words
from jieban.deadlines.tables import Deadline
from jieban.workdays import load_calendar
from tests.factories import add_case


@pytest.mark.parametrize(
    ("due_on", "zh", "en", "tone"),
    [
        ("2026-12-01", "剩余 5 个工作日", "5 working days left", "ok"),
        ("2026-11-26", "剩余 2 个工作日", "2 working days left", "soon"),
        ("2026-11-25", "剩余 1 个工作日", "1 working day left", "soon"),
        ("2026-11-24", "今日到期", "Due today", "today"),
        ("2026-11-23", "超期 1 个工作日", "1 working day overdue", "overdue"),
        ("2026-11-20", "超期 2 个工作日", "2 working days overdue", "overdue"),
        ("2026-09-30", "超期 35 个工作日", "35 working days overdue", "overdue"),
    ],
)
def test_a_deadline_is_told_in_working_days(sqlite_database, now, due_on, zh, en, tone):
    with sqlite_database.read() as session:
        calendar = load_calendar(session)
    due_at = end_of_day(date.fromisoformat(due_on))

    assert words(due_at, now, calendar) == Words(zh, tone)
    assert words(due_at, now, calendar, "en") == Words(en, tone)


def test_days_of_rest_before_the_end_are_told_as_days(sqlite_database):
    with sqlite_database.read() as session:
        calendar = load_calendar(session)
    friday_evening = start_of_day(date(2026, 11, 27)) + timedelta(hours=18)

    assert words(end_of_day(date(2026, 11, 29)), friday_evening, calendar) == Words("剩余 2 天", "soon")
    assert words(end_of_day(date(2026, 11, 28)), friday_evening, calendar, "en").text == "1 day left"


def test_an_hour_that_ended_today_is_overdue_though_no_working_day_passed(sqlite_database, now):
    with sqlite_database.read() as session:
        calendar = load_calendar(session)

    assert words(now - timedelta(hours=1), now, calendar) == Words("已超期", "overdue")


def test_without_a_limit_there_is_nothing_to_tell(sqlite_database, now):
    with sqlite_database.read() as session:
        calendar = load_calendar(session)

    assert words(NEVER, now, calendar) == Words("无时限", "none")


@pytest.fixture
def deadline(database, people, now):
    with database.write() as session:
        case = add_case(session, people.window, now)
        return start_deadline(
            session,
            case=case,
            kind="step",
            name="启动家庭经济状况调查",
            rule_key="dibao.investigation.start",
            length=3,
            unit="wd",
            start=now,
            article="第十五条",
            provenance="full",
            calendar=load_calendar(session),
        )


def test_a_clock_keeps_how_its_end_came_about(database, deadline):
    with database.read() as session:
        row = session.get_one(Deadline, deadline.id)

        assert (row.length, row.unit, row.rule_key) == (3, "wd", "dibao.investigation.start")
        assert row.due_at == end_of_day(date(2026, 11, 27))
        assert (row.state, row.provisional, row.breached_at) == ("running", False, None)


def test_a_clock_met_in_time_has_no_breach(database, deadline, now):
    with database.write() as session:
        meet(session, deadline.id, now + timedelta(days=1))

    with database.read() as session:
        row = session.get_one(Deadline, deadline.id)
        assert (row.state, row.met_at, row.breached_at) == ("met", now + timedelta(days=1), None)


def test_a_clock_met_too_late_keeps_the_moment_of_its_breach(database, deadline, now):
    with database.write() as session:
        meet(session, deadline.id, now + timedelta(days=10))

    with database.read() as session:
        row = session.get_one(Deadline, deadline.id)
        assert (row.state, row.breached_at) == ("met", row.due_at)


def test_a_clock_is_met_once(database, deadline, now):
    for days in (1, 2):
        with database.write() as session:
            meet(session, deadline.id, now + timedelta(days=days))

    with database.read() as session:
        assert session.get_one(Deadline, deadline.id).met_at == now + timedelta(days=1)
