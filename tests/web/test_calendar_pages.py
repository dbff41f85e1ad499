"""The working calendar in the browser: a year drawn, a notice previewed, confirmed and taken back."""

import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from jieban.cases.tables import Case, CaseEvent
from jieban.deadlines.tables import Deadline
from jieban.staff.tables import User
from tests.jieban.test_calendar_import import ROWS, STATE, csv_file
from tests.people import COUNTY, People
from tests.web.site import Desk, Site
from tests.workflows.deadlines import add_driven, add_driven_case
from web.cases.words import event_text
from workflows import calendars

OPENED = datetime(2027, 2, 3, 2, tzinfo=UTC)


@pytest.fixture
def case(site: Site, people: People) -> Case:
    with site.database.write() as session:
        return add_driven_case(session, people.window, OPENED, add_driven(session, OPENED))


@pytest.fixture
def desk(site: Site) -> Desk:
    return site.desk("sys_admin")


def send(desk: Desk, content: bytes, name: str = "2027.csv") -> Any:
    files = {"upload": (name, content, "application/octet-stream")}
    rests_on = {"notice": STATE.title, "dated": STATE.dated.isoformat()}
    return desk.post("/admin/calendar/import", rests_on, files=files)


def agree(site: Site, page: str) -> None:
    """Ask for it as the administrator and confirm it as the supervisor."""
    assert site.desk("sys_admin").post(page, {"replaces": "1", "why": "按通知更正"}).status_code == 303
    assert site.desk("supervisor").post(page).status_code == 303
    calendars.finish(site.database, site.now, UUID(page.rsplit("/", 1)[1]))


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def ends(site: Site) -> dict[str, str]:
    with site.database.read() as session:
        return {row.name: row.due_at.date().isoformat() for row in session.scalars(select(Deadline))}


def test_a_year_is_drawn_with_its_holidays_and_whether_it_is_official(desk: Desk) -> None:
    official, provisional = (
        desk.get("/admin/calendar?year=2026").text,
        desk.get("/admin/calendar?year=2027").text,
    )

    assert official.count('<table class="month">') == 12
    assert "正式" in official
    assert re.search(r'<td class="is-rest is-special" title="国庆节">1<small>休</small>', official)
    assert "尚未公布" in provisional
    assert "日历中没有这一年" in desk.get("/admin/calendar?year=2031").text


def test_the_preview_lists_the_deadlines_and_a_second_click_moves_them(
    site: Site, desk: Desk, case: Case
) -> None:
    answer = send(desk, csv_file())
    page = str(answer.headers["location"])

    seen = plain(desk.get(page).text)
    assert answer.status_code == 303
    assert f"{case.number} 核实 2027-02-16 2027-02-17" in seen
    days = re.search(r"(\d+) 天改变上班、休息", seen)
    assert days is not None
    assert f"另外 {365 - int(days[1])} 天上班、休息不变" in seen
    assert "2 个期限将调整" in seen
    assert ends(site)["核实"] == "2027-02-16"

    assert desk.post(page).status_code == 303
    assert ends(site)["核实"] == "2027-02-16"
    assert "等待另一人（督办人）复核" in plain(desk.get(page).text)
    second = site.desk("supervisor")
    assert page in second.get("/admin/calendar").text
    assert "同意导入并调整期限" in second.get(page).text
    assert second.post(page).status_code == 303
    assert ends(site)["核实"] == "2027-02-17"
    assert f"依据：{STATE.words}" in plain(second.get(page).text)
    assert STATE.title in plain(second.get("/admin/calendar?year=2027").text)
    assert "2 个期限已调整" in plain(desk.get(page).text)
    assert "正式" in desk.get("/admin/calendar?year=2027").text


def test_it_is_taken_back_on_the_same_page(site: Site, desk: Desk, case: Case) -> None:
    page = str(send(desk, csv_file()).headers["location"])
    agree(site, page)

    assert "请写明撤销的理由" in desk.post(f"{page}/undo").text
    assert desk.post(f"{page}/undo", {"why": "文件有误"}).status_code == 303
    assert ends(site)["核实"] == "2027-02-17"
    assert site.desk("supervisor").post(f"{page}/undo").status_code == 303

    assert ends(site)["核实"] == "2027-02-16"
    assert "已撤销" in desk.get("/admin/calendar").text


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (csv_file(ROWS[:3]), "2027.csv", "应列出全年的放假日"),
        (b"x", "2027.pdf", "xlsx、csv 或 ics"),
        (b"a,b\n1,2", "2027.csv", "第一行应为列名"),
        (
            csv_file([("2027-02-15", 0, "", "37")], header="day,working,name,area"),
            "own.csv",
            "不在您的辖区内",
        ),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_on_the_page(
    site: Site, content: bytes, name: str, reason: str
) -> None:
    with site.database.write() as session:
        wide = {"2027.csv": None, "2027.pdf": None}.get(name, COUNTY)
        session.execute(update(User).where(User.username == "sys_admin").values(area_code=wide))

    answer = send(site.desk("sys_admin"), content, name)

    assert answer.status_code == 422
    assert reason in answer.text


def test_the_administrator_of_a_county_takes_in_its_own_days_only(site: Site) -> None:
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "sys_admin").values(area_code=COUNTY))
    desk = site.desk("sys_admin")
    own = csv_file([("2026-12-15", 0, "县庆", COUNTY)], header="day,working,name,area")

    assert "全国的放假安排由管辖全部单位的管理员导入" in send(desk, csv_file()).text
    page = str(send(desk, own, "own.csv").headers["location"])
    desk.post(page)

    assert "县庆" in desk.get("/admin/calendar?year=2026").text


def test_the_history_of_a_case_says_what_moved(site: Site, desk: Desk, case: Case) -> None:
    page = str(send(desk, csv_file()).headers["location"])
    agree(site, page)

    with site.database.read() as session:
        [event] = session.scalars(select(CaseEvent).where(CaseEvent.kind == "deadline.moved"))
    assert "核实 2027-02-16 → 2027-02-17" in event_text("zh", event)
    assert event_text("en", event).startswith("The working calendar changed")


def test_the_template_can_be_taken_in_as_it_is_read(desk: Desk) -> None:
    answer = desk.get("/admin/calendar/template.csv")

    assert answer.text.lstrip("\ufeff").startswith("日期,是否上班,名称,地区代码")
