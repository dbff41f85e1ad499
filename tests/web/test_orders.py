"""Supervisors' orders: issued downwards, answered by whoever they are for, accepted or returned by whoever issued them."""

import io
import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from jieban import clock
from jieban.cases.tables import CaseEvent
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.staff.absences import record_absence
from jieban.staff.tables import User
from jieban.supervision.tables import SupervisionOrder
from notifications.tables import Message
from tasks.tables import Task
from tests.people import COUNTY, TOWN, People
from tests.web.site import Site
from tests.workflows.walk import Walk
from workflows.flows import escalate_overdue

Issue = Callable[..., SupervisionOrder]
OFFICE = f"office:town.leader:{TOWN}"


def the_order(database: Database) -> SupervisionOrder:
    with database.read() as session:
        return session.scalars(select(SupervisionOrder)).one()


@pytest.fixture
def issue(site: Site, walk: Walk) -> Issue:
    """Have somebody issue an order about the case, due on Friday 27 November 2026."""

    def make(by: str = "supervisor", to: str = OFFICE, due_on: str = "2026-11-27") -> SupervisionOrder:
        task = walk.open_tasks()[0]
        given = {
            "case": walk.case_id,
            "task": task.id,
            "to": to,
            "what": "请核实为何未受理。",
            "due_on": due_on,
        }
        answer = site.desk(by).post("/orders/new", given)
        assert answer.status_code == 303, answer.text
        return the_order(site.database)

    return make


def kinds(database: Database) -> list[str]:
    """Give the kinds of facts about orders, which stand in the ledger and in the case's history alike."""
    with database.read() as session:
        found = [
            list(session.scalars(select(table.kind).order_by(table.at, table.id)))
            for table in (LedgerRecord, CaseEvent)
        ]
    ledger, events = ([kind for kind in one if kind.startswith("order.")] for one in found)
    assert ledger == events
    return ledger


def told(database: Database) -> list[str]:
    with database.read() as session:
        query = select(User.username).join(Message, Message.user_id == User.id)
        return sorted(session.scalars(query.where(Message.kind == "order").order_by(Message.at)))


def test_from_issue_to_acceptance(site: Site, walk: Walk, issue: Issue) -> None:
    """Issue, answer, return, answer again, accept: each is a fact of the case, and nothing else in it changes."""
    order = issue()
    path = f"/orders/{order.id}"
    supervisor, leader = site.desk("supervisor"), site.desk("leader")

    assert order.number in leader.get("/orders").text
    assert leader.post(f"{path}/answer", {"text": ""}).status_code == 422
    assert leader.post(f"{path}/answer", {"text": "窗口人手不足。"}).status_code == 303
    assert supervisor.post(f"{path}/judge", {"verdict": "return", "reason": ""}).status_code == 422
    back = {"verdict": "return", "reason": "没有写明何时受理。", "due_on": "2026-11-30"}
    assert supervisor.post(f"{path}/judge", back).status_code == 303
    assert "没有写明何时受理" in leader.get(path).text
    leader.post(f"{path}/answer", {"text": "今日已受理。"})
    assert supervisor.post(f"{path}/judge", {"verdict": "accept"}).status_code == 303

    done = the_order(site.database)
    assert (done.state, len(done.answers), done.escalate_at) == ("accepted", 2, None)
    assert [one["verdict"] for one in done.answers] == ["returned", "accepted"]
    assert kinds(site.database) == [
        "order.issued",
        "order.answered",
        "order.returned",
        "order.answered",
        "order.accepted",
    ]
    assert walk.open_tasks()[0].state == "open"
    page = supervisor.get(f"/cases/{walk.case_id}").text
    assert order.number in page
    assert "今日已受理" in page


def test_the_letter_says_to_whom_what_and_by_when(site: Site, walk: Walk, issue: Issue) -> None:
    """It is signed by the supervisor's own office and stands in the file under the number of the order."""
    order = issue()
    # The city counts its own; the letters of the county go on with theirs.
    assert order.number == "示例民督办〔2026〕1号"

    answer = site.desk("supervisor").get(f"/cases/{walk.case_id}/letters/{order.letter_id}")

    text = re.sub(
        r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    )
    for said in (order.number, "督办单", "柳林镇", "请核实为何未受理", "2026年11月27日", "示例市民政局"):
        assert re.sub(r"\s", "", said) in text


def test_the_form_names_offices_and_people_below(site: Site, walk: Walk) -> None:
    page = site.desk("county_leader").get(f"/orders/new?case={walk.case_id}").text

    assert OFFICE in page
    assert "王芳" in page
    assert f"office:county.leader:{COUNTY}" not in page
    assert "周涛（" not in page


@pytest.mark.parametrize(
    ("by", "to"),
    [("leader", f"office:county.leader:{COUNTY}"), ("leader", OFFICE), ("county_leader", "user:leader2")],
)
def test_nobody_gives_an_order_upwards_or_to_themselves(site: Site, walk: Walk, by: str, to: str) -> None:
    given = {"case": walk.case_id, "to": to, "what": "请核实。", "due_on": "2026-11-27"}

    answer = site.desk(by).post("/orders/new", given)

    assert answer.status_code == 422
    assert "请选择承办的单位或人员" in answer.text


