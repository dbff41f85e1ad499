"""Who may open what: every address of the application, for every role of the one table of permissions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from sqlalchemy import select

from jieban.cases.tables import Case, Paper
from jieban.people.tables import Person
from jieban.rules.standards import record_preview
from jieban.staff.roles import ROLES, Role
from jieban.staff.tables import User
from notifications.tables import Letter
from tests.people import People
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk
from workflows import calendars, model_store

PUBLIC, ANYBODY = "public", "signed in"
RIGHTS: dict[str, str] = {
    "GET /login": PUBLIC,
    "POST /login": PUBLIC,
    "POST /logout": PUBLIC,
    "POST /language": PUBLIC,
    "GET /progress": PUBLIC,
    "POST /progress": PUBLIC,
    "POST /progress/rate": PUBLIC,
    "GET /healthz": PUBLIC,
    "GET /api/v1/openapi.json": PUBLIC,
    "POST /api/v1/session": PUBLIC,
    "DELETE /api/v1/session": PUBLIC,
    "GET /password": ANYBODY,
    "POST /password": ANYBODY,
    "GET /": ANYBODY,
    "GET /account": ANYBODY,
    "POST /account": ANYBODY,
    "GET /messages": ANYBODY,
    "POST /messages/read": ANYBODY,
    "GET /api/v1/session": ANYBODY,
    "GET /tasks/{task_id}": "case.read",
    "POST /tasks/{task_id}/claim": "task.work",
    "POST /tasks/{task_id}/release": "task.work",
    "POST /tasks/{task_id}/complete": "task.work",
    "POST /tasks/{task_id}/draft": "task.work",
    "POST /tasks/{task_id}/hand-over": "task.work",
    "GET /cases": "case.read",
    "GET /cases/new": "case.register",
    "POST /cases/new": "case.register",
    "GET /matters": "task.work",
    "GET /matters/new": "task.work",
    "POST /matters/new": "task.work",
    "GET /cases/import": "case.register",
    "GET /cases/import/template.xlsx": "case.register",
    "POST /cases/import": "case.register",
    "GET /cases/{case_id}": "case.read",
    "POST /cases/{case_id}/unmask": "task.work",
    "GET /cases/{case_id}/diagram.bpmn": "case.read",
    "GET /cases/{case_id}/letters/{letter_id}": "case.read",
    "POST /cases/{case_id}/papers": "task.work",
    "GET /cases/{case_id}/papers/{paper_id}": "case.read",
    "GET /cases/{case_id}/payments": "case.read",
    "GET /cases/{case_id}/payments/file.{kind}": "task.work",
    "POST /cases/{case_id}/payments/receipt": "task.work",
    "POST /cases/{case_id}/objections": "objection.register",
    "POST /cases/{case_id}/extensions": "extension.ask",
    "GET /extensions": "extension.approve",
    "POST /extensions/{extension_id}": "extension.approve",
    "GET /models": "model.read",
    "GET /models/{key}/versions/{number}": "model.read",
    "GET /models/{key}/versions/{number}/model.bpmn": "model.read",
    "POST /models/{key}/drafts": "model.edit",
    "GET /models/{key}/drafts/{draft_id}": "model.edit",
    "GET /models/{key}/drafts/{draft_id}/model.bpmn": "model.edit",
    "PUT /models/{key}/drafts/{draft_id}/model.bpmn": "model.edit",
    "GET /models/{key}/drafts/{draft_id}/catalogue.json": "model.edit",
    "POST /models/{key}/drafts/{draft_id}/lint": "model.edit",
    "POST /models/{key}/drafts/{draft_id}/note": "model.edit",
    "POST /models/{key}/drafts/{draft_id}/publish": "model.publish",
    "POST /models/{key}/drafts/{draft_id}/discard": "model.edit",
    "GET /incidents": "incident.retry",
    "POST /incidents/{incident_id}": "incident.retry",
    "POST /incidents/timers/{timer_id}": "incident.retry",
    "POST /incidents/aside/{row_id}": "incident.retry",
    "GET /absences": "case.read",
    "POST /absences": "case.read",
    "POST /absences/{absence_id}/end": "case.read",
    "GET /contacts": "overdue.read",
    "GET /contacts/export.xlsx": "report.export",
    "POST /cases/{case_id}/contact/feedback": "case.read",
    "POST /cases/{case_id}/contact/rating": "case.read",
    "GET /orders": "case.read",
    "GET /orders/new": "order.issue",
    "POST /orders/new": "order.issue",
    "GET /orders/{order_id}": "case.read",
    "POST /orders/{order_id}/answer": "case.read",
    "POST /orders/{order_id}/judge": "order.issue",
    "POST /orders/{order_id}/withdraw": "order.issue",
    "GET /overdue": "overdue.read",
    "GET /overdue/export.{kind}": "report.export",
    "GET /monthly": "overdue.read",
    "GET /monthly/export.xlsx": "report.export",
    "GET /admin/users": "staff.manage",
    "GET /admin/users/new": "staff.manage",
    "POST /admin/users/new": "staff.manage",
    "GET /admin/users/{user_id}": "staff.manage",
    "POST /admin/users/{user_id}": "staff.manage",
    "POST /admin/users/{user_id}/deactivate": "staff.manage",
    "POST /admin/users/{user_id}/activate": "staff.manage",
    "POST /admin/users/{user_id}/password": "staff.manage",
    "GET /admin/rules": "rules.read",
    "GET /admin/rules/linked": "rules.read",
    "POST /admin/rules/linked": "rules.edit",
    "GET /admin/rules/import": "rules.edit",
    "POST /admin/rules/import": "rules.edit",
    "GET /admin/rules/import/template.xlsx": "rules.edit",
    "GET /admin/rules/import/{preview_id}": "rules.edit",
    "POST /admin/rules/import/{preview_id}": "rules.edit",
    "POST /admin/rules/import/{preview_id}/undo": "rules.edit",
    "GET /admin/rules/import/{preview_id}/cases.xlsx": "rules.edit",
    "GET /admin/calendar": "calendar.read",
    "GET /admin/calendar/template.csv": "rules.edit",
    "POST /admin/calendar/import": "rules.edit",
    "GET /admin/calendar/import/{calendar_id}": "calendar.act",
    "POST /admin/calendar/import/{calendar_id}": "calendar.act",
    "POST /admin/calendar/import/{calendar_id}/decline": "calendar.confirm",
    "POST /admin/calendar/import/{calendar_id}/undo": "calendar.act",
    "GET /admin/health": "health.read",
    "POST /admin/channels/{key}/again": "health.read",
    "GET /supply": "supply.read",
    "POST /supply": "supply.edit",
    "GET /api/v1/tasks": "task.work",
    "GET /api/v1/tasks/{task_id}": "task.work",
    "POST /api/v1/tasks/{task_id}/claim": "task.work",
    "POST /api/v1/tasks/{task_id}/release": "task.work",
    "POST /api/v1/tasks/{task_id}/hand-over": "task.work",
    "POST /api/v1/tasks/{task_id}/complete": "task.work",
    "POST /api/v1/cases": "case.register",
    "GET /api/v1/cases": "case.read",
    "GET /api/v1/cases/{case_id}": "case.read",
}
_NOT_THERE = frozenset(
    {
        "GET /cases/{case_id}/papers/{paper_id}",
        "GET /cases/{case_id}/payments",
        "GET /cases/{case_id}/payments/file.{kind}",
        "GET /orders/new",
        "GET /orders/{order_id}",
    }
)
"""Nothing was uploaded in this case, nothing is paid by it and nobody was given an order, so nobody finds anything."""

_ONE_CASE = sorted(
    name for name in RIGHTS if "{case_id}" in name or "{task_id}" in name or "{extension_id}" in name
)


@dataclass(frozen=True)
class Place:
    """A case with everything that has an address of its own."""

    walk: Walk
    names: dict[str, str]

    def path(self, name: str) -> str:
        return name.partition(" ")[2].format(**self.names)


@pytest.fixture
def place(site: Site, walk: Walk, people: People) -> Place:
    with site.database.write() as session:
        draft = model_store.create_draft(session, people.model_admin, site.now, "subsistence_allowance")
        letter = session.scalars(select(Letter).where(Letter.case_id == walk.case_id)).first()
        paper = session.scalars(select(Paper).where(Paper.case_id == walk.case_id)).first()
        user = session.scalars(select(User).where(User.username == "no_area")).one()
        preview_id = record_preview(
            session, people.sys_admin, site.now, file="标准.xlsx", sha256="", wanted=()
        )
        calendar_id = calendars.record_preview(
            session,
            people.sys_admin,
            site.now,
            content=b"day,working\n2026-12-31,0",
            file="2026.csv",
            notice=calendars.Notice("国办发明电〔2025〕7号", date(2025, 11, 4)),
        )
        assert letter
        assert paper
        names = {
            "case_id": str(walk.case_id),
            "task_id": str(walk.open_tasks()[0].id),
            "letter_id": str(letter.id),
            "paper_id": str(paper.id),
            "extension_id": "00000000-0000-7000-8000-000000000000",
            "order_id": "00000000-0000-7000-8000-000000000000",
            "absence_id": "00000000-0000-7000-8000-000000000000",
            "timer_id": "00000000-0000-7000-8000-000000000000",
            "row_id": "00000000-0000-7000-8000-000000000000",
            "incident_id": "00000000-0000-7000-8000-000000000000",
            "draft_id": str(draft.id),
            "preview_id": str(preview_id),
            "calendar_id": str(calendar_id),
            "user_id": str(user.id),
            "key": "subsistence_allowance",
            "number": "1",
            "kind": "csv",
        }
    return Place(walk, names)


def _username(role: Role) -> str:
    special = {
        "town.investigator": "investigator1",
        "county.check": "county_check",
        "county.reviewer": "county_reviewer",
        "county.leader": "county_leader",
        "county.finance": "county_finance",
        "county.treasury": "county_treasury",
    }
    return special.get(role.key, role.key.removeprefix("town."))


def _ask(desk: Desk, name: str, path: str) -> int:
    method = name.partition(" ")[0]
    if method == "GET":
        return desk.get(path).status_code
    if path.startswith("/api/") or method == "PUT":
        return desk.send(method, path, json={}).status_code
    return desk.post(path, {"why": "核对", "verdict": "reject", "words": "不符合"}).status_code


def _addresses(site: Site) -> Iterator[str]:
    for route in site.app.routes:
        inner = getattr(route, "effective_route_contexts", None)
        for one in inner() if inner else [route]:
            methods = set(getattr(one, "methods", None) or ()) - {"HEAD"}
            yield from (f"{method} {one.path}" for method in methods)


def test_every_address_is_in_the_table(site: Site) -> None:
    """A new page does not work until somebody has said who may open it."""
    assert set(_addresses(site)) == set(RIGHTS)


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_each_role_opens_what_its_permissions_give(site: Site, place: Place, role: Role) -> None:
    """Pages without permission are refused or do not exist; with permission they answer."""
    desk = site.desk(_username(role))
    wrong = []
    for name, right in RIGHTS.items():
        if right == PUBLIC or not name.startswith("GET"):
            continue
        status = _ask(desk, name, place.path(name))
        may = right == ANYBODY or right in role.permissions
        # The administrator has no area in tests/people.py; who only pays opens lists, and this case is none.
        away = name in _ONE_CASE and (role.key == "sys_admin" or "case.area" not in role.permissions)
        expected = {404} if may and (away or name in _NOT_THERE) else {200, 303} if may else {403, 404}
        if status not in expected:
            wrong.append(f"{name}: {status}, not {expected}")

    assert wrong == []


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_each_role_changes_only_what_its_permissions_give(site: Site, place: Place, role: Role) -> None:
    desk = site.desk(_username(role))
    wrong = []
    for name, right in RIGHTS.items():
        if name.startswith("GET") or right in {PUBLIC, ANYBODY} or right in role.permissions:
            continue
        status = _ask(desk, name, place.path(name))
        if status not in {403, 404}:
            wrong.append(f"{name}: {status}")

    assert wrong == []


def test_without_a_session_nothing_but_the_public_pages_answers(site: Site, place: Place) -> None:
    desk = site.stranger()
    wrong = []
    for name, right in RIGHTS.items():
        status = _ask(desk, name, place.path(name))
        if right != PUBLIC and status not in {303, 401}:
            wrong.append(f"{name}: {status}")

    assert wrong == []


def test_no_change_is_made_without_the_token_or_from_another_site(site: Site, place: Place) -> None:
    own = site.desk("window")
    foreign = site.desk("window")
    foreign.client.headers["Origin"] = "https://elsewhere.example"
    own.csrf = ""
    changes = [name for name, right in RIGHTS.items() if not name.startswith("GET") and right != PUBLIC]

    answers = {_ask(desk, name, place.path(name)) for name in changes for desk in (own, foreign)}

    assert answers == {403}
    assert place.walk.open_tasks()[0].assignee_id is None


@pytest.mark.parametrize(
    "username",
    [
        "other_town_window",
        "other_county_window",
        "other_county_county_leader",
        "no_area",
        "nobody",
        "county_finance",
        "county_treasury",
    ],
)
def test_a_case_of_elsewhere_does_not_exist(site: Site, place: Place, username: str) -> None:
    """Page, papers, letters, diagram, tasks and API of another township's case: 404, or 403 without the role."""
    desk = site.desk(username)
    permissions = _permissions(site, username)
    wrong = []
    for name in _ONE_CASE:
        status = _ask(desk, name, place.path(name))
        body_is_checked_first = name.startswith("POST /api/") and status == 422
        if status != 404 and (RIGHTS[name] in permissions or status != 403) and not body_is_checked_first:
            wrong.append(f"{name}: {status}")

    assert wrong == []


