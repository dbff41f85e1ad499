"""Support of destitute people: who may get it, how much, in which care tier, and whom the county verifies."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import tasks.operations.destitute as sample
from bpmn.decisions import decide_strictly
from jieban import rules, workdays
from jieban.cases.tables import Income, Member, Visit
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from tasks.amounts import work_out
from tasks.amounts.destitute import conditions_missing, offered, place_of, with_care
from tasks.operations.registry import Done
from tasks.tables import Task
from tests.factories import add_case
from tests.people import load_people

PROCEDURES = Path(__file__).parents[2] / "bpmn" / "procedures"
TABLE = PROCEDURES / "destitute_support" / "care_tier.dmn"
DISABLED = {"ground": "disabled", "disability_kind": "limb", "disability_grade": "2"}
OBLIGOR = {"name": "张三", "relation": "parent", "age": 75, "ground": "aged", "consent": "signed"}


def make_done(
    session, now: datetime, registered: dict, *, born=date(1970, 5, 6), income=0, visited=None, members=1
):
    """Make a task that somebody is about to finish on a case with these facts."""
    clerk = load_people(session).window
    case = add_case(session, clerk, now)
    session.get_one(Person, case.applicant_id).birth_date = born
    for _ in range(members):
        session.add(
            Member(
                id=new_id(),
                case_id=case.id,
                person_id=case.applicant_id,
                name="钱桂兰",
                relation="self",
                counted=True,
            )
        )
    session.add(Income(id=new_id(), case_id=case.id, kind="wage", monthly=Decimal(income), source="declared"))
    session.add(
        CaseRecord(
            id=new_id(), case_id=case.id, kind="registration", title="登记", data=registered, recorded_at=now
        )
    )
    if visited is not None:
        session.add(
            Visit(
                id=new_id(),
                case_id=case.id,
                level="town",
                visited_on=now.date(),
                investigators=[],
                findings=visited,
                recorded_by=clerk.id,
                recorded_at=now,
            )
        )
    session.flush()
    values = rules.rule_set(session, case.rule_set_id)
    return Done(
        session, clerk, now, case, Task(), {"result": "support"}, workdays.load_calendar(session), values
    )


@pytest.mark.parametrize(
    ("registered", "facts", "says"),
    [
        (DISABLED, {}, ""),
        ({**DISABLED, "disability_grade": "3"}, {}, "残疾类别和等级"),
        ({**DISABLED, "disability_kind": "mental", "disability_grade": "3"}, {}, ""),
        ({**DISABLED, "disability_kind": "intellectual", "disability_grade": "4"}, {}, "残疾类别和等级"),
        ({**DISABLED, "disability_kind": "sight", "disability_grade": "2"}, {}, "残疾类别和等级"),
        ({"ground": "elder"}, {"born": date(1966, 11, 24)}, ""),
        ({"ground": "elder"}, {"born": date(1966, 11, 25)}, "未满 60 周岁"),
        ({"ground": "elder"}, {"born": None}, "没有登记出生日期"),
        ({"ground": "minor"}, {"born": date(2010, 11, 25)}, ""),
        ({"ground": "minor"}, {"born": date(2010, 11, 24)}, "已满 16 周岁"),
        ({"ground": "provincial"}, {}, ""),
        (DISABLED, {"visited": {"ground_holds": "no"}}, "不属于无劳动能力"),
        (DISABLED, {"income": "799.99"}, ""),
        (DISABLED, {"income": 800}, "不低于当地最低生活保障标准"),
        (DISABLED, {"visited": {"property_fits": "no"}}, "财产状况不符合"),
        (DISABLED, {"members": 2}, "特困人员按人认定"),
        ({**DISABLED, "obligors": [OBLIGOR]}, {}, ""),
        ({**DISABLED, "obligors": [{**OBLIGOR, "age": 69}]}, {}, "张三未满 70 周岁"),
        ({**DISABLED, "obligors": [{**OBLIGOR, "ground": "allowance", "age": 60}]}, {}, ""),
        ({**DISABLED, "obligors": [{**OBLIGOR, "ground": "able"}]}, {}, "张三有履行义务能力"),
        ({**DISABLED, "obligors": [{**OBLIGOR, "ground": "unknown"}]}, {}, "尚未查清"),
        ({**DISABLED, "obligors": [{**OBLIGOR, "consent": "none"}]}, {}, "授权核查"),
        ({**DISABLED, "obligors": [{**OBLIGOR, "ground": "missing", "consent": "none"}]}, {}, ""),
        ({**DISABLED, "obligors": [{**OBLIGOR, "ground": "unknown"}]}, {"visited": {"obligors": [OBLIGOR]}}, ""),
        ({"ground": "minor"}, {"born": date(2014, 1, 1), "visited": {"child_choice": "orphan"}}, "第九条"),
    ],
)  # fmt: skip
def test_support_needs_every_condition_of_the_law(sqlite_database, now, registered, facts, says):
    """TK-01, TK-02, TK-23, CF-08: what speaks against support is said in a sentence, and only that."""
    with sqlite_database.write() as session:
        against = conditions_missing(make_done(session, now, registered, **facts))

    assert len(against) == bool(says)
    assert says in "".join(against)


def test_nobody_supports_against_the_conditions(sqlite_database, now):
    """The amount cannot be worked out for somebody who is not entitled, so neither an opinion nor a decision grants it."""
    with sqlite_database.write() as session, pytest.raises(Invalid) as refused:
        work_out("destitute", make_done(session, now, {"ground": "elder"}))

    assert [one["field"] for one in refused.value.errors] == ["result"]


@pytest.mark.parametrize(
    ("registered", "urban", "place"),
    [
        ({}, True, "urban"),
        ({}, False, "rural"),
        ({"land": "yes"}, True, "rural"),
        ({"relocated": "yes", "land": "yes"}, False, "urban"),
    ],
)
def test_land_and_relocation_say_whose_standard_counts(registered, urban, place):
    """Article 19 of the rules on confirmation."""
    assert place_of(registered, urban=urban)[0] == place


def test_the_basic_standard_explains_itself(sqlite_database, now):
    """TK-09: the amount, the rule it came from, and that the sample value is no law."""
    with sqlite_database.write() as session:
        granted = work_out("destitute", make_done(session, now, {**DISABLED, "land": "yes"}))

    assert (granted.amount, granted.members, granted.method) == (Decimal("1040.00"), 1, "basic_rural")
    assert granted.calculation["rule"] == {"key": "tekun.basic.rural", "provenance": "sample"}
    assert granted.calculation["rule_ids"] == ["TK-09"]
    assert "有承包土地" in granted.calculation["steps"][0]["label"]


@pytest.mark.parametrize(
    ("tier", "total"), [("none", "1500.00"), ("partial", "1650.00"), ("full", "2000.00")]
)
def test_care_is_added_to_the_basic_standard(sqlite_database, now, tier, total):
    """TK-12: basic living standard and the amount of the tier, step by step."""
    with sqlite_database.write() as session:
        worked = with_care(rules.rule_set_for(session, "379901001", now.date(), now), "urban", tier)

    assert worked.total == Decimal(total)
    assert worked.calculation["steps"][-1] == {
        "label": "每月供养金额",
        "formula": f"1300.00 元 + {worked.care} 元",
        "value": f"{total} 元",
    }


def test_a_place_without_standards_grants_nothing(sqlite_database, now):
    """No amount is invented where a place has imported none, and whoever decides reads why."""
    with sqlite_database.write() as session:
        elsewhere = rules.rule_set_for(session, "370102", now.date(), now)
        with pytest.raises(Invalid, match=r"tekun\.basic\.urban"):
            with_care(elsewhere, "urban", "full")
        done = make_done(session, now, DISABLED)
        done.case.rule_set_id = elsewhere.id
        offer = offered(session, done.case, now.date(), now, care=False)

    assert offer.grades == []
    assert "tekun.basic.rural" in offer.problem


def test_the_amounts_of_all_tiers_stand_beside_the_form(sqlite_database, now):
    """Nobody decides on an amount unseen."""
    with sqlite_database.write() as session:
        case = make_done(session, now, DISABLED).case
        basic = offered(session, case, now.date(), now, care=False)
        tiers = offered(session, case, now.date(), now, care=True)

    assert [one.benefit.amount for one in basic.grades] == [Decimal("1040.00")]
    assert [one.benefit.amount for one in tiers.grades] == [
        Decimal(n) for n in ("1240.00", "1390.00", "1740.00")
    ]


@pytest.mark.parametrize("unable", range(7))
def test_the_table_of_tiers_keeps_to_the_rules(sqlite_database, now, unable):
    """TK-12: all six managed, up to three not, four or more not; three and four are values of the rule table too."""
    with sqlite_database.write() as session:
        values = rules.rule_set_for(session, "379901001", now.date(), now)
        most = rules.number(values, "tekun.care.partial")
        least = rules.number(values, "tekun.care.full")
    expected = "full" if unable >= least else "partial" if 0 < unable <= most else "none"

    assert decide_strictly(TABLE.read_bytes(), {"unable": unable}, "照料护理档次") == expected


@pytest.mark.parametrize("share", [Decimal("0.3"), Decimal("0.5"), Decimal(0), Decimal(1)])
def test_the_county_never_verifies_less_than_its_share(share):
    """TK-08: after each file at least the share has been drawn; without a share nobody, with a whole one everybody."""
    taken, received = 0, 400
    for place in range(received):
        number = sample.lot(uuid.UUID(int=place))
        taken += sample.is_sampled(number, share, received=place + 1, taken=taken)
        assert taken >= share * (place + 1)

    assert taken <= received * (share + Decimal("0.1"))


def test_the_lot_of_a_case_is_drawn_again_by_anybody():
    """It follows from the identity of the case alone; other cases have other lots."""
    one = uuid.UUID(int=1)

    assert sample.lot(one) == sample.lot(uuid.UUID(int=1))
    assert len({sample.lot(uuid.UUID(int=place)) for place in range(100)}) == 100
