"""The web application as a test uses it: a clock that the test sets, and people who are signed in."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from httpx import ASGITransport, AsyncByteStream, BaseTransport, ByteStream, Client, Request, Response
from sqlalchemy import select

from jieban.database import Database
from jieban.settings import Settings
from jieban.staff import sessions
from jieban.staff.tables import User
from web.app import equip, make_app
from web.security.visitor import COOKIE

_idle: list[FastAPI] = []
"""Applications that no test uses now: the framework works out its hundred and more addresses anew for each it makes."""


class Parts(AsyncByteStream):
    """A body that a test sends in parts, as a browser does that does not know the length yet."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


class InProcess(BaseTransport):
    """Hands requests to the application in this process, without a server.

    The loop has a thread of its own, since that of a browser may run in ours, and serves many requests.
    """

    def __init__(self, app: FastAPI) -> None:
        self._transport = ASGITransport(app, raise_app_exceptions=False)
        self._open = ExitStack()
        self._portal = self._open.enter_context(start_blocking_portal())

    def handle_request(self, request: Request) -> Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: Request) -> Response:
        if not isinstance(request.stream, AsyncByteStream):
            request.stream = Parts(request.stream)
        answer = await self._transport.handle_async_request(request)
        body = b"".join([part async for part in answer.stream])
        return Response(answer.status_code, headers=answer.headers, stream=ByteStream(body))

    def close(self) -> None:
        self._open.close()


@dataclass
class Desk:
    """One person's browser; it sends the token of the session as our own pages do."""

    client: Client
    csrf: str = ""

    def get(self, path: str, **more: Any) -> Response:
        return self.client.get(path, **more)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **more: Any) -> Response:
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})}, **more)

    def send(self, method: str, path: str, **more: Any) -> Response:
        """Send what a script of a page or a program sends: JSON or XML with the token in a header."""
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json", **more.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **more)


@dataclass
class Site:
    app: FastAPI
    database: Database
    now: datetime
    desks: list[Client] = field(default_factory=list)

    @classmethod
    @contextmanager
    def open(cls, database: Database, now: datetime, folder: Path, **changes: Any) -> Iterator["Site"]:
        """Start the application; what it writes goes below the folder."""
        values: dict[str, Any] = {
            "data": folder,
            "port": 8000,
            "host": "127.0.0.1",
            "database_url": database.url,
            "prefect_port": 1,
            "secure_cookies": False,
        }
        app = _idle.pop() if _idle else make_app(secure=False)
        opened = cls(app, database, now)
        equip(app, Settings(**values | changes), database, lambda: opened.now)
        try:
            yield opened
        finally:
            for client in opened.desks:
                client.close()
            _idle.append(app)

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def stranger(self, **headers: str) -> Desk:
        """Open a browser in which nobody is signed in."""
        client = Client(transport=InProcess(self.app), base_url="http://testserver", headers=headers)
        self.desks.append(client)
        return Desk(client)

    def desk(self, username: str) -> Desk:
        """Sit somebody of tests/people.py down in front of a browser, signed in."""
        with self.database.write() as session:
            user = session.scalars(select(User).where(User.username == username)).one()
            token, web_session = sessions.start(session, user, self.now)
            csrf = web_session.csrf
        desk = self.stranger()
        desk.client.cookies.set(COOKIE, token)
        desk.csrf = csrf
        return desk
