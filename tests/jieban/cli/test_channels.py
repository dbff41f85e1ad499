"""The commands about channels: what is set up, a try, and the addresses of staff."""

import json

import pytest
from sqlalchemy import select

from jieban.audit.tables import AdminEvent
from jieban.cli.app import run
from jieban.staff.tables import StaffAddress
from notifications.tables import Delivery
from tests.outside import SECRET, gateway, mail_server, write_channels


@pytest.fixture
def jieban(sqlite_database, tmp_path, monkeypatch, capsys):
    """Run a command on the test's database: the exit code, what was printed, and what was complained about."""
    monkeypatch.setenv("JIEBAN_DATA", str(tmp_path))
    monkeypatch.setenv("JIEBAN_DATABASE_URL", sqlite_database.url)

    def call(*arguments):
        code = run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return code, printed.out.strip(), printed.err.strip()

    return call


def test_channels_are_checked_and_tried(jieban, sqlite_database, tmp_path):
    """Secrets are not shown, a try leaves no delivery, and who was written to is recorded, masked."""
    assert "没有配置发送渠道" in jieban("channels", "check")[1]
    with mail_server() as post, gateway() as sms:
        path = write_channels(tmp_path, post, sms)
        code, out, _ = jieban("channels", "check")
        assert (code, SECRET in out, "***" in out) == (0, False, True)
        assert json.loads(jieban("channels", "check", "--json")[1])[1]["key"] == "sms"

        assert jieban("channels", "test", "sms", "--to", "13800001234") == (
            0,
            "短信已接受发给 138****1234 的消息。",
            "",
        )
        assert sms.bodies[0]["content"].startswith("【东河县民政局】这是一条试发的消息")
        assert jieban("channels", "test", "mail", "--to", "w@example.gov.cn")[0] == 0
        assert post.mails[0]["To"] == "w@example.gov.cn"
        assert jieban("channels", "test", "sms", "--to", "0539-1")[2] == "请用 --to 写上 11 位手机号码。"
        assert jieban("channels", "test", "mail")[2] == "请用 --to 写上收件的邮箱。"
        assert "没有代号为“fax”的渠道" in jieban("channels", "test", "fax", "--to", "1")[2]
        sms.status = 403
        assert jieban("channels", "test", "sms", "--to", "13800001234")[2] == "没有成功：对方答复 403。"
    path.write_text('[[channel]]\nkey = "x"\n')
    assert "第 1 行起的渠道，name：" in jieban("channels", "check")[2]
    with sqlite_database.read() as session:
        assert session.scalars(select(Delivery.id)).all() == []
        tried = session.scalars(select(AdminEvent.data).where(AdminEvent.kind == "channel.tested")).all()
    assert tried[0] == {"channel": "短信", "to": "138****1234"}


def test_addresses_of_staff_are_given_on_the_command_line(jieban, sqlite_database):
    assert jieban("users", "address", "window", "--mobile", "138 0000 1234")[0] == 0
    assert "邮箱地址格式不正确" in jieban("users", "address", "window", "--mail", "nobody")[2]
    with sqlite_database.read() as session:
        assert session.scalars(select(StaffAddress.mobile)).one() == "13800001234"
