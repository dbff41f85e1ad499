from typing import Any

import pytest
from sqlalchemy import select

from jieban.audit.tables import ReadRecord
from jieban.staff.tables import User
from tests.people import PASSWORD, People
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk, application

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def window(site: Site) -> Desk:
    return site.desk("window")


def _body(site: Site, **changes: Any) -> dict[str, Any]:
    given = application(site.now)
    plain = {
        name: getattr(given, name)
        for name in ("channel", "urban", "village_code", "address", "phone", "reason", "account_holder")
    }
    return {
        **plain,
        "applied_on": given.applied_on.isoformat(),
        "truth_promised": True,
        "check_authorised": True,
        "members": [
            {"name": one.name, "id_number": one.id_number, "relation": one.relation} for one in given.members
        ],
        "incomes": [
            {"member_name": one.member_name, "kind": one.kind, "monthly": str(one.monthly)}
            for one in given.incomes
        ],
        "papers": ["id_card"],
        **changes,
    }


def _sign_in(site: Site, username: str = "window", password: str = PASSWORD) -> Any:
    return site.stranger().client.post("/api/v1/session", json={"username": username, "password": password})


def test_a_program_signs_in_and_uses_a_bearer_token(site: Site) -> None:
    started = _sign_in(site)

    assert started.status_code == 201
    body = started.json()
    assert body["roles"] == ["town.window"]
    program = site.stranger(Authorization=f"Bearer {body['token']}").client
    assert program.get("/api/v1/tasks").status_code == 200
    assert program.post("/api/v1/cases", json=_body(site)).status_code == 201
    assert program.delete("/api/v1/session").status_code == 204
    assert program.get("/api/v1/tasks").status_code == 401


def test_wrong_passwords_are_refused_and_counted(site: Site) -> None:
    answers = [_sign_in(site, password="wrong") for _ in range(6)]

    assert [one.status_code for one in answers] == [401] * 5 + [429]
    assert "用户名或密码不正确" in answers[0].json()["message"]
    assert answers[-1].json()["message"] == "尝试次数过多，请 15 分钟后再试。"
    assert answers[-1].headers["retry-after"] == "900"
    assert "尝试次数过多" in _sign_in(site).json()["message"]


def test_without_a_session_the_answer_is_401_in_json(site: Site) -> None:
    answer = site.stranger().get("/api/v1/tasks")

    assert answer.status_code == 401
    assert set(answer.json()) == {"message", "errors"}


def test_a_cookie_without_the_token_changes_nothing(site: Site, walk: Walk, window: Desk) -> None:
    task = walk.open_tasks()[0]

    answer = window.client.post(f"/api/v1/tasks/{task.id}/claim")

    assert answer.status_code == 403
    assert walk.open_tasks()[0].assignee_id is None


def test_a_case_is_opened_listed_worked_on_and_read(site: Site, window: Desk) -> None:
    """The whole way of the first step through the API."""
    opened = window.send("POST", "/api/v1/cases", json=_body(site))
    assert opened.status_code == 201
    case_id = opened.json()["id"]

    listed = window.send("GET", "/api/v1/tasks?view=pool").json()
    task = next(one for one in listed["tasks"] if one["case_id"] == case_id)
    assert task["element"] == "examine_papers"
    detail = window.send("GET", f"/api/v1/tasks/{task['id']}").json()
    assert detail["form"]["required"] == ["papers"]
    assert detail["refusal"] == ""
    assert window.send("POST", f"/api/v1/tasks/{task['id']}/claim").status_code == 200

    done = window.send("POST", f"/api/v1/tasks/{task['id']}/complete", json={"data": {"papers": "complete"}})
    assert done.status_code == 200
    assert len(done.json()["opened"]) == 2

    case = window.send("GET", f"/api/v1/cases/{case_id}").json()
    assert case["case"]["accepted_at"]
    assert "****" in case["members"][0]["id_number"]
    assert {one["kind"] for one in case["letters"]} >= {"receipt", "acceptance"}
    with site.database.read() as session:
        assert "api" in session.scalars(select(ReadRecord.what)).all()


def test_a_wrong_form_names_the_field(site: Site, walk: Walk, window: Desk) -> None:
    task = walk.open_tasks()[0]

    answer = window.send("POST", f"/api/v1/tasks/{task.id}/complete", json={"data": {"papers": "eaten"}})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "papers"


def test_a_wrong_application_names_the_fields(site: Site, window: Desk) -> None:
    body = _body(site, phone="", truth_promised=False)

    answer = window.send("POST", "/api/v1/cases", json=body)

    assert answer.status_code == 422
    assert {one["field"] for one in answer.json()["errors"]} == {"phone", "truth_promised"}


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"applied_on": "yesterday"}, "applied_on", "日期应写成 2026-11-24 的样子。"),
        ({"phone": 13900000001}, "phone", "应为文字。"),
        ({"members": "nobody"}, "members", "应为列表。"),
        ({"members": ["nobody"]}, "members.0", "应为对象，即 {“名称”: 内容}。"),
        ({"incomes": [{"monthly": "much"}]}, "incomes.0.monthly", "应为数字，如 1200 或 1200.50。"),
        ({"incomes": [{"monthly": 1}]}, "incomes.0.kind", "缺少这一项。"),
        ({"urban": "maybe"}, "urban", "应为 true 或 false。"),
    ],
)
def test_a_body_of_another_shape_is_answered_by_field(
    site: Site, window: Desk, change: dict[str, Any], field: str, sentence: str
) -> None:
    answer = window.send("POST", "/api/v1/cases", json=_body(site, **change))

    assert answer.status_code == 422
    assert {"field": field, "message": sentence} in answer.json()["errors"]


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("limit=0", "不能小于 1。"),
        ("limit=many", "应为整数。"),
        ("view=all", "应为列出的一种：'mine'、'pool'、'done'。"),
        (f"search={'长' * 101}", "内容过长，最多 100 个字。"),
        ("after=yesterday", "格式不正确。"),
    ],
)
def test_a_wrong_value_in_an_address_is_told_in_a_sentence(window: Desk, query: str, sentence: str) -> None:
    answer = window.send("GET", f"/api/v1/tasks?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": query.partition("=")[0], "message": sentence}]


