import pytest
from sqlalchemy import select

from jieban.audit.tables import AdminEvent
from jieban.procedures.tables import ModelVersion
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk
from workflows import model_store

KEY = "subsistence_allowance"


def new_draft(desk: Desk, note: str = "") -> str:
    """Start a draft and give its address."""
    answer = desk.post(f"/models/{KEY}/drafts", {"note": note})
    assert answer.status_code == 303
    return answer.headers["location"]


def diagram(desk: Desk, address: str) -> bytes:
    return desk.get(f"{address}/model.bpmn").content


def without_role(xml: bytes) -> bytes:
    return xml.replace(b'<jb:assignment role="town.window" />', b"", 1)


def put(desk: Desk, address: str, content: bytes, revision: int | None):
    headers = {"Content-Type": "application/xml"}
    if revision is not None:
        headers["If-Match"] = f'"{revision}"'
    return desk.send("PUT", f"{address}/model.bpmn", content=content, headers=headers)


def published(site: Site) -> list[int | None]:
    with site.database.read() as session:
        query = select(ModelVersion.number).where(
            ModelVersion.state == "published", ModelVersion.key == "subsistence_allowance"
        )
        return list(session.scalars(query.order_by(ModelVersion.number)))


def test_list_names_versions_drafts_people_and_running_cases(site: Site, walk: Walk):
    desk = site.desk("model_admin")
    new_draft(desk, "告知书改版")

    page = desk.get("/models").text

    assert "第 1 版" in page
    assert "使用中" in page
    assert "系统自带" in page
    assert "告知书改版" in page
    assert "马超" in page
    assert '<td class="num" data-label="在办案件">1</td>' in page


def test_version_shows_steps_limits_laws_and_forms(site: Site):
    page = site.desk("model_admin").get(f"/models/{KEY}/versions/1").text

    for words in (
        "审查材料",
        "窗口经办人",
        "1 个工作日",
        "最低生活保障审核确认办法 第十条",
        "入户调查表",
        "出具文书",
    ):
        assert words in page


def test_version_is_told_in_english(site: Site):
    desk = site.desk("model_admin")
    desk.post("/language", {"locale": "en", "back": "/models"})

    page = desk.get(f"/models/{KEY}/versions/1").text

    assert "Window clerk" in page
    assert "1 working days" in page
    assert "Home visit" in page


def test_catalogue_offers_what_exists(site: Site):
    desk = site.desk("model_admin")

    found = desk.get(f"{new_draft(desk)}/catalogue.json").json()

    assert {"key": "town.window", "name": "窗口经办人"} in found["roles"]
    assert "model_admin" not in {one["key"] for one in found["roles"]}
    assert {"key": "home_visit", "title": "入户调查表"} in found["forms"]
    rule = next(one for one in found["rules"] if one["key"] == "dibao.county.review")
    assert (rule["value"], rule["unit"]) == ("10", "working_days")
    letter = next(one for one in found["operations"] if one["name"] == "issue_letter")
    assert letter["params"][0]["required"]
    assert ["refusal", "不予确认同意告知书"] in letter["params"][0]["choices"]
    assert {"article": "最低生活保障审核确认办法 第十条", "rule": "DB-07"} in found["articles"]


def test_draft_is_saved_by_its_revision(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)
    loaded = desk.get(f"{address}/model.bpmn")
    assert loaded.headers["etag"] == '"0"'

    saved = put(desk, address, without_role(loaded.content), 0)

    assert saved.json()["revision"] == 1
    assert [one["rule"] for one in saved.json()["problems"]] == ["role-missing"]
    assert diagram(desk, address) == without_role(loaded.content)
    assert put(desk, address, loaded.content, 0).status_code == 409
    assert "他人刚刚保存过" in put(desk, address, loaded.content, 0).json()["message"]
    assert put(desk, address, loaded.content, None).status_code == 409
    assert diagram(desk, address) == without_role(loaded.content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<bpmn",
        b"<html></html>",
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        b"x" * (2 * 1024 * 1024 + 1),
    ],
)
def test_what_is_no_diagram_is_not_saved(site: Site, content: bytes):
    desk = site.desk("model_admin")
    address = new_draft(desk)
    before = diagram(desk, address)

    refused = put(desk, address, content, 0)

    assert refused.status_code == 422
    assert refused.json()["message"]
    assert diagram(desk, address) == before


