from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jieban.cases.tables import Case, CaseEvent, Payment
from jieban.clock import local_day
from jieban.deadlines.tables import Deadline
from jieban.ledger import seal, verify
from jieban.ledger.tables import LedgerRecord
from tests.browser.office import Office
from tests.browser.steps import fill, letter, open_case, tab, work
from tests.factories import id_number
from tests.people import OTHER_COUNTY_TOWN, VILLAGE

pytestmark = pytest.mark.browser

APPLICANT = "钱桂兰"
OTHER_VILLAGE = f"{OTHER_COUNTY_TOWN}001"


def at(office: Office, month: int, day: int, *, year: int = 2026) -> None:
    """Let it become ten in the morning of a day."""
    office.clock.now = datetime(year, month, day, 2, tzinfo=UTC)


def today(office: Office) -> str:
    return local_day(office.clock.now).isoformat()


def register(office: Office, username: str, village: str, **changes: Any) -> Page:
    """Register an application of a woman who lives alone, at the window."""
    page = office.enter(username)
    page.get_by_role("link", name="登记申请").first.click()
    page.wait_for_url("**/cases/new")
    values: dict[str, Any] = {
        "village_code": village,
        "urban": "rural",
        "address": "柳林村12号",
        "phone": "13900000001",
        "reason": "年老体弱，没有固定收入。",
        "members": [{"name": APPLICANT, "id_number": id_number(date(1958, 5, 6), 21), "relation": "self"}],
        "incomes": [{"member_name": APPLICANT, "kind": "transfer", "monthly": "200"}],
        "truth_promised": True,
        "check_authorised": True,
        "papers": ["application_form", "id_card", "check_authorisation"],
        "account_holder": APPLICANT,
        "account_bank": "示例农村商业银行",
        "account_number": "9900000000000001",
    }
    fill(page, values | changes)
    page.get_by_role("button", name="登记并出具首接回执").click()
    page.wait_for_url(lambda url: not url.endswith("/new"))
    return page


def the_case(office: Office) -> Case:
    with office.database.read() as session:
        return session.scalars(select(Case)).one()


def pair(office: Office, prefix: str = "") -> dict[str, str]:
    return {"first_investigator": f"{prefix}investigator1", "second_investigator": f"{prefix}investigator2"}


def visit(office: Office, prefix: str = "", **changes: Any) -> dict[str, Any]:
    return pair(office, prefix) | {
        "cooperation": "yes",
        "visited_on": today(office),
        "place": "柳林村12号",
        "present": APPLICANT,
        "incomes": [{"member": APPLICANT, "kind": "transfer", "monthly": "200"}],
        "living": "住房一间，陈设简单。",
        "signed": True,
        **changes,
    }


def check_report(**changes: Any) -> dict[str, Any]:
    items = [{"item": "bank", "finding": "未发现异常"}]
    return {"result": "clear", "items": items, "summary": "核对结果与申报一致。", **changes}


def investigate(office: Office, prefix: str = "") -> None:
    """Examine the papers, visit the home and check the data: what every case goes through."""
    work(office, f"{prefix}window", "审查材料", {"papers": "complete"})
    at(office, 11, 25)
    plan = pair(office, prefix) | {"planned_on": "2026-11-26", "ways": ["visit", "neighbours"]}
    work(office, f"{prefix}investigator1", "启动调查", plan)
    work(office, f"{prefix}county_check" if not prefix else f"{prefix}check", "启动核对", CHECK)
    at(office, 11, 26)
    work(office, f"{prefix}investigator1", "入户调查", visit(office, prefix))
    work(office, f"{prefix}county_check" if not prefix else f"{prefix}check", "核对报告", check_report())


CHECK: Mapping[str, Any] = {"authorised": True, "departments": ["household_registration", "bank"]}
SUPPORT: Mapping[str, Any] = {
    "result": "support",
    "monthly_income": "200",
    "members": "1",
    "method": "difference",
}
OPPOSE: Mapping[str, Any] = {"result": "oppose", "reason": "家庭人均月收入高于当地低保标准。"}


