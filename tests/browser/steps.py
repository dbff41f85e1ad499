"""What people do at their screens: find a task, fill in its form, open a case, read a letter."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.browser.office import Office


def fill(page: Page, data: Mapping[str, Any], within: str = "main form") -> None:
    """Fill in the fields of a form by their names: choices are ticked, rows are added as they are needed."""
    form = page.locator(within).first
    for name, value in data.items():
        if isinstance(value, Sequence) and not isinstance(value, str):
            if value and isinstance(value[0], Mapping):
                _fill_rows(form, name, value)
            else:
                for one in value:
                    form.locator(f'[name="{name}"][value="{one}"]').check()
        else:
            _fill_one(form.locator(f'[name="{name}"]'), value)


def _fill_rows(form: Locator, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    # Without a row yet, only the template of a table tells which rows it makes.
    index = form.locator("[data-repeat]").evaluate_all(
        """(all, start) => all.findIndex(one => one.querySelector('template').innerHTML.includes(start))""",
        f'name="{name}.__i__.',
    )
    repeat = form.locator("[data-repeat]").nth(index)
    for place, row in enumerate(rows):
        if repeat.locator("[data-rows] > [data-row]").count() <= place:
            repeat.locator("[data-add-row]").click()
        line = repeat.locator("[data-rows] > [data-row]").nth(place)
        for key, value in row.items():
            _fill_one(line.locator(f'[name^="{name}."][name$=".{key}"]'), value)


def _fill_one(field: Locator, value: Any) -> None:
    kind = field.first.evaluate("field => field.type")
    if kind == "radio":
        field.and_(field.page.locator(f'[value="{value}"]')).check()
    elif kind == "checkbox":
        field.set_checked(bool(value))
    elif kind == "select-one":
        field.select_option(str(value))
    else:
        field.fill(str(value))


def work(office: Office, username: str, step: str, data: Mapping[str, Any]) -> Page:
    """Have somebody sign in, take the task of this name from the pool or their own list, fill it in and hand it in."""
    page = office.enter(username)
    mine = page.get_by_role("link", name=step, exact=True)
    if not mine.count():
        page.goto(f"{office.url}/?view=pool")
        page.get_by_role("row").filter(has_text=step).get_by_role("button", name="领取").click()
        page.wait_for_load_state()
        if "/tasks/" not in page.url:
            page.goto(f"{office.url}/?view=mine")
    if "/tasks/" not in page.url:
        mine.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(step)
    page.wait_for_load_state()
    address = page.url
    fill(page, data)
    page.get_by_role("button", name="提交").click()
    page.wait_for_url(lambda now: now != address and not now.endswith("/complete"))
    return page


def open_case(page: Page, office: Office, number: str) -> Page:
    """Look a case up by its number and open it."""
    page.goto(f"{office.url}/cases?search={number}")
    page.locator('a[href^="/cases/"]').filter(has_text=re.compile(r"\S")).get_by_text(number).first.click()
    expect(page.locator(".case-head")).to_contain_text(number)
    page.wait_for_load_state()
    return page


def tab(page: Page, name: str) -> Locator:
    """Open one tab of the case page."""
    page.get_by_role("tab", name=re.compile(f"^{name}")).click()
    return page.locator(".tab-pane.active")


def letter(page: Page, title: str) -> str:
    """Open a letter of the case page and read its text."""
    link = tab(page, "文书").get_by_role("link", name=title, exact=True)
    answer = page.request.get(str(link.evaluate("link => link.href")))
    assert answer.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.body())).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))
