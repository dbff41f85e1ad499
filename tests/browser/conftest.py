import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.office import Clock, Office, serve
from tests.databases import SqliteMaker

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium; without one the tests are skipped, and on a build machine they fail.

    It ends with the last test of this folder: its loop runs in the thread of the tests, where others want theirs.
    """
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        sentence = "There is no Chromium on this machine, so the browser tests cannot run; install chromium."
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def office(
    browser: Browser, sqlite_maker: SqliteMaker, now: datetime, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Office]:
    """A running system with the people of tests/people.py and the shipped procedures."""
    with sqlite_maker.fresh("ready") as database:
        clock = Clock(now)
        with serve(database, clock, tmp_path / "data") as url:
            made = Office(url, database, clock, browser, tmp_path / "pictures")
            yield made
            report = getattr(request.node, "report_of_call", None)
            if report is not None and report.failed:
                print("\n".join(f"screen: {path}" for path in made.take_pictures()))
            made.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep how the test itself went, so that its screens are photographed when it failed."""
    report = yield
    if call.when == "call":
        item.report_of_call = report
    return report
