from datetime import UTC, date, datetime

import pytest

from jieban.clock import end_of_day, start_of_day
from jieban.errors import Invalid
from jieban.workdays import Calendar, due, load_calendar, seed_calendar
from jieban.workdays.working_days import Day


@pytest.fixture
def calendar(sqlite_database) -> Calendar:
    with sqlite_database.read() as session:
        return load_calendar(session)


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_published_number_of_working_days(calendar, year, working_days):
    assert calendar.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == working_days


@pytest.mark.parametrize(
    "day",
    ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"],
)
def test_make_up_days_are_working_days_though_they_fall_on_a_weekend(calendar, day):
    made_up = date.fromisoformat(day)

    assert made_up.weekday() >= 5
    assert calendar.is_working(made_up)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        pytest.param("2026-11-24", 3, "2026-11-27", id="an ordinary week"),
        pytest.param("2026-11-27", 1, "2026-11-30", id="over a weekend"),
        pytest.param("2026-02-13", 1, "2026-02-14", id="the Saturday before Spring Festival is made up"),
        pytest.param("2026-02-13", 2, "2026-02-24", id="Spring Festival 2026 lasts from 02-15 to 02-23"),
        pytest.param("2026-02-13", 6, "2026-02-28", id="the Saturday after Spring Festival is made up"),
        pytest.param("2026-09-30", 1, "2026-10-08", id="National Day lasts from 10-01 to 10-07"),
        pytest.param("2026-09-30", 3, "2026-10-10", id="the Saturday after National Day is made up"),
        pytest.param("2026-09-18", 1, "2026-09-20", id="a made-up Sunday"),
        pytest.param("2026-12-31", 1, "2027-01-04", id="New Year 2027 is a Friday"),
        pytest.param("2026-12-18", 30, "2027-02-01", id="thirty working days into 2027"),
        pytest.param("2027-02-04", 1, "2027-02-11", id="Spring Festival 2027, as far as the law says"),
        pytest.param("2026-11-28", 1, "2026-11-30", id="a start on a day of rest"),
        pytest.param("2026-10-12", -1, "2026-10-10", id="backwards"),
        pytest.param("2026-10-08", -1, "2026-09-30", id="backwards over National Day"),
    ],
)
def test_working_days_are_counted_from_the_day_after(calendar, start, days, end):
    assert calendar.add_working_days(date.fromisoformat(start), days) == date.fromisoformat(end)


def test_counting_between_two_days_undoes_adding(calendar):
    start = date(2026, 1, 30)
    for days in (1, 7, 20, 30, 45, 248):
        assert calendar.working_days_between(start, calendar.add_working_days(start, days)) == days


def test_counting_backwards_is_negative(calendar):
    assert calendar.working_days_between(date(2026, 11, 27), date(2026, 11, 24)) == -3


def test_days_that_nobody_has_published_are_provisional(calendar):
    assert calendar.provisional_from == date(2027, 1, 1)
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert calendar.is_provisional(date(2027, 3, 1))
    assert calendar.is_provisional(date(2031, 3, 1))


def test_beyond_the_table_the_week_decides(calendar):
    assert calendar.is_working(date(2030, 10, 1))
    assert not calendar.is_working(date(2030, 10, 5))
    assert calendar.add_working_days(date(2027, 12, 30), 3) == date(2028, 1, 4)
    assert calendar.working_days_between(date(2027, 12, 30), date(2028, 1, 4)) == 3
    assert calendar.add_working_days(date(2003, 12, 31), -1) == date(2003, 12, 30)


def test_a_calendar_without_any_day_follows_the_week():
    calendar = Calendar([])

    assert calendar.add_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert calendar.is_provisional(date(2026, 11, 27))


def test_a_gap_in_the_table_is_provisional():
    calendar = Calendar([Day(date(2026, 11, 23), working=False), Day(date(2026, 11, 25), working=True)])

    assert not calendar.is_working(date(2026, 11, 23))
    assert calendar.is_working(date(2026, 11, 24))
    assert calendar.provisional_from == date(2026, 11, 24)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "length", "unit", "end"),
    [
        pytest.param("2026-11-24T10:00+08:00", 10, "wd", "2026-12-08", id="ten working days"),
        pytest.param(
            "2026-11-24T00:10+08:00", 1, "wd", "2026-11-25", id="the local day of the start counts, not UTC's"
        ),
        pytest.param(
            "2026-11-24T23:50+08:00", 1, "wd", "2026-11-25", id="late in the evening is still that day"
        ),
        pytest.param("2026-11-24T10:00+08:00", 7, "d", "2026-12-01", id="seven days"),
        pytest.param("2026-11-28T10:00+08:00", 7, "d", "2026-12-07", id="the seventh day is a Saturday"),
        pytest.param("2026-09-24T10:00+08:00", 7, "d", "2026-10-08", id="the seventh day is in a holiday"),
        pytest.param("2026-11-24T10:00+08:00", 1, "mo", "2026-12-24", id="one month"),
        pytest.param(
            "2026-08-31T10:00+08:00", 6, "mo", "2027-03-01", id="no 31 February, and its last day is a Sunday"
        ),
        pytest.param("2028-01-31T10:00+08:00", 1, "mo", "2028-02-29", id="a leap day"),
        pytest.param("2026-12-24T10:00+08:00", 12, "mo", "2027-12-24", id="a year"),
    ],
)
def test_a_limit_ends_with_the_last_second_of_its_last_day(calendar, start, length, unit, end):
    assert due(at(start), length, unit, calendar).at == end_of_day(date.fromisoformat(end))


def test_hours_run_from_the_moment(calendar):
    start = at("2026-11-28T22:30+08:00")

    assert due(start, 24, "h", calendar).at == at("2026-11-29T22:30+08:00")


def test_a_limit_that_reaches_an_unpublished_year_says_so(calendar):
    start = start_of_day(date(2026, 12, 1))

    assert not due(start, 20, "wd", calendar).provisional
    assert due(start, 30, "wd", calendar).provisional


def test_an_unknown_unit_is_refused(calendar, now):
    with pytest.raises(Invalid, match="期限单位"):
        due(now, 1, "weeks", calendar)


def test_seeding_twice_adds_nothing(database):
    with database.write() as session:
        assert seed_calendar(session) == 0


def test_the_seeded_calendar_covers_2004_to_2027(empty_database):
    with empty_database.write() as session:
        assert seed_calendar(session) == 24 * 365 + 6


def test_before_any_seeding_the_week_decides(empty_database):
    with empty_database.read() as session:
        assert load_calendar(session).add_working_days(date(2026, 11, 27), 1) == date(2026, 11, 30)


def test_a_loaded_calendar_is_kept_for_as_long_as_nothing_changes(database):
    with database.read() as session:
        first = load_calendar(session)
    with database.read() as session:
        assert load_calendar(session) is first
