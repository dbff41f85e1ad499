"""Photographs every page of a demonstration at three sizes into shots/, and the README's pictures into docs/images/.

    python scripts/shots.py [--only NAME] [--cases 300] [--axe axe.min.js]

Without JIEBAN_DATA a demonstration is made in a temporary folder. Needs a Chromium on this machine, and pdftoppm for the
letters. With axe-core's file, what it finds on each page is printed.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path
from typing import Any

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from jieban import clock, demo  # noqa: E402
from jieban.cli.prepare import prepare  # noqa: E402
from jieban.database import Database  # noqa: E402
from jieban.settings import Settings, read_settings  # noqa: E402
from scripts import shot_list, shot_scenes  # noqa: E402
from scripts.shot_list import Shot  # noqa: E402
from web.app import create_app  # noqa: E402
from web.watch import Watch  # noqa: E402
from workflows.health import SWEEPS  # noqa: E402

SIZES = {"1440": (1440, 900), "1024": (1024, 768), "390": (390, 844)}
OUT = ROOT / "shots"
README = {"inbox": "inbox", "case": "case", "overdue": "overdue"}
_AXE = """async () => (await axe.run()).violations.map(
    one => `${one.id} (${one.impact}) ${one.nodes.length}x ${one.nodes.slice(0, 3).map(node => node.target).join(" | ")}`)"""


def main() -> None:
    """Take the pictures."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="jieban-shots-") as folder:
        os.environ.setdefault("JIEBAN_DATA", folder)
        scheduler = _scheduler()
        settings = replace(
            read_settings(), demo=True, prefect_address=f"http://127.0.0.1:{scheduler.server_port}/api"
        )
        database = _ready(settings, options.cases)
        app = create_app(settings, database)
        with database.read() as session:
            every = [*shot_list.shots(session), *shot_list.printed_shots(session)]
            shots = _chosen(every, options.only)
            english = _chosen(shot_list.english_shots(session), options.only)
            late = _chosen(shot_list.late_shots(), options.only)
        with _serve(app) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            camera = Camera(browser, url, options.axe.read_text() if options.axe else "")
            camera.take(shots)
            readers = {shot.user for shot in english if shot.user}
            shot_scenes.speak(database, readers, "en")
            camera.take(english, "en")
            shot_scenes.speak(database, readers, "zh")
            scheduler.shutdown()
            scheduler.server_close()
            if late:
                shot_scenes.stop_sweeps(database, clock.now())
                app.state.watch = Watch()
                camera.take(late)
            browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", default="", help="part of the name; several with commas; $ stands for its end"
    )
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--axe", type=Path)
    return parser.parse_args()


def _chosen(shots: list[Shot], only: str) -> list[Shot]:
    return [shot for shot in shots if any(part in f"{shot.name}$" for part in only.split(","))]


def _ready(settings: Settings, cases: int) -> Database:
    now = clock.now()
    prepare(settings.database_url, now)
    database = Database(settings.database_url)
    with database.read() as session:
        loaded = demo.is_loaded(session)
    if not loaded:
        demo.load(database, now, cases=cases)
    for name in SWEEPS:
        import_module(f"workflows.flows.{name}").sweep(database, now, "shots", 60)
    shot_scenes.note_sweeps(database, SWEEPS)
    shot_scenes.stage(database, now)
    return database


def _scheduler() -> HTTPServer:
    """Stand in for Prefect's server on the health page, until it is shut down."""

    class Well(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Well)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@contextmanager
def _serve(app: Any) -> Iterator[str]:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


class Camera:
    """Takes pictures of one site with one browser; everybody signs in once."""

    def __init__(self, browser: Browser, url: str, axe: str) -> None:
        self._browser, self._url, self._axe = browser, url, axe
        self._cookies: dict[str, Any] = {}
        OUT.mkdir(exist_ok=True)

    def take(self, shots: list[Shot], locale: str = "zh") -> None:
        """Photograph each page at each of its sizes, and print what is wrong with it."""
        for shot in shots:
            for size in shot.sizes:
                width, height = SIZES[size]
                context = self._browser.new_context(
                    viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
                )
                context.add_cookies([{"name": "jieban_language", "value": locale, "url": self._url}])
                page = context.new_page()
                self._sign_in(context, page, shot.user)
                found = self._letter(page, shot) if shot.letter else self._page(page, shot, size)
                print(f"{shot.name}-{size}.png", *found, sep="  ")
                context.close()

    def _page(self, page: Page, shot: Shot, size: str) -> list[str]:
        problems: list[str] = []
        page.on("console", lambda said: said.type == "error" and problems.append(said.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        answer = page.goto(self._url + shot.path)
        if answer and answer.status != shot.status:
            problems.append(f"answers {answer.status}")
        try:
            if shot.wait:
                page.wait_for_selector(shot.wait, timeout=8000)
            if shot.act:
                shot.act(page)
        except PlaywrightError as error:
            problems.append(error.message.splitlines()[0])
        page.wait_for_load_state("networkidle")
        if (overflow := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            problems.append(f"{overflow} px wider than the window")
        if self._axe:
            page.evaluate(self._axe)
            problems += page.evaluate(_AXE)
        page.screenshot(path=str(OUT / f"{shot.name}-{size}.png"), full_page=size != "1440")
        if size == "1440" and shot.name in README:
            target = ROOT / "docs" / "images" / f"{README[shot.name]}.png"
            target.parent.mkdir(exist_ok=True)
            page.screenshot(path=str(target))
        return problems

    def _letter(self, page: Page, shot: Shot) -> list[str]:
        answer = page.request.get(self._url + shot.path)
        if answer.status != shot.status:
            return [f"answers {answer.status}"]
        with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
            file.write(answer.body())
            file.flush()
            command = [
                "pdftoppm",
                "-png",
                "-r",
                "80",
                "-singlefile",
                file.name,
                str(OUT / f"{shot.name}-1440"),
            ]
            subprocess.run(command, check=True)
        return []

    def _sign_in(self, context: BrowserContext, page: Page, username: str) -> None:
        if not username:
            return
        if username in self._cookies:
            context.add_cookies(self._cookies[username])
            return
        page.goto(f"{self._url}/login")
        page.fill("[name=username]", username)
        page.fill("[name=password]", demo.PASSWORD)
        page.click("form[action='/login'] button")
        page.wait_for_url(lambda address: "/login" not in address)
        self._cookies[username] = context.cookies()


if __name__ == "__main__":
    main()
