import re

import pytest
from sqlalchemy import select

from jieban.audit.tables import AdminEvent
from jieban.staff.tables import User, UserRole
from tests.people import COUNTY, PASSWORD, TOWN
from tests.web.site import Site

NEW = {
    "username": "zhang.san",
    "name": "张三",
    "area_code": TOWN,
    "roles": ["town.window"],
    "phone": "0539-1",
}


def _user(site: Site, username: str) -> User:
    with site.database.read() as session:
        return session.scalars(select(User).where(User.username == username)).one()


def _acts(site: Site) -> list[str]:
    with site.database.read() as session:
        return list(session.scalars(select(AdminEvent.kind).order_by(AdminEvent.at, AdminEvent.id)))


def test_a_new_account_gets_a_password_that_is_shown_once_and_must_be_changed(site: Site) -> None:
    page = site.desk("sys_admin").post("/admin/users/new", NEW)

    password = re.search(r"[a-z]{4}-[a-z]{4}-[a-z]{4}-\d{4}", page.text)
    assert password
    user = _user(site, "zhang.san")
    assert user.must_change_password
    assert [row.role for row in user.roles] == ["town.window"]
    assert "user.created" in _acts(site)
    entered = site.stranger().client.post("/login", data={"username": "zhang.san", "password": password[0]})
    assert entered.headers["location"] == "/password"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"username": "window"}, "已被使用"),
        ({"username": "a b"}, "不能有空格"),
        ({"name": " "}, "请填写姓名"),
        ({"roles": []}, "至少选择一个岗位"),
        ({"roles": ["emperor"]}, "没有名为"),
        ({"area_code": ""}, "请选择辖区"),
        ({"area_code": "999999"}, "没有代码为"),
        ({"area_code": COUNTY}, "应当是一个乡镇"),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_is_kept(
    site: Site, change: dict[str, object], told: str
) -> None:
    page = site.desk("sys_admin").post("/admin/users/new", NEW | change)

    assert page.status_code == 422
    assert told in page.text
    assert "0539-1" in page.text


def test_a_change_is_written_down_with_what_was_before(site: Site) -> None:
    user = _user(site, "window")
    desk = site.desk("sys_admin")

    answer = desk.post(
        f"/admin/users/{user.id}",
        {"name": "王芳", "area_code": TOWN, "roles": ["town.window", "town.reviewer"]},
    )

    assert answer.status_code == 303
    with site.database.read() as session:
        event = session.scalars(select(AdminEvent).where(AdminEvent.kind == "user.changed")).one()
        roles = session.scalars(select(UserRole.role).where(UserRole.user_id == user.id)).all()
    assert set(roles) == {"town.window", "town.reviewer"}
    assert "town.window" in event.data["roles"]
    assert "→" in event.data["roles"]
    assert "town.reviewer" in desk.get("/admin/health").text


def test_a_closed_account_is_out_at_once_and_comes_back_with_a_new_password(site: Site) -> None:
    user = _user(site, "window")
    own = site.desk("window")
    desk = site.desk("sys_admin")

    assert own.get("/").status_code == 200
    desk.post(f"/admin/users/{user.id}/deactivate")
    assert own.get("/").status_code == 303
    refused = site.stranger().client.post("/login", data={"username": "window", "password": PASSWORD})
    assert refused.status_code == 401

    page = desk.post(f"/admin/users/{user.id}/activate")
    assert re.search(r"[a-z]{4}-[a-z]{4}-[a-z]{4}-\d{4}", page.text)
    assert _user(site, "window").active
    assert _user(site, "window").must_change_password


def test_a_reset_password_ends_the_sessions(site: Site) -> None:
    own = site.desk("window")

    site.desk("sys_admin").post(f"/admin/users/{_user(site, 'window').id}/password")

    assert own.get("/").status_code == 303
    assert "user.password_reset" in _acts(site)


def test_nobody_closes_or_demotes_the_own_account(site: Site) -> None:
    own = _user(site, "sys_admin")
    desk = site.desk("sys_admin")

    assert desk.post(f"/admin/users/{own.id}/deactivate").status_code == 409
    demoted = desk.post(f"/admin/users/{own.id}", {"name": "朱琳", "area_code": "", "roles": ["supervisor"]})
    assert demoted.status_code == 422
    assert _user(site, "sys_admin").active


def test_an_administrator_of_a_county_manages_that_county_alone(site: Site) -> None:
    """Others' accounts look as if they did not exist, and nobody gives away more than they have."""
    with site.database.write() as session:
        admin = session.scalars(select(User).where(User.username == "sys_admin")).one()
        admin.area_code = COUNTY
    desk = site.desk("sys_admin")

    listed = desk.get("/admin/users").text
    assert ">window<" in listed
    assert "other_county_window" not in listed
    other = _user(site, "other_county_window")
    assert desk.get(f"/admin/users/{other.id}").status_code == 404
    assert desk.post(f"/admin/users/{other.id}/password").status_code == 404
    assert desk.post("/admin/users/new", NEW | {"area_code": "379902001"}).status_code == 422
    assert desk.post("/admin/users/new", NEW | {"area_code": "", "roles": ["supervisor"]}).status_code == 422


def test_search_finds_by_name_and_role(site: Site) -> None:
    desk = site.desk("sys_admin")

    assert ">leader<" in desk.get("/admin/users?search=陈静").text
    assert ">window<" not in desk.get("/admin/users?search=陈静").text
    assert ">county_check<" in desk.get("/admin/users?role=county.check").text


def test_rules_that_are_no_law_say_so(site: Site) -> None:
    page = site.desk("sys_admin").get("/admin/rules")

    assert page.status_code == 200
    assert "最低生活保障审核确认办法" in page.text
    row = page.text.split("dibao.standard.urban")[1].split("</tr>")[0]
    assert "示例数据" in row
    assert "不是法律规定" in row
    law = page.text.split("dibao.county.review")[1].split("</tr>")[0]
    assert "不是法律规定" not in law


def test_rules_are_found_by_their_number(site: Site) -> None:
    page = site.desk("model_admin").get("/admin/rules?search=DB-17").text

    assert "dibao.county.review" in page
    assert "dibao.check.start" not in page
