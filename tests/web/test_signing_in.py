import pytest
from sqlalchemy import select, update

from jieban.audit.tables import AdminEvent
from jieban.staff.tables import User, WebSession
from tests.people import PASSWORD
from tests.web.site import Site
from web.security.visitor import COOKIE

WRONG = "用户名或密码不正确。"


def _sign_in(site: Site, username: str, password: str = PASSWORD, **more: str) -> tuple[int, str, str]:
    answer = site.stranger().post("/login", {"username": username, "password": password, **more})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_a_right_password_opens_the_worklist(site: Site) -> None:
    desk = site.stranger()

    answer = desk.post("/login", {"username": " WINDOW ", "password": PASSWORD})

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "王芳" in desk.get("/").text


def test_the_cookie_cannot_be_read_by_scripts(site: Site) -> None:
    answer = site.stranger().post("/login", {"username": "window", "password": PASSWORD})

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("username", ["window", "there-is-nobody-of-this-name"])
def test_unknown_names_and_wrong_passwords_are_told_the_same(site: Site, username: str) -> None:
    status, _, text = _sign_in(site, username, "wrong")

    assert status == 401
    assert WRONG in text


def test_guessing_is_slowed_down(site: Site) -> None:
    for _ in range(5):
        _sign_in(site, "window", "wrong")

    refused = site.stranger().post("/login", {"username": "window", "password": PASSWORD})
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "900"
    assert "尝试次数过多，请 15 分钟后再试。" in refused.text

    site.forward(minutes=16)
    assert _sign_in(site, "window")[0] == 303


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"]
)
def test_signing_in_never_leads_to_another_site(site: Site, target: str) -> None:
    assert _sign_in(site, "window", next=target)[1] == "/"


def test_signing_in_leads_to_where_one_was_going(site: Site) -> None:
    asked = site.stranger().get("/cases")

    assert asked.headers["location"] == "/login?next=/cases"
    assert _sign_in(site, "window", next="/cases")[1] == "/cases"


def test_signing_out_ends_the_session_on_the_server(site: Site) -> None:
    desk = site.desk("window")

    desk.post("/logout")

    with site.database.read() as session:
        assert session.scalars(select(WebSession)).all() == []


def test_an_idle_session_ends(site: Site) -> None:
    desk = site.desk("window")
    site.forward(hours=9)

    assert desk.get("/").headers["location"] == "/login"


def test_the_first_password_must_be_changed_before_anything_else(site: Site) -> None:
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "window").values(must_change_password=True))
    desk = site.desk("window")

    assert desk.get("/").headers["location"] == "/password"
    assert "初始密码" in desk.get("/password").text

    new = "lake-behind-the-hill-9"
    answer = desk.post("/password", {"current": PASSWORD, "password": new, "again": new})
    assert answer.status_code == 303
    assert desk.get("/").status_code == 200
    assert _sign_in(site, "window", new)[0] == 303
    with site.database.read() as session:
        assert session.scalars(select(AdminEvent.kind)).all() == ["user.password_changed"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"current": "wrong"}, "原密码不正确。"),
        ({"again": "something else"}, "两次输入的密码不一致。"),
        ({"password": "short", "again": "short"}, "密码至少需要 10 个字符。"),
        ({"password": PASSWORD, "again": PASSWORD}, "新密码不能与原密码相同。"),
    ],
)
def test_a_bad_new_password_is_refused_with_the_reason(
    site: Site, changes: dict[str, str], message: str
) -> None:
    new = "lake-behind-the-hill-9"
    answer = site.desk("window").post(
        "/password", {"current": PASSWORD, "password": new, "again": new, **changes}
    )

    assert answer.status_code == 422
    assert message in answer.text


def test_the_language_stays_with_the_account(site: Site) -> None:
    site.desk("window").post("/language", {"locale": "en", "back": "/"})

    page = site.desk("window").get("/").text
    assert 'lang="en"' in page
    assert "My tasks" in page
