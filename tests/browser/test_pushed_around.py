"""A matter that three offices push around ends on the supervisor's board with its whole chain, and with its first receiver."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.office import Office
from tests.browser.steps import fill, letter, open_case
from tests.browser.test_hotline import CALLER, DUTY, at, hand_in, register, take, the_case
from tests.people import OTHER_TOWN, TOWN
from workflows.contacts import sweep_feedback
from workflows.flows import fire_timers

pytestmark = pytest.mark.browser

THIRD_TOWN = "379901003"
ONCE_MORE = {"to_area": TOWN, "reason": "请柳林镇核实路灯", **DUTY}


def push_around(office: Office) -> None:
    """One township returns it, the one that the county designates does not answer, nor does the one designated then."""
    at(office, "2026-03-02 09:20")
    hand_in(take(office, "county_reviewer", "登记分办"), {"action": "dispatch"})
    given = {"to_area": OTHER_TOWN, "reason": "请石桥镇核实路灯", **DUTY}
    hand_in(take(office, "county_reviewer", "转办"), given)
    at(office, "2026-03-03 10:00")
    answer = {"answer": "returned", "reason": "路灯不在本镇"}
    hand_in(take(office, "other_town_window", "签收或退回"), answer)
    at(office, "2026-03-03 15:00")
    hand_in(take(office, "county_leader", "指定承办"), ONCE_MORE)
    at(office, "2026-03-07 00:10")
    assert fire_timers.sweep(office.database, office.clock.now, "browser-test", 30).done == 1
    at(office, "2026-03-09 09:00")
    third = {**ONCE_MORE, "to_area": THIRD_TOWN, "reason": "请第三家核实路灯"}
    hand_in(take(office, "county_leader", "指定承办"), third)
    at(office, "2026-03-12 09:00")
    assert sweep_feedback(office.database, office.clock.now, "browser-test", 30).counts == {"未反馈": 1}


def the_board(office: Office, username: str) -> Page:
    page = office.enter(username)
    page.locator('a.nav-link[href="/contacts"]').click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("首接首办")
    return page


def test_a_matter_that_is_pushed_around_ends_on_the_supervisors_board(office: Office):
    """Who received it, to whom it went when, who answered when and why, and who did not; the receiver has to tell the caller."""
    page = register(office)
    case = the_case(office)
    assert "2026年3月9日前" in letter(page, "首接回执")
    push_around(office)

    page = the_board(office, "supervisor")
    card = page.locator(f"#contact-{case.id}")
    for flag in ("推诿", "转办逾期", "未按期反馈"):
        expect(card.locator(".card-header")).to_contain_text(flag)
    lines = card.locator(".history li")
    told = [
        "东河县民政局黄磊首接",
        "请石桥镇核实路灯",
        "退回：路灯不在本镇 胡军",
        "请柳林镇核实路灯",
        "期限已过，没有答复",
        "请第三家核实路灯",
        "期限已过，没有答复",
        "反馈期限已过，没有反馈",
        "已告知分管领导，请其督促",
    ]
    expect(lines).to_have_count(len(told))
    for place, words in enumerate(told):
        expect(lines.nth(place)).to_contain_text(words)
    page.locator(".figure").filter(has_text="群众不满意").click()
    expect(page.locator("main")).to_contain_text("没有符合条件的首接事项")
    page.locator(".figure").filter(has_text="推诿").click()
    expect(card).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="导出表格").click()
    assert download.value.suggested_filename == "contacts-2026-03-12.xlsx"

    page = office.enter("county_reviewer")
    page.goto(f"{office.url}/messages")
    expect(page.locator("main")).to_contain_text("还没有向本人反馈，请尽快反馈")
    open_case(page, office, case.number)
    expect(page.locator("#contact")).to_contain_text("推诿")
    page.get_by_role("button", name="登记反馈").click()
    fill(page, {"how": "phone", "content": "已说明情况，正在协调。"}, within="#contact-feedback form")
    page.locator("#contact-feedback").get_by_role("button", name="登记").click()
    expect(page.locator("#contact")).to_contain_text("已说明情况，正在协调。")


def test_the_caller_sees_where_it_went_and_no_inner_reasons(office: Office):
    register(office)
    case = the_case(office)
    push_around(office)
    page = open_case(office.enter("county_reviewer"), office, case.number)
    code = page.locator("#contact dd.mono").nth(1).inner_text()

    caller = office.browser.new_context(viewport={"width": 390, "height": 844})
    page = caller.new_page()
    page.goto(f"{office.url}/progress?code={code}")
    fill(page, {"last_four": "4321"})
    page.get_by_role("button", name="查询").click()

    first = page.locator("#first")
    expect(first).to_contain_text("黄磊首接")
    expect(first.locator("li").filter(has_text="不由其办理")).to_have_count(1)
    expect(first).to_contain_text("2026-03-09")
    for inner in ("路灯不在本镇", "胡军", CALLER):
        expect(page.locator("main")).not_to_contain_text(inner)
    caller.close()
