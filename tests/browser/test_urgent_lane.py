"""The urgent lane of temporary assistance, on the eve of National Day: in time, and late with what then happens."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jieban.cases.tables import Case, Decision, Payment
from jieban.clock import CHINA
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import LedgerRecord
from tests.browser.office import Office
from tests.browser.steps import fill, letter, open_case, tab, work
from tests.factories import id_number
from tests.people import VILLAGE
from workflows.flows import escalate_overdue

pytestmark = pytest.mark.browser

APPLICANT = "何小满"


def at(office: Office, moment: str) -> None:
    """Let it become this moment, Chinese time: "2026-09-30 22:10"."""
    office.clock.now = datetime.fromisoformat(moment).replace(tzinfo=CHINA)


def pass_time(office: Office, moment: str) -> None:
    """Let time pass until this moment: the timers that are due fire, and what is late is brought to notice."""
    at(office, moment)
    office.fire_timers()
    escalate_overdue.sweep(office.database, office.clock.now, "browser-test", 30)


def register(office: Office) -> Page:
    """Register a woman from elsewhere whose lodging burnt: at night, without one paper and without a promise signed."""
    at(office, "2026-09-30 22:10")
    page = office.enter("window")
    page.goto(f"{office.url}/cases/new?procedure=temporary_assistance")
    fill(
        page,
        {
            "channel": "outreach",
            "village_code": VILLAGE,
            "urban": "rural",
            "address": "柳林村3号出租房",
            "household_registration": "外省某县某村",
            "phone": "13900000002",
            "extra.lane": "quick",
            "extra.event": "fire",
            "extra.happened_at": "2026-09-30T20:30",
            "extra.place": "柳林村3号",
            "extra.residence": "visitor",
            "extra.difficulty": "住处着火，衣被烧毁，没有地方过夜。",
            "extra.amount": "800",
            "extra.immediate": "yes",
            "members": [
                {"name": APPLICANT, "id_number": id_number(date(1990, 5, 6), 33), "relation": "self"}
            ],
        },
    )
    page.get_by_role("button", name="登记并出具首接回执").click()
    page.wait_for_url(lambda url: "/cases/new" not in url)
    return page


CONFIRMED: Mapping[str, Any] = {
    "urgent": "yes",
    "immediate": "yes",
    "event": "fire",
    "happened_at": "2026-09-30T20:30",
    "place": "柳林村3号",
    "severity": "light",
    "verified": "派出所和村干部到场核实，明火已灭，人没有受伤。",
    "amount": "800",
    "transfer": "none",
}
COMPLETE: Mapping[str, Any] = {
    "outcome": "complete",
    "explanation": "电线老化起火，已由村里安置到亲戚家。",
    "papers": "身份证、派出所出警记录",
    "signed": True,
    "sealed": True,
}


def give_first_aid(office: Office) -> str:
    """Register, confirm, approve and pay in the same night; return the number of the case."""
    register(office)
    with office.database.read() as session:
        number = session.scalars(select(Case.number)).one()
    at(office, "2026-09-30 22:25")
    work(office, "window", "核实急难", CONFIRMED)
    at(office, "2026-09-30 22:50")
    work(office, "leader", "确认快救", {"decision": "approve", "amount": "800"})
    at(office, "2026-09-30 23:40")
    paid = {
        "fund": "petty",
        "paid_at": "2026-09-30T23:35",
        "way": "cash",
        "amount": "800",
        "receiver": APPLICANT,
        "receipt": "BYJ-2026-031",
        "ended_at": "2026-09-30T23:30",
    }
    work(office, "window", "发放快救", paid)
    return number


def clocks(office: Office) -> dict[str, tuple[str, str, bool]]:
    """Give when each clock of the case ended in Chinese time, how it stands, and whether it was breached."""
    with office.database.read() as session:
        return {
            one.element or one.kind: (
                f"{one.due_at.astimezone(CHINA):%Y-%m-%d %H:%M}",
                one.state,
                one.breached_at is not None,
            )
            for one in session.scalars(select(Deadline))
        }


def test_first_aid_within_the_hours_and_the_papers_in_time(office: Office):
    """Registered at 22:10 on the eve of National Day, paid within the hour limit, papers complete after the holiday."""
    number = give_first_aid(office)
    found = clocks(office)
    assert found["firstaid"] == ("2026-10-01 22:10", "met", False)
    assert found["quick"] == ("2026-10-08 23:59", "met", False)
    assert found["backfill_papers"] == ("2026-10-13 23:59", "running", False)

    at(office, "2026-10-09 09:00")
    work(office, "window", "补充说明", COMPLETE)
    reviewed = {"finding": "due", "follow_up": "no", "reason": "情况属实，手续完备。"}
    work(office, "leader", "审核补充", reviewed)

    page = open_case(office.enter("supervisor"), office, number)
    expect(page.locator("h1 ~ .state")).to_contain_text("已先行救助并补齐手续")
    sheet = letter(page, "临时救助登记单（小额快救）")
    for words in (APPLICANT, "柳林村3号", "800", "备用金", "王芳", "陈静", "2026-09-3023:35"):
        assert words in sheet
    tab(page, "经过")
    expect(page.locator(".history .due-overdue")).to_have_count(0)
    assert not any(breached for _, _, breached in clocks(office).values())
    with office.database.read() as session:
        [decision] = session.scalars(select(Decision))
        [payment] = session.scalars(select(Payment))
        assert str(decision.amount) == str(payment.amount) == "800.00"
        assert decision.decided_by != payment.recorded_by


def test_papers_that_are_late_are_seen_and_decided_by_the_leader(office: Office):
    """Nothing happens by itself: the supervisor sees it, the case shows the breach, and the leader must decide."""
    number = give_first_aid(office)

    pass_time(office, "2026-10-14 00:30")
    pass_time(office, "2026-10-22 09:00")

    board = office.enter("supervisor")
    board.goto(f"{office.url}/overdue")
    row = board.get_by_role("row").filter(has_text="补充说明")
    expect(row).to_contain_text(APPLICANT)
    expect(row).to_contain_text("超期 7 个工作日")
    expect(row.locator("td").nth(-2)).to_have_text("4")
    page = open_case(board, office, number)
    expect(tab(page, "经过")).to_contain_text("“补充说明”超过期限")
    assert clocks(office)["backfill_papers"] == ("2026-10-13 23:59", "running", True)

    decided = {"way": "help", "person": "王芳", "until": "2026-10-23", "reasons": "当事人回乡，联系不上。"}
    work(office, "leader", "逾期处置", decided)
    at(office, "2026-10-23 10:00")
    work(office, "window", "补充说明", COMPLETE)
    work(office, "leader", "审核补充", {"finding": "due", "follow_up": "no", "reason": "补齐，情况属实。"})

    page = open_case(office.enter("supervisor"), office, number)
    expect(page.locator("h1 ~ .state")).to_contain_text("已先行救助并补齐手续")
    expect(tab(page, "经过").locator(".due-overdue").first).to_contain_text("超期办理")
    expect(tab(page, "案卷")).to_contain_text("当事人回乡，联系不上。")
    with office.database.read() as session:
        kinds = set(session.scalars(select(LedgerRecord.kind)))
    assert {"deadline.breached", "task.escalated", "case.closed"} <= kinds
