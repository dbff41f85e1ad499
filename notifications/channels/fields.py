"""Reading one table of the file of channels: each field once, with a sentence where it is wrong."""

import os
import re
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jieban.staff.addresses import is_mail

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252})")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Wrong(Exception):  # noqa: N818 - reads as the sentence it is
    """A field of the file is wrong: which, why, and of which channel, counted from nought."""

    def __init__(self, field: str, reason: str, number: int = -1) -> None:
        self.field, self.reason, self.number = field, reason, number
        super().__init__(reason)

    @property
    def sentence(self) -> str:
        return f"{self.field}：{self.reason}"


class Fields:
    """One table; what was not asked for in the end is a mistake of whoever wrote it."""

    def __init__(
        self, given: Mapping[str, Any], folder: Path, environ: Mapping[str, str] = os.environ
    ) -> None:
        self._given, self._folder, self._environ = given, folder, environ
        self._asked: set[str] = set()

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self._given.get(name)

    def has(self, name: str) -> bool:
        """Tell whether a field was written, even as empty."""
        return name in self._given

    def done(self, also: Sequence[str] = ()) -> None:
        """Refuse what nothing asked for: it may be a slip that changes what is sent."""
        for name in self._given:
            if name not in self._asked and name not in also:
                raise Wrong(name, "没有这一项，或者这种渠道用不上，请删去或者改正。")

    def text(self, name: str, *, needed: str = "", longest: int = 500) -> str:
        value = self._take(name)
        if value is None or value == "":
            if needed:
                raise Wrong(name, needed)
            return ""
        if not isinstance(value, str) or len(value) > longest or not value.isprintable():
            raise Wrong(name, f"应为一行文字，加引号，不超过 {longest} 个字。")
        return value

    def choice(self, name: str, choices: Sequence[str], why: str, *, default: str = "") -> str:
        value = self.text(name) or default
        if value not in choices:
            said = f"“{value}”不能用，" if value else "缺少这一项，"
            raise Wrong(name, f"{said}可以写：{'、'.join(choices)}{f'；{why}' if why else ''}。")
        return value

    def choices(self, name: str, choices: Sequence[str], *, needed: bool = False) -> list[str]:
        value = self._take(name)
        if value is None and not needed:
            return []
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(one in choices for one in listed):
            raise Wrong(name, f'应为 ["…"]，可以写：{"、".join(choices)}。')
        return listed

    def number(self, name: str, least: float, most: float, default: float) -> float:
        value = self._take(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise Wrong(name, f"应为 {least} 至 {most} 之间的数。")
        return value

    def switch(self, name: str, *, default: bool) -> bool:
        value = self._take(name)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise Wrong(name, "应为 true 或 false。")
        return value

    def table(self, name: str, *, needed: str) -> dict[str, Any]:
        value = self._take(name)
        if not isinstance(value, dict):
            raise Wrong(name, needed)
        return value

    def headers(self, name: str) -> dict[str, str]:
        value = self._take(name) or {}
        if not isinstance(value, dict):
            raise Wrong(name, '应写成 headers = { Authorization = "Bearer {secret}" } 的样子。')
        for header, content in value.items():
            if not _TOKEN.fullmatch(header) or not isinstance(content, str):
                raise Wrong(name, f"“{header}”不能用作 HTTP 标头。")
            if not (content.isascii() and content.isprintable()):
                raise Wrong(name, f"“{header}”的内容只能是一行英文字母、数字和符号。")
        return value

    def host(self, name: str) -> str:
        value = self.text(name, needed='请写上邮件服务器的地址，例如 host = "smtp.example.gov.cn"。')
        if not _HOST.fullmatch(value):
            raise Wrong(name, f"“{value}”不是服务器地址；只写主机名，不写 smtp:// 和端口。")
        return value

    def sender(self, name: str) -> str:
        value = self.text(
            name, needed='请写上发件人，例如 from = "接办 <jieban@example.gov.cn>"。', longest=200
        )
        if not is_mail(parseaddr(value)[1]):
            raise Wrong(name, f"“{value}”中没有邮箱地址。")
        return value

    def mails(self, name: str) -> list[str]:
        value = self._take(name) or []
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(one, str) and is_mail(one) for one in listed):
            raise Wrong(name, '应为邮箱地址的列表，例如 ["audit@example.gov.cn"]。')
        return listed

    def file(self, name: str) -> str:
        value = self.text(name)
        if value and not (self._folder / value).is_file():
            raise Wrong(name, f"没有文件 {value}。")
        return str(self._folder / value) if value else ""

    def secret(self, name: str) -> str:
        """Read a secret from the file or the variable that is named; the file of channels itself holds none."""
        if self._take(name) is not None:
            raise Wrong(
                name,
                f"密码不能直接写在这里，请写到单独的文件，用 {name}_file 指明，或者用 {name}_env 写环境变量名。",
            )
        path, variable = self.text(f"{name}_file"), self.text(f"{name}_env")
        if path and variable:
            raise Wrong(f"{name}_env", f"{name}_file 和 {name}_env 只能写一个。")
        found = ""
        if path:
            try:
                found = (self._folder / path).read_text("utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise Wrong(f"{name}_file", f"文件 {path} 无法读取。") from error
        if variable:
            found = self._environ.get(variable, "").strip()
        if (path or variable) and not (found and found.isascii() and found.isprintable()):
            raise Wrong(
                f"{name}_file" if path else f"{name}_env", "内容是空的，或者不是一行字母、数字和符号。"
            )
        return found

    def secret_url(self, name: str) -> str:
        """Read an address that is itself a secret."""
        url = self.secret(name)
        if not url:
            raise Wrong(f"{name}_file", f"请把机器人的 Webhook 地址写到单独的文件，用 {name}_file 指明。")
        return check_url(f"{name}_file", url, shown=False)

    def url(self, name: str) -> str:
        return check_url(
            name, self.text(name, needed="请写上短信平台的接口地址，以 https:// 开头。"), shown=True
        )


def check_url(name: str, url: str, *, shown: bool) -> str:
    """Refuse what is no address of a web server, or would carry messages in the open beyond this machine."""
    said = f"“{url}”" if shown else "其中的地址"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Wrong(name, f"{said}不是网址。") from None
    if parts.scheme not in {"http", "https"} or not host or not url.isascii() or " " in url:
        raise Wrong(name, f"{said}应以 https:// 开头；本地文件和其他协议不能用。")
    if parts.username or parts.password:
        raise Wrong(name, "网址里不能带用户名和密码，请用 headers 和 secret_file。")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise Wrong(name, f"{said}没有加密，请改用 https://；确实只有 http 的，请在本机用反向代理转发。")
    return url
