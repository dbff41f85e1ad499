"""A supervisor's order from the board to its end: issued, answered, returned, answered again, accepted."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jieban.supervision.tables import SupervisionOrder
from tests.browser.office import Office
from tests.browser.steps import open_case, tab
from tests.people import load_people
from tests.workflows.walk import Walk

pytestmark = pytest.mark.browser


def begin(office: Office) -> Walk:
    """Register an application and leave it for a week and a half."""
    with office.database.read() as session:
        people = load_people(session)
    walk = Walk.begin(office.database, people, office.clock.now)
    office.clock.forward(days=10)
    return walk


def issue(office: Office) -> tuple[Page, str]:
    page = office.enter("supervisor")
    page.goto(f"{office.url}/overdue")
    expect(page.get_by_role("row").nth(1)).to_contain_text("红牌")
    page.get_by_role("row").nth(1).get_by_role("link", name="督办").click()
    page.get_by_label("承办").select_option(label="柳林镇（由乡镇分管领导答复）")
    page.get_by_label("事项和要求").fill("请说明为何至今没有审查材料，并于期限内办结。")
    page.get_by_role("button", name="下达").click()
    expect(page.get_by_role("status")).to_contain_text("已下达")
    return page, page.url


def answer(office: Office, text: str) -> None:
    page = office.enter("leader")
    page.goto(f"{office.url}/messages")
    page.get_by_role("link", name="督办单").nth(1).click()
    page.get_by_role("row").nth(1).get_by_role("link").first.click()
    page.get_by_label("办理情况和结果").fill(text)
    page.get_by_role("button", name="提交答复").click()
    expect(page.get_by_role("status")).to_contain_text("已答复")


def test_an_order_is_issued_answered_returned_and_accepted(office: Office) -> None:
    """Each side sees at its own screen what it has to do, and the case keeps all of it."""
    walk = begin(office)
    page, address = issue(office)

    answer(office, "窗口人手不足。")
    page.goto(address)
    page.get_by_label("意见；退回的，请写明理由").fill("没有写明办结时间。")
    page.get_by_label("退回后的答复期限").fill("2026-12-09")
    page.get_by_role("button", name="退回答复").click()
    expect(page.get_by_role("status")).to_contain_text("已退回")

    answer(office, "已安排专人，今日办结。")
    page.goto(address)
    page.get_by_role("button", name="通过，办结").click()
    expect(page.get_by_role("status")).to_contain_text("督办办结")

    open_case(page, office, walk.case().number)
    expect(page.locator("#orders")).to_contain_text("已办结")
    expect(tab(page, "经过")).to_contain_text("退回督办单")
    with office.database.read() as session:
        order = session.scalars(select(SupervisionOrder)).one()
    assert (order.state, len(order.answers)) == ("accepted", 2)
    assert walk.open_tasks()[0].state == "open"
