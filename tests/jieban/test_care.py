"""The supply list of a county: what may stand on it, how many places are free, and how visits are spread."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from jieban.care import orders, supply
from jieban.care.importing import import_supply, seed_sample_supply
from jieban.care.supply import NewSupply
from jieban.care.tables import CareSupply
from jieban.errors import Conflict, Invalid
from tests.people import COUNTY, OTHER_COUNTY

LINE = NewSupply("和顺养老中心", "institution", "nursing", "居家照护", "韩梅", "0539-0000101", 1)


def test_a_line_is_found_by_its_name_in_its_own_county_alone(sqlite_database, now):
    with sqlite_database.write() as session:
        supply.save(session, COUNTY, LINE, now)
    with sqlite_database.read() as session:
        assert supply.find(session, COUNTY, "和顺养老中心·居家照护").free == 1
        assert supply.find(session, OTHER_COUNTY, "和顺养老中心·居家照护") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"provider": " "}, "provider"),
        ({"name": "甲·乙"}, "name"),
        ({"kind": "bank"}, "kind"),
        ({"item": "money"}, "item"),
        ({"kind": "charity"}, "item"),
        ({"capacity": -1}, "capacity"),
        ({"note": "字" * 301}, "note"),
    ],
)
def test_what_cannot_stand_on_the_list_is_named(sqlite_database, now, changes, field):
    with pytest.raises(Invalid) as refused, sqlite_database.write() as session:
        supply.save(session, COUNTY, replace(LINE, **changes), now)

    assert [one["field"] for one in refused.value.errors] == [field]


def test_a_county_has_each_name_once(sqlite_database, now):
    with sqlite_database.write() as session:
        supply.save(session, COUNTY, LINE, now)
        supply.save(session, OTHER_COUNTY, LINE, now)
    with pytest.raises(Conflict, match="同名"), sqlite_database.write() as session:
        supply.save(session, COUNTY, replace(LINE, capacity=5), now)


def test_the_last_place_is_taken_once(database, now):
    """Two plans that are signed in one moment do not both get it: the second is refused by the database."""
    with database.write() as session:
        line = supply.save(session, COUNTY, LINE, now).id
    with database.write() as session:
        supply.take_place(session, line)
    with pytest.raises(Conflict), database.write() as session:
        supply.take_place(session, line)
    with database.write() as session:
        supply.free_place(session, line)
        supply.free_place(session, line)
    with database.read() as session:
        assert session.get_one(CareSupply, line).used == 0


def test_what_is_not_offered_any_more_cannot_be_taken(sqlite_database, now):
    with sqlite_database.write() as session:
        line = supply.save(session, COUNTY, replace(LINE, capacity=None, active=False), now).id
    with pytest.raises(Conflict), sqlite_database.write() as session:
        supply.take_place(session, line)


def test_the_same_file_again_changes_nothing_and_a_place_in_use_stays_taken(sqlite_database, now):
    with sqlite_database.write() as session:
        seed_sample_supply(session, now)
        line = session.scalars(select(CareSupply).where(CareSupply.capacity == 1)).one()
        supply.take_place(session, line.id)
    with sqlite_database.write() as session:
        done = import_supply(session, _file(COUNTY, "capacity: 3"), now)
        seed_sample_supply(session, now)
        rows = session.scalars(select(CareSupply).where(CareSupply.county_code == COUNTY)).all()

        assert (done.listed, done.added) == (1, 1)
        assert len(rows) == 11
        assert [row.used for row in rows if row.capacity == 1] == [1]
        assert {row.sample for row in rows if row.provider == "和顺养老中心"} == {False}


def _file(county: str, more: str = "", kind: str = "institution") -> bytes:
    return f'"{county}":\n  - {{provider: 和顺养老中心, kind: {kind}, item: nursing, name: 照护, {more}}}\n'.encode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"[1, 2", "YAML"),
        (b"- 1", "县级代码"),
        (_file("379901001"), "379901001"),
        (_file("370102"), "370102"),
        (_file(OTHER_COUNTY), "辖区"),
        (_file(COUNTY, "colour: red"), "第 1 项"),
        (_file(COUNTY, "capacity: many"), "capacity"),
        (_file(COUNTY, kind="bank"), "第 1 项 kind"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole(sqlite_database, now, content, says):
    with pytest.raises(Invalid, match=says), sqlite_database.write() as session:
        import_supply(session, content, now, within=COUNTY)


@pytest.mark.parametrize(
    ("times", "until", "days"),
    [
        (1, date(2026, 10, 12), [12]),
        (2, date(2026, 10, 31), [12, 27]),
        (4, date(2026, 10, 31), [12, 19, 27]),
        (30, date(2026, 10, 14), [12, 13, 14]),
    ],
)
def test_the_visits_of_a_month_are_spread_evenly(times, until, days):
    line = orders.Planned(None, "照护", times, date(2026, 10, 12), until)

    assert [day.day for day in line.days] == days
