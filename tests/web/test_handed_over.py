"""A matter that is handed from office to office: who may open it, who finds it, and who must not learn of it."""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from jieban.cases.tables import Case
from jieban.clock import CHINA
from jieban.errors import NotFound
from jieban.intake.applications import NewMatter
from jieban.staff.tables import User
from tasks.cases import get_case, list_cases
from tasks.scope import WITHHELD
from tasks.tables import Task
from tests.people import COUNTY, OTHER_TOWN, TOWN, People
from tests.web.site import Site
from workflows.cases import open_matter
from workflows.steps import complete_task

CALLER, PHONE = "钱桂兰", "0539-7654321"
DUTY = {"duty": "town", "duty_item": "第12项 公共照明"}


def call(site: Site, people: People, username: str = "county_reviewer", **form: Any) -> uuid.UUID:
    """Register a call at the county."""
    at = site.now.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M")
    data = {
        "kind": "request",
        "content": "路灯坏了",
        "received_at": at,
        "dispatched_at": at,
        "reply_wanted": "yes",
        "confidential": "no",
        **form,
    }
    matter = NewMatter("hotline", COUNTY, CALLER, phone=PHONE, data=data)
    with site.database.write() as session:
        return open_matter(session, people[username], site.now, matter, procedure="hotline_matter").id


def do(
    site: Site, people: People, username: str, case_id: uuid.UUID, element: str, data: Mapping[str, Any]
) -> None:
    with site.database.write() as session:
        complete_task(session, people[username], site.now, open_task(site, case_id, element).id, data)


def open_task(site: Site, case_id: uuid.UUID, element: str) -> Task:
    with site.database.read() as session:
        query = select(Task).where(Task.case_id == case_id, Task.element == element, Task.state == "open")
        return session.scalars(query).one()


def dispatch(site: Site, people: People, case_id: uuid.UUID, to: str) -> None:
    do(site, people, "county_reviewer", case_id, "triage", {"action": "dispatch"})
    given = {"to_area": to, "reason": "请核实并修复", **DUTY}
    do(site, people, "county_reviewer", case_id, "dispatch", given)


@pytest.fixture
def handed(site: Site, people: People) -> uuid.UUID:
    """A call that the county dispatched to a township, which has not answered yet."""
    case_id = call(site, people)
    dispatch(site, people, case_id, OTHER_TOWN)
    return case_id


def test_the_office_that_gets_a_matter_opens_its_case(site: Site, handed: uuid.UUID):
    """The page, the diagram and the API are open to it, and the page says from whom it came and by when to answer."""
    desk = site.desk("other_town_window")

    page = desk.get(f"/cases/{handed}")

    assert page.status_code == 200
    assert all(text in page.text for text in (CALLER, "交接记录", "黄磊", "请核实并修复", "待答复"))
    assert desk.get(f"/cases/{handed}/diagram.bpmn").status_code == 200
    assert desk.get(f"/api/v1/cases/{handed}").status_code == 200


def test_its_task_says_what_the_office_before_wants(site: Site, handed: uuid.UUID):
    """Whoever accepts or returns a matter reads why it came, and what the caller said, beside the form."""
    page = site.desk("other_town_window").get(f"/tasks/{open_task(site, handed, 'answer_handover').id}")

    assert all(text in page.text for text in ("请核实并修复", "第12项 公共照明", "路灯坏了", "东河县"))


@pytest.mark.parametrize("username", ["window", "other_county_window", "other_county_leader", "no_area"])
def test_other_offices_see_nothing_of_it(site: Site, handed: uuid.UUID, username: str):
    """Whoever has nothing to do with it finds no case, as if there were none."""
    desk = site.desk(username)

    assert desk.get(f"/cases/{handed}").status_code == 404
    assert desk.get(f"/api/v1/cases/{handed}").status_code == 404


def test_it_stands_in_the_lists_of_its_own_area_alone(site: Site, people: People, handed: uuid.UUID):
    """The office that has a task of it opens it from the task, and does not find it among its own cases."""
    with site.database.read() as session:
        found = {
            username: [case.id for case in list_cases(session, people[username], search=CALLER).rows]
            for username in ("county_reviewer", "other_town_window", "window", "supervisor")
        }

    assert found == {
        "county_reviewer": [handed],
        "other_town_window": [],
        "window": [],
        "supervisor": [handed],
    }