def test_lint_looks_at_what_was_sent_and_saves_nothing(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)
    before = diagram(desk, address)

    sent = {"content": without_role(before), "headers": {"Content-Type": "application/xml"}}
    found = desk.send("POST", f"{address}/lint", **sent).json()["problems"]

    assert [(one["severity"], one["element"], one["rule"]) for one in found] == [
        ("policy", "examine_papers", "role-missing")
    ]
    assert "没有指定谁来办" in found[0]["message"]
    assert diagram(desk, address) == before


def test_publishing_makes_the_next_version_and_is_refused_with_problems(site: Site, walk: Walk):
    desk = site.desk("model_admin")
    address = new_draft(desk, "岗位调整")
    good = diagram(desk, address)
    put(desk, address, without_role(good), 0)

    refused = desk.send("POST", f"{address}/publish", json={})

    assert refused.status_code == 422
    assert [one["rule"] for one in refused.json()["problems"]] == ["role-missing"]
    assert published(site) == [1]

    put(desk, address, good.replace("审查材料".encode(), "审查申请".encode()), 1)
    answer = desk.send("POST", f"{address}/publish", json={})

    assert answer.json()["version"] == 2
    assert published(site) == [1, 2]
    with site.database.read() as session:
        running = session.get_one(ModelVersion, walk.case().model_version_id)
        assert running.number == 1
        assert model_store.current(session, KEY).note == "岗位调整"
        kinds = session.scalars(select(AdminEvent.kind).where(AdminEvent.actor_name == "马超"))
        assert {"model.drafted", "model.published"} <= set(kinds)
    assert desk.get(address).headers["location"] == f"/models/{KEY}/versions/2"
    assert put(desk, address, good, 2).status_code == 409
    assert desk.send("POST", f"{address}/publish", json={}).status_code == 409


def test_a_draft_that_changes_nothing_is_no_version(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)

    refused = desk.send("POST", f"{address}/publish", json={})

    assert refused.status_code == 409
    assert refused.json()["message"] == "草稿与使用中的第 1 版内容相同，没有可发布的修改。"
    assert published(site) == [1]


def test_note_is_kept_and_limited(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)

    assert desk.post(f"{address}/note", {"note": "补充送达环节"}).status_code == 204
    assert desk.post(f"{address}/note", {"note": "长" * 501}).status_code == 422

    assert "补充送达环节" in desk.get(address).text


def test_discarded_draft_is_gone(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)

    assert desk.post(f"{address}/discard").status_code == 303

    assert desk.get(address).status_code == 404
    assert desk.get(f"{address}/model.bpmn").status_code == 404
    assert address not in desk.get("/models").text


@pytest.mark.parametrize(
    "path",
    [
        f"/models/{KEY}/versions/9",
        f"/models/{KEY}/versions/9/model.bpmn",
        "/models/nothing/versions/1",
        f"/models/{KEY}/drafts/00000000-0000-7000-8000-000000000000",
        f"/models/{KEY}/drafts/what",
    ],
)
def test_what_is_not_there_is_not_found(site: Site, path: str):
    assert site.desk("model_admin").get(path).status_code == 404


def test_only_who_may_draw_may_draw(site: Site):
    address = new_draft(site.desk("model_admin"))
    reader, clerk = site.desk("sys_admin"), site.desk("window")

    assert reader.get("/models").status_code == 200
    assert address not in reader.get("/models").text
    assert reader.get(f"/models/{KEY}/versions/1").status_code == 200
    for desk in (reader, clerk):
        assert desk.get(address).status_code == 403
        assert desk.post(f"/models/{KEY}/drafts").status_code == 403
        assert put(desk, address, b"<a/>", 0).status_code == 403
        assert desk.send("POST", f"{address}/publish", json={}).status_code == 403
        assert desk.post(f"{address}/discard").status_code == 403
    assert clerk.get("/models").status_code == 403
    assert site.stranger().get("/models").headers["location"].startswith("/login")


def test_a_change_needs_the_token_of_the_session(site: Site):
    desk = site.desk("model_admin")
    address = new_draft(desk)
    desk.csrf = "somebody-else"

    assert desk.send("POST", f"{address}/publish", json={}).status_code == 403
    assert put(desk, address, b"<a/>", 0).status_code == 403
    assert desk.post(f"{address}/discard").status_code == 403
    assert published(site) == [1]
