"""Rendering: one environment for all templates, one function for every page."""

import hashlib
import json
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from jieban import clock, workdays
from jieban.deadlines import Deadline, Limit, Words, basis, explained, uncertain, words
from jieban.deadlines.cards import PlaceCards, card
from jieban.people.id_numbers import mask, mask_account
from web.i18n import LOCALES, locale_of, translator
from web.navigation import navigation
from web.security.headers import DIAGRAM_POLICY

_FLASH = "jieban_flash"
_WITH_DIAGRAM = frozenset({"case.html", "model_version.html", "model_editor.html"})
_TOLD_WITH_LIMIT = frozenset({"task.reminded", "task.escalated", "task.overtaken"})
"""Lines of the history that say that a limit comes or is over."""
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
    """Says of deadlines how urgent they are, in the reader's language; made once per page.

    It takes a clock, a task, or a bare moment; `clocks` are those that the page's tasks and moments belong to, so that a
    limit of hours is told in hours and a day that is not certain says so.
    """

    def __init__(
        self,
        calendar: workdays.Calendar,
        now: datetime,
        locale: str,
        days: PlaceCards | None = None,
        clocks: Iterable[Deadline] = (),
    ) -> None:
        self.calendar, self.now, self.locale = calendar, now, locale
        self.days, self.place = days or PlaceCards(), ""
        self._by_id: dict[Any, Deadline] = {one.id: one for one in clocks}
        self._by_end = {one.due_at: one for one in self._by_id.values()}

    def at(self, code: str) -> "Due":
        """Give the same for a place, whose government may have made days of its own."""
        here = copy(self)
        here.place = code
        return here

    def limit(self, what: Any) -> Limit:
        """Read off a clock, a task or a moment what is told of it; a limit stays as it is."""
        if isinstance(what, Limit):
            return what
        if isinstance(what, datetime):
            due_at, known = what, self._by_end.get(what)
        else:
            due_at = what.due_at
            known = (
                what if isinstance(what, Deadline) else self._by_id.get(getattr(what, "deadline_id", None))
            )
        # The articles of a task are those of its step; only its clock knows what sets the limit.
        step = "" if isinstance(what, Deadline) else str(getattr(what, "article", "") or "")
        if known is None:
            # Nobody says what a bare moment was counted from; it lies on a day that is certain, or on one that is not.
            here = self.calendar.at(self._place(what))
            unsure = not self.never(due_at) and here.is_provisional(clock.local_day(due_at))
            return Limit(due_at, provisional=unsure, step=step)
        return Limit(
            due_at, known.unit, known.article, known.provenance, known.provisional, known.length, step
        )

    def of_event(self, event: Any, tasks: Iterable[Any]) -> Limit | None:
        """Read off a line of the history which limit it is about; None where it is about none."""
        if event.kind == "deadline.breached":
            data = event.data
            article = data.get("article") or data.get("limit_basis") or ""
            return Limit(clock.read_moment(data["due"]), article=article, provenance=data.get("provenance"))
        task = next((one for one in tasks if one.id == event.task_id), None)
        told = event.kind in _TOLD_WITH_LIMIT or event.data.get("late")
        return self.limit(task) if task is not None and told else None

    def basis(self, what: Any) -> str:
        """Say what sets the limit: an article, or that it is our own."""
        return basis(self.limit(what), self.locale)

    def words(self, what: Any) -> Words:
        """Give the words and the tone."""
        limit = self.limit(what)
        here = self.calendar.at(self._place(what))
        return words(limit.due_at, self.now, here, self.locale, limit.unit)

    def behind(self, what: Any) -> str:
        """Give what is read where the pointer rests on it: the moment, what sets it, whether it is certain."""
        return explained(self.limit(what), self.locale)

    def uncertain(self, what: Any) -> str:
        """Say why the day may still change; empty where it is certain."""
        return uncertain(self.locale) if self.limit(what).provisional else ""

    def warned_on(self, what: Any) -> date | None:
        """Give the day from which a yellow card is shown; none for limits of hours and where no limit binds."""
        limit = self.limit(what)
        if limit.unit == "h" or self.never(limit.due_at):
            return None
        place = self._place(what)
        days = self.days.at(place)
        if days.warn_unit == "h":
            return clock.local_day(limit.due_at - timedelta(hours=days.warn))
        return self.calendar.at(place).add_working_days(clock.local_day(limit.due_at), -days.warn)

    def tone(self, what: Any) -> str:
        """Give the class of a row."""
        return _TONES.get(self.words(what).tone, "due-later")

    def card(self, what: Any) -> str:
        """Tell the card that a deadline shows: yellow, red or none."""
        limit, place = self.limit(what), self._place(what)
        here, days = self.calendar.at(place), self.days.at(place)
        return card(limit.due_at, self.now, here, days, limit.unit, limit.length)

    def _place(self, what: Any) -> str:
        return getattr(what, "town_code", None) or self.place

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