def test_an_office_that_returned_it_still_opens_it(site: Site, people: People, handed: uuid.UUID):
    """What an office answered can be looked up by it later, also when the matter went elsewhere."""
    do(
        site,
        people,
        "other_town_window",
        handed,
        "answer_handover",
        {"answer": "returned", "reason": "在柳林镇"},
    )
    site.forward(hours=1)
    given = {"to_area": TOWN, "reason": "指定柳林镇", **DUTY}
    do(site, people, "county_leader", handed, "designate", given)

    page = site.desk("other_town_window").get(f"/cases/{handed}")

    assert page.status_code == 200
    assert "县级指定，不得退回" in page.text
    assert f"/tasks/{open_task(site, handed, 'answer_handover').id}" not in page.text
    assert site.desk("window").get(f"/cases/{handed}").status_code == 200


def test_the_first_receiver_sees_it_wherever_they_work_now(site: Site, people: People, handed: uuid.UUID):
    """Following a matter does not end with a new post; only an account without any area sees nothing."""
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "county_reviewer").values(area_code=TOWN))

    assert site.desk("county_reviewer").get(f"/cases/{handed}").status_code == 200
    with site.database.write() as session:
        session.execute(update(User).where(User.username == "county_reviewer").values(area_code=None))
    assert site.desk("county_reviewer").get(f"/cases/{handed}").status_code == 404


def test_a_late_answer_is_marked(site: Site, people: People, handed: uuid.UUID):
    """On the working day after the limit; later the county would designate another office."""
    site.now += timedelta(days=3)
    do(site, people, "other_town_window", handed, "answer_handover", {"answer": "accepted"})

    page = site.desk("county_reviewer").get(f"/cases/{handed}")

    assert "超期答复" in page.text
    assert "胡军" in page.text


@pytest.fixture
def accused(site: Site, people: People) -> uuid.UUID:
    """A complaint about a township, which has been asked to explain."""
    case_id = call(site, people, kind="complaint", accused_office=OTHER_TOWN)
    do(site, people, "county_reviewer", case_id, "triage", {"action": "handle"})
    given = {"result": "ask_accused", "found": "已查阅录音", "question": "请说明拒收材料的原因"}
    do(site, people, "county_reviewer", case_id, "handle", given)
    return case_id


def test_the_accused_office_gets_the_question_and_not_the_caller(site: Site, accused: uuid.UUID):
    """Its task has no name, its page no caller, and the case cannot be opened from anywhere."""
    task = open_task(site, accused, "explain")
    desk = site.desk("other_town_window")

    page = desk.get(f"/tasks/{task.id}")
    api = desk.get(f"/api/v1/tasks/{task.id}")

    assert (task.applicant_name, task.town_code) == (WITHHELD, OTHER_TOWN)
    for answer in (page, api):
        assert answer.status_code == 200
        assert "请说明拒收材料的原因" in answer.text
        assert CALLER not in answer.text
        assert PHONE not in answer.text
        assert "路灯坏了" not in answer.text
    assert f"/cases/{accused}" not in page.text
    assert desk.get(f"/cases/{accused}").status_code == 404
    assert desk.get(f"/api/v1/cases/{accused}").status_code == 404
    assert desk.get(f"/cases/{accused}/diagram.bpmn").status_code == 404
    assert CALLER not in desk.get("/?view=pool").text


def test_nobody_else_is_kept_from_a_complaint(site: Site, people: People, accused: uuid.UUID):
    """The county that handles it sees the caller, and so does whoever supervises it."""
    assert CALLER in site.desk("county_reviewer").get(f"/cases/{accused}").text
    assert CALLER in site.desk("supervisor").get(f"/cases/{accused}").text


def test_a_handover_to_the_accused_opens_nothing(site: Site, people: People, accused: uuid.UUID):
    """However the office comes to have a task of it, the person stays withheld."""
    with site.database.read() as session, pytest.raises(NotFound):
        get_case(session, people.other_town_window, accused)
    with site.database.read() as session:
        assert session.get_one(Case, accused).withheld_from == OTHER_TOWN
