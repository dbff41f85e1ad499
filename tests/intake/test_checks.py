from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.database import Database
from jieban.errors import Invalid
from jieban.intake.applications import NewApplication, NewIncome, NewMember, NewProperty
from jieban.intake.checks import check
from jieban.intake.household import check_name
from tests.factories import add_person, id_number
from tests.granted import add_granted
from tests.people import People
from workflows.cases import open_case

APPLICANT = NewMember("张秀兰", id_number(date(1965, 3, 7), 101), "self")
CHILD = NewMember("张小雨", id_number(date(1999, 8, 9), 102), "child")


def application(**changes: Any) -> NewApplication:
    """An application against which nothing speaks."""
    given: dict[str, Any] = {
        "channel": "window",
        "applied_on": date(2026, 11, 20),
        "urban": False,
        "village_code": "379901001001",
        "address": "柳林镇柳林村12号",
        "phone": "13900000001",
        "members": (APPLICANT, CHILD),
        "truth_promised": True,
        "check_authorised": True,
        "incomes": (NewIncome("张秀兰", "wage", Decimal("300.50")),),
        "properties": (NewProperty("deposit", Decimal(2000)),),
        "papers": ("application_form",),
    }
    return NewApplication(**(given | changes))


def found(database: Database, now: datetime, one: NewApplication) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(item["field"], item["message"]) for item in check(one, session, local_day(now))]


def test_nothing_speaks_against_a_good_application(database: Database, now: datetime):
    """A complete application has no finding."""
    assert found(database, now, application()) == []


def member(**changes: Any) -> Callable[[], NewApplication]:
    return lambda: application(members=(APPLICANT, replace(CHILD, **changes)))


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"channel": "wechat"}, "channel", "列出的一种"),
        ({"applied_on": date(2026, 11, 25)}, "applied_on", "晚于今天"),
        ({"applied_on": date(2025, 11, 1)}, "applied_on", "一年以前"),
        ({"village_code": "379901001099"}, "village_code", "没有这个村"),
        ({"village_code": "柳林村"}, "village_code", "12 位"),
        ({"village_code": "３７９９０１００１００１"}, "village_code", "12 位"),
        ({"address": " "}, "address", "居住地址"),
        ({"address": "长" * 301}, "address", "最多 300"),
        ({"address": "柳林村\x00"}, "address", "控制字符"),
        ({"phone": ""}, "phone", "联系电话"),
        ({"phone": "没有"}, "phone", "格式"),
        ({"reason": "长" * 4001}, "reason", "最多 4000"),
        ({"truth_promised": False}, "truth_promised", "承诺"),
        ({"check_authorised": False}, "check_authorised", "授权"),
        ({"agent_name": "王五"}, "agent_authorised", "委托手续"),
        ({"account_number": "12a"}, "account_number", "8 至 30"),
        ({"relatives_declared": True}, "relatives", "写明是谁"),
        (
            {"relatives": ({"member_name": "张秀兰", "staff_name": "陈静", "relation": "姐妹"},)},
            "relatives_declared",
            "应选“是”",
        ),
        (
            {
                "relatives_declared": True,
                "relatives": ({"member_name": "别人", "staff_name": "陈静", "relation": "姐"},),
            },
            "relatives.0.member_name",
            "哪一名",
        ),
        (
            {"relatives_declared": True, "relatives": ({"member_name": "张秀兰", "relation": "姐"},)},
            "relatives.0.staff_name",
            "工作人员",
        ),
        ({"papers": ("passport",)}, "papers.0", "列出的一种"),
        (
            {"members": (replace(APPLICANT, relation="户主"), CHILD)},
            "members.0.relation",
            "与申请人关系应为列出的一种",
        ),
        ({"members": (CHILD,), "incomes": ()}, "members", "有且只有一名申请人"),
        ({"members": (APPLICANT, replace(CHILD, relation="self"))}, "members", "有且只有一名申请人"),
        (
            {"members": (replace(APPLICANT, counted=False, not_counted_reason="服刑"),)},
            "members",
            "至少有一名",
        ),
        ({"members": (replace(APPLICANT, id_number=None),)}, "members.0.id_number", "申请人的身份证号"),
        ({"incomes": (NewIncome("李四", "wage", Decimal(1)),)}, "incomes.0.member_name", "没有此人"),
        ({"incomes": (NewIncome("", "salary", Decimal(1)),)}, "incomes.0.kind", "列出的一种"),
        ({"incomes": (NewIncome("", "wage", Decimal(-1)),)}, "incomes.0.monthly", "不小于 0"),
        ({"incomes": (NewIncome("", "wage", Decimal("NaN")),)}, "incomes.0.monthly", "不小于 0"),
        ({"incomes": (NewIncome("", "wage", Decimal("Infinity")),)}, "incomes.0.monthly", "不小于 0"),
        ({"incomes": (NewIncome("", "wage", Decimal("1e400")),)}, "incomes.0.monthly", "过大"),
        ({"incomes": (NewIncome("", "wage", Decimal("1.005")),)}, "incomes.0.monthly", "两位小数"),
        ({"incomes": (NewIncome("", "wage", Decimal(1)),) * 101}, "incomes", "最多 100"),
        ({"properties": (NewProperty("yacht", None),)}, "properties.0.kind", "列出的一种"),
        ({"properties": (NewProperty("house", Decimal(10**10)),)}, "properties.0.amount", "过大"),
    ],
)
def test_each_mistake_of_an_application_is_named(
    sqlite_database: Database, now: datetime, changes: dict[str, Any], field: str, words: str
):
    """One mistake, one finding, with its field and a sentence that says what to do."""
    findings = found(sqlite_database, now, application(**changes))

    assert [field] == [name for name, _ in findings]
    assert words in findings[0][1]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"name": ""}, "name", "填写姓名"),
        ({"name": "张3"}, "name", "数字或符号"),
        ({"relation": "uncle"}, "relation", "列出的一种"),
        ({"relation": "parent"}, "relation", "“父母”的关系不符"),
        ({"relation": "grandparent"}, "relation", "不符"),
        (
            {"relation": "child", "id_number": id_number(date(1960, 1, 1), 103)},
            "relation",
            "“子女”的关系不符",
        ),
        ({"relation": "grandchild", "id_number": id_number(date(1980, 1, 1), 104)}, "relation", "不符"),
        ({"relation": "spouse", "id_number": id_number(date(2010, 1, 1), 105)}, "relation", "未满十八周岁"),
        ({"counted": False}, "not_counted_reason", "写明原因"),
        ({"work_ability": "strong"}, "work_ability", "列出的一种"),
        ({"health": "长" * 201}, "health", "最多 200"),
        ({"id_number": "379901197005061230"}, "id_number", "校验位"),
        ({"id_number": id_number(date(2026, 12, 1), 106)}, "id_number", "不合理"),
        ({"id_number": APPLICANT.id_number}, "id_number", "第 1 名家庭成员的身份证号相同"),
    ],
)
def test_each_mistake_of_a_member_is_named(
    sqlite_database: Database, now: datetime, changes: dict[str, Any], field: str, words: str
):
    """Findings about a member carry their place among the members."""
    findings = found(sqlite_database, now, application(members=(APPLICANT, replace(CHILD, **changes))))

    assert [f"members.1.{field}"] == [name for name, _ in findings]
    assert words in findings[0][1]


