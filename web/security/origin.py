"""Requests that change something must come from our own pages."""

import secrets
from urllib.parse import urlsplit

from fastapi import Depends, Request

from jieban.errors import NotAllowed
from web.security.visitor import Visitor, find_visitor

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class ForeignRequest(NotAllowed):
    """请求来源无法确认，没有执行。请刷新页面后再试。"""


async def guard(request: Request, visitor: Visitor | None = Depends(find_visitor)) -> None:
    """Let an unsafe request pass only from our own origin and, with a cookie, with the session's token."""
    if request.method in SAFE or request.state.by_bearer:
        # A bearer token is never sent by a browser on its own, so nobody else's page can use it.
        return
    _check_origin(request)
    if visitor is None:
        return
    given = request.headers.get("x-csrf-token")
    if given is None and request.headers.get("content-type", "").startswith(_FORMS):
        given = str((await request.form()).get("csrf", ""))
    if not given or not secrets.compare_digest(given.encode(), visitor.csrf.encode()):
        raise ForeignRequest


def _check_origin(request: Request) -> None:
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise ForeignRequest
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignRequest
