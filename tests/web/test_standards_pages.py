"""Loading standards in the browser: upload, preview, second click, taking back; and the nine linked classes."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from jieban.audit.tables import AdminEvent, ReadRecord
from jieban.benefits.granting import grant
from jieban.rules.tables import RuleValue
from jieban.staff.tables import User
from jieban.writes import write_out
from tests.factories import add_case
from tests.people import CITY, COUNTY, People
from tests.web.site import Desk, Site

HEAD = "地区代码,项目,数值,生效日期,依据文件,文号/条款,出处程度"


@pytest.fixture
def desk(site: Site) -> Desk:
    """An administrator of the sample city."""
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "sys_admin").values(area_code=CITY))
    return site.desk("sys_admin")


def table(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def standard(
    item: str = "城市低保标准", value: str = "1100", since: str = "2027-07-01", area: str = COUNTY
) -> str:
    return f"{area},{item},{value},{since},示例文件,第一条,已核对原文"


def send(desk: Desk, content: bytes, name: str = "标准.csv") -> Any:
    return desk.post("/admin/rules/import", files={"upload": (name, content, "application/octet-stream")})


def preview(desk: Desk, *rows: str) -> str:
    answer = send(desk, table(*rows))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def values(site: Site, key: str = "dibao.standard.urban") -> list[str]:
    query = select(RuleValue.value).where(RuleValue.key == key, RuleValue.area_code == COUNTY)
    with site.database.read() as session:
        return list(session.scalars(query.order_by(RuleValue.effective_from)))


def benefit(site: Site, people: People) -> str:
    """A household of two in the country that gets 600 yuan a month."""
    with site.database.write() as session:
        case = add_case(session, people.window, site.now, procedure="subsistence_allowance")
        case.applicant_name = "欧阳春"
        case.state, case.accepted_at = "closed", site.now
        grant(
            session,
            case,
            site.now,
            kind="monthly",
            amount=Decimal(600),
            members=2,
            method="difference",
            from_month="2026-12",
        )
        write_out(session)
        return case.number


def test_the_template_has_the_present_values_and_changes_nothing(site: Site, desk: Desk) -> None:
    content = desk.get("/admin/rules/import/template.xlsx").content

    answer = send(desk, content, "标准.xlsx")

    page = desk.get(answer.headers["location"]).text
    assert "没有需要更改的" in page
    assert "确认导入" not in page


def test_a_preview_changes_nothing_until_the_second_click(site: Site, desk: Desk) -> None:
    before = values(site)

    address = preview(desk, standard())
    page = desk.get(address).text

    assert values(site) == before
    assert "1060" in page
    assert "1100" in page
    assert "确认导入" in page
    assert "不会改变任何一户的金额" in page
    assert desk.post(address).status_code == 303
    assert values(site) == [*before, "1100"]
    assert "确认导入。" in desk.get(address).text


def test_what_is_unusual_needs_a_tick(site: Site, desk: Desk) -> None:
    before = values(site)
    address = preview(desk, standard(value="1900"))

    refused = desk.post(address)

    assert refused.status_code == 422
    assert "请先逐条核对提示" in refused.text
    assert values(site) == before
    assert desk.post(address, {"read": "true"}).status_code == 303
    assert values(site)[-1] == "1900"


def test_an_import_is_taken_back_before_it_holds(site: Site, desk: Desk) -> None:
    address = preview(desk, standard())
    desk.post(address)
    assert "撤销这次导入" in desk.get(address).text

    assert desk.post(f"{address}/undo").status_code == 303

    assert "没有施行" in desk.get(address).text
    assert "已撤销" in desk.get("/admin/rules/import").text
    assert "1100" not in desk.get("/admin/rules?search=dibao.standard.urban&old=true").text
    with site.database.read() as session:
        kinds = list(session.scalars(select(AdminEvent.kind).order_by(AdminEvent.at, AdminEvent.kind)))
    assert sorted(kinds) == ["rules.imported", "rules.previewed", "rules.undone"]


def test_a_file_with_mistakes_is_refused_cell_by_cell(site: Site, desk: Desk) -> None:
    answer = send(desk, table(standard(), standard(value="一千"), standard(area="370102")))

    assert answer.status_code == 422
    assert "有 2 处有误，整个文件没有导入" in answer.text
    assert "应为数字" in answer.text
    with site.database.read() as session:
        assert session.scalar(select(func.count()).where(AdminEvent.kind == "rules.previewed")) == 0


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"PK\x03\x04 not really", "标准.xlsx", "无法读取"),
        (b"hello", "标准.csv", "缺少栏目"),
        (b"hello", "标准.doc", "只能导入 .xlsx 或 .csv 文件"),
        (table(), "标准.csv", "文件中没有标准"),
    ],
)
def test_a_file_that_is_none_gets_a_sentence(desk: Desk, content: bytes, name: str, message: str) -> None:
    answer = send(desk, content, name)

    assert answer.status_code == 422
    assert message in answer.text


def test_no_file_at_all_gets_a_sentence(desk: Desk) -> None:
    assert "请选择要导入的文件。" in desk.post("/admin/rules/import").text


def test_the_benefits_concerned_are_listed_with_short_names(site: Site, desk: Desk, people: People) -> None:
    """Who sets standards does not read cases, so the list does not tell whom it is about."""
    number = benefit(site, people)
    address = preview(desk, standard("农村低保标准", "900"))

    page = desk.get(address).text
    workbook = desk.get(f"{address}/cases.xlsx")

    assert number in page
    assert "欧阳某" in page
    assert "欧阳春" not in page
    assert re.search(r"600\.00.*800\.00.*\+200\.00", page, re.DOTALL)
    assert workbook.content.startswith(b"PK")
    with site.database.read() as session:
        assert session.scalars(select(ReadRecord.detail)).all() == ["标准.csv，1 户"]


def test_without_an_area_nobody_is_listed(site: Site, people: People) -> None:
    number = benefit(site, people)
    desk = site.desk("sys_admin")

    page = desk.get(preview(desk, standard("农村低保标准", "900"))).text

    assert number not in page
    assert "您的账户没有辖区" in page


def test_a_preview_of_another_place_cannot_be_confirmed(site: Site, desk: Desk) -> None:
    address = preview(desk, standard())
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "sys_admin").values(area_code="379902"))
    other = site.desk("sys_admin")

    assert "不在您的辖区内" in other.get(address).text
    assert other.post(address).status_code == 422
    assert "1100" not in values(site)


# --- the nine linked classes


def test_all_nine_are_shown_with_how_sure_they_are(desk: Desk) -> None:
    page = desk.get("/admin/rules/linked").text

    assert "九类的名称凭记忆整理" in page
    assert page.count("<td><b>") == 9
    assert "示例数据" in page


def test_a_new_base_recomputes_all_nine_in_place(desk: Desk) -> None:
    part = desk.get(
        f"/admin/rules/linked?area={COUNTY}&urban=1200&since=2027-07-01", headers={"HX-Request": "true"}
    ).text

    assert "<html" not in part
    assert "1,560.00" in part
    assert "1,118.00" in part
    assert "城市低保标准 × 1.3，向上取整到元" in part


def test_what_was_tried_out_is_taken_on_through_the_same_preview(site: Site, desk: Desk) -> None:
    form = {"area": COUNTY, "urban": "1200", "rural": "900", "since": "2027-07-01"}
    behind = {"source": "示例文件", "article": "第一条", "provenance": "full"}

    answer = desk.post("/admin/rules/linked", form | behind)
    address = answer.headers["location"]
    page = desk.get(address).text

    assert values(site, "tekun.basic.urban")[-1] == "1378"
    assert "九类标准：" in page
    desk.post(address)
    assert values(site, "tekun.basic.urban")[-1] == "1560"
    with site.database.read() as session:
        query = select(RuleValue).where(RuleValue.effective_from == date(2027, 7, 1))
        marks = {row.key: row.provenance for row in session.scalars(query)}
    assert (len(marks), marks["dibao.standard.urban"], marks["tekun.basic.urban"]) == (13, "full", "sample")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"urban": "很多"}, "应为数字"),
        ({"urban": "-1"}, "不能是负数"),
        ({"rural": ""}, "请填写新的标准"),
        ({"since": "明年"}, "日期应写成"),
        ({"since": ""}, "请填写生效日期"),
        ({"provenance": ""}, "请选择出处程度"),
        ({"source": ""}, "须填写依据文件的名称"),
        ({"area": "370102"}, "没有这个地区"),
    ],
)
def test_what_is_missing_is_said_beside_the_field(desk: Desk, changes: dict[str, str], said: str) -> None:
    form = {"area": COUNTY, "urban": "1200", "rural": "900", "since": "2027-07-01"}
    behind = {"source": "示例文件", "article": "", "provenance": "full"}

    answer = desk.post("/admin/rules/linked", form | behind | changes)

    assert answer.status_code == 422
    assert said in answer.text


def test_no_page_carries_style_or_script_of_its_own() -> None:
    for path in (Path(__file__).parents[2] / "web" / "templates").glob("rules_*.html"):
        assert not re.search(r"style=|<script|onclick", path.read_text("utf-8")), path.name