@pytest.mark.parametrize(
    "username",
    ["other_town_window", "other_county_county_leader", "no_area", "county_finance", "county_treasury"],
)
def test_no_list_names_a_case_of_elsewhere(site: Site, place: Place, username: str) -> None:
    """Nor does a search by name, number or ID number find it."""
    site.forward(days=30)
    desk = site.desk(username)
    with site.database.read() as session:
        case = session.get_one(Case, place.walk.case_id)
        number = session.get_one(Person, case.applicant_id).id_number
    found = [
        path
        for path in (
            "/?view=pool",
            f"/?view=pool&search={case.applicant_name}",
            "/cases",
            f"/cases?search={case.number}",
            f"/cases?search={number}",
            f"/cases?search={case.applicant_name}",
            "/overdue",
            "/overdue?view=soon",
            "/api/v1/tasks?view=pool",
            f"/api/v1/cases?search={number}",
            "/extensions",
        )
        if f"/cases/{case.id}" in (text := desk.get(path).text) or str(case.id) in text
    ]

    assert found == []


def _permissions(site: Site, username: str) -> frozenset[str]:
    with site.database.read() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        return frozenset().union(*(ROLES[row.role].permissions for row in user.roles if row.role in ROLES))


def test_whoever_pays_opens_a_case_from_the_task_that_is_theirs_and_no_other(site: Site, walk: Walk) -> None:
    """Until the money of a case is due, and for the treasury ever, the case does not exist; other tasks neither."""
    finance, treasury = site.desk("county_finance"), site.desk("county_treasury")
    case = f"/cases/{walk.case_id}"
    before = walk.open_tasks()[0].id

    closed = [desk.get(f"/tasks/{before}").status_code for desk in (finance, treasury)]
    closed += [desk.get(case).status_code for desk in (finance, treasury)]
    task = walk.until("first_payment")
    site.now = walk.now
    finance, treasury = site.desk("county_finance"), site.desk("county_treasury")

    assert set(closed) == {404}
    assert finance.get(f"/tasks/{task.id}").status_code == finance.get(case).status_code == 200
    assert case in finance.get("/cases").text
    assert treasury.get(f"/tasks/{task.id}").status_code == treasury.get(case).status_code == 404
    assert case not in treasury.get("/cases").text
