"""Handing one message to one channel. Nothing here knows a database, and nothing is sent inside a transaction."""

import base64
import hashlib
import hmac
import http.client
import json
import re
import smtplib
import ssl
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, parseaddr
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode, urlsplit

from notifications.channels.config import Channel, Mail, Webhook

_LONGEST_ANSWER = 65536
_PLACE = re.compile(r"\{(address|text|signature|id|secret)\}")
_UNCLEAR_STATUS = frozenset({502, 504})
"""A gateway speaks, and nobody knows what the server behind it did."""
_NO_SUCH_BOX = re.compile(r"5\.1\.[0-9]")
"""What a server says of an address alone (RFC 3463); a bare 550 may as well mean that it relays nothing for us."""


@dataclass(frozen=True)
class Outgoing:
    """What is sent: its id stays the same however often it is tried."""

    id: uuid.UUID
    address: str
    subject: str
    text: str
    now: datetime


class NotSent(Exception):  # noqa: N818 - reads as what happened
    """It certainly did not arrive; `for_good` where trying again is useless, which says nothing against the channel."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        self.reason, self.for_good = reason, for_good
        super().__init__(reason)


class Unclear(Exception):  # noqa: N818
    """It was handed over and nobody said what became of it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class MailSender:
    """Sends by an SMTP server over one connection, which is made when the first mail goes out."""

    def __init__(self, channel: Channel, way: Mail) -> None:
        self._channel, self._way = channel, way
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def send(self, item: Outgoing) -> None:
        """Send one mail, or raise NotSent or Unclear."""
        message = compose(item, self._way.sender)
        try:
            server = self._connected()
            self._say(server.mail(parseaddr(self._way.sender)[1]), {250}, "发件人")
            self._say(server.rcpt(item.address), {250, 251}, "收件人")
        except (OSError, smtplib.SMTPException) as error:
            self._leave()
            raise NotSent(self._why(error)) from error
        except NotSent:
            self._leave()
            raise
        try:
            code, answer = server.data(message.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:
            self._leave()
            raise NotSent(f"邮件服务器不接收：{error.smtp_code} {_text(error.smtp_error)}") from error
        except (OSError, smtplib.SMTPException) as error:
            self._leave()
            raise Unclear(f"邮件已经交出，服务器没有答复：{self._why(error)}") from error
        if code != 250:
            self._leave()
            raise NotSent(f"邮件服务器不接收：{code} {_text(answer)}")

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        way, timeout = self._way, self._channel.timeout
        # Named here, since the library would ask the name servers for the name of this machine.
        own = parseaddr(way.sender)[1].partition("@")[2]
        if way.security == "tls":
            context = _context(way.ca_file)
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                way.host, way.port, local_hostname=own, timeout=timeout, context=context
            )
        else:
            server = smtplib.SMTP(way.host, way.port, local_hostname=own, timeout=timeout)
        self._server = server
        if way.security == "starttls":
            server.starttls(context=_context(way.ca_file))
        if way.user:
            server.login(way.user, way.password)
        server.ehlo_or_helo_if_needed()
        return server

    def _leave(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _say(self, answer: tuple[int, bytes], good: set[int], what: str) -> None:
        code, words = answer[0], _text(answer[1])
        if code not in good:
            nobody = what == "收件人" and _NO_SUCH_BOX.match(words) is not None
            raise NotSent(f"邮件服务器不接受{what}：{code} {words}", for_good=nobody)

    def _why(self, error: Exception) -> str:
        if isinstance(error, smtplib.SMTPResponseException):
            return f"邮件服务器答复 {error.smtp_code} {_text(error.smtp_error)}"
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return "邮件服务器不支持所设的加密或登录方式"
        return _away(error, self._channel)


def compose(item: Outgoing, sender: str) -> EmailMessage:
    """Write a mail; what comes from data stays within its header, however it is written."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(item.subject.split())
    message["From"] = formataddr((name, address))
    message["To"] = item.address
    message["Date"] = format_datetime(item.now)
    message["Message-ID"] = f"<{item.id}@{address.partition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(item.text.replace("\r", ""))
    return message


class WebhookSender:
    """Sends by one POST for each message. Redirects are not followed, and no proxy or login of the machine is used."""

    def __init__(self, channel: Channel, way: Webhook) -> None:
        self._channel, self._way = channel, way

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing stays open between two messages."""

    def send(self, item: Outgoing) -> None:
        """Send one message, or raise NotSent or Unclear."""
        status, answer = self._post(item)
        if status in _UNCLEAR_STATUS:
            raise Unclear(f"对方网关答复 {status}，不知道是否已经发出")
        if 300 <= status < 400:
            raise NotSent(f"对方要求转到别的地址（{status}），本系统不跟随；请在配置中写最终的地址")
        if not 200 <= status < 300:
            raise NotSent(f"对方答复 {status}")
        if not self._way.accepted_when:
            return
        try:
            said = json.loads(answer)
        except (ValueError, RecursionError):
            raise Unclear("对方的答复不是 JSON，不知道是否已经接受") from None
        for name, wanted in self._way.accepted_when.items():
            found = _dig(said, name)
            if str(found) != str(wanted):
                raise NotSent(f"对方没有接受：{name} 为 {found!s:.60}{_reason(said)}")

    def _post(self, item: Outgoing) -> tuple[int, bytes]:
        way = self._way
        values = {
            "address": item.address,
            "text": item.text,
            "signature": self._channel.signature,
            "id": str(item.id),
            "secret": way.secret,
        }
        filled = _fill(way.body, values)
        kind = "application/x-www-form-urlencoded" if way.form else "application/json"
        body = urlencode(filled) if way.form else json.dumps(filled, ensure_ascii=False)
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Idempotency-Key": str(item.id),
            **_fill(way.headers, values),
        }
        parts = urlsplit(way.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if way.signed_as == "dingtalk":
            target += f"{'&' if parts.query else '?'}{signed_for_dingtalk(way.secret, item.now)}"
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            try:
                connection.connect()
            except (OSError, http.client.HTTPException) as error:
                raise NotSent(_away(error, self._channel)) from error
            try:
                connection.request("POST", target, body.encode(), headers)
                answer = connection.getresponse()
                return answer.status, answer.read(_LONGEST_ANSWER)
            except (OSError, http.client.HTTPException) as error:
                raise Unclear(f"消息已经交出，对方没有答复（{type(error).__name__}）") from error
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        timeout = self._channel.timeout
        if scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout)
        context = _context(self._way.ca_file)
        return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def sender_of(channel: Channel) -> MailSender | WebhookSender:
    """Make what sends by a channel; it connects when something is sent."""
    if isinstance(channel.way, Mail):
        return MailSender(channel, channel.way)
    return WebhookSender(channel, channel.way)


