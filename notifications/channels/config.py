"""The file of channels: what may leave the machine, for whom, and by which way."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from jieban.clock import CHINA
from jieban.database import Database
from jieban.errors import JiebanError
from notifications.channels.fields import LOOPBACK, Fields, Wrong

STAFF, APPLICANTS, HEADS = "staff", "applicants", "ledger_heads"
STAFF_KINDS = ("escalation", "red_card", "order", "contact", "yellow_card", "reminder", "handover", "digest")
OPTIONAL = frozenset({"yellow_card", "reminder", "handover", "digest"})
"""What a person may have in the program alone; what presses always goes out too."""
APPLICANT_KINDS = ("receipt", "interim", "feedback", "extension", "letter")
_KINDS_FOR = {STAFF: STAFF_KINDS, APPLICANTS: APPLICANT_KINDS, HEADS: ("ledger_head",)}
KINDS = ("mail", "webhook", "wecom", "dingtalk", "feishu")
ROBOTS = frozenset({"wecom", "dingtalk", "feishu"})
_MAY_BE_FOR = {
    "mail": (STAFF, HEADS),
    "webhook": (STAFF, APPLICANTS),
    "wecom": (STAFF,),
    "dingtalk": (STAFF,),
    "feishu": (STAFF,),
}
_SECURITY = {"starttls": 587, "tls": 465, "none": 25}
_PER_MINUTE = {"mail": 60, "webhook": 60, "wecom": 20, "dingtalk": 20, "feishu": 100}
"""What a channel is given in a minute where the file says nothing; a group robot takes no more than 20."""
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_HEADER = re.compile(r"^[ \t]*\[\[[ \t]*channel[ \t]*\]\]", re.MULTILINE)
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_IN_SESSION = "channels"


class ChannelsRefused(JiebanError):  # noqa: N818 - reads as the sentence it is
    """发送渠道的配置文件有误。"""


@dataclass(frozen=True)
class Mail:
    """An office's own mail server."""

    host: str
    port: int
    security: str
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""


@dataclass(frozen=True)
class Webhook:
    """An address that takes a message as a POST, and how its answer says that it has."""

    url: str = field(repr=False)
    body: Any = field(repr=False)
    accepted_when: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    form: bool = False
    secret: str = field(default="", repr=False)
    signed_as: str = ""
    ca_file: str = ""


