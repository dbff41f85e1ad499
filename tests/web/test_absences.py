"""Absence and substitutes: dated, recorded, and without any right that the substitute would not have."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import select, update

from jieban.cases.tables import CaseEvent
from jieban.database import Database
from jieban.ledger.tables import LedgerRecord
from jieban.staff.tables import Absence, UserRole
from tasks.tables import Task
from tests.people import People
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk


def away(people: People, **changes: Any) -> dict[str, Any]:
    """Fill in that the window clerk is away for three days from the day of the tests on."""
    given = {
        "user": people.window.id,
        "substitute": people.window2.id,
        "from_on": "2026-11-24",
        "until_on": "2026-11-26",
        "reason": "培训",
    }
    return given | changes


def absences(database: Database) -> list[Absence]:
    with database.read() as session:
        return list(session.scalars(select(Absence)))


def test_a_person_records_their_own_days(site: Site, people: People) -> None:
    answer = site.desk("window").post("/absences", away(people))

    assert answer.status_code == 303
    page = site.desk("window2").get("/absences").text
    assert "王芳" in page
    assert "离岗中" in page
    with site.database.read() as session:
        record = session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "absence.recorded")).one()
    assert (record.county_code, record.actor_name) == ("379901", "王芳")
    assert "赵敏" in record.body


def test_a_leader_records_them_for_the_own_office_and_nobody_else_does(site: Site, people: People) -> None:
    assert site.desk("window2").post("/absences", away(people)).status_code == 403
    assert site.desk("other_county_leader").post("/absences", away(people)).status_code == 403
    assert absences(site.database) == []

    assert site.desk("leader").post("/absences", away(people)).status_code == 303


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"substitute": ""}, "请选择代岗人"),
        ({"substitute": "window"}, "本人不能给自己代岗"),
        ({"substitute": "other_county_window"}, "不能代岗"),
        ({"until_on": "2026-11-23"}, "结束日期不能早于开始日期"),
        ({"from_on": "2026-11-20", "until_on": "2026-11-23"}, "只能登记今天及以后"),
        ({"until_on": "2028-11-24"}, "最多登记一年"),
        ({"until_on": "soon"}, "请填写日期"),
        ({"reason": " "}, "请写明离岗的原因"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    site: Site, people: People, changes: dict[str, str], said: str
) -> None:
    named = {key: people[value].id if value in people.actors else value for key, value in changes.items()}

    answer = site.desk("window").post("/absences", away(people, **named))

    assert answer.status_code == 422
    assert said in answer.text
    assert absences(site.database) == []


def test_days_are_taken_once_and_a_substitute_must_be_there(site: Site, people: People) -> None:
    site.desk("window").post("/absences", away(people))

    assert "已经登记过离岗" in site.desk("window").post("/absences", away(people)).text
    other = away(people, user=people.window2.id, substitute=people.window.id)
    assert "也离岗" in site.desk("window2").post("/absences", other).text


def test_tasks_of_the_absent_show_to_the_substitute_who_may_take_them(
    site: Site, people: People, walk: Walk
) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")
    stranger = site.desk("window2")
    assert f"/tasks/{task.id}" not in stranger.get("/").text
    assert stranger.post(f"/tasks/{task.id}/claim").status_code == 409
    site.desk("window").post("/absences", away(people))

    substitute = site.desk("window2")
    assert "代王芳办理" in substitute.get("/").text
    assert substitute.post(f"/tasks/{task.id}/claim").status_code == 303

    with site.database.read() as session:
        assert session.get_one(Task, task.id).assignee_id == people.window2.id
        event = session.scalars(select(CaseEvent).where(CaseEvent.kind == "task.stood_in")).one()
        assert session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "task.stood_in")).one()
    assert (event.actor_name, event.data["for"]) == ("赵敏", "王芳")


def test_the_substitute_completes_without_taking_it_first(site: Site, people: People, walk: Walk) -> None:
    """The task is done under the substitute's own name, and the history says for whom."""
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")
    site.desk("window").post("/absences", away(people))

    answer = site.desk("window2").send(
        "POST", f"/api/v1/tasks/{task.id}/complete", json={"data": walk.form(task)}
    )

    assert answer.status_code == 200, answer.text
    with site.database.read() as session:
        done = session.get_one(Task, task.id)
        assert session.scalars(select(CaseEvent).where(CaseEvent.kind == "task.stood_in")).one()
    assert (done.state, done.completed_by_name) == ("done", "赵敏")


def test_when_the_days_are_over_the_substitute_sees_nothing_more(
    site: Site, people: People, walk: Walk
) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")
    site.desk("window").post("/absences", away(people))
    site.forward(days=3)

    assert f"/tasks/{task.id}" not in site.desk("window2").get("/").text
    assert site.desk("window2").post(f"/tasks/{task.id}/claim").status_code == 409


def test_an_absence_that_is_ended_counts_no_more(site: Site, people: People, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")
    site.desk("window").post("/absences", away(people))
    absence = absences(site.database)[0]

    assert site.desk("window2").post(f"/absences/{absence.id}/end").status_code == 403
    assert site.desk("leader").post(f"/absences/{absence.id}/end").status_code == 303
    assert site.desk("window2").post(f"/tasks/{task.id}/claim").status_code == 409
    with site.database.read() as session:
        assert session.scalars(select(LedgerRecord).where(LedgerRecord.kind == "absence.ended")).one()


def test_only_who_can_act_is_offered_and_taken(site: Site, people: People, walk: Walk) -> None:
    """Of the same place and with a role of the absent person's; what such a substitute cannot do is named."""
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")

    def offered(desk: Desk, about: str = "") -> set[str]:
        page = desk.get(f"/absences{about}").text
        choice = page[page.index('id="stands-in"') :]
        return {name for name, one in people.actors.items() if f'value="{one.id}"' in choice}

    assert offered(site.desk("window")) == {"window2"}
    assert offered(site.desk("leader"), f"?user={people.window2.id}") == {"window"}
    assert offered(site.desk("leader")) == set()
    assert "请先由系统管理员增加岗位" in site.desk("leader").get("/absences").text
    for nobody in (people.county_finance, people.reviewer, people.other_town_window):
        answer = site.desk("window").post("/absences", away(people, substitute=nobody.id))
        assert "不能代岗" in answer.text
    assert absences(site.database) == []

    with site.database.write() as session:
        session.add(UserRole(user_id=people.window.id, role="town.reviewer"))
        session.execute(update(Task).where(Task.id == task.id).values(role="town.reviewer"))
    answer = site.desk("window").post("/absences", away(people))
    assert f"（{task.case_number}）" in site.desk("window").get(answer.headers["location"]).text or (
        task.case_number in unquote(answer.headers["set-cookie"])
    )


def test_separation_of_duties_holds_for_the_substitute(site: Site, people: People, walk: Walk) -> None:
    """Whoever investigated does not decide, also not for the leader who is away."""
    walk.until("town_decision")
    task = walk.task("town_decision")
    with site.database.write() as session:
        session.get_one(Task, task.id).assignee_id = people.leader.id
        session.add(UserRole(user_id=people.investigator1.id, role="town.leader"))
    given = away(people, user=people.leader.id, substitute=people.investigator1.id)
    given |= {"from_on": walk.now.date(), "until_on": (walk.now + timedelta(days=2)).date()}
    site.now = walk.now
    assert site.desk("leader").post("/absences", given).status_code == 303

    answer = site.desk("investigator1").post(f"/tasks/{task.id}/claim")

    assert answer.status_code == 403
    assert "不能再由您作出决定" in answer.text