def signed_for_dingtalk(secret: str, now: datetime) -> str:
    """Sign a call to a robot of DingTalk as its page on custom robots describes: moment and HMAC-SHA256."""
    moment = str(int(now.timestamp() * 1000))
    digest = hmac.digest(secret.encode(), f"{moment}\n{secret}".encode(), hashlib.sha256)
    return f"timestamp={moment}&sign={quote(base64.b64encode(digest), safe='')}"


def _fill(shape: Any, values: Mapping[str, str]) -> Any:
    """Put values into the places of a shape, once: what a value holds is never looked at again."""
    if isinstance(shape, str):
        return _PLACE.sub(lambda found: values[found[1]], shape)
    if isinstance(shape, dict):
        return {name: _fill(one, values) for name, one in shape.items()}
    if isinstance(shape, list):
        # A robot is told whom to mention only where there is somebody to mention.
        return [filled for one in shape if (filled := _fill(one, values)) != ""]
    return shape


def _dig(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _reason(said: Any) -> str:
    names = ("errmsg", "msg", "message", "desc")
    found = next((said[name] for name in names if isinstance(said, dict) and said.get(name)), "")
    return f"（{found!s:.100}）" if found else ""


def _context(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


def _away(error: Exception, channel: Channel) -> str:
    # The mail library says of a timeout that the connection was closed.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"{channel.where} 在 {channel.timeout:g} 秒内没有答复"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{channel.where} 的证书无法验证"
    return f"连接不上 {channel.where}（{type(error).__name__}）"


def _text(answer: object) -> str:
    words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
    return " ".join(words.split())[:150]
