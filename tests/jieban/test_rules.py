import uuid
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, make_url, select

from jieban.areas.tables import Area
from jieban.cli.prepare import prepare
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.rules import entry, number, rule_set_for, seed_rules
from jieban.rules.seed import import_rules, read_shipped
from jieban.rules.tables import RuleSet, RuleValue
from tests.workflows.walk import Walk

DAY = date(2026, 11, 24)


def add_value(session, key, value, *, area_code="", since="2020-01-01", until=None, **values):
    session.add(
        RuleValue(
            **{
                "id": new_id(),
                "key": key,
                "area_code": area_code,
                "name": "试验",
                "value": value,
                "unit": "number",
                "provenance": "ours",
                "effective_from": date.fromisoformat(since),
                "effective_to": date.fromisoformat(until) if until else None,
            }
            | values
        )
    )


def value_of(database, now, key, *, area_code="379901", day=DAY):
    with database.write() as session:
        return entry(rule_set_for(session, area_code, day, now), key).value


def test_the_value_of_the_nearest_place_wins(empty_database, now):
    with empty_database.write() as session:
        for area_code, value in [("", "1"), ("37", "2"), ("379901", "3"), ("379902", "4")]:
            add_value(session, "some.limit", value, area_code=area_code)

    assert value_of(empty_database, now, "some.limit") == "3"
    assert value_of(empty_database, now, "some.limit", area_code="379901001") == "3"
    assert value_of(empty_database, now, "some.limit", area_code="370102") == "2"
    assert value_of(empty_database, now, "some.limit", area_code="110101") == "1"


def test_a_value_holds_on_its_days_alone(empty_database, now):
    with empty_database.write() as session:
        add_value(session, "some.limit", "30", since="2021-07-01", until="2026-12-31")
        add_value(session, "some.limit", "20", since="2027-01-01")

    assert value_of(empty_database, now, "some.limit", day=date(2026, 12, 31)) == "30"
    assert value_of(empty_database, now, "some.limit", day=date(2027, 1, 1)) == "20"
    with pytest.raises(Invalid, match=r"some\.limit"):
        value_of(empty_database, now, "some.limit", day=date(2021, 6, 30))


def test_of_two_values_that_hold_the_newer_one_wins(empty_database, now):
    with empty_database.write() as session:
        add_value(session, "some.limit", "20", since="2026-07-01")
        add_value(session, "some.limit", "30", since="2021-07-01")

    assert value_of(empty_database, now, "some.limit") == "20"


def test_equal_values_are_one_set_and_a_changed_value_is_another(database, now):
    with database.write() as session:
        first = rule_set_for(session, "379901", DAY, now).id
    with database.write() as session:
        assert rule_set_for(session, "379901", DAY, now).id == first
        add_value(session, "another.limit", "1")
    with database.write() as session:
        assert rule_set_for(session, "379901", DAY, now).id != first


def test_a_frozen_set_does_not_follow_the_table(database, now):
    """A case keeps the values of its acceptance, whatever the table says later."""
    with database.write() as session:
        first = rule_set_for(session, "379901", DAY, now).id
    with database.write() as session:
        for row in session.scalars(select(RuleValue).where(RuleValue.key == "dibao.investigation.start")):
            row.value = "99"

    with database.read() as session:
        assert number(session.get_one(RuleSet, first), "dibao.investigation.start") == 3


@pytest.mark.parametrize(
    ("provenance", "citable"),
    [
        ("full", True),
        ("part", True),
        ("memory", False),
        ("inference", False),
        ("ours", False),
        ("sample", False),
    ],
)
def test_only_what_was_read_in_its_source_may_be_cited(empty_database, now, provenance, citable):
    with empty_database.write() as session:
        add_value(session, "some.limit", "1", provenance=provenance)
    with empty_database.write() as session:
        assert entry(rule_set_for(session, "", DAY, now), "some.limit").citable is citable


def test_a_value_that_is_no_number_is_refused_as_one(empty_database, now):
    with empty_database.write() as session:
        add_value(session, "some.level", "county", unit="text")
    with empty_database.write() as session:
        rule_set = rule_set_for(session, "", DAY, now)
        with pytest.raises(Invalid, match="不是数字"):
            number(rule_set, "some.level")


