from typing import Any

import pytest
from sqlalchemy import delete, func, select

from jieban.audit.tables import ReadRecord
from jieban.cases.tables import CaseEvent
from jieban.ids import new_id
from jieban.rules.tables import RuleValue
from tasks.tables import Task, TaskDraft
from tests.people import People
from tests.web.site import Desk, Site
from tests.workflows.walk import Walk


def _complete(desk: Desk, task: Task, **data: Any) -> Any:
    return desk.post(f"/tasks/{task.id}/complete", data)


def test_a_task_shows_the_case_beside_its_form(site: Site, walk: Walk) -> None:
    page = site.desk("window").get(f"/tasks/{walk.open_tasks()[0].id}").text

    assert walk.case().applicant_name in page
    assert "审查申请材料" in page
    assert "材料齐备，予以受理" in page
    assert "最低生活保障审核确认办法 第十条" in page
    assert "剩余 1 个工作日" in page


def test_reading_a_task_is_recorded(site: Site, people: People, walk: Walk) -> None:
    """Where the step needs whole identity numbers, the record says that they were shown."""
    site.desk("window").get(f"/tasks/{walk.open_tasks()[0].id}")
    site.desk("leader").get(f"/tasks/{walk.open_tasks()[0].id}")

    with site.database.read() as session:
        reads = session.scalars(select(ReadRecord).order_by(ReadRecord.id)).all()
    assert [(read.user_id, read.case_id, read.what) for read in reads] == [
        (people.window.id, walk.case_id, "unmasked"),
        (people.leader.id, walk.case_id, "case"),
    ]


def test_submitting_moves_the_case_on(site: Site, walk: Walk) -> None:
    desk = site.desk("window")

    answer = _complete(desk, walk.open_tasks()[0], papers="complete")

    assert answer.status_code == 303
    assert "已办理" in desk.get("/").text
    assert {task.element for task in walk.open_tasks()} == {"start_investigation", "start_check"}


def test_after_submitting_the_next_task_of_the_same_case_opens(site: Site, walk: Walk) -> None:
    walk.until("close_notice")
    site.now = walk.now
    task = walk.task("close_notice")
    desk = site.desk("window")

    answer = _complete(
        desk,
        task,
        taken_down_on=walk.plot.notice_ends,
        evidence="照片",
        objection="none",
    )

    following = walk.open_tasks()[0]
    assert following.role == "town.leader"
    assert answer.headers["location"] == "/"


def test_who_has_nothing_left_is_shown_what_waits_in_the_office(site: Site, walk: Walk) -> None:
    Walk.begin(site.database, walk.people, site.now)

    answer = _complete(site.desk("window"), walk.open_tasks()[0], papers="complete")

    assert answer.headers["location"] == "/?view=pool"


def test_a_mistake_keeps_what_was_typed_and_says_what_is_wrong(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]

    answer = _complete(
        site.desk("window"),
        task,
        **{"papers": "incomplete", "missing.4.name": "户口簿", "note": "电话约定周四"},
    )

    assert answer.status_code == 422
    assert "请填写此项。" in answer.text
    assert 'value="户口簿"' in answer.text
    assert "电话约定周四" in answer.text
    assert walk.open_tasks()[0].id == task.id


def test_a_choice_that_does_not_exist_is_refused(site: Site, walk: Walk) -> None:
    answer = _complete(site.desk("window"), walk.open_tasks()[0], papers="whatever")

    assert answer.status_code == 422
    assert "请从列出的选项中选择。" in answer.text


def test_fields_that_do_not_belong_to_the_form_change_nothing(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]

    _complete(site.desk("window"), task, papers="complete", decision="approve", amount="9999")

    with site.database.read() as session:
        assert session.get_one(Task, task.id).result == {"papers": "complete"}


def test_a_second_click_is_told_who_did_it_and_when(site: Site, walk: Walk) -> None:
    desk = site.desk("window")
    task = walk.open_tasks()[0]
    _complete(desk, task, papers="complete")

    again = _complete(desk, task, papers="withdrawn")

    assert again.status_code == 409
    assert "该任务已由王芳于2026年11月24日 10:00办理完成" in again.text
    with site.database.read() as session:
        completed = select(func.count()).where(CaseEvent.kind == "task.completed")
        assert session.scalar(completed) == 1