def test_what_is_no_json_is_told_in_a_sentence(window: Desk) -> None:
    answer = window.send("POST", "/api/v1/cases", content=b'{"channel": ', headers=JSON)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "", "message": "请求内容不是完整的 JSON。"}]


def test_json_without_end_is_told_in_a_sentence(window: Desk) -> None:
    answer = window.send("POST", "/api/v1/cases", content=b'{"a":' * 100_000, headers=JSON)

    assert answer.status_code == 400
    assert answer.json()["message"] == "发来的内容无法读取：格式有误，或者嵌套过深。"


@pytest.mark.parametrize("depth", [100, 500, 700, 800, 850, 900, 950, 1000])
def test_a_deep_value_of_a_form_is_told_in_a_sentence(walk: Walk, window: Desk, depth: int) -> None:
    deep = b'{"data": {"papers": ' + b"[" * depth + b"]" * depth + b"}}"

    answer = window.send(
        "POST", f"/api/v1/tasks/{walk.open_tasks()[0].id}/complete", content=deep, headers=JSON
    )

    assert answer.status_code in {400, 422}
    assert answer.json()["message"]


def test_the_same_person_twice_is_refused_with_the_number(site: Site, window: Desk) -> None:
    body = _body(site)
    first = window.send("POST", "/api/v1/cases", json=body).json()

    second = window.send("POST", "/api/v1/cases", json=body)

    assert second.status_code == 422
    assert first["number"] in second.text


def test_the_second_who_completes_is_told_who_was_first(site: Site, walk: Walk, window: Desk) -> None:
    task = walk.open_tasks()[0]
    path = f"/api/v1/tasks/{task.id}/complete"
    window.send("POST", path, json={"data": {"papers": "complete"}})

    late = site.desk("window2").send("POST", path, json={"data": {"papers": "complete"}})

    assert late.status_code == 409
    assert "王芳" in late.json()["message"]


def test_a_task_is_handed_to_a_colleague(site: Site, walk: Walk, window: Desk) -> None:
    task = walk.open_tasks()[0]
    window.send("POST", f"/api/v1/tasks/{task.id}/claim")

    wrong = window.send("POST", f"/api/v1/tasks/{task.id}/hand-over", json={"to": "nobody", "reason": "休假"})
    right = window.send(
        "POST", f"/api/v1/tasks/{task.id}/hand-over", json={"to": "window2", "reason": "休假"}
    )

    assert wrong.status_code == 422
    assert right.status_code == 200
    with site.database.read() as session:
        user = session.scalars(select(User).where(User.username == "window2")).one()
    assert right.json()["assignee_id"] == str(user.id)


@pytest.mark.parametrize("username", ["other_town_window", "other_county_window", "no_area", "model_admin"])
def test_nobody_of_elsewhere_sees_a_case(site: Site, walk: Walk, username: str) -> None:
    """Another township, another county, no place, no business: the case does not exist for them."""
    desk = site.desk(username)
    task = walk.open_tasks()[0]

    assert desk.send("GET", f"/api/v1/cases/{walk.case_id}").status_code in {403, 404}
    assert desk.send("GET", f"/api/v1/tasks/{task.id}").status_code in {403, 404}
    assert desk.send("POST", f"/api/v1/tasks/{task.id}/claim").status_code in {403, 404}
    listed = desk.send("GET", "/api/v1/cases")
    assert listed.status_code == 403 or listed.json()["cases"] == []


def test_a_case_elsewhere_cannot_be_registered(site: Site, people: People) -> None:
    answer = site.desk("other_town_window").send("POST", "/api/v1/cases", json=_body(site))

    assert answer.status_code == 403


def test_the_description_names_every_operation(site: Site) -> None:
    document = site.stranger().get("/api/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/v1/session",
        "/api/v1/tasks",
        "/api/v1/tasks/{task_id}",
        "/api/v1/tasks/{task_id}/claim",
        "/api/v1/tasks/{task_id}/release",
        "/api/v1/tasks/{task_id}/hand-over",
        "/api/v1/tasks/{task_id}/complete",
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
    }


def test_a_search_by_id_number_is_written_down(site: Site, window: Desk) -> None:
    number = _body(site)["members"][0]["id_number"]

    window.send("GET", "/api/v1/cases", params={"search": number})

    with site.database.read() as session:
        assert session.scalars(select(ReadRecord.detail)).all() == [f"search …{number[-4:]}"]


@pytest.mark.parametrize(
    "query", ["cases?state=lost", "cases?stage=lost", "cases?after=yesterday", "tasks?after=yesterday"]
)
def test_a_list_asked_for_wrongly_is_refused(window: Desk, query: str) -> None:
    """An empty list would say that there is nothing, and the first page again would never end."""
    assert window.send("GET", f"/api/v1/{query}").status_code == 422


def test_a_list_goes_on_where_it_ended(window: Desk, site: Site) -> None:
    for _ in range(2):
        assert window.send("POST", "/api/v1/cases", json=_body(site)).status_code == 201
    first = window.send("GET", "/api/v1/cases?limit=1").json()

    second = window.send("GET", "/api/v1/cases", params={"limit": "1", "after": first["next"]}).json()

    assert second["next"] is None
    assert first["cases"][0]["id"] != second["cases"][0]["id"]