@dataclass(frozen=True)
class Channel:
    """One way out of the machine."""

    key: str
    name: str
    kind: str
    audiences: frozenset[str]
    kinds: frozenset[str]
    way: Mail | Webhook
    signature: str = ""
    to: tuple[str, ...] = ()
    """who gets the heads of the ledger"""
    timeout: float = 10
    per_minute: int = 60
    hours: tuple[time, time] | None = None
    idempotent: bool = False
    """whether the receiver itself sees that a second copy is one"""

    @property
    def robot(self) -> bool:
        """Whether it speaks to a group rather than to one person."""
        return self.kind in ROBOTS

    def takes(self, audience: str, kind: str) -> bool:
        """Tell whether a kind of message goes out here to some audience."""
        return audience in self.audiences and kind in self.kinds

    def open_at(self, now: datetime) -> bool:
        """Tell whether its hours let it send now, by Chinese time."""
        if self.hours is None:
            return True
        return self.hours[0] <= now.astimezone(CHINA).time() < self.hours[1]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown, in whatever a receiver answers."""
        if isinstance(self.way, Mail):
            return tuple(filter(None, (self.way.password,)))
        return tuple(filter(None, (self.way.secret, self.way.url if self.robot else "")))

    @property
    def on_this_machine(self) -> bool:
        """Whether it leads no further than this machine: invented people may have the numbers of real ones."""
        return isinstance(self.way, Webhook) and urlsplit(self.way.url).hostname in LOOPBACK

    @property
    def where(self) -> str:
        """Say where it leads, without anything secret."""
        if isinstance(self.way, Mail):
            return f"{self.way.host}:{self.way.port}"
        return re.sub(r"^(https?://)(?:[^/@]*@)?([^/?#]*).*", r"\1\2/…", self.way.url)


@dataclass(frozen=True)
class Channels:
    """All ways out, or the sentence why the file names none that can be used."""

    all: tuple[Channel, ...] = ()
    error: str = ""
    query_address: str = ""
    """where applicants look their matter up, as it stands in what they are sent"""

    def __iter__(self) -> Iterator[Channel]:
        return iter(self.all)

    def __bool__(self) -> bool:
        return bool(self.all)

    def named(self, key: str) -> Channel | None:
        """Give the channel of a key."""
        return next((one for one in self.all if one.key == key), None)

    def for_(self, audience: str, kind: str) -> list[Channel]:
        """List the channels by which a kind of message goes out to some audience."""
        return [one for one in self.all if one.takes(audience, kind)]


def attach(database: Database, channels: Channels) -> None:
    """Let every session of a database know the channels; sessions that are open already do not."""
    database.info[_IN_SESSION] = channels


def channels_of(session: Session) -> Channels | None:
    """Give the channels by which messages of a session leave; None where there are none, which costs nothing."""
    found: Channels | None = session.info.get(_IN_SESSION)
    return found or None


def read_channels(path: Path) -> Channels:
    """Read the file of channels; a file that is not there names none, and one that is wrong says why and is left alone.

    The program works without channels, so a mistake here does not stop it; it stands on the health page.
    """
    try:
        return load_channels(path)
    except ChannelsRefused as error:
        return Channels(error=error.message)


def load_channels(path: Path) -> Channels:
    """Do the same, and raise ChannelsRefused with the place of the mistake."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Channels()
    except (OSError, UnicodeDecodeError) as error:
        raise ChannelsRefused(f"{path} 无法读取，请检查文件的权限，并保存为 UTF-8。") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ChannelsRefused(f"{path} 的格式有误：{_at(str(error))}") from error
    lines = [text.count("\n", 0, one.start()) + 1 for one in _HEADER.finditer(text)]
    try:
        return _channels(found, path.parent)
    except Wrong as wrong:
        place = f"第 {lines[wrong.number]} 行起的渠道，" if 0 <= wrong.number < len(lines) else ""
        raise ChannelsRefused(f"{path} {place}{wrong.sentence}") from None


def _at(words: str) -> str:
    found = re.search(r"at line (\d+), column (\d+)", words)
    if not found:
        return "文件没有写完整。"
    return f"第 {found[1]} 行第 {found[2]} 个字符处看不懂，文字应加引号，每行一项。"


def _channels(found: dict[str, Any], folder: Path) -> Channels:
    top = Fields(found, folder)
    address = top.text("query_address")
    given = found.get("channel", [])
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Wrong("channel", "每个渠道应以 [[channel]] 开头。")
    top.done(also=("channel",))
    channels: list[Channel] = []
    for number, one in enumerate(given):
        try:
            channels.append(_channel(Fields(one, folder), [other.key for other in channels]))
        except Wrong as wrong:
            raise Wrong(wrong.field, wrong.reason, number) from None
    return Channels(tuple(channels), query_address=address)