def test_what_is_missing_is_named_and_nothing_is_lost(site: Site, walk: Walk) -> None:
    given = {"case": walk.case_id, "to": OFFICE, "what": "请尽快。", "due_on": "2026-11-20"}

    answer = site.desk("supervisor").post("/orders/new", given)

    assert answer.status_code == 422
    assert "不能早于今天" in answer.text
    assert "请尽快。" in answer.text


def test_an_order_of_elsewhere_does_not_exist(site: Site, issue: Issue) -> None:
    order = issue()

    for username in ("other_town_window", "other_county_county_leader", "window"):
        assert site.desk(username).get(f"/orders/{order.id}").status_code == 404
        assert order.number not in site.desk(username).get("/orders").text


def test_only_the_addressee_answers_and_only_the_issuer_judges(site: Site, issue: Issue) -> None:
    order = issue()
    path = f"/orders/{order.id}"

    assert site.desk("county_leader").post(f"{path}/answer", {"text": "已办。"}).status_code == 403
    site.desk("leader").post(f"{path}/answer", {"text": "已办。"})
    assert site.desk("county_leader").post(f"{path}/judge", {"verdict": "accept"}).status_code == 403
    assert site.desk("leader").post(f"{path}/judge", {"verdict": "accept"}).status_code == 403
    assert the_order(site.database).state == "answered"


def test_a_withdrawn_order_is_not_answered(site: Site, issue: Issue) -> None:
    order = issue()
    path = f"/orders/{order.id}"

    assert site.desk("supervisor").post(f"{path}/withdraw", {"why": ""}).status_code == 422
    site.desk("supervisor").post(f"{path}/withdraw", {"why": "下达有误"})

    assert site.desk("leader").post(f"{path}/answer", {"text": "已办。"}).status_code == 403
    assert the_order(site.database).state == "withdrawn"
    assert not escalate_overdue.is_due(site.database, site.now + timedelta(minutes=1))


def test_an_order_that_nobody_answers_goes_up_level_by_level(site: Site, walk: Walk, issue: Issue) -> None:
    """The addressee the working day before, the county's leader when it is late, the city's supervisor after that."""
    order = issue()

    def sweep(day: int) -> None:
        moment = clock.end_of_day(datetime(2026, 11, 1).date()) + timedelta(days=day - 1, minutes=1)  # noqa: DTZ001 - a day
        escalate_overdue.sweep(site.database, moment, f"run-{day}", 30)

    sweep(26)
    assert told(site.database) == ["leader", "leader"]  # the order itself, and the reminder
    sweep(27)
    assert told(site.database).count("county_leader") == 1
    assert told(site.database).count("supervisor") == 1
    sweep(27)
    sweep(31)

    assert kinds(site.database) == ["order.issued", "order.reminded", "order.overdue", "order.overdue"]
    late = the_order(site.database)
    assert (late.state, late.escalate_at) == ("issued", None)
    assert "超期未答复" in site.desk("supervisor").get(f"/cases/{walk.case_id}").text
    assert order.number in site.desk("leader").get("/messages").text


def test_an_answered_order_troubles_nobody(site: Site, issue: Issue) -> None:
    order = issue()
    site.desk("leader").post(f"/orders/{order.id}/answer", {"text": "已办。"})
    before = told(site.database)

    escalate_overdue.sweep(site.database, site.now + timedelta(days=30), "run", 30)

    assert told(site.database) == before


def test_the_substitute_of_the_addressee_answers(site: Site, people: People, issue: Issue) -> None:
    """While somebody is away, the order is answered by who stands in, under their own name."""
    order = issue(to=f"user:{people.window.id}")
    with site.database.write() as session:
        record_absence(
            session,
            people.window,
            site.now,
            user_id=people.window.id,
            substitute_id=people.window2.id,
            from_on=site.now.date(),
            until_on=site.now.date(),
            reason="培训",
        )
    desk = site.desk("window2")

    assert order.number in desk.get("/orders").text
    assert desk.post(f"/orders/{order.id}/answer", {"text": "已受理。"}).status_code == 303
    assert the_order(site.database).answers[0]["by"] == "赵敏"


def test_the_board_and_the_case_lead_to_the_form(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    with site.database.write() as session:
        session.get_one(Task, task.id).due_at = site.now - timedelta(days=4)
    link = f"/orders/new?case={walk.case_id}&amp;task={task.id}"

    board = site.desk("supervisor").get("/overdue").text

    assert link in board
    assert "红牌" in board
    assert f"/orders/new?case={walk.case_id}" in site.desk("leader").get(f"/cases/{walk.case_id}").text
    assert "/orders/new" not in site.desk("window").get(f"/cases/{walk.case_id}").text
