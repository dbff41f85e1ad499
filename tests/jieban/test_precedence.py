"""Which of several values of one key holds, whatever was loaded and in whatever order."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from jieban.errors import Invalid
from jieban.rules import entry, left_to_places, rule_set_for
from jieban.rules.precedence import CITABLE, RANKS, holding
from jieban.rules.seed import import_rules, read_shipped
from jieban.rules.tables import RuleValue
from tests.jieban.test_rules import add_value

FREE, FIXED, SHORTER, LONGER = (
    "dibao.decision.level",
    "benefit.hearing.required",
    "dibao.total",
    "tekun.publicity",
)
PLACES = ("", "37", "3799", "379901", "379901001")
DAY = date(2027, 3, 1)


@dataclass(frozen=True)
class Row:
    key: str
    area_code: str
    value: str
    rank: str
    provenance: str
    effective_from: date

    @property
    def law(self) -> bool:
        return self.provenance in CITABLE


def some_rows(dice: random.Random) -> list[Row]:
    """Up to eight values of one key: any place, rank, source and day, in the order in which they are read."""
    key = dice.choice([FREE, FIXED, SHORTER, LONGER, "own.limit"])
    rows = {
        (area, since): Row(
            key,
            area,
            str(dice.randint(1, 9)),
            dice.choice([*RANKS, ""]),
            dice.choice(["full", "part", "memory", "inference", "ours", "sample"]),
            DAY - timedelta(days=since),
        )
        for area, since in {(dice.choice(PLACES), dice.randint(0, 999)) for _ in range(dice.randint(1, 8))}
    }
    return sorted(rows.values(), key=lambda one: (one.area_code, one.effective_from))


class _Loose(SimpleNamespace):
    """A shipped row."""


def _holds_with(other: dict, row: dict) -> bool:
    """Tell whether another row holds where and when a row begins."""
    since, until = other["effective_from"], other["effective_to"]
    return (
        other["key"] == row["key"]
        and row["area_code"].startswith(other["area_code"])
        and since <= row["effective_from"]
        and (until is None or until >= row["effective_from"])
    )


def strength(row: Row) -> int:
    return RANKS.index(row.rank) if row.rank else 0


def test_no_value_ever_displaces_a_law_of_higher_rank_that_does_not_leave_it_to_the_place():
    """Of thousands of tables: whoever holds against a stronger text that was read is allowed to by that very key."""
    met = dict.fromkeys(("any", "less", "more", None), 0)
    for seed in range(6_000):
        rows = some_rows(random.Random(seed))
        held = holding(rows)[rows[0].key]
        how = left_to_places().get(held.key)
        # What was read and is stronger than all that follows it must have been kept, or left to the place.
        for number, above in enumerate(rows):
            after = rows[number + 1 :]
            if not above.law or any(strength(one) >= strength(above) for one in after) or held not in after:
                continue
            met[how] += 1
            stood = holding(rows[: number + 1])[above.key]
            if stood is not above:
                continue  # something still stronger stood before it
            assert how is not None, (seed, above, held)
            if how == "less":
                assert int(held.value) <= int(above.value), seed
            if how == "more":
                assert int(held.value) >= int(above.value), seed
    assert min(met["any"], met["less"], met["more"]) > 20


def test_without_a_stronger_text_the_nearest_and_then_the_newest_holds():
    for seed in range(1_000):
        rows = some_rows(random.Random(seed))
        equal = [Row(one.key, one.area_code, one.value, "county", "full", one.effective_from) for one in rows]
        loose = [Row(one.key, one.area_code, one.value, one.rank, "ours", one.effective_from) for one in rows]

        assert holding(equal)[rows[0].key] == equal[-1]
        assert holding(loose)[rows[0].key] == loose[-1]


@pytest.mark.parametrize(
    ("key", "national", "local", "held"),
    [
        (FIXED, "true", "false", "true"),
        (SHORTER, "30", "20", "20"),
        (SHORTER, "30", "40", "30"),
        (LONGER, "7", "10", "10"),
        (LONGER, "7", "5", "7"),
        (FREE, "county", "town", "town"),
        ("own.limit", "3", "2", "3"),
    ],
)
def test_a_county_keeps_within_what_the_nation_leaves_it(empty_database, now, key, national, local, held):
    """The newer file of the county holds only where the law leaves room; on import the rest is refused with the reason."""
    with empty_database.write() as session:
        add_value(session, key, national, rank="ministry", provenance="full", article="办法 第一条")
        add_value(
            session, key, local, area_code="379901", since="2026-01-01", rank="county", provenance="full"
        )
    with empty_database.write() as session:
        assert entry(rule_set_for(session, "379901001", DAY, now), key).value == held
        session.delete(session.scalars(select(RuleValue).where(RuleValue.area_code != "")).one())
    content = (
        "defaults: {source: 县文件, rank: county, provenance: full, effective_from: 2026-01-01}\n"
        f'rules:\n  - {{key: {key}, area_code: "379901", name: 试, value: "{local}", unit: text, article: 县文件}}\n'
    )
    with empty_database.write() as session:
        if held == local:
            assert import_rules(session, content.encode(), "县.yaml") == 1
        else:
            with pytest.raises(Invalid, match=f"由办法 第一条规定为 {national}，地方"):
                import_rules(session, content.encode(), "县.yaml")


def test_every_key_that_is_left_to_places_is_a_rule_and_none_of_the_shipped_values_is_dead(now):
    shipped = sorted(read_shipped(), key=lambda row: (row["area_code"], row["effective_from"]))
    keys = {row["key"] for row in shipped}

    assert set(left_to_places()) - keys == set()
    dead = {
        (row["key"], row["area_code"])
        for row in shipped
        if holding(_Loose(**other) for other in shipped if _holds_with(other, row))[row["key"]].value
        != row["value"]
    }
    assert dead == set()
