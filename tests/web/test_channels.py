"""The pages about what leaves the machine: how channels fare, the own addresses, and how a receipt was given."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jieban.audit.tables import AdminEvent
from jieban.database import Database
from jieban.staff.tables import StaffAddress, User
from notifications import sending
from notifications.tables import ChannelState, Delivery
from tests.outside import SECRET, Gateway, gateway, write_channels
from tests.people import TOWN, People
from tests.web.site import Site
from tests.workflows.walk import Walk


@pytest.fixture
def sms() -> Iterator[Gateway]:
    with gateway() as server:
        yield server


@pytest.fixture
def wired(
    sqlite_database: Database, people: People, sms: Gateway, now: datetime, tmp_path: Path
) -> Iterator[Site]:
    """The application with one channel for text messages, as its file says."""
    write_channels(tmp_path, sms=sms)
    with Site.open(sqlite_database, now, tmp_path) as opened:
        yield opened


def send(site: Site) -> None:
    sending.deliver(site.database, site.app.state.channels, site.now, "run-1", 5)


def test_the_case_says_how_the_receipt_was_given_and_what_became_of_it(
    wired: Site, people: People, sms: Gateway
) -> None:
    """On paper in any case; by text message only once it was taken."""
    walk = Walk.begin(wired.database, people, wired.now)
    desk = wired.desk("window")
    assert "短信待发送" in desk.get(f"/cases/{walk.case_id}").text
    send(wired)
    page = desk.get(f"/cases/{walk.case_id}").text
    assert "短信已送达 2026-11-24 10:00" in page
    assert "首接回执已通过短信送达本人" in page
    with wired.database.write() as session:
        session.execute(update(User).where(User.username == "window").values(locale="en"))
        session.execute(update(Delivery).values(state="failed"))
    page = desk.get(f"/cases/{walk.case_id}").text
    assert "短信 not delivered; please tell the person" in page
    assert "First-contact receipt delivered to the person by 短信" in page


def test_the_health_page_says_how_a_channel_fares_and_sends_again(
    wired: Site, people: People, sms: Gateway
) -> None:
    """Who may keep the installation running sees it; what they let be sent again is written down."""
    desk = wired.desk("sys_admin")
    assert "还没有用过" in desk.get("/admin/health").text
    sms.status = 500
    Walk.begin(wired.database, people, wired.now)
    for _ in range(3):
        send(wired)
        wired.forward(hours=1)
    with wired.database.write() as session:
        resting = session.get_one(ChannelState, "sms")
        assert (resting.failures, resting.last_error) == (3, "对方答复 500")
        resting.paused_until = wired.now + timedelta(minutes=5)
        session.execute(update(Delivery).values(state="failed"))
        other = Delivery(key="x", channel="gone", kind="digest", text="t", state="failed")
        other.id, other.created_at, other.not_before = people.window.id, wired.now, wired.now
        session.add(other)

    page = desk.get("/admin/health").text
    assert "暂停至 2026-11-24 13:05" in page
    assert "对方答复 500" in page
    assert "已不在配置中" in page
    assert SECRET not in page
    assert wired.desk("window").post("/admin/channels/sms/again").status_code == 403
    assert desk.post("/admin/channels/gone/again").status_code == 303
    assert desk.post("/admin/channels/sms/again").status_code == 303
    sms.status = 200
    send(wired)
    with wired.database.read() as session:
        states = dict(session.execute(select(Delivery.channel, Delivery.state)).all())
        act = session.scalars(select(AdminEvent).where(AdminEvent.kind == "delivery.again")).one()
    assert states == {"sms": "delivered", "gone": "failed"}
    assert act.data == {"channel": "短信", "number": 1}


def test_a_wrong_file_stands_on_the_health_page_and_nothing_else_stops(
    sqlite_database: Database, people: People, now: datetime, tmp_path: Path
) -> None:
    (tmp_path / "channels.toml").write_text('[[channel]]\nkey = "sms"\nname = "短信"\nkind = "pigeon"\n')
    with Site.open(sqlite_database, now, tmp_path) as site:
        page = site.desk("sys_admin").get("/admin/health")
        Walk.begin(site.database, people, site.now)
    assert "第 1 行起的渠道，kind：“pigeon”不能用" in page.text
    assert "改正以前，什么也不会发出" in page.text
    with sqlite_database.read() as session:
        assert session.scalars(select(Delivery.id)).all() == []


def test_people_look_after_their_own_addresses_and_choose_what_goes_there(wired: Site) -> None:
    """A wrong one is named; each change is written down, masked."""
    desk = wired.desk("window")
    assert "发到手机" in desk.get("/account").text
    wrong = desk.post("/account", {"mobile": "0539-123", "mail": "nobody", "reminders": "also"})
    assert wrong.status_code == 422
    assert "座机收不到短信" in wrong.text
    assert "邮箱地址格式不正确" in wrong.text
    assert 'value="nobody"' in wrong.text

    given = {"mobile": "+86 138-0000-1234", "mail": "wang@example.gov.cn", "reminders": "also"}
    assert desk.post("/account", given).status_code == 303
    assert desk.post("/account", given).status_code == 303
    with wired.database.read() as session:
        address = session.scalars(select(StaffAddress)).one()
        (act,) = session.scalars(select(AdminEvent).where(AdminEvent.kind == "user.addresses"))
    assert (address.mobile, address.mail, address.reminders) == ("13800001234", "wang@example.gov.cn", True)
    assert act.data["mobile"] == "空 → 138****1234"
    assert "13800001234" not in str(act.data)
    assert "本人修改联系方式" in wired.desk("sys_admin").get("/admin/health").text


def test_an_administrator_gives_addresses_and_leaves_the_choice_to_the_person(wired: Site) -> None:
    with wired.database.write() as session:
        user = session.scalars(select(User).where(User.username == "window")).one()
        session.add(StaffAddress(user_id=user.id, mobile="13800001234", mail="", reminders=True))
    desk = wired.desk("sys_admin")
    assert 'value="13800001234"' in desk.get(f"/admin/users/{user.id}").text
    form = {
        "name": "王芳",
        "area_code": TOWN,
        "roles": ["town.window"],
        "mobile": "1390000",
        "mail": "w@example.gov.cn",
    }

    assert "手机号码应为 11 位数字" in desk.post(f"/admin/users/{user.id}", form).text
    assert desk.post(f"/admin/users/{user.id}", form | {"mobile": "13900005678"}).status_code == 303
    with wired.database.read() as session:
        address = session.get_one(StaffAddress, user.id)
        (act,) = session.scalars(select(AdminEvent).where(AdminEvent.kind == "user.changed"))
    assert (address.mobile, address.mail, address.reminders) == ("13900005678", "w@example.gov.cn", True)
    assert act.data["mobile"] == "138****1234 → 139****5678"