def test_an_amount_is_exact(empty_database, now):
    with empty_database.write() as session:
        add_value(session, "some.amount", "812.10", unit="yuan")
    with empty_database.write() as session:
        assert number(rule_set_for(session, "", DAY, now), "some.amount") == Decimal("812.10")


def test_seeding_again_adds_nothing_and_overwrites_nothing(database):
    with database.write() as session:
        row = session.scalars(select(RuleValue).where(RuleValue.key == "dibao.total")).first()
        row.value = "25"
    with database.write() as session:
        before = session.scalar(select(func.count()).select_from(RuleValue))
        assert seed_rules(session) == 0
        assert session.scalar(select(func.count()).select_from(RuleValue)) == before
        assert session.scalars(select(RuleValue).where(RuleValue.key == "dibao.total")).first().value == "25"


def test_a_real_installation_gets_no_sample_values_and_no_sample_places(empty_database, now):
    prepare(make_url(empty_database.url).render_as_string(hide_password=False), now)

    with empty_database.read() as session:
        places = session.scalars(select(RuleValue.area_code).distinct()).all()
        assert places
        assert not [code for code in places if code.startswith("3799")]
        assert session.scalar(select(func.count()).select_from(Area)) == 0


# The limits of the law, held against what ships: a typing mistake here would be a wrong deadline everywhere.
@pytest.mark.parametrize(
    ("key", "value", "unit", "rule_id"),
    [
        ("dibao.investigation.start", "3", "wd", "DB-09"),
        ("dibao.check.start", "3", "wd", "DB-11"),
        ("dibao.publicity.initial", "7", "d", "DB-14"),
        ("dibao.county.review", "10", "wd", "DB-17"),
        ("dibao.refusal.notice", "3", "wd", "DB-19"),
        ("dibao.total", "30", "wd", "DB-20"),
        ("dibao.total.delegated", "20", "wd", "DB-21"),
        ("dibao.total.extended", "45", "wd", "DB-20"),
        ("dibao.total.urban_calendar", "30", "d", "DB-20a"),
    ],
)
def test_the_limits_of_the_law_ship_as_the_sources_have_them(sqlite_database, now, key, value, unit, rule_id):
    with sqlite_database.write() as session:
        found = entry(rule_set_for(session, "370102", DAY, now), key)

    assert (found.value, found.unit, found.rule_id) == (value, unit, rule_id)
    assert found.citable
    assert found.article


def test_sample_values_belong_to_sample_places_alone():
    """No real county may ever inherit a figure that was invented for the demonstration."""
    for row in read_shipped():
        assert (row["provenance"] == "sample") == row["area_code"].startswith("3799"), row["key"]


def test_the_sample_counties_differ_in_who_decides(sqlite_database, now):
    assert value_of(sqlite_database, now, "dibao.decision.level", area_code="379901") == "town"
    assert value_of(sqlite_database, now, "dibao.decision.level", area_code="379902") == "county"


def test_a_value_added_by_a_machine_whose_clock_is_behind_is_seen_at_once(database, people, now):
    """A process that keeps the sets in force notices every new value, whatever its id."""
    before = Walk.begin(database, people, now)
    Walk.begin(database, people, now)
    with database.write() as session:
        town = before.village[:9]
        add_value(session, "dibao.decision.level", "county", area_code=town, id=uuid.UUID(int=1), unit="text")

    following = Walk.begin(database, people, now)

    assert before.case().delegated
    assert not following.case().delegated


def test_a_place_cannot_set_a_law_aside(database):
    """A county's own file may not switch off what the Law orders everywhere."""
    content = """
defaults: {source: 县文件, rank: county, provenance: full, effective_from: 2026-09-01}
rules:
  - {key: benefit.hearing.required, area_code: "379901", name: 听取意见, value: false, unit: bool, article: 县文件}
"""

    with pytest.raises(Invalid, match="地方不能另定"), database.write() as session:
        import_rules(session, content.encode(), "县.yaml")


def test_a_page_that_looks_up_a_value_freezes_nothing(database, now):
    """PostgreSQL would refuse it, and the page with it."""
    with database.read() as session:
        before = session.scalar(select(func.count()).select_from(RuleSet))
        seen = entry(rule_set_for(session, "379901001", DAY, now), "dibao.total").value
        assert session.scalar(select(func.count()).select_from(RuleSet)) == before

    assert seen == value_of(database, now, "dibao.total", area_code="379901001")