def test_a_colleague_in_between_is_told_too(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    desk = site.desk("window2")
    desk.get(f"/tasks/{task.id}")
    _complete(site.desk("window"), task, papers="complete")

    assert "该任务已由王芳" in _complete(desk, task, papers="complete").text
    assert "由王芳于2026-11-24 10:00办理完成" in desk.get(f"/tasks/{task.id}").text


def test_a_draft_is_kept_for_whoever_wrote_it(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    desk = site.desk("window")

    desk.post(f"/tasks/{task.id}/draft", {"papers": "incomplete", "note": "还差户口簿"})

    assert "还差户口簿" in desk.get(f"/tasks/{task.id}").text
    assert "还差户口簿" not in site.desk("window2").get(f"/tasks/{task.id}").text
    _complete(desk, task, papers="complete")
    with site.database.read() as session:
        assert session.scalars(select(TaskDraft)).all() == []


def test_whoever_has_another_role_reads_but_cannot_submit(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    desk = site.desk("leader")

    assert "该任务由窗口经办人办理" in desk.get(f"/tasks/{task.id}").text
    answer = _complete(desk, task, papers="complete")
    assert answer.status_code == 403
    assert walk.open_tasks()[0].state == "open"


def test_a_task_held_by_a_colleague_is_not_done_by_another(site: Site, walk: Walk) -> None:
    task = walk.open_tasks()[0]
    site.desk("window").post(f"/tasks/{task.id}/claim")

    answer = _complete(site.desk("window2"), task, papers="complete")

    assert answer.status_code == 409
    assert "正由王芳办理" in answer.text


@pytest.mark.parametrize("username", ["other_town_window", "other_county_window", "no_area", "nobody"])
def test_a_task_of_another_place_does_not_exist(site: Site, walk: Walk, username: str) -> None:
    task = walk.open_tasks()[0]
    desk = site.desk(username)

    expected = 403 if username == "nobody" else 404
    assert desk.get(f"/tasks/{task.id}").status_code == expected
    for action in ("claim", "release", "complete", "draft", "hand-over"):
        assert desk.post(f"/tasks/{task.id}/{action}", {"papers": "complete"}).status_code == expected


def test_a_task_that_never_was_is_not_found(site: Site) -> None:
    answer = site.desk("window").get(f"/tasks/{new_id()}")

    assert answer.status_code == 404
    assert "没有找到该任务" in answer.text


def test_staff_choices_are_those_who_may(site: Site, walk: Walk) -> None:
    _complete(site.desk("window"), walk.open_tasks()[0], papers="complete")

    page = site.desk("investigator1").get(f"/tasks/{walk.task('start_investigation').id}").text

    assert 'value="investigator1"' in page
    assert 'value="investigator2"' in page
    assert "other_county_investigator1" not in page


def test_identity_numbers_show_only_where_the_step_needs_them(site: Site, walk: Walk) -> None:
    whole = _id_number(walk)
    examine = walk.open_tasks()[0]
    assert whole in site.desk("window").get(f"/tasks/{examine.id}").text
    assert whole not in site.desk("leader").get(f"/tasks/{examine.id}").text

    _complete(site.desk("window"), examine, papers="complete")

    page = site.desk("investigator1").get(f"/tasks/{walk.task('start_investigation').id}").text
    assert whole not in page
    assert f"{whole[:4]}**********{whole[-4:]}" in page


def _id_number(walk: Walk) -> str:
    from jieban.people.tables import Person

    with walk.database.read() as session:
        return str(session.get_one(Person, walk.case().applicant_id).id_number)


def test_the_decision_shows_what_the_system_works_out(site: Site, walk: Walk) -> None:
    """Members, income, standard, each step and the result stand beside the form, and the grades of the place."""
    task = walk.until("town_decision")
    site.now = walk.now

    page = site.desk("leader").get(f"/tasks/{task.id}").text
    side = page[page.index('id="offer"') :]

    for words in (
        "差额 600.00 元/月",
        "<dd>1 人</dd>",
        "200.00 元",
        "入户核实",
        "农村低保标准(示例)",
        "800.00 元 × 1 人 − 200.00 元",
        "二档(示例)",
        "520.00 元 × 1 人",
    ):
        assert words in side


def test_without_a_standard_the_page_says_why_nothing_is_worked_out(site: Site, walk: Walk) -> None:
    with site.database.write() as session:
        session.execute(delete(RuleValue).where(RuleValue.provenance == "sample", RuleValue.unit == "yuan"))
    task = walk.until("initial_opinion")
    site.now = walk.now

    page = site.desk("reviewer").get(f"/tasks/{task.id}").text

    assert "无法按差额计算：规则表中没有“dibao.standard.rural”" in page


def test_the_decision_begins_as_the_opinion_had_it_worked_out(site: Site, walk: Walk) -> None:
    walk.until("initial_opinion")
    walk.do("initial_opinion", method="grade", grade="2")
    task = walk.until("town_decision")
    site.now = walk.now

    page = site.desk("leader").get(f"/tasks/{task.id}").text

    assert 'name="method" value="grade" checked' in page
    assert '<option value="2" selected>' in page
    assert 'name="amount"' in page
    assert 'value="520.00"' in page
    assert 'data-show-if="{&#34;method&#34;: &#34;grade&#34;}" hidden' in page


@pytest.mark.parametrize("given", [{}, {"decision": "refuse"}])
def test_an_amount_is_not_lost_with_a_mistake(site: Site, walk: Walk, given: dict[str, str]) -> None:
    """A browser sends what is hidden too; it is not taken for an answer, and it stands there again."""
    task = walk.until("town_decision")
    site.now = walk.now

    answer = _complete(site.desk("leader"), task, method="difference", amount="600.00", **given)

    assert answer.status_code == 422
    assert 'value="600.00"' in answer.text
    assert 'name="method" value="difference" checked' in answer.text


def test_the_same_case_walks_through_the_pages_to_the_notice(site: Site, walk: Walk) -> None:
    """Every form from the papers to the posted notice is filled in and sent as a browser sends it."""
    names = {
        "town.window": "window",
        "town.investigator": "investigator1",
        "town.reviewer": "reviewer",
        "county.check": "county_check",
    }
    for _ in range(12):
        tasks = walk.open_tasks()
        if not tasks:
            break
        walk.now = site.now
        desk = site.desk(names[tasks[0].role])
        answer = _complete(desk, tasks[0], **_as_sent(walk.form(tasks[0])))
        assert answer.status_code == 303, answer.text
        site.forward(hours=1)

    assert walk.case().stage == "noticed"


def _as_sent(data: dict[str, Any]) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for name, value in data.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for place, row in enumerate(value):
                sent |= {f"{name}.{place}.{key}": str(cell) for key, cell in row.items()}
        elif isinstance(value, bool):
            sent |= {name: "true"} if value else {}
        elif value is not None:
            sent[name] = value
    return sent
