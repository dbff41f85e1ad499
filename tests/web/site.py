"""The web application as a test uses it: a clock that the test sets, and people who are signed in."""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import Response
from sqlalchemy import select

from jieban.database import Database
from jieban.settings import Settings
from jieban.staff import sessions
from jieban.staff.tables import User
from web.app import create_app
from web.security.visitor import COOKIE

with warnings.catch_warnings():
    # Starlette would rather have httpx2, which nothing else here needs.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@dataclass
class Desk:
    """One person's browser; it sends the token of the session as our own pages do."""

    client: TestClient
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
    desks: list[TestClient] = field(default_factory=list)

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
        opened: Site
        app = create_app(Settings(**values | changes), database, clock=lambda: opened.now)
        opened = cls(app, database, now)
        try:
            yield opened
        finally:
            for client in opened.desks:
                client.close()

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def stranger(self, **headers: str) -> Desk:
        """Open a browser in which nobody is signed in."""
        client = TestClient(self.app, follow_redirects=False, raise_server_exceptions=False, headers=headers)
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