def test_only_one_spouse(sqlite_database: Database, now: datetime):
    """The second spouse is the finding."""
    spouses = (replace(CHILD, relation="spouse"), NewMember("赵六", None, "spouse"))

    assert found(sqlite_database, now, application(members=(APPLICANT, *spouses))) == [
        ("members.2.relation", "配偶只能有一人。")
    ]


def test_two_members_of_one_name_cannot_both_be_meant_by_an_income(sqlite_database: Database, now: datetime):
    """Two people of one name may live together; an income has to leave its owner open."""
    members = (APPLICANT, replace(CHILD, name="张秀兰"))

    assert found(sqlite_database, now, application(members=members, incomes=())) == []
    assert [f for f, _ in found(sqlite_database, now, application(members=members))] == [
        "incomes.0.member_name"
    ]


@pytest.mark.parametrize(
    "name",
    ["张三", "𠮷田", "㛃玥", "买买提·艾力", "阿卜杜拉·买买提·艾山江", "欧阳娜娜", "O'Neil Mary-Ann", "〇"],
)
def test_names_of_all_kinds_are_taken(name: str):
    """Minority names with a middle dot, rare characters, and foreigners' names."""
    assert check_name(name) is None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "填写"),
        (" 张三", "空格"),
        ("张三1", "数字"),
        ("张三（大）", "符号"),
        ("张\u200b三", "符号"),
        ("张\n三", "符号"),
        ("买买提•艾力", "请用“·”"),
        ("买买提.艾力", "请用“·”"),
        ("·艾力", "位置"),
        ("张\ue000", "自造字"),
        ("😀", "符号"),
        ("长" * 51, "50"),
    ],
)
def test_what_is_no_name_is_refused(name: str, words: str):
    """Each has a sentence that says what to do."""
    assert words in str(check_name(name))


