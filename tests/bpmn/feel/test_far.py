"""Dates in years that Python does not have (DMN 1.5, 10.3.2.3.5)."""

import datetime as dt

import pytest

from bpmn.feel import FarDate, Months, evaluate


@pytest.mark.parametrize(
    "text",
    [
        "12345-06-07",
        "-0044-03-15",
        "999999999-01-01",
        "-0044-03-15T11:30:00",
        "10000-01-01T00:00:00Z",
        "10000-01-01T08:30:00.123456789@Asia/Shanghai",
        "10000-01-01T08:30:00.5-03:30",
    ],
)
def test_a_far_date_is_written_as_it_was_read(text):
    assert evaluate("string(@" + f'"{text}")', {}) == text
    assert str(evaluate(f'@"{text}"', {})) == text


@pytest.mark.parametrize(
    "text", ["10001-02-29", "10000-13-01", "1000000000-01-01", "0000-01-01", "010000-01-01"]
)
def test_there_are_no_other_days(text):
    assert evaluate("date(text)", {"text": text}) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("day", FarDate(10000, 2, 29)),
        ("day.year + day.month + day.day", 10031),
        ("day.weekday", 2),
        ('day > @"9999-12-31"', True),
        ('@"-0001-12-31" < @"0001-01-01"', True),
        ("day = date(10000, 2, 29)", True),
        ('day = @"2000-02-29"', False),
        ("day = 10000", None),
        ("day != null", True),
        ('day in [@"2000-01-01"..@"20000-01-01"]', True),
        ('@"10000-01-01T02:00:00+02:00" = @"10000-01-01T00:00:00Z"', True),
        ("day = date and time(day)", True),
        ('date and time(day, time("07:15:00")).hour', 7),
        ('time(@"10000-01-01T07:15:00")', dt.time(7, 15)),
        ('date(@"10000-01-01T07:15:00").year', 10000),
        ('years and months duration(@"-0001-01-31", @"0002-01-30")', Months(35)),
        ('years and months duration(@"2000-02-29T01:00:00", @"10000-02-29T00:00:00")', Months(96_000)),
        ("day instance of date", True),
        ('@"10000-01-01T00:00:00" instance of date and time', True),
        ('sort([day, @"2000-01-01"])[-1] = day', True),
        ('day + duration("P1D")', None),
        ('day - @"2000-01-01"', None),
        ("day of year(day)", None),
    ],
)
def test_a_far_date_is_a_date(text, value):
    assert evaluate(text, {"day": FarDate(10000, 2, 29)}) == value
