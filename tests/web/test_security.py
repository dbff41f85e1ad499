import pytest

from tests.web.site import Site
from tests.workflows.walk import Walk

FOREIGN = "请求来源无法确认"


@pytest.mark.parametrize("path", ["/login", "/no-such-page", "/static/app.css", "/healthz", "/api/v1/tasks"])
def test_every_answer_carries_the_protective_headers(site: Site, path: str) -> None:
    headers = site.stranger().get(path).headers

    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/", "/cases", "/cases/new", "/cases/import", "/overdue", "/no-such-page"])
def test_no_page_of_the_office_may_be_styled_from_within(site: Site, walk: Walk, path: str) -> None:
    desk = site.desk("window")

    assert "style-src 'self';" in desk.get(path).headers["content-security-policy"]
    task = f"/tasks/{walk.open_tasks()[0].id}"
    assert "style-src 'self';" in desk.get(task).headers["content-security-policy"]


def test_only_pages_with_a_diagram_may_write_styles(site: Site, walk: Walk) -> None:
    """The library of the diagram writes them; nothing else is let through for it."""
    admin = site.desk("model_admin")
    draft = admin.post("/models/subsistence_allowance/drafts", {}).headers["location"]
    answers = [
        site.desk("window").get(f"/cases/{walk.case_id}"),
        admin.get("/models/subsistence_allowance/versions/1"),
        admin.get(draft),
    ]

    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "style-src 'self' 'unsafe-inline';" in policy
        assert "script-src 'self';" in policy


def test_pages_about_people_are_not_kept_by_browsers(site: Site, walk: Walk) -> None:
    assert site.desk("window").get(f"/cases/{walk.case_id}").headers["cache-control"] == "no-store"


def test_a_form_without_the_token_changes_nothing(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    task = walk.open_tasks()[0]

    answer = desk.client.post(f"/tasks/{task.id}/claim", data={"back": ""})

    assert answer.status_code == 403
    assert FOREIGN in answer.text
    assert walk.open_tasks()[0].assignee_id is None


@pytest.mark.parametrize(
    "header",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_of_another_site_changes_nothing(site: Site, walk: Walk, header: dict[str, str]) -> None:
    task = walk.open_tasks()[0]

    answer = site.desk("window").post(f"/tasks/{task.id}/claim", headers=header)

    assert answer.status_code == 403
    assert walk.open_tasks()[0].assignee_id is None


def test_nobody_can_be_signed_in_from_another_site(site: Site) -> None:
    answer = site.stranger().post("/login", {"username": "window"}, headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


def test_a_token_of_another_session_does_not_count(site: Site, walk: Walk) -> None:
    desk, other = site.desk("window"), site.desk("window2")
    desk.csrf = other.csrf

    assert desk.post(f"/tasks/{walk.open_tasks()[0].id}/claim").status_code == 403


def test_a_body_of_thirty_megabytes_is_refused_with_a_sentence(site: Site, walk: Walk) -> None:
    file = {"upload": ("scan.pdf", b"%PDF-" + b"0" * 30 * 1024 * 1024, "application/pdf")}

    answer = site.desk("window").post(f"/cases/{walk.case_id}/papers", {"kind": "id_card"}, files=file)

    assert answer.status_code == 413
    assert "超过 25 MB" in answer.text


def test_a_program_that_sends_too_much_is_told_in_json(site: Site) -> None:
    answer = site.desk("window").send("POST", "/api/v1/cases", content=b"0" * 30 * 1024 * 1024)

    assert answer.status_code == 413
    assert "25 MB" in answer.json()["message"]


def test_a_body_that_hides_its_length_is_cut_off(site: Site) -> None:
    def endless() -> object:
        for _ in range(40):
            yield b"0" * 1024 * 1024

    answer = site.desk("window").send("POST", "/api/v1/cases", content=endless())

    assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/", "/cases", "/cases/new", "/overdue", "/admin/users", "/messages"])
def test_without_signing_in_there_is_only_the_sign_in_page(site: Site, path: str) -> None:
    answer = site.stranger().get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login")


def test_an_address_that_cannot_be_is_a_page_that_is_not_there(site: Site) -> None:
    answer = site.desk("window").get("/tasks/not-an-id")

    assert answer.status_code == 404
    assert "没有这个页面" in answer.text


@pytest.mark.parametrize("path", ["/?view=everything", "/cases?state=half"])
def test_an_unknown_choice_in_the_address_gets_a_sentence(site: Site, path: str) -> None:
    answer = site.desk("window").get(path)

    assert answer.status_code == 422
    assert "参数有误" in answer.text
