"""The file of channels: what is taken from it, and the sentence where it is wrong."""

from datetime import time
from pathlib import Path

import pytest

from notifications.channels import Channels, ChannelsRefused, read_channels
from notifications.channels.config import Mail, Webhook, load_channels

GOOD = """
query_address = "https://jz.example.gov.cn/progress"

[[channel]]
key = "mail"
name = "单位邮箱"
kind = "mail"
for = ["staff", "ledger_heads"]
host = "smtp.example.gov.cn"
from = "接办 <jieban@example.gov.cn>"
user = "jieban"
password_file = "password"
to = ["audit@example.gov.cn"]

[[channel]]
key = "sms"
name = "短信"
kind = "webhook"
for = ["staff", "applicants"]
url = "https://sms.example.gov.cn/v1/send?app=7"
secret_env = "SMS_SECRET"
headers = { Authorization = "Bearer {secret}" }
body = { phone = "{address}", content = "{text}" }
accepted_when = { "result.code" = "0" }
signature = "【东河县民政局】"
hours = "07:30-21:00"
kinds = ["escalation", "receipt"]
per_minute = 30
timeout = 5

[[channel]]
key = "group"
name = "工作群"
kind = "wecom"
for = ["staff"]
url_file = "robot"
"""


@pytest.fixture(autouse=True)
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "password").write_text("open-sesame-7\n")
    (tmp_path / "robot").write_text("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=very-secret\n")
    (tmp_path / "empty").write_text("\n")
    monkeypatch.setenv("SMS_SECRET", "sms-secret-7")


def write(folder: Path, text: str) -> Path:
    path = folder / "channels.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_right_file_names_the_channels(tmp_path: Path) -> None:
    """Secrets come from files and the environment, and stand in nothing that could be printed."""
    channels = load_channels(write(tmp_path, GOOD))

    mail, sms, group = channels
    assert isinstance(mail.way, Mail)
    assert (mail.way.port, mail.way.security, mail.way.password) == (587, "starttls", "open-sesame-7")
    assert (mail.idempotent, sms.idempotent, group.idempotent) == (True, False, False)
    assert isinstance(sms.way, Webhook)
    assert (sms.signature, sms.hours, sms.per_minute) == ("东河县民政局", (time(7, 30), time(21)), 30)
    assert [one.key for one in channels.for_("applicants", "receipt")] == ["sms"]
    assert channels.for_("applicants", "letter") == []
    assert [one.key for one in channels.for_("staff", "escalation")] == ["mail", "sms", "group"]
    assert (group.per_minute, group.where) == (20, "https://qyapi.weixin.qq.com/…")
    assert sms.where == "https://sms.example.gov.cn/…"
    for secret in ("open-sesame-7", "sms-secret-7", "very-secret"):
        assert secret not in repr(channels)


def test_no_file_means_no_channel(tmp_path: Path) -> None:
    assert read_channels(tmp_path / "channels.toml") == Channels()
    assert not read_channels(tmp_path / "channels.toml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('key = "mail"', "key = mail", "第 5 行第 7 个字符处看不懂"),
        ('key = "mail"', 'key = "Mail!"', "第 4 行起的渠道，key：“Mail!”应为小写字母开头"),
        ('key = "sms"', 'key = "mail"', "第 15 行起的渠道，key：“mail”已经用过"),
        ('name = "短信"\n', "", "第 15 行起的渠道，name：请写上渠道的中文名称"),
        ('kind = "wecom"', 'kind = "file"', "第 31 行起的渠道，kind：“file”不能用，可以写：mail、webhook"),
        ('for = ["staff"]', 'for = ["applicants"]', 'for：应为 ["…"]，可以写：staff'),
        ('"escalation", "receipt"', '"everything"', "kinds：应为"),
        ('to = ["audit@example.gov.cn"]\n', "", "to：请写上收链头的邮箱"),
        ("audit@example.gov.cn", "audit@x.cn\\nBcc: y@z.cn", "to：应为邮箱地址的列表"),
        ('password_file = "password"', 'password = "1234"', "password：密码不能直接写在这里"),
        ('password_file = "password"', 'password_file = "nowhere"', "password_file：文件 nowhere 无法读取"),
        ('password_file = "password"', 'password_file = "empty"', "password_file：内容是空的"),
        ('user = "jieban"\n', "", "password_file：user 和 password_file"),
        ('host = "smtp', 'security = "none"\nhost = "smtp', "security：不加密的连接不能带密码"),
        ('host = "smtp.', 'host = "smtp://', "host：“smtp://example.gov.cn”不是服务器地址"),
        ("接办 <jieban@example.gov.cn>", "接办", "from：“接办”中没有邮箱地址"),
        ("https://sms.", "http://sms.", "url：“http://sms.example.gov.cn/v1/send?app=7”没有加密"),
        ("https://sms.", "file:///etc/passwd?", "应以 https:// 开头；本地文件和其他协议不能用"),
        ("https://sms.", "https://me:pw@sms.", "网址里不能带用户名和密码"),
        ('accepted_when = { "result.code" = "0" }\n', "", "accepted_when：请写上什么样的答复表示已接受"),
        ("Authorization =", '"X: y" =', "headers：“X: y”不能用作 HTTP 标头"),
        ('signature = "【东河县民政局】"\n', "", "signature：发给申请人的短信要有单位签名"),
        ('hours = "07:30-21:00"', 'hours = "21:00-07:30"', "hours：“21:00-07:30”应写成"),
        ("timeout = 5", "timeout = 600", "timeout：应为 1 至 30 之间的数"),
        ("timeout = 5", "retries = 5", "retries：没有这一项"),
        ('url_file = "robot"', 'url = "https://x.cn"', "url：密码不能直接写在这里"),
        ('query_address = "', 'query_addres = "', "query_addres：没有这一项"),
    ],
)
def test_a_wrong_file_says_where_and_what_to_do(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))

    with pytest.raises(ChannelsRefused) as refused:
        load_channels(path)

    assert said in refused.value.message
    assert str(path) in refused.value.message
    assert read_channels(path) == Channels(error=refused.value.message)
    for secret in ("open-sesame-7", "sms-secret-7", "very-secret"):
        assert secret not in refused.value.message
