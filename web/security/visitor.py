"""Who stands behind a request, found once per request from the cookie or, on the API, the bearer token."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import Depends, Request, Response

from jieban.database import Database
from jieban.errors import JiebanError, NotAllowed
from jieban.settings import Settings
from jieban.staff import sessions
from jieban.staff.absences import stands_in_for
from jieban.staff.actor import Actor, actor_of

COOKIE = "jieban_session"


class SignInNeeded(JiebanError):  # noqa: N818 - reads as the sentence it is
    """请先登录。"""


class PasswordChangeNeeded(JiebanError):  # noqa: N818
    """首次登录，请先修改密码。"""


@dataclass(frozen=True)
class Visitor:
    """A signed-in person, and what a page needs to work for them."""

    actor: Actor
    csrf: str
    token: str
    locale: str
    must_change_password: bool
    now: datetime
    database: Database
    settings: Settings


def find_visitor(request: Request) -> Visitor | None:
    """Find who sent the request, or None; the clock is read here, once."""
    state = request.app.state
    request.state.now = state.clock()
    request.state.visitor = None
    bearer = _bearer(request)
    request.state.by_bearer = bearer is not None
    token = bearer or request.cookies.get(COOKIE)
    if not token:
        return None
    database: Database = state.database
    with database.read() as session:
        found = sessions.find(session, token, request.state.now)
        absent = stands_in_for(session, found[0].id, request.state.now) if found else frozenset()
    if found is None:
        return None
    user, web_session = found
    if sessions.needs_touch(web_session, request.state.now):
        with database.write() as session:
            sessions.touch(session, web_session, request.state.now)
    visitor = Visitor(
        actor=actor_of(user, absent),
        csrf=web_session.csrf,
        token=token,
        locale=user.locale,
        must_change_password=user.must_change_password,
        now=request.state.now,
        database=database,
        settings=state.settings,
    )
    request.state.visitor = visitor
    return visitor


def signed_in(visitor: Visitor | None = Depends(find_visitor)) -> Visitor:
    """Give the signed-in person, or send them to the sign-in page."""
    if visitor is None:
        raise SignInNeeded
    if visitor.must_change_password:
        raise PasswordChangeNeeded
    return visitor


class may:  # noqa: N801 - reads as a word in `Depends(may("staff.manage"))`
    """The signed-in person, who needs a permission for the page."""

    def __init__(self, *permissions: str) -> None:
        self.permissions = permissions

    def __call__(self, visitor: Visitor = Depends(signed_in)) -> Visitor:
        """Give the visitor where one of the permissions is theirs."""
        if not any(visitor.actor.may(one) for one in self.permissions):
            raise NotAllowed
        return visitor


def keep_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Put the session's token into the browser; it is gone when the browser closes."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=secure, path="/")


def client_of(request: Request) -> str:
    """Say from where a request came, for the throttle."""
    return request.client.host if request.client else "unknown"


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
