"""An office for browser tests: a live server over a fresh database, a clock that the test moves, people at screens."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, expect

from jieban.database import Database
from jieban.settings import Settings
from tests.people import PASSWORD
from web.app import create_app
from workflows.flows import fire_timers

_SCREEN = {"width": 1440, "height": 900}
_PATIENCE = 60_000
"""Milliseconds that a screen may take: nothing waits that long unless it is broken or the machine is very busy."""

expect.set_options(timeout=_PATIENCE)


@dataclass
class Clock:
    """The time of the office; it moves only when the test moves it."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Office:
    """The running system as its people see it."""

    url: str
    database: Database
    clock: Clock
    browser: Browser
    pictures: Path
    pages: dict[str, Page] = field(default_factory=dict)

    def enter(self, username: str) -> Page:
        """Sit somebody down at their own screen, where whatever lay unfinished is left; who is not signed in signs in."""
        page = self.pages.get(username)
        if page:
            page.context.clock.set_system_time(self.clock.now)
        else:
            page = self.pages[username] = self._browser_of_their_own().new_page()
        page.on("dialog", _leave)
        page.goto(f"{self.url}/")
        page.remove_listener("dialog", _leave)
        if "/login" in page.url:
            page.fill("#username", username)
            page.fill("#password", PASSWORD)
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda address: "/login" not in address)
        return page

    def _browser_of_their_own(self) -> BrowserContext:
        context = self.browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport=_SCREEN, accept_downloads=True
        )
        # The page's own clock shows what the office's clock says.
        context.clock.install(time=self.clock.now)
        context.set_default_timeout(_PATIENCE)
        return context

    def fire_timers(self) -> None:
        """Let the timers that are due happen, as the clock's own program does."""
        fire_timers.sweep(self.database, self.clock.now, "browser-test", 30)

    def take_pictures(self) -> list[Path]:
        """Photograph every screen, for a test that failed."""
        self.pictures.mkdir(parents=True, exist_ok=True)
        taken = []
        for username, page in self.pages.items():
            path = self.pictures / f"{username}.png"
            page.screenshot(path=str(path), full_page=True)
            taken.append(path)
        return taken

    def close(self) -> None:
        for page in self.pages.values():
            page.context.close()


def _leave(question: Dialog) -> None:
    question.accept()


@contextmanager
def serve(database: Database, clock: Clock, folder: Path) -> Iterator[str]:
    """Serve the application on a free port of this machine, in a thread, until the block ends."""
    settings = Settings(
        data=folder,
        port=0,
        host="127.0.0.1",
        database_url=database.url,
        prefect_port=0,
        secure_cookies=False,
    )
    app = create_app(settings, database, clock=clock)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        listening.close()
