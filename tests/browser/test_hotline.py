"""A matter of the 12345 hotline with two handovers, followed by its first receiver from the call to the rating."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.deadlines.tables import Deadline
from jieban.handovers.tables import Handover
from jieban.ledger import seal, verify
from jieban.ledger.tables import FirstContact, LedgerRecord
from tests.browser.office import Office
from tests.browser.steps import fill, letter, open_case, tab, work
from tests.people import COUNTY, OTHER_TOWN, TOWN

pytestmark = pytest.mark.browser

CALLER = "何素梅"
DUTY = {"duty": "town", "duty_item": "第12项 村庄公共照明"}


def at(office: Office, moment: str) -> None:
    """Let it become this moment, Chinese time: "2026-03-02 09:00"."""
    office.clock.now = datetime.fromisoformat(moment).replace(tzinfo=CHINA)


def register(office: Office) -> Page:
    """Register what a woman told the hotline, at the county, from the list of matters."""
    at(office, "2026-03-02 09:00")
    page = office.enter("county_reviewer")
    page.get_by_role("link", name="登记事项").first.click()
    page.get_by_role("link", name="热线事项").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("热线事项")
    values: dict[str, Any] = {
        "subject": CALLER,
        "phone": "0539-7654321",
        "channel": "hotline",
        "area_code": COUNTY,
        "extra.ticket": "RX20260302-0007",
        "extra.kind": "request",
        "extra.content": "村口路灯坏了，老人夜里出门不安全。",
        "extra.place": "柳林村村口",
        "extra.received_at": "2026-03-02T09:30",
        "extra.dispatched_at": "2026-03-02T08:45",
        "extra.reply_wanted": "yes",
        "extra.confidential": "no",
    }
    fill(page, values)
    page.get_by_role("button", name="登记并出具首接回执").click()
    # A call cannot have come later than now; what was filled in is still there.
    expect(page.locator("main")).to_contain_text("不能晚于现在")
    expect(page.locator('[name="extra.ticket"]')).to_have_value("RX20260302-0007")
    fill(page, {"extra.received_at": "2026-03-02T08:20"})
    page.get_by_role("button", name="登记并出具首接回执").click()
    page.wait_for_url(lambda url: "/matters" not in url)
    return page


def the_case(office: Office) -> Case:
    with office.database.read() as session:
        return session.scalars(select(Case)).one()


def take(office: Office, username: str, step: str) -> Page:
    """Take a task from the pool, and open it."""
    page = office.enter(username)
    page.goto(f"{office.url}/?view=pool")
    page.get_by_role("row").filter(has_text=step).get_by_role("button", name="领取").click()
    page.wait_for_load_state()
    if "/tasks/" not in page.url:
        page.goto(f"{office.url}/?view=mine")
        page.get_by_role("link", name=step, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(step)
    page.wait_for_load_state()
    return page


def hand_in(page: Page, data: Mapping[str, Any], refused: str = "") -> None:
    """Fill in the form that is open and hand it in; with `refused` it comes back and says why."""
    fill(page, data)
    page.get_by_role("button", name="提交").click()
    if refused:
        expect(page.locator("main")).to_contain_text(refused)
    else:
        page.wait_for_url(lambda url: not url.endswith("/complete"))


def county_dispatches(office: Office) -> None:
    """Send it to the wrong township; it is not let go down as the county's own matter."""
    at(office, "2026-03-02 09:20")
    page = work(office, "county_reviewer", "登记分办", {"action": "dispatch"})
    expect(page.get_by_role("heading", level=1)).to_contain_text("转办")
    given = {"to_area": OTHER_TOWN, "reason": "请核实并修复路灯", "duty": "county"}
    hand_in(page, given, refused="不得交由乡镇（街道）承担")
    hand_in(page, DUTY)


def first_township_returns(office: Office, case: Case) -> None:
    """Open the case, which lies outside of the township, and give it back with the reason."""
    at(office, "2026-03-03 10:00")
    page = office.enter("other_town_window")
    page.goto(f"{office.url}/cases/{case.id}")
    expect(page.locator("#handovers")).to_contain_text("石桥镇")
    expect(page.locator("#handovers")).to_contain_text("待答复")
    answer = {"answer": "returned", "reason": "路灯在柳林镇柳林村，不属本镇"}
    hand_in(take(office, "other_town_window", "签收或退回"), answer)


