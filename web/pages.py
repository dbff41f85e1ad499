"""Rendering: one environment for all templates, one function for every page."""

import hashlib
import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from jieban import clock, workdays
from jieban.deadlines import Words, words
from jieban.people.id_numbers import mask, mask_account
from web.i18n import LOCALES, locale_of, translator
from web.navigation import navigation
from web.security.headers import DIAGRAM_POLICY

_FLASH = "jieban_flash"
_WITH_DIAGRAM = frozenset({"case.html", "model_version.html", "model_editor.html"})
_TONES = {"overdue": "due-overdue", "today": "due-today", "soon": "due-soon", "ok": "due-later"}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": _day,
        "moment": _moment,
        "money": _money,
        "masked": mask,
        "masked_account": mask_account,
        "query": _query,
    }
    environment.globals |= {"static": _static, "LOCALES": LOCALES}
    return environment


def render(
    request: Request, template: str, *, status: int = 200, block: str | None = None, **context: Any
) -> HTMLResponse:
    """Render a page; for a request of htmx only the named block of the same template."""
    locale = locale_of(request)
    visitor = getattr(request.state, "visitor", None)
    now = getattr(request.state, "now", None) or request.app.state.clock()
    page = _environment().get_template(template)
    values = {
        "_": translator(locale),
        "locale": locale,
        "visitor": visitor,
        "now": now,
        "path": request.url.path,
        "demo": request.app.state.settings.demo,
        "flash": _read_flash(request),
        **context,
    }
    values["m"] = _environment().get_template("macros.html").make_module(values)
    if block and request.headers.get("hx-request"):
        part = page.blocks[block](page.new_context(values))
        answer = HTMLResponse("".join(part), status)
    else:
        values["nav"] = navigation(request, visitor) if visitor else None
        values["late_sweeps"] = (
            request.app.state.watch.late(visitor.database, visitor.actor, now) if visitor else ()
        )
        answer = HTMLResponse(page.render(values), status)
    if template in _WITH_DIAGRAM:
        answer.headers["Content-Security-Policy"] = DIAGRAM_POLICY
    if values["flash"]:
        answer.delete_cookie(_FLASH, path="/")
    return answer


def redirect(target: str, message: str = "", tone: str = "success") -> RedirectResponse:
    """Answer a form that was taken: go to a page, which shows the sentence once."""
    answer = RedirectResponse(target, 303)
    if message:
        text = quote(json.dumps([tone, message[:400]], ensure_ascii=False))
        answer.set_cookie(_FLASH, text, max_age=60, httponly=True, samesite="lax", path="/")
    return answer


def local(target: str) -> str:
    """Keep a redirect on this site, whatever was put into the address."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if safe and not urlsplit(target).netloc else "/"


def _read_flash(request: Request) -> list[str] | None:
    try:
        found = json.loads(unquote(request.cookies.get(_FLASH, "null")))
    except ValueError:
        return None
    match found:
        case ["success" | "warning" | "danger" | "info", str()]:
            return [str(part) for part in found]
    return None


class Due:
    """Says of moments how urgent they are, in the reader's language; made once per page."""

    def __init__(self, calendar: workdays.Calendar, now: datetime, locale: str) -> None:
        self.calendar, self.now, self.locale = calendar, now, locale

    def words(self, due_at: datetime) -> Words:
        """Give the words and the tone."""
        return words(due_at, self.now, self.calendar, self.locale)

    def tone(self, due_at: datetime) -> str:
        """Give the class of a row."""
        return _TONES.get(self.words(due_at).tone, "due-later")

    def never(self, due_at: datetime) -> bool:
        """Tell whether no limit binds."""
        return due_at >= clock.NEVER


def _day(value: date | datetime | str | None) -> str:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        value = clock.local_day(value)
    return value.isoformat() if value else ""


def _moment(value: datetime | str | None) -> str:
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.astimezone(clock.CHINA).strftime("%Y-%m-%d %H:%M") if value else ""


def _money(value: Decimal | str | None) -> str:
    return "" if value is None or value == "" else f"{Decimal(value):,.2f}"


def _query(values: dict[str, Any], **changes: Any) -> str:
    return urlencode({key: value for key, value in {**values, **changes}.items() if value})


@cache
def _static(name: str) -> str:
    # The mark changes with the content, so browsers may keep a file for good.
    content = resources.files("web").joinpath("static", "dist", name)
    mark = hashlib.sha256(content.read_bytes()).hexdigest()[:10] if content.is_file() else "missing"
    return f"/static/{name}?v={mark}"