def test_a_person_who_died_or_has_another_name_is_noticed(database: Database, now: datetime):
    """What the register knows of an identity number is compared."""
    with database.write() as session:
        add_person(session, now, name="张秀莲", id_number=APPLICANT.id_number)
        add_person(session, now, name="张小雨", id_number=CHILD.id_number, died_on=date(2026, 5, 1))

    findings = dict(found(database, now, application()))

    assert {"members.0.name", "members.1.id_number"} == findings.keys()
    assert "2026-05-01 死亡" in findings["members.1.id_number"]


def test_a_person_with_an_open_case_is_refused_with_its_number(
    database: Database, people: People, now: datetime
):
    """Any counted member stands in the way, written with a small x and blanks or not; the number says which case."""
    with database.write() as session:
        number = open_case(session, people.window, now, application()).number
    again = application(
        members=(
            replace(APPLICANT, name="钱七", id_number=id_number(date(1950, 1, 1), 107)),
            replace(CHILD, relation="grandchild"),
        ),
        incomes=(),
    )

    findings = found(database, now, again)

    assert [
        ("members.1.id_number", f"此人已在办理中的同类案件内（案号 {number}），不能重复申请。")
    ] == findings
    with pytest.raises(Invalid), database.write() as session:
        open_case(session, people.window, now, again)


def test_in_an_emergency_the_promises_may_follow(database: Database, now: datetime):
    """Urgent temporary aid is accepted before its papers are there; every other application needs them at once (LS-03)."""

    def fields(lane: str) -> list[str]:
        one = application(truth_promised=False, check_authorised=False, extra={"lane": lane})
        with database.read() as session:
            wrong = check(one, session, local_day(now), procedure="temporary_assistance")
        return [item["field"] for item in wrong]

    assert fields("quick") == fields("urgent") == []
    assert fields("expenditure") == ["truth_promised", "check_authorised"]


def granted(database: Database, people: People, now: datetime, **changes: Any) -> str:
    """Let the household of the good application have had something granted; return the number of that case."""
    return add_granted(database, people, now, application(), **changes).case_number


OTHERS = (NewMember("钱七", id_number(date(1950, 1, 1), 107), "self"), replace(CHILD, relation="grandchild"))


def refused(
    database: Database, now: datetime, one: NewApplication, procedure: str = "subsistence_allowance"
) -> dict[str, str]:
    with database.read() as session:
        wrong = check(one, session, local_day(now), procedure=procedure)
    return {item["field"]: item["message"] for item in wrong}


def test_a_member_of_a_household_that_is_supported_is_not_counted_again(
    database: Database, people: People, now: datetime
):
    """Who lives on what one household gets cannot be counted in another; the sentence says which case granted it."""
    number = granted(database, people, now)
    child_not_counted = replace(OTHERS[1], counted=False, not_counted_reason="不共同生活")

    assert refused(database, now, application(members=OTHERS, incomes=())) == {
        "members.1.id_number": f"此人所在家庭正在享受最低生活保障（案号 {number}），不能重复申请。"
    }
    assert refused(database, now, application(members=(OTHERS[0], child_not_counted), incomes=())) == {}


def test_nobody_is_destitute_and_has_the_allowance_at_once(database: Database, people: People, now: datetime):
    """One excludes the other; what they have now is changed first."""
    number = granted(database, people, now, procedure="destitute_support")

    (message,) = refused(database, now, application(members=OTHERS, incomes=())).values()

    assert f"正在享受特困人员救助供养（案号 {number}）" in message
    assert "待遇变更" in message
    assert refused(database, now, application(members=OTHERS, incomes=()), "temporary_assistance") == {}


@pytest.mark.parametrize(
    "ended",
    [{"kind": "status", "amount": None}, {"state": "ended"}],
    ids=["a status may be renewed", "ended"],
)
def test_what_does_not_stand_in_the_way(
    database: Database, people: People, now: datetime, ended: dict[str, Any]
):
    """Neither a status that is applied for anew before it runs out, nor what has ended."""
    state = ended.get("state", "active")
    granted(database, people, now, **{name: one for name, one in ended.items() if name != "state"})
    with database.write() as session:
        session.execute(update(Benefit).values(state=state))

    assert refused(database, now, application(members=OTHERS, incomes=())) == {}


def test_who_has_left_a_household_may_be_counted_in_another(
    database: Database, people: People, now: datetime
):
    """After a change the members of the case that changed it count, and no longer those of the first one."""
    granted(database, people, now)
    alone = application(members=(OTHERS[0],), incomes=())
    with database.write() as session:
        later = open_case(session, people.window, now, alone)
        session.execute(update(Case).where(Case.id == later.id).values(state="closed"))
        session.execute(update(Benefit).values(members_case_id=later.id))

    assert refused(database, now, application(members=(APPLICANT, CHILD))) == {}
    assert set(refused(database, now, application(members=OTHERS, incomes=()))) == {"members.0.id_number"}