def post_notice(office: Office, username: str) -> None:
    """Put the notice on the board, and let its seven days pass."""
    at(office, 11, 27)
    work(office, username, "张贴公示", {"place": "柳林村村务公开栏", "posted_on": today(office)})


def end_notice(office: Office) -> None:
    at(office, 12, 7)
    office.fire_timers()


def kinds(office: Office, table: type[CaseEvent] | type[LedgerRecord]) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(select(table.kind).order_by(table.at, table.id)))


def assert_the_ledger_holds(office: Office) -> None:
    """Seal what waits, and walk the chain."""
    with office.database.write() as session:
        while seal(session, office.clock.now):
            pass
    with office.database.read() as session:
        assert verify(session).ok


def assert_paid_and_answered_for(office: Office) -> None:
    """The first payment, the limits, the history and the ledger of a case that was approved in time."""
    case = the_case(office)
    assert (case.state, case.outcome, case.delegated) == ("closed", "paid", True)
    with office.database.read() as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.amount, payment.month, payment.voucher) == (Decimal(600), "2027-01", "PZ20270001")
        total = session.scalars(select(Deadline).where(Deadline.kind == "total")).one()
        assert (local_day(total.due_at), total.state) == (date(2026, 12, 22), "met")
        assert not session.scalars(select(Deadline).where(Deadline.state == "running")).all()
    events = kinds(office, CaseEvent)
    assert events[0] == "case.registered"
    assert events[-1] == "case.closed"
    assert events.count("timer.fired") == 2
    assert [kind for kind in kinds(office, LedgerRecord) if kind.startswith("case.")] == [
        "case.registered",
        "case.accepted",
        "case.decided",
        "case.closed",
    ]
    assert_the_ledger_holds(office)


def test_a_case_from_the_window_to_the_first_payment(office: Office):
    page = register(office, "window", VILLAGE)
    expect(page.get_by_text("已登记，案号")).to_be_visible()
    number = the_case(office).number
    receipt = letter(page, "首接回执")
    assert APPLICANT in receipt
    assert "王芳" in receipt

    investigate(office)
    page = open_case(office.enter("window"), office, number)
    acceptance = letter(page, "最低生活保障申请受理通知书")
    assert "2026年11月24日" in acceptance
    assert "12月22日" in acceptance
    clocks = tab(page, "时限")
    expect(clocks).to_contain_text("2026-12-22")
    expect(clocks).to_contain_text("20 个工作日")

    work(office, "reviewer", "初审意见", SUPPORT)
    post_notice(office, "window")
    page = open_case(office.enter("window"), office, number)
    sheet = letter(page, "最低生活保障初审意见公示")
    assert "2026年12月4日" in sheet
    assert "柳林村村务公开栏" in sheet
    assert id_number(date(1958, 5, 6), 21) not in sheet
    assert "公示核实" not in tab(page, "案卷").inner_text()

    end_notice(office)
    ended = {"taken_down_on": today(office), "evidence": "照片已存档", "objection": "none"}
    work(office, "window", "公示核实", ended)
    work(office, "leader", "乡镇确认", {"decision": "approve", "method": "difference", "amount": "600"})
    page = open_case(office.enter("window"), office, number)
    approval = letter(page, "最低生活保障确认通知书")
    assert "600.00元" in approval
    assert "2027年1月" in approval
    work(office, "window", "公布结果", {"place": "柳林村村务公开栏", "posted_on": today(office)})

    at(office, 1, 5, year=2027)
    office.fire_timers()
    paid = {"paid_on": today(office), "amount": "600", "voucher": "PZ20270001"}
    work(office, "county_finance", "首次发放", paid)

    page = open_case(office.enter("supervisor"), office, number)
    expect(page.locator("h1 ~ .state")).to_contain_text("已确认并发放")
    history = tab(page, "经过")
    for name in ("王芳", "李强", "杨帆", "刘洋", "陈静", "孙丽"):
        expect(history).to_contain_text(name)
    expect(page.locator(".history .due-overdue")).to_have_count(0)
    expect(tab(page, "案卷")).to_contain_text("600.00")

    assert_paid_and_answered_for(office)


