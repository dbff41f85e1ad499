from datetime import timedelta

import pytest
from sqlalchemy import select

from notifications.tables import Message
from tests.people import People
from tests.web.site import Site
from tests.workflows.walk import Walk


def test_a_new_case_lies_in_the_pool_of_its_office(site: Site, walk: Walk) -> None:
    page = site.desk("window").get("/?view=pool").text

    assert walk.case().number in page
    assert "剩余 1 个工作日" in page
    assert "没有待办任务" in site.desk("window").get("/").text


@pytest.mark.parametrize("username", ["other_town_window", "leader", "county_reviewer"])
def test_others_do_not_see_it(site: Site, walk: Walk, username: str) -> None:
    assert walk.case().number not in site.desk(username).get("/?view=pool").text


def test_the_most_urgent_comes_first(site: Site, people: People, walk: Walk) -> None:
    earlier = Walk.begin(site.database, people, site.now - timedelta(days=5))

    page = site.desk("window").get("/?view=pool").text

    assert page.index(earlier.case().number) < page.index(walk.case().number)
    assert "超期" in page


def test_claiming_moves_a_task_from_the_pool_to_oneself(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    task = walk.open_tasks()[0]

    answer = desk.post(f"/tasks/{task.id}/claim", {"back": "pool"})

    assert answer.headers["location"] == "/?view=pool"
    assert "已领取" in desk.get("/?view=pool").text
    assert walk.case().number in desk.get("/").text
    assert walk.case().number not in site.desk("window2").get("/?view=pool").text


def test_whoever_is_second_is_told_who_was_first(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")

    answer = site.desk("window2").post(f"/tasks/{task.id}/claim")

    assert answer.status_code == 409
    assert "王芳" in answer.text


def test_a_task_can_be_given_back(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    task = walk.open_tasks()[0]
    desk.post(f"/tasks/{task.id}/claim")

    desk.post(f"/tasks/{task.id}/release")

    assert walk.case().number in site.desk("window2").get("/?view=pool").text


def test_a_task_is_handed_over_with_a_reason_and_a_message(site: Site, people: People, walk: Walk) -> None:
    desk = site.desk("window")
    task = walk.open_tasks()[0]
    desk.post(f"/tasks/{task.id}/claim")

    desk.post(f"/tasks/{task.id}/hand-over", {"to": str(people.window2.id), "reason": "下午请假"})

    other = site.desk("window2")
    assert walk.case().number in other.get("/").text
    assert "王芳将“审查材料”转交给您" in other.get("/messages").text
    with site.database.read() as session:
        assert session.scalars(select(Message.user_id)).all() == [people.window2.id]


@pytest.mark.parametrize("to", ["", "not an id", "00000000-0000-0000-0000-000000000000"])
def test_handing_over_to_nobody_keeps_the_reason_that_was_typed(site: Site, walk: Walk, to: str) -> None:
    task = walk.open_tasks()[0]

    answer = site.desk("window").post(f"/tasks/{task.id}/hand-over", {"to": to, "reason": "下午请假"})

    assert answer.status_code == 422
    assert "请选择接手人" in answer.text
    assert "下午请假" in answer.text


def test_searching_finds_by_name_and_by_number(site: Site, people: People, walk: Walk) -> None:
    other = Walk.begin(site.database, people, site.now)
    desk = site.desk("window")

    page = desk.get("/", params={"view": "pool", "search": walk.case().number}).text

    assert walk.case().number in page
    assert other.case().number not in page
    assert "没有符合“查无此人”的任务" in desk.get("/?view=pool&search=查无此人").text


def test_a_script_of_the_page_gets_the_list_alone(site: Site, walk: Walk) -> None:
    page = site.desk("window").get("/?view=pool", headers={"HX-Request": "true"}).text

    assert walk.case().number in page
    assert "<html" not in page


def test_the_list_is_read_page_by_page(site: Site, people: People, walk: Walk) -> None:
    for minutes in range(45):
        Walk.begin(site.database, people, site.now + timedelta(minutes=minutes))
    desk = site.desk("window")

    first = desk.get("/?view=pool").text
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = desk.get(f"/{following}").text

    assert first.count("data-href") == 40
    assert second.count("data-href") == 6
    assert "回到第一页" in second


def test_markup_in_a_name_stays_text(site: Site, walk: Walk) -> None:
    desk = site.desk("window")

    page = desk.get("/?view=pool&search=<script>alert(1)</script>").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_person_without_an_area_sees_nothing(site: Site, walk: Walk) -> None:
    page = site.desk("no_area").get("/?view=pool")

    assert page.status_code == 200
    assert walk.case().number not in page.text


def test_who_has_no_worklist_begins_at_their_own_work(site: Site) -> None:
    starts = {
        name: site.desk(name).get("/").headers.get("location")
        for name in ("supervisor", "model_admin", "sys_admin", "nobody")
    }

    assert starts == {
        "supervisor": "/overdue",
        "model_admin": "/models",
        "sys_admin": "/models",
        "nobody": "/messages",
    }


def test_messages_are_counted_until_they_are_read(site: Site, people: People, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(
        f"/tasks/{task.id}/hand-over", {"to": str(people.window2.id), "reason": "下午请假"}
    )
    desk = site.desk("window2")
    assert "未读消息" in desk.get("/").text

    desk.post("/messages/read")

    assert "未读消息" not in desk.get("/").text