def _channel(given: Fields, used: list[str]) -> Channel:
    key = given.text("key", needed='请写上渠道的代号，例如 key = "sms"。')
    if not _KEY.fullmatch(key):
        raise Wrong("key", f"“{key}”应为小写字母开头的字母、数字、- 或 _，最多 40 个。")
    if key in used:
        raise Wrong("key", f"“{key}”已经用过，每个渠道的 key 应不同。")
    name = given.text("name", needed='请写上渠道的中文名称，例如 name = "短信"。', longest=20)
    kind = given.choice("kind", KINDS, "通过其他程序、附件或者本地文件发送的方式一律不支持")
    audiences = given.choices("for", _MAY_BE_FOR[kind], needed=True)
    possible = [one for audience in audiences for one in _KINDS_FOR[audience]]
    kinds = given.choices("kinds", possible) or possible
    channel = Channel(
        key=key,
        name=name,
        kind=kind,
        audiences=frozenset(audiences),
        kinds=frozenset(kinds),
        way=_mail(given) if kind == "mail" else _webhook(given, kind),
        signature=given.text("signature", longest=30).strip("【】"),
        to=tuple(given.mails("to")) if HEADS in audiences else (),
        timeout=given.number("timeout", 1, 30, 10),
        per_minute=int(given.number("per_minute", 1, 6000, _PER_MINUTE[kind])),
        hours=_hours(given.text("hours")),
        idempotent=given.switch("idempotent", default=kind == "mail"),
    )
    if HEADS in audiences and not channel.to:
        raise Wrong("to", '请写上收链头的邮箱，例如 to = ["audit@example.gov.cn"]。')
    if APPLICANTS in audiences and not given.has("signature"):
        raise Wrong("signature", '发给申请人的短信要有单位签名；由短信平台自己加的，写 signature = ""。')
    given.done()
    return channel


def _mail(given: Fields) -> Mail:
    security = given.choice("security", tuple(_SECURITY), "", default="starttls")
    user, password = given.text("user"), given.secret("password")
    if password and security == "none":
        raise Wrong("security", "不加密的连接不能带密码，请改为 starttls 或 tls。")
    if bool(user) != bool(password):
        raise Wrong("password_file", "user 和 password_file（或 password_env）要么都写，要么都不写。")
    return Mail(
        host=given.host("host"),
        port=int(given.number("port", 1, 65535, _SECURITY[security])),
        security=security,
        sender=given.sender("from"),
        user=user,
        password=password,
        ca_file=given.file("ca_file"),
    )


def _webhook(given: Fields, kind: str) -> Webhook:
    secret = given.secret("secret")
    if kind == "webhook":
        url = given.url("url")
        body = given.table(
            "body", needed='请写上发送的内容，例如 body = { phone = "{address}", content = "{text}" }。'
        )
        accepted = given.table(
            "accepted_when",
            needed="请写上什么样的答复表示已接受，例如 accepted_when = { code = 0 }；只看 HTTP 状态的写 accepted_when = {}。",
        )
        form = given.choice("format", ("json", "form"), "", default="json") == "form"
        if form and not all(isinstance(one, str) for one in body.values()):
            raise Wrong("body", "format 为 form 时，body 的每一项都应是文字。")
        return Webhook(url, body, accepted, given.headers("headers"), form, secret, "", given.file("ca_file"))
    # The address of a robot is itself the secret.
    url = given.secret_url("url")
    if kind != "dingtalk" and secret:
        raise Wrong("secret_file", "只有钉钉机器人的加签密钥写在这里；其他机器人请改用关键词或 IP 白名单。")
    body, accepted = ROBOT_FORMS[kind]
    return Webhook(
        url, body, accepted, secret=secret, signed_as=kind if secret else "", ca_file=given.file("ca_file")
    )


ROBOT_FORMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "wecom": (
        {"msgtype": "text", "text": {"content": "{text}", "mentioned_mobile_list": ["{address}"]}},
        {"errcode": 0},
    ),
    "dingtalk": (
        {"msgtype": "text", "text": {"content": "{text}"}, "at": {"atMobiles": ["{address}"]}},
        {"errcode": 0},
    ),
    "feishu": ({"msg_type": "text", "content": {"text": "{text}"}}, {"code": 0}),
}
"""What a robot takes, and what its answer says where it has: all of them answer 200 to what they refuse."""


def _hours(text: str) -> tuple[time, time] | None:
    if not text:
        return None
    found = _HOURS.fullmatch(text)
    if not found or found.group(1, 2) >= found.group(3, 4):
        raise Wrong("hours", f"“{text}”应写成 07:30-21:00 的样子，前早后晚。")
    return time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
