"""Which pages of a demonstration are photographed, as whom, and what is done on them before."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

from playwright.sync_api import Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban import clock
from jieban.cases.tables import Case, PublicNotice
from jieban.deadlines.tables import Deadline
from jieban.ledger.tables import FirstContact
from jieban.procedures.tables import ModelVersion
from jieban.staff.directory import staff_with_role
from jieban.supervision.tables import SupervisionOrder
from jieban.workdays.tables import WorkCalendarDay
from notifications.tables import Letter
from scripts.shot_scenes import SHOWN_WINDOW, TOWN, a_year_to_take_in
from tasks.tables import Task
from workflows.opening import beginning_of

ALL_SIZES = ("1440", "1024", "390")
PHONE_FIRST = ("390", "1440")

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Shot:
    name: str
    user: str
    path: str
    act: Act | None = None
    sizes: tuple[str, ...] = ALL_SIZES
    wait: str = ""
    """a selector that must be there first"""
    status: int = 200
    """what the address answers"""
    letter: bool = False
    """the address gives a letter, whose first page is drawn"""


def shots(session: Session) -> list[Shot]:
    """List the pages as they are on an ordinary day."""
    return [
        *_work(session),
        *_supervision(session),
        *_administration(session),
        *_public(session),
        *_procedures(session),
    ]


def printed_shots(session: Session) -> list[Shot]:
    """List what offices print from the browser."""
    wanted = ("case", "case-history", "overdue", "contacts", "order")
    found = {shot.name: shot for shot in shots(session)}
    return [replace(found[name], name=f"print-{name}", act=_as_printed, sizes=("1024",)) for name in wanted]


def english_shots(session: Session) -> list[Shot]:
    """List the main pages once more, for accounts that read English."""
    wanted = (
        "inbox", "task-papers", "task-visit", "cases", "cases-new", "case", "case-open", "matters", "overdue", "monthly", "contacts",
        "orders", "order", "absences", "messages", "calendar", "health", "rules", "users", "models", "progress",
        "progress-found", "forbidden",
    )  # fmt: skip
    found = {shot.name: shot for shot in shots(session)}
    return [replace(found[name], name=f"en-{name}", sizes=("1440", "390")) for name in wanted]


def late_shots() -> list[Shot]:
    """List the pages that look different when nothing due has been done for an hour."""
    return [
        Shot("late-health", "admin", "/admin/health"),
        Shot("late-inbox", "supervisor", "/overdue", sizes=("1440", "390")),
    ]


def _work(session: Session) -> list[Shot]:
    paid, late_case = _case(session, stage="paid"), _late(session).case_id
    visit, papers, opinion = (_task(session, form) for form in ("home_visit", "examine_papers", "opinion"))
    one = f"/cases/{late_case}"
    noticed = session.scalar(
        select(PublicNotice.case_id).where(PublicNotice.taken_down_at.is_(None)).limit(1)
    )
    long_name = session.scalars(select(Case).where(Case.applicant_name.contains("·")).limit(1)).one_or_none()
    done = session.scalars(
        select(Task).where(Task.state == "done", Task.role == "town.window", Task.town_code == TOWN).limit(1)
    ).one()
    return [
        Shot("login", "", "/login"),
        Shot("login-refused", "", "/login", _wrong_password),
        Shot("inbox", _busiest(session), "/?view=pool"),
        Shot("inbox-limits", SHOWN_WINDOW, "/?view=pool"),
        Shot("inbox-mine-empty", "window", "/"),
        Shot("inbox-done", "window", "/?view=done"),
        Shot("inbox-nothing-found", "window", "/?view=pool&search=没有这个人"),
        Shot("task-papers", _holder(session, papers), papers),
        Shot("task-papers-refused", _holder(session, papers), papers, _refuse),
        Shot("task-hand-over", _holder(session, papers), papers, _hand_over, ("1440", "390")),
        Shot("task-visit", _holder(session, visit), visit),
        Shot("task-opinion", _holder(session, opinion), opinion),
        Shot("task-done", "window", f"/tasks/{done.id}"),
        Shot("task-already", "window", f"/tasks/{done.id}", _send_again(done.id), ("1440", "390")),
        Shot("cases", "window", "/cases"),
        Shot("cases-new", "window", "/cases/new"),
        Shot("cases-new-refused", "window", "/cases/new", _refuse),
        Shot("cases-import", "window", "/cases/import"),
        Shot("case", "leader", f"/cases/{paid.id}"),
        Shot("case-open", "leader", one),
        Shot("case-remedy", "supervisor", f"/cases/{_breached(session)}"),
        Shot("case-long-name", "supervisor", f"/cases/{(long_name or paid).id}"),
        Shot("case-noticed", "county_leader", f"/cases/{noticed or paid.id}"),
        Shot("case-diagram", "supervisor", f"{one}#diagram", wait=".bpmn-view .djs-shape"),
        Shot("case-history", "supervisor", f"/cases/{paid.id}#history"),
        Shot("case-clocks", "supervisor", f"/cases/{paid.id}#clocks"),
        Shot("case-letters", "leader", f"/cases/{paid.id}#letters"),
        Shot("case-elsewhere", "window", "/cases/00000000-0000-7000-8000-000000000000", status=404),
        Shot("forbidden", "window", "/admin/users", sizes=("1440", "390"), status=403),
        Shot("not-found", "", "/nowhere", sizes=("1440", "390"), status=404),
        Shot("messages", "leader", "/messages"),
        Shot("messages-none", "treasury2", "/messages", sizes=("1440",)),
        Shot("password", "window", "/password", sizes=("1440",)),
        Shot("matters", "window", "/matters"),
        Shot("matters-county", "county", "/matters"),
        Shot("letter-receipt", "supervisor", _letter(session, "receipt"), sizes=("1440",), letter=True),
        Shot(
            "letter-order", "supervisor", _letter(session, "supervision_order"), sizes=("1440",), letter=True
        ),
    ]


def _supervision(session: Session) -> list[Shot]:
    late = _late(session)
    order = session.scalar(select(SupervisionOrder.id).where(SupervisionOrder.state == "answered").limit(1))
    return [
        Shot("overdue", "supervisor", "/overdue"),
        Shot("overdue-county", "supervisor", "/overdue?area=379901"),
        Shot("overdue-soon", "leader", "/overdue?view=soon"),
        Shot("overdue-none", "supervisor", "/overdue?search=没有这个人", sizes=("1440",)),
        Shot("monthly", "supervisor", "/monthly"),
        Shot("contacts", "supervisor", "/contacts"),
        Shot("contacts-flag", "supervisor", "/contacts?flag=dissatisfied", sizes=("1440",)),
        Shot("contacts-none", "supervisor", "/contacts?search=没有这个人", sizes=("1440",)),
        Shot("orders", "supervisor", "/orders?view=all"),
        Shot("orders-mine", "leader", "/orders"),
        Shot("orders-none", "window6", "/orders", sizes=("1440",)),
        Shot("order-new", "supervisor", f"/orders/new?case={late.case_id}&task={late.id}"),
        Shot("order-new-refused", "supervisor", f"/orders/new?case={late.case_id}", _refuse_first, ("1440",)),
        Shot("order", "supervisor", f"/orders/{order}"),
        Shot("absences", "leader", "/absences"),
        Shot("absences-none", "window6", "/absences", sizes=("1440",)),
        Shot("extensions", "county_leader2", "/extensions"),
        Shot("extensions-none", "leader", "/extensions", sizes=("1440",)),
    ]


def _administration(session: Session) -> list[Shot]:
    draft = session.scalars(select(ModelVersion).where(ModelVersion.state == "draft")).one()
    version = session.scalars(
        select(ModelVersion).where(ModelVersion.state == "published", ModelVersion.key == draft.key)
    ).one()
    year = session.scalar(select(func.min(WorkCalendarDay.day)).where(WorkCalendarDay.status != "official"))
    next_year = year.year if year else clock.local_day(clock.now()).year + 1
    return [
        Shot("models", "modeler", "/models"),
        Shot(
            "model-editor",
            "modeler",
            f"/models/{draft.key}/drafts/{draft.id}",
            sizes=("1440",),
            wait=".djs-shape",
        ),
        Shot("model-version", "modeler", f"/models/{version.key}/versions/{version.number}"),
        Shot("incidents", "modeler", "/incidents", sizes=("1440",)),
        Shot("calendar", "admin", "/admin/calendar"),
        Shot("calendar-provisional", "admin", f"/admin/calendar?year={next_year}"),
        Shot("calendar-preview", "admin", "/admin/calendar", _preview_of(next_year)),
        Shot("rules", "admin", "/admin/rules"),
        Shot("rules-import", "admin", "/admin/rules/import"),
        Shot("rules-linked", "admin", "/admin/rules/linked"),
        Shot("users", "admin", "/admin/users"),
        Shot("user-new", "admin", "/admin/users/new"),
        Shot("user-new-refused", "admin", "/admin/users/new", _refuse),
        Shot("health", "admin", "/admin/health"),
        Shot("supply", "county", "/supply"),
    ]


def _public(session: Session) -> list[Shot]:
    first = session.get_one(FirstContact, _case(session, stage="paid").first_contact_id)
    late = session.scalars(
        select(FirstContact)
        .join(Case, Case.first_contact_id == FirstContact.id)
        .where(Case.id == _breached(session))
    ).one()
    return [
        Shot("progress", "", "/progress", sizes=PHONE_FIRST),
        Shot("progress-refused", "", "/progress", _ask("ABCD-EFGH-JKLM", "0000"), PHONE_FIRST),
        Shot("progress-found", "", "/progress", _ask(first.receipt_code, first.phone[-4:]), PHONE_FIRST),
        Shot("progress-late", "", "/progress", _ask(late.receipt_code, late.phone[-4:]), PHONE_FIRST),
    ]


def _case(session: Session, **wanted: object) -> Case:
    query = select(Case).where(Case.town_code == TOWN).order_by(Case.registered_at.desc())
    for name, value in wanted.items():
        query = query.where(getattr(Case, name) == value)
    return session.scalars(query.limit(1)).one()


def _late(session: Session) -> Task:
    late = select(Task).where(Task.state == "open", Task.due_at < clock.now(), Task.town_code == TOWN)
    return session.scalars(late.order_by(Task.due_at).limit(1)).one()


def _breached(session: Session) -> uuid.UUID:
    """Find a case whose total limit has passed."""
    query = select(Deadline.case_id).where(Deadline.kind == "total", Deadline.breached_at.is_not(None))
    return session.scalars(query.where(Deadline.state == "running").limit(1)).one()


def _task(session: Session, form: str) -> str:
    query = select(Task.id).where(Task.state == "open", Task.form == form)
    own = session.scalar(query.where(Task.town_code == TOWN).limit(1))
    return f"/tasks/{own or session.scalars(query.limit(1)).one()}"


def _holder(session: Session, path: str) -> str:
    """Name somebody who may open a task."""
    task = session.get_one(Task, uuid.UUID(path.rpartition("/")[2]))
    return staff_with_role(session, task.role, task.town_code)[0].username


def _letter(session: Session, kind: str) -> str:
    letter = session.scalars(
        select(Letter).where(Letter.kind == kind).order_by(Letter.issued_at.desc()).limit(1)
    ).one()
    return f"/cases/{letter.case_id}/letters/{letter.id}"


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


def _as_printed(page: Page) -> None:
    page.emulate_media(media="print")


def _refuse(page: Page) -> None:
    page.locator(".form-actions .btn-primary:visible").first.click(timeout=4000)
    page.wait_for_load_state()


def _refuse_first(page: Page) -> None:
    page.fill("[name=due_on]", "2020-01-01")
    _refuse(page)


def _hand_over(page: Page) -> None:
    page.locator("[data-open-dialog='#hand-over']").click()


def _send_again(task_id: uuid.UUID) -> Act:
    """Send the form of a task that is done, as from a page that was left open."""

    def act(page: Page) -> None:
        page.evaluate(
            """action => {
                const form = Object.assign(document.createElement("form"), {method: "post", action});
                const token = document.querySelector("meta[name=csrf-token]").content;
                form.append(Object.assign(document.createElement("input"), {name: "csrf", value: token}));
                document.body.append(form);
                form.submit();
            }""",
            f"/tasks/{task_id}/complete",
        )
        page.wait_for_url("**/complete")

    return act


def _wrong_password(page: Page) -> None:
    page.fill("[name=username]", "window")
    page.fill("[name=password]", "wrong")
    page.click("form[action='/login'] button")
    page.wait_for_load_state()


def _ask(code: str, last_four: str) -> Act:
    def act(page: Page) -> None:
        page.fill("[name=code]", code)
        page.fill("[name=last_four]", last_four)
        page.click("main form button")
        page.wait_for_load_state()

    return act


def _preview_of(year: int) -> Act:
    def act(page: Page) -> None:
        content = a_year_to_take_in(year)
        page.set_input_files("#upload", {"name": f"{year}.csv", "mimeType": "text/csv", "buffer": content})
        page.fill("#notice", f"国办发明电〔{year - 1}〕7号（示例）")
        page.fill("#dated", f"{year - 1}-11-04")
        page.locator("form[action='/admin/calendar/import'] .btn-primary").click()
        page.wait_for_url("**/admin/calendar/import/*")

    return act