def test_a_refusal_by_the_county_with_reasons_remedies_and_service(office: Office):
    register(office, "other_county_window", OTHER_VILLAGE)
    number = the_case(office).number
    investigate(office, "other_county_")
    work(office, "other_county_reviewer", "初审意见", OPPOSE)
    post_notice(office, "other_county_window")
    end_notice(office)
    ended = {"taken_down_on": today(office), "evidence": "照片已存档", "objection": "none"}
    work(office, "other_county_window", "公示核实", ended)
    work(office, "other_county_window", "报送材料", {"complete": True})
    work(office, "other_county_county_reviewer", "县级审核", OPPOSE)
    reasons = "经核对，家庭人均月收入高于当地最低生活保障标准。"
    work(office, "other_county_county_leader", "县级确认", {"decision": "refuse", "reasons": reasons})

    page = open_case(office.enter("other_county_window"), office, number)
    refusal = letter(page, "最低生活保障不予确认同意告知书")
    assert reasons in refusal
    assert "行政复议" in refusal
    assert "行政诉讼" in refusal
    assert "西山区" in refusal
    served = {"served_on": today(office), "how": "in_person", "receiver": APPLICANT}
    work(office, "other_county_window", "送达告知", served)

    page = open_case(office.enter("other_county_window"), office, number)
    expect(page.locator("h1 ~ .state")).to_contain_text("不予")
    expect(tab(page, "文书").get_by_role("row").filter(has_text="不予确认")).to_contain_text("直接送达")
    case = the_case(office)
    assert (case.state, case.outcome, case.delegated) == ("closed", "refused", False)
    assert_the_ledger_holds(office)
    stranger = office.enter("window")
    assert stranger.goto(f"{office.url}/cases/{case.id}").status == 404


def test_an_objection_to_the_notice_is_investigated_anew(office: Office):
    register(office, "window", VILLAGE)
    number = the_case(office).number
    investigate(office)
    work(office, "reviewer", "初审意见", SUPPORT)
    post_notice(office, "window")

    at(office, 12, 1)
    page = open_case(office.enter("reviewer"), office, number)
    page.get_by_role("button", name="登记公示异议").click()
    said = {"raised_by": "匿名村民", "content": "反映该户在城里有门面房出租。"}
    fill(page, said, "dialog#objection form")
    page.locator("dialog#objection").get_by_role("button", name="登记", exact=True).click()
    expect(page.get_by_text("已登记公示异议")).to_be_visible()

    end_notice(office)
    ended = {"taken_down_on": today(office), "evidence": "照片已存档", "objection": "received"}
    work(office, "window", "公示核实", ended)
    work(office, "reviewer", "处理异议", {"way": "investigation", "reason": "须核实房产出租。"})
    again = pair(office) | {
        "visited_on": today(office),
        "place": "柳林村12号",
        "present": APPLICANT,
        "finding": "门面房系亲属所有，与申请人无关。",
        "signed": True,
    }
    work(office, "investigator1", "重新调查", again)
    work(office, "reviewer", "重提意见", {**SUPPORT, "reason": "经重新调查，异议不属实。"})

    page = open_case(office.enter("leader"), office, number)
    file = tab(page, "案卷")
    expect(file).to_contain_text("反映该户在城里有门面房出租。")
    expect(file).to_contain_text("经重新调查，异议不属实。")
    work(office, "leader", "乡镇确认", {"decision": "approve", "method": "difference", "amount": "600"})
    page = open_case(office.enter("window"), office, number)
    assert "600.00元" in letter(page, "最低生活保障确认通知书")
    assert the_case(office).stage == "approved"
    assert_the_ledger_holds(office)
