from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from jieban.cases.tables import Application, Case, Income, Member, Paper, Property
from jieban.people.tables import Person
from jieban.records.tables import CaseRecord
from tests.factories import id_number
from tests.people import OTHER_VILLAGE, VILLAGE
from tests.web.site import Site

NUMBER = id_number(date(1958, 3, 9), 21)


def _sent(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "window",
        "applied_on": "2026-11-24",
        "village_code": VILLAGE,
        "urban": "rural",
        "address": "柳林村12号",
        "phone": "13800000000",
        "reason": "长期患病",
        "truth_promised": "true",
        "check_authorised": "true",
        "members.0.name": "钱桂兰",
        "members.0.id_number": NUMBER,
        "members.0.relation": "self",
        "members.0.counted": "true",
        **changes,
    }


def _count(site: Site) -> int:
    with site.database.read() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def test_an_application_becomes_a_case_with_its_facts(site: Site) -> None:
    desk = site.desk("window")

    answer = desk.post(
        "/cases/new",
        {
            **_sent(papers=["id_card", "household_book"]),
            "members.7.name": "孙小明",
            "members.7.id_number": "",
            "members.7.relation": "grandchild",
            "members.7.counted": "true",
            "incomes.2.member_name": "钱桂兰",
            "incomes.2.kind": "transfer",
            "incomes.2.monthly": "１，２００.5",
            "properties.0.kind": "deposit",
            "properties.0.amount": "3,000",
        },
    )

    assert answer.status_code == 303
    with site.database.read() as session:
        case = session.scalars(select(Case)).one()
        assert answer.headers["location"] == f"/cases/{case.id}#letters"
        assert (case.applicant_name, case.village_code, case.urban) == ("钱桂兰", VILLAGE, False)
        assert {member.name for member in session.scalars(select(Member))} == {"钱桂兰", "孙小明"}
        assert [str(income.monthly) for income in session.scalars(select(Income))] == ["1200.50"]
        assert [str(one.amount) for one in session.scalars(select(Property))] == ["3000.00"]
        assert set(session.scalars(select(Paper.kind))) == {"id_card", "household_book"}
        assert session.scalars(select(Application.channel)).one() == "window"
    page = desk.get(f"/cases/{case.id}").text
    assert f"已登记，案号 {case.number}，查询码" in page
    assert "首接回执" in page


def test_somebody_applies_alone_on_a_ground_that_the_page_asks_for(site: Site) -> None:
    """The ground goes on record with the application; who lives in another county must say where."""
    desk = site.desk("window")
    asked = desk.get("/cases/new").text
    assert all(
        f'name="extra.{field}"' in asked for field in ("single_ground", "residence", "residence_place")
    )
    own = {"extra.single_ground": "religious", "extra.residence": "away"}

    unsaid = desk.post("/cases/new", _sent(**own))
    said = desk.post("/cases/new", _sent(**own, **{"extra.residence_place": "南山县青石镇"}))

    assert (unsaid.status_code, said.status_code) == (422, 303)
    with site.database.read() as session:
        kept = session.scalars(select(CaseRecord).where(CaseRecord.kind == "registration")).one()
    assert kept.data["single_ground"] == "religious"


def test_relatives_go_with_the_case(site: Site) -> None:
    site.desk("window").post(
        "/cases/new",
        {
            **_sent(relatives_declared="true"),
            "relatives.0.member_name": "钱桂兰",
            "relatives.0.staff_name": "陈静",
            "relatives.0.staff_unit": "柳林镇人民政府",
            "relatives.0.relation": "子女",
        },
    )

    with site.database.read() as session:
        assert session.scalars(select(Case)).one().has_relative


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"members.0.id_number": "379901195803090219"[:17] + "0"}, "身份证号校验位不符"),
        ({"members.0.id_number": "123"}, "身份证号应为 18 位"),
        ({"members.0.name": ""}, "请填写姓名。"),
        ({"members.0.relation": "neighbour"}, "与申请人关系应为列出的一种"),
        ({"members.0.counted": ""}, "至少有一名计入的共同生活家庭成员"),
        ({"applied_on": "2026-12-24"}, "申请日期不能晚于今天"),
        ({"applied_on": "昨天"}, "请填写正确的日期。"),
        ({"urban": ""}, "请选择城市或农村。"),
        ({"channel": "pigeon"}, "申请渠道应为列出的一种"),
        ({"village_code": "379901001999"}, "没有这个村（社区）"),
        ({"village_code": ""}, "请选择居住的村（社区）。"),
        ({"phone": ""}, "请填写联系电话"),
        ({"truth_promised": ""}, "申请人须承诺"),
        ({"incomes.0.kind": "wage", "incomes.0.monthly": "很多"}, "请填写金额（元）。"),
        ({"incomes.0.kind": "wage", "incomes.0.monthly": "-5"}, "金额应为不小于 0 的数"),
        ({"incomes.0.kind": "gold", "incomes.0.monthly": "5"}, "收入类别应为列出的一种"),
        ({"relatives_declared": "true"}, "请写明是谁"),
        ({"agent_name": "李四"}, "应当办理委托手续"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_nothing_typed_is_lost(
    site: Site, changes: dict[str, str], message: str
) -> None:
    answer = site.desk("window").post("/cases/new", _sent(**changes))

    assert answer.status_code == 422
    assert message in answer.text
    assert "长期患病" in answer.text
    assert _count(site) == 0


def test_everything_that_is_wrong_is_said_at_once(site: Site) -> None:
    answer = site.desk("window").post("/cases/new", _sent(applied_on="x", phone="", urban=""))

    for message in ("请填写正确的日期。", "请选择城市或农村。", "请填写联系电话"):
        assert message in answer.text


def test_an_empty_form_keeps_the_row_of_the_applicant(site: Site) -> None:
    answer = site.desk("window").post("/cases/new", {})

    assert answer.status_code == 422
    assert 'name="members.0.name"' in answer.text
    assert "有且只有一名申请人" in answer.text


def test_the_same_person_is_refused_with_a_link_to_the_open_case(site: Site) -> None:
    desk = site.desk("window")
    desk.post("/cases/new", _sent())
    with site.database.read() as session:
        case = session.scalars(select(Case)).one()

    answer = desk.post("/cases/new", _sent())

    assert answer.status_code == 422
    assert f'href="/cases/{case.id}"' in answer.text
    assert _count(site) == 1


def test_the_link_is_not_shown_to_another_township(site: Site) -> None:
    site.desk("window").post("/cases/new", _sent())
    with site.database.read() as session:
        case = session.scalars(select(Case)).one()

    answer = site.desk("other_town_window").post("/cases/new", _sent(village_code=OTHER_VILLAGE))

    assert answer.status_code == 422
    assert case.number in answer.text
    assert str(case.id) not in answer.text


def test_another_township_cannot_be_registered_for(site: Site) -> None:
    answer = site.desk("window").post("/cases/new", _sent(village_code=OTHER_VILLAGE))

    assert answer.status_code == 403
    assert "只能登记本乡镇" in answer.text
    assert "长期患病" in answer.text
    assert _count(site) == 0


def test_only_the_villages_of_the_own_place_are_offered(site: Site) -> None:
    page = site.desk("window").get("/cases/new").text

    assert VILLAGE in page
    assert OTHER_VILLAGE not in page


def test_a_person_is_known_again(site: Site) -> None:
    site.desk("window").post("/cases/new", _sent())

    with site.database.read() as session:
        person = session.scalars(select(Person)).one()
    assert (person.id_number, person.birth_date, person.phone) == (NUMBER, date(1958, 3, 9), "13800000000")
