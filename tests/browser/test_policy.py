"""No page asks its browser for anything that the Content-Security-Policy forbids."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.office import Office
from tests.people import load_people
from tests.workflows.walk import Walk
from workflows import model_store

pytestmark = pytest.mark.browser

KEY = "subsistence_allowance"


@pytest.fixture
def case(office: Office) -> Walk:
    """A case that was visited at home, so that its page has something of everything."""
    with office.database.read() as session:
        people = load_people(session)
    walk = Walk.begin(office.database, people, office.clock.now)
    walk.until("initial_opinion")
    office.clock.now = walk.now
    return walk


@pytest.fixture
def draft(office: Office) -> str:
    """A draft of the procedure."""
    with office.database.write() as session:
        admin = load_people(session).model_admin
        made = model_store.create_draft(session, admin, office.clock.now, KEY)
        return f"/models/{KEY}/drafts/{made.id}"


def watch(context: BrowserContext) -> list[str]:
    """Collect what the browser says on its console about the policy."""
    said: list[str] = []
    context.on(
        "console", lambda line: said.append(line.text) if "Content Security Policy" in line.text else None
    )
    return said


def look(office: Office, page: Page, address: str) -> None:
    page.goto(office.url + address)
    page.wait_for_load_state("networkidle")


def test_a_forbidden_style_would_be_heard_of(office: Office):
    page = office.enter("window")
    said = watch(page.context)

    with page.expect_console_message():
        page.evaluate("document.body.setAttribute('style', 'color: red')")

    assert len(said) == 1


def test_a_clerk_meets_no_violation(office: Office, case: Walk):
    page = office.enter("window")
    said = watch(page.context)

    for address in ("/", "/?view=pool", "/?view=done", "/cases", "/cases/new", "/cases/import", "/overdue"):
        look(office, page, address)
    page.goto(f"{office.url}/cases/new")
    page.locator("[data-add-row]").first.click()
    page.keyboard.press("Escape")
    look(office, page, "/")
    page.keyboard.press("?")

    assert said == []


def test_a_case_and_its_task_meet_no_violation(office: Office, case: Walk):
    page = office.enter("reviewer")
    said = watch(page.context)

    look(office, page, f"/tasks/{case.task('initial_opinion').id}")
    look(office, page, f"/cases/{case.case_id}")
    for name in ("材料", "文书", "经过", "时限", "流程图", "查阅记录"):
        page.get_by_role("tab", name=name).click()
    page.get_by_role("tab", name="流程图").click()
    expect(page.locator(".bpmn-view svg .djs-shape").first).to_be_visible()

    assert said == []


def test_administrators_meet_no_violation(office: Office, draft: str):
    page = office.enter("model_admin")
    said = watch(page.context)
    for address in ("/models", f"/models/{KEY}/versions/1", "/incidents", "/admin/rules"):
        look(office, page, address)
    look(office, page, draft)
    expect(page.locator("#modeler-status")).to_contain_text("已打开")
    page.locator('#modeler [data-element-id="examine_papers"]').first.click()
    page = office.enter("sys_admin")
    said += watch(page.context)
    for address in ("/admin/users", "/admin/users/new", "/admin/health", "/admin/rules"):
        look(office, page, address)

    assert said == []


def test_the_public_meets_no_violation(office: Office):
    context = office.browser.new_context()
    said = watch(context)
    page = context.new_page()

    for address in ("/login", "/progress", "/no-such-page"):
        look(office, page, address)
    page.goto(f"{office.url}/progress?code=ABCDEFGH")
    page.locator("main button, form.stack button, .box form button").first.click()
    page.wait_for_load_state("networkidle")

    context.close()
    assert said == []