def county_designates(office: Office) -> None:
    at(office, "2026-03-03 11:00")
    given = {"to_area": TOWN, "reason": "经核实在柳林村，指定柳林镇承办", **DUTY}
    hand_in(take(office, "county_leader", "指定承办"), given)


def second_township_handles(office: Office) -> None:
    """Try to give it back, which is refused; then accept it, handle it and reply."""
    at(office, "2026-03-03 14:30")
    page = take(office, "window", "签收或退回")
    hand_in(page, {"answer": "returned", "reason": "不归我们管"}, refused="不得退回")
    hand_in(page, {"answer": "accepted"})
    at(office, "2026-03-05 16:00")
    hand_in(take(office, "reviewer", "办理"), {"result": "solved", "found": "路灯已修复，当晚亮灯。"})
    at(office, "2026-03-06 09:00")
    said = {"how": "phone", "replied_on": "2026-03-06", "fed_back_on": "2026-03-06"}
    hand_in(take(office, "reviewer", "答复反馈"), said | {"content": "路灯已于3月5日修复。"})


def test_two_handovers_and_the_first_receiver_follows(office: Office):
    """The county, a township that returns it, the designated one that handles and replies, the rating, and the end.

    Every office that had to do with it opens the case, the first receiver sees the whole chain, others find nothing.
    """
    register(office)
    case = the_case(office)
    assert (case.number[:9], case.town_code) == ("379901-RX", f"{COUNTY}000")
    county_dispatches(office)
    first_township_returns(office, case)
    county_designates(office)
    second_township_handles(office)
    at(office, "2026-03-09 10:00")
    said = {"reached": "yes", "carried_out": "yes", "rating": "satisfied"}
    hand_in(take(office, "county_reviewer", "回访评价"), said)

    page = open_case(office.enter("county_reviewer"), office, case.number)
    expect(page.locator(".case-head")).to_contain_text("黄磊")
    lines = page.locator("#handovers tbody tr")
    expect(lines).to_have_count(2)
    for word in ("石桥镇", "退回 胡军", "路灯在柳林镇柳林村，不属本镇"):
        expect(lines.nth(0)).to_contain_text(word)
    for word in ("柳林镇", "县级指定，不得退回", "签收 王芳"):
        expect(lines.nth(1)).to_contain_text(word)
    expect(page.locator("main")).to_contain_text("路灯已修复，当晚亮灯。")
    assert "路灯已于3月5日修复" in letter(page, "12345热线事项办理情况回复")
    expect(tab(page, "经过")).to_contain_text("办理“签收或退回”")

    page = office.enter("other_town_window")
    assert status(page, f"{office.url}/cases/{case.id}") == 200
    page.goto(f"{office.url}/cases?search={CALLER}")
    expect(page.locator("main")).not_to_contain_text(case.number)
    assert status(office.enter("other_county_window"), f"{office.url}/cases/{case.id}") == 404
    check_rows(office, case)


def status(page: Page, url: str) -> int:
    answer = page.goto(url)
    assert answer is not None
    return answer.status


def check_rows(office: Office, case: Case) -> None:
    """Look at what the story left behind: everything in time, closed, and written down link by link."""
    with office.database.write() as session:
        while seal(session, office.clock.now):
            pass
    with office.database.read() as session:
        closed = session.get_one(Case, case.id)
        contact = session.get_one(FirstContact, closed.first_contact_id)
        answers = list(session.scalars(select(Handover.answer).order_by(Handover.handed_at)))
        chain = set(session.scalars(select(LedgerRecord.kind).where(LedgerRecord.case_id == case.id)))

        assert (closed.state, closed.outcome, contact.state) == ("closed", "replied", "closed")
        assert answers == ["returned", "accepted"]
        assert session.scalars(select(Deadline).where(Deadline.breached_at.is_not(None))).all() == []
        assert chain >= {f"handover.{one}" for one in ("made", "returned", "accepted")}
        assert chain >= {"matter.replied", "matter.rated", "case.closed"}
        assert verify(session).ok
