"""Photographs every page of a demonstration at three sizes into shots/, and the README's pictures into docs/images/.

    python scripts/shots.py [--only NAME] [--cases 300]

Without JIEBAN_DATA a demonstration is made in a temporary folder. Needs a Chromium on this machine.
"""

import argparse
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from jieban import clock, demo  # noqa: E402
from jieban.cases.tables import Case, PublicNotice  # noqa: E402
from jieban.cli.prepare import prepare  # noqa: E402
from jieban.database import Database  # noqa: E402
from jieban.ledger.tables import FirstContact  # noqa: E402
from jieban.procedures.tables import ModelVersion  # noqa: E402
from jieban.settings import Settings, read_settings  # noqa: E402
from jieban.staff.absences import record_absence  # noqa: E402
from jieban.staff.actor import actor_of  # noqa: E402
from jieban.staff.directory import staff_with_role  # noqa: E402
from jieban.staff.tables import User  # noqa: E402
from jieban.supervision.tables import SupervisionOrder  # noqa: E402
from tasks import supervision  # noqa: E402
from tasks.tables import Task  # noqa: E402
from web.app import create_app  # noqa: E402
from workflows import model_store  # noqa: E402
from workflows.health import SWEEPS  # noqa: E402
from workflows.opening import beginning_of  # noqa: E402

SIZES = {"1440": (1440, 900), "1024": (1024, 768), "390": (390, 844)}
OUT = ROOT / "shots"
README = {"inbox": "inbox", "case": "case", "overdue": "overdue"}

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    name: str
    user: str
    path: str
    act: Act | None = None
    sizes: tuple[str, ...] = tuple(SIZES)
    wait: str = ""
    """a selector that must be there first"""


