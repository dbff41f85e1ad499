from collections.abc import Iterator

import pytest
from sqlalchemy import update

from jieban.cases.tables import Case
from tasks.tables import Task
from tests.people import People
from tests.web.site import Site
from tests.workflows.stuck import Office, incidents, open_stuck_case, operations, task_at
from workflows.flows import escalate_overdue, fire_timers
from workflows.tables import Timer


@pytest.fixture
def office() -> Iterator[Office]:
    with operations() as made:
        yield made


def test_a_clerk_sees_that_a_case_is_stuck_and_the_administrator_lets_it_go_on(
    site: Site, people: People, office: Office
) -> None:
    case = open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task
    window = site.desk("window")
    assert window.post(f"/tasks/{task.id}/complete", {"found": "属实"}).status_code == 303

    page = window.get(f"/cases/{case.id}").text
    assert "案件在“够不够”处不能自动继续，已交由流程管理员处理。" in page
    assert "“够不够”不能自动继续" in page
    assert 'href="/incidents"' not in page
    assert site.stranger().get("/healthz").json()["incidents"] == 1
    assert "停住的案件" in site.desk("sys_admin").get("/admin/health").text

    admin = site.desk("model_admin")
    shown = admin.get("/incidents").text
    assert case.number in shown
    assert case.applicant_name not in shown
    assert "limit &gt; 10" in shown
    [incident] = incidents(site.database)
    again = admin.post(f"/incidents/{incident.id}", {"fact.limit": "", "why": ""})
    assert again.headers["location"] == "/incidents"
    assert "已重试 1 次" in admin.get("/incidents").text
    admin.post(f"/incidents/{incident.id}", {"fact.limit": "12", "why": "规则表漏了"})
    assert task_at(site.database, "serve")
    assert "没有停住的案件。" in admin.get("/incidents").text
    history = window.get(f"/cases/{case.id}").text
    assert "流程管理员重新办理“够不够”" in history
    assert "不能自动继续，已交由流程管理员处理。" not in history
    assert site.stranger().get("/healthz").json()["incidents"] == 0


def test_a_wrong_answer_is_told_beside_its_field_and_not_lost(
    site: Site, people: People, office: Office
) -> None:
    office.facts = {"limit": "不详"}
    open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task
    site.desk("window").post(f"/tasks/{task.id}/complete", {"found": "属实"})
    [incident] = incidents(site.database)

    page = site.desk("model_admin").post(f"/incidents/{incident.id}", {"fact.limit": "15", "why": ""})

    assert page.status_code == 422
    assert "更改已有的事实，必须写明理由。" in page.text
    assert 'value="15"' in page.text


def test_an_operation_that_breaks_gives_the_form_back(site: Site, people: People, office: Office) -> None:
    """What was filled in stands in the form again, and is there tomorrow."""
    office.look = ZeroDivisionError("division by zero")
    case = open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task
    window = site.desk("window")

    page = window.post(f"/tasks/{task.id}/complete", {"found": "家庭三口人"})
    assert page.status_code == 409
    assert "您填写的内容没有丢失" in page.text
    assert "家庭三口人" in page.text
    assert "家庭三口人" in window.get(f"/tasks/{task.id}").text
    assert "办理“核实”时系统出错，没有办成" in window.get(f"/cases/{case.id}").text
    shown = site.desk("model_admin").get("/incidents").text
    assert "ZeroDivisionError" in shown
    assert "家庭三口人" not in shown
    office.look = None
    assert window.post(f"/tasks/{task.id}/complete", {"found": "家庭三口人"}).status_code == 303


def test_the_api_says_so_too(site: Site, people: People, office: Office) -> None:
    office.look = RuntimeError("no")
    open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task

    answer = site.desk("window").send(
        "POST", f"/api/v1/tasks/{task.id}/complete", json={"data": {"found": "属实"}}
    )

    assert answer.status_code == 409
    assert "没有丢失" in answer.json()["message"]
    assert len(incidents(site.database)) == 1


def test_a_task_that_a_colleague_holds_gives_the_form_back(
    site: Site, people: People, office: Office
) -> None:
    open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task
    site.desk("window2").post(f"/tasks/{task.id}/claim")

    page = site.desk("window").post(f"/tasks/{task.id}/complete", {"found": "家庭三口人"})

    assert page.status_code == 409
    assert "家庭三口人" in page.text


def test_a_timer_that_was_set_aside_is_put_in_line_again(site: Site, people: People, office: Office) -> None:
    text = "start s\ncatch t duration=P1D\nuser serve role=town.window\nend e\ns -> t -> serve -> e"
    case = open_stuck_case(site.database, people, site.now, text)
    with site.database.write() as session:
        state = session.get_one(Case, case.id).engine_state
        session.execute(update(Case).where(Case.id == case.id).values(engine_state=b"broken"))
    site.forward(days=2)
    assert fire_timers.sweep(site.database, site.now, "run-1", 30).set_aside == 1
    with site.database.write() as session:
        session.execute(update(Case).where(Case.id == case.id).values(engine_state=state))
        timer = session.query(Timer).one().id

    admin = site.desk("model_admin")
    assert "StateError" in admin.get("/incidents").text
    assert admin.post(f"/incidents/timers/{timer}").headers["location"] == "/incidents"
    assert admin.post(f"/incidents/timers/{timer}").status_code == 303
    assert fire_timers.sweep(site.database, site.now, "run-2", 30).done == 1
    assert task_at(site.database, "serve")


def test_a_reminder_that_could_not_be_given_is_listed_and_tried_again(
    site: Site, people: People, office: Office
) -> None:
    """With the reason and when it is tried by itself; the health page counts it; nobody else may touch it."""
    open_stuck_case(site.database, people, site.now)
    task = task_at(site.database, "look")
    assert task
    with site.database.write() as session:
        broken = {"escalation": [{"at": "someday", "to": "town.window"}], "escalate_at": site.now}
        session.execute(update(Task).where(Task.id == task.id).values(**broken))
    assert escalate_overdue.sweep(site.database, site.now, "run-1", 30).set_aside == 1

    admin = site.desk("model_admin")
    page = admin.get("/incidents").text
    assert "没能提醒和督促 · " + task.name in page
    assert "someday" in page
    assert "自动再试" in page
    with site.database.write() as session:
        good = [{"at": site.now.isoformat(), "to": "town.window"}]
        session.execute(update(Task).where(Task.id == task.id).values(escalation=good))
    address = f"/incidents/aside/{task.id}"
    assert site.desk("window").post(address).status_code == 403
    assert admin.post(address).headers["location"] == "/incidents"
    assert escalate_overdue.sweep(site.database, site.now, "run-2", 30).done == 1
    assert "没能提醒和督促" not in admin.get("/incidents").text
    assert admin.post(address).headers["location"] == "/incidents"
