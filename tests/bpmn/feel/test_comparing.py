"""Equality and order of dates and times, and what a filter calls `item` (DMN 1.5, tables 53 and 54, 10.3.2.5)."""

import pytest

from bpmn.feel import evaluate


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2026-03-01" = @"2026-03-01T00:00:00Z"', True),
        ('@"2026-03-01" = @"2026-03-01T08:00:00+08:00"', True),
        ('@"2026-03-01" != @"2026-03-01T00:00:00+08:00"', True),
        ('@"2026-03-01" = @"2026-03-01T00:00:00"', False),
        ('@"2026-03-01" < @"2026-03-01T00:00:01Z"', True),
        ('@"2026-03-01T00:00:00+08:00" < @"2026-03-01"', True),
        ('@"2026-03-01" = @"08:00:00"', None),
        ('@"2026-03-01" < @"08:00:00"', None),
    ],
)
def test_a_date_meets_a_date_and_time_as_its_midnight_in_utc(text, expected):
    assert evaluate(text, {}) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"08:15:30.25" = @"08:15:30.75"', True),
        ('@"2026-03-01T08:15:30.9" = @"2026-03-01T08:15:30"', True),
        ('@"08:15:30.9" = @"08:15:31"', False),
        ('is(@"08:15:30.25", @"08:15:30.75")', False),
        ('is(@"08:15:30.25", @"08:15:30.25")', True),
        ('@"08:15:30.25" < @"08:15:30.75"', True),
    ],
)
def test_equality_of_times_counts_whole_seconds(text, expected):
    assert evaluate(text, {}) is expected


def test_an_entry_called_item_hides_the_item_itself():
    assert evaluate("[{item: 4}, {item: 9}][item > 5]", {}) == [{"item": 9}]
    assert evaluate("[4, 9][item > 5]", {}) == [9]


def test_a_number_is_its_own_number():
    assert evaluate("number(2.5)", {}) == evaluate('number("2.5")', {})
    assert evaluate('number(2.5, ",", ".")', {}) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2026-03-02" - @"2026-03-01T06:00:00Z" = duration("PT18H")', True),
        ('@"2026-03-01T06:00:00Z" - @"2026-03-02" = duration("-PT18H")', True),
        ('@"2026-03-02" - @"2026-03-01T06:00:00"', None),
        ('@"2026-03-01T06:00:00" - @"2026-03-02"', None),
        ('@"2026-03-02" - @"2026-03-01" = duration("P1D")', True),
    ],
)
def test_a_date_and_a_moment_without_zone_have_no_difference(text, expected):
    assert evaluate(text, {}) is expected


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Asia/Shanghai"])
def test_a_time_in_a_zone_has_its_standard_offset_on_both_halves_of_the_earth(zone):
    hours = {"Pacific/Auckland": 12, "Asia/Shanghai": 8}[zone]
    assert evaluate(f'@"09:00:00@{zone}".time offset = duration("PT{hours}H")', {}) is True


@pytest.mark.parametrize(
    "text", ["3 in (null..9]", "3 in [1..null)", "null in [1..9]", "3 in [{a: null}.a..9]"]
)
def test_a_range_with_a_null_end_answers_nothing(text):
    assert evaluate(text, {}) is None