def main() -> None:
    """Take the pictures."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="jieban-shots-") as folder:
        os.environ.setdefault("JIEBAN_DATA", folder)
        settings = replace(read_settings(), demo=True)
        database = _ready(settings, options.cases)
        with database.read() as session:
            shots = [shot for shot in _shots(session) if options.only in shot.name]
        with _serve(settings, database) as url, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or shutil.which("google-chrome"),
                args=["--no-sandbox", "--disable-gpu"],
            )
            _photograph(browser, url, shots)
            browser.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--cases", type=int, default=300)
    return parser.parse_args()


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
    with database.write() as session:
        if session.scalar(select(SupervisionOrder.id).limit(1)) is None:
            _supervise(session, now)
    with database.write() as session:
        draft = select(ModelVersion.id).where(ModelVersion.state == "draft")
        if session.scalar(draft) is None:
            model_store.create_draft(session, _modeler(session), now, "subsistence_allowance")
    return database


def _modeler(session: Session) -> object:
    return actor_of(session.scalars(select(User).where(User.username == "modeler")).one())


@contextmanager
def _serve(settings: Settings, database: Database) -> Iterator[str]:
    app = create_app(settings, database)
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


def _photograph(browser: Browser, url: str, shots: list[Shot]) -> None:  # noqa: C901
    OUT.mkdir(exist_ok=True)
    cookies: dict[str, list[dict[str, object]]] = {}
    for shot in shots:
        for size in shot.sizes:
            width, height = SIZES[size]
            context = browser.new_context(
                viewport={"width": width, "height": height}, locale="zh-CN", timezone_id="Asia/Shanghai"
            )
            page = context.new_page()
            problems: list[str] = []
            page.on("console", lambda said, to=problems: said.type == "error" and to.append(said.text))
            page.on("pageerror", lambda error, to=problems: to.append(str(error)))
            if shot.user:
                if shot.user not in cookies:
                    _sign_in(page, url, shot.user)
                    cookies[shot.user] = context.cookies()
                else:
                    context.add_cookies(cookies[shot.user])
            page.goto(url + shot.path)
            if shot.wait or shot.act:
                try:
                    if shot.wait:
                        page.wait_for_selector(shot.wait, timeout=8000)
                    if shot.act:
                        shot.act(page)
                except PlaywrightError as error:
                    problems.append(error.message.splitlines()[0])
            page.wait_for_load_state("networkidle")
            overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            if overflow > 0:
                problems.append(f"{overflow} px wider than the window")
            page.screenshot(path=str(OUT / f"{shot.name}-{size}.png"), full_page=size != "1440")
            if size == "1440" and shot.name in README:
                target = ROOT / "docs" / "images" / f"{README[shot.name]}.png"
                target.parent.mkdir(exist_ok=True)
                page.screenshot(path=str(target))
            print(f"{shot.name}-{size}.png", *problems, sep="  ")
            context.close()


def _sign_in(page: Page, url: str, username: str) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=username]", username)
    page.fill("[name=password]", demo.PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_url(lambda address: "/login" not in address)


def _busiest(session: Session) -> str:
    """Find a clerk whose office has many tasks."""
    most = (
        select(Task.role, func.min(Task.town_code))
        .where(Task.state == "open")
        .group_by(Task.role, Task.county_code)
        .order_by(func.count().desc())
        .limit(1)
    )
    role, town = session.execute(most).one()
    return staff_with_role(session, role, town)[0].username


def _an_order(session: Session) -> str:
    """Find an order that waits for a verdict."""
    found = session.scalar(select(SupervisionOrder.id).order_by(SupervisionOrder.issued_at).limit(1))
    return f"/orders/{found}" if found else "/orders"


def _supervise(session: Session, now: datetime) -> None:
    """Issue orders about what is late and have one answered, so that there is something to photograph."""
    names = ("supervisor", "leader", "window", "window2")
    actors = {
        user.username: actor_of(user)
        for user in session.scalars(select(User).where(User.username.in_(names)))
    }
    late = select(Task).where(Task.state == "open", Task.due_at < now, Task.town_code == "379901001")
    for number, task in enumerate(session.scalars(late.order_by(Task.due_at).limit(3)).all()):
        order = supervision.issue_order(
            session,
            actors["supervisor"],
            now,
            case_id=task.case_id,
            to="office:town.leader:379901001",
            what="请说明超期的原因，于期限内办结，并将结果告知申请人。",
            due_on=clock.local_day(now),
            task_id=task.id,
        )
        if number == 0:
            session.flush()
            said = "因窗口人员调整，材料未及时审查，已安排专人今日办结。"
            supervision.answer_order(session, actors["leader"], now, order.id, said)
    record_absence(
        session,
        actors["leader"],
        now,
        user_id=actors["leader"].id,
        substitute_id=actors["window"].id,
        from_on=clock.local_day(now),
        until_on=clock.local_day(now),
        reason="参加培训",
    )


def _procedures(session: Session) -> list[Shot]:
    """Show of every procedure how it is registered, a case of it, and a task."""
    found = []
    for key in session.scalars(select(ModelVersion.key).distinct().order_by(ModelVersion.key)):
        begins = beginning_of(session, key)
        where = "cases" if begins.opening.kind == "household" else "matters"
        roles = begins.roles or {"town.window"}
        user = next((name for role, name in _OPENERS.items() if role in roles), "county")
        found.append(Shot(f"new-{key}", user, f"/{where}/new?procedure={key}"))
        cases = select(Case).where(Case.procedure == key).order_by(Case.revision.desc())
        if case := session.scalars(cases.limit(1)).first():
            found.append(Shot(f"case-{key}", "supervisor", f"/cases/{case.id}"))
        tasks = select(Task).join(Case).where(Case.procedure == key, Task.state == "open")
        if task := session.scalars(tasks.order_by(Task.opened_at.desc()).limit(1)).first():
            worker = staff_with_role(session, task.role, task.town_code)
            if worker:
                found.append(Shot(f"task-{key}", worker[0].username, f"/tasks/{task.id}"))
    return found


_OPENERS = {
    "town.window": "window",
    "town.reviewer": "reviewer",
    "county.reviewer": "county",
    "county.finance": "finance",
}


def _shots(session: Session) -> list[Shot]:
    def case(**wanted: object) -> Case:
        query = select(Case).where(Case.town_code == "379901001").order_by(Case.registered_at.desc())
        for name, value in wanted.items():
            query = query.where(getattr(Case, name) == value)
        return session.scalars(query.limit(1)).one_or_none() or session.scalars(select(Case).limit(1)).one()

    def task(form: str, town: str = "379901001") -> str:
        query = select(Task.id).where(Task.state == "open", Task.form == form)
        own = session.scalar(query.where(Task.town_code == town).limit(1))
        found = own or session.scalar(query.limit(1)) or session.scalar(select(Task.id).limit(1))
        return f"/tasks/{found}"

    def holder(path: str) -> str:
        found = session.get(Task, uuid.UUID(path.rpartition("/")[2]))
        places = ["379901001", "379901002", "379901003", "379902001", "379902002", "379902003"]
        number = places.index(found.town_code) + 1 if found else 1
        names = {"town.window": "window", "town.investigator": "visitor", "town.reviewer": "reviewer"}
        name = names.get(found.role if found else "", "leader")
        return name if number == 1 else f"{name}{number}"

    paid = case(stage="paid")
    late = session.scalars(
        select(Task)
        .where(Task.state == "open", Task.due_at < clock.now(), Task.town_code == "379901001")
        .limit(1)
    ).one_or_none()
    open_case = session.get(Case, late.case_id) if late else case(state="open")
    noticed = session.scalar(
        select(PublicNotice.case_id).where(PublicNotice.taken_down_at.is_(None)).limit(1)
    )
    long_name = session.scalars(select(Case).where(Case.applicant_name.contains("·")).limit(1)).one_or_none()
    contact = session.get_one(FirstContact, paid.first_contact_id)
    draft = session.scalars(select(ModelVersion).where(ModelVersion.state == "draft")).one()
    version = session.scalars(select(ModelVersion).where(ModelVersion.state == "published")).first()
    assert open_case
    assert version
    visit, papers, opinion = task("home_visit"), task("examine_papers"), task("opinion")
    one = f"/cases/{open_case.id}"

    def refuse(page: Page) -> None:
        page.locator(".form-actions .btn-primary:visible").first.click(timeout=4000)
        page.wait_for_load_state()

    def wrong_password(page: Page) -> None:
        page.fill("[name=username]", "window")
        page.fill("[name=password]", "wrong")
        page.click("form[action='/login'] button")
        page.wait_for_load_state()

    def ask_progress(page: Page) -> None:
        page.fill("[name=last_four]", contact.phone[-4:])
        page.click("form button")
        page.wait_for_load_state()

    return [
        Shot("login", "", "/login"),
        Shot("login-refused", "", "/login", wrong_password),
        Shot("inbox", _busiest(session), "/?view=pool"),
        Shot("inbox-mine-empty", "window", "/"),
        Shot("inbox-done", "window", "/?view=done"),
        Shot("inbox-nothing-found", "window", "/?view=pool&search=没有这个人"),
        Shot("task-papers", holder(papers), papers),
        Shot("task-papers-refused", holder(papers), papers, refuse),
        Shot("task-visit", holder(visit), visit),
        Shot("task-opinion", holder(opinion), opinion),
        Shot("cases", "window", "/cases"),
        Shot("cases-new", "window", "/cases/new"),
        Shot("cases-new-refused", "window", "/cases/new", refuse),
        Shot("cases-import", "window", "/cases/import"),
        Shot("case", "leader", f"/cases/{paid.id}"),
        Shot("case-open", "leader", one),
        Shot("case-long-name", "supervisor", f"/cases/{(long_name or paid).id}"),
        Shot("case-noticed", "county_leader", f"/cases/{noticed or paid.id}"),
        Shot("case-diagram", "supervisor", f"{one}#diagram", wait=".bpmn-view .djs-shape"),
        Shot("case-history", "supervisor", f"/cases/{paid.id}#history"),
        Shot("case-clocks", "supervisor", f"/cases/{paid.id}#clocks"),
        Shot("case-letters", "leader", f"/cases/{paid.id}#letters"),
        Shot("case-elsewhere", "window", "/cases/00000000-0000-7000-8000-000000000000"),
        Shot("messages", "leader", "/messages"),
        Shot("overdue", "supervisor", "/overdue"),
        Shot("overdue-county", "supervisor", "/overdue?area=379901"),
        Shot("overdue-soon", "leader", "/overdue?view=soon"),
        Shot("orders", "supervisor", "/orders"),
        Shot(
            "order-new",
            "supervisor",
            f"/orders/new?case={open_case.id}" + (f"&task={late.id}" if late else ""),
        ),
        Shot("order", "supervisor", _an_order(session)),
        Shot("absences", "leader", "/absences"),
        Shot("extensions", "county_leader2", "/extensions"),
        Shot("extensions-none", "leader", "/extensions", sizes=("1440",)),
        Shot("models", "modeler", "/models"),
        Shot(
            "model-editor",
            "modeler",
            f"/models/{draft.key}/drafts/{draft.id}",
            sizes=("1440",),
            wait=".djs-shape",
        ),
        Shot("model-version", "modeler", f"/models/{version.key}/versions/{version.number}"),
        Shot("rules", "admin", "/admin/rules"),
        Shot("users", "admin", "/admin/users"),
        Shot("user-new", "admin", "/admin/users/new"),
        Shot("user-new-refused", "admin", "/admin/users/new", refuse),
        Shot("health", "admin", "/admin/health"),
        Shot("rules-import", "admin", "/admin/rules/import"),
        Shot("rules-linked", "admin", "/admin/rules/linked"),
        Shot("matters", "window", "/matters"),
        Shot("matters-county", "county", "/matters"),
        *_procedures(session),
        Shot("progress", "", "/progress", sizes=("390", "1440")),
        Shot("progress-found", "", f"/progress?code={contact.receipt_code}", ask_progress, ("390", "1440")),
    ]


if __name__ == "__main__":
    main()
