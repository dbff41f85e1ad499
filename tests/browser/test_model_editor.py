import re
from dataclasses import dataclass
from datetime import datetime

import pytest
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import select

from jieban.cases.tables import Case
from jieban.procedures.tables import ModelVersion
from tasks.tables import Task
from tests.browser.office import Office
from tests.people import load_people
from tests.workflows.walk import application
from workflows.cases import open_case

pytestmark = pytest.mark.browser

KEY = "subsistence_allowance"
FLOW = "flow_start_registered_examine_papers"
NEW_STEP = "告知权利义务"


def register(office: Office) -> Case:
    """Register a case at the window."""
    with office.database.write() as session:
        return open_case(
            session, load_people(session).window, office.clock.now, application(office.clock.now)
        )


def open_tasks(office: Office, case: Case) -> list[str]:
    with office.database.read() as session:
        return list(session.scalars(select(Task.name).where(Task.case_id == case.id, Task.state == "open")))


def version_of(office: Office, case: Case) -> int | None:
    with office.database.read() as session:
        return session.get_one(ModelVersion, session.get_one(Case, case.id).model_version_id).number


@dataclass
class Editor:
    """The editor of a procedure, used with the mouse."""

    page: Page

    def wait_until_open(self) -> None:
        expect(self.page.locator("#modeler-status")).to_contain_text("已打开")

    def middle_of(self, flow: str) -> tuple[float, float]:
        """Bring a flow to the middle of the canvas, and say where on the screen its middle is."""
        x, y = self.page.evaluate(
            """flow => {
                const canvas = window.jieban.modeler.get('canvas');
                const [a, b] = window.jieban.modeler.get('elementRegistry').get(flow).waypoints;
                const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
                const { width, height } = canvas.getContainer().getBoundingClientRect();
                canvas.viewbox({ x: middle.x - width / 2, y: middle.y - height / 2, width, height });
                const frame = canvas.getContainer().getBoundingClientRect();
                const view = canvas.viewbox();
                return [frame.x + (middle.x - view.x) * view.scale, frame.y + (middle.y - view.y) * view.scale];
            }""",
            flow,
        )
        return x, y

    def drop_user_task_into(self, flow: str) -> None:
        """Take a user task from the palette and let it fall onto a flow."""
        x, y = self.middle_of(flow)
        self.page.locator("[data-action='create.user-task']").click()
        self.page.mouse.move(x - 30, y - 30, steps=4)
        self.page.mouse.move(x, y, steps=4)
        self.page.mouse.click(x, y)

    def panel(self, label: str):
        return self.page.locator("#modeler-panel").get_by_label(label, exact=True)

    @property
    def problems(self):
        return self.page.locator("#modeler-problems")

    def press(self, action: str) -> None:
        self.page.locator(f"[data-action={action}]").click()


def accept(dialog: Dialog) -> None:
    dialog.accept()


def test_an_administrator_adds_a_step_and_mends_it_and_the_next_case_has_it(office: Office, now: datetime):
    running = register(office)
    page = office.enter("model_admin")
    page.on("dialog", accept)
    page.get_by_role("link", name="流程").first.click()
    page.get_by_role("region", name="最低生活保障", exact=True).get_by_placeholder("修改原因").fill(
        "受理前先告知权利义务"
    )
    page.get_by_role("region", name="最低生活保障", exact=True).get_by_role("button", name="新建草稿").click()
    editor = Editor(page)
    editor.wait_until_open()
    expect(editor.problems).to_contain_text("没有发现问题")
    editor.panel("数量").last.fill("7")
    editor.panel("数量").last.press("Tab")

    editor.drop_user_task_into(FLOW)

    expect(editor.problems).to_contain_text("没有名称")
    for missing in ("没有指定谁来办", "没有表单", "没有办结时限", "没有依据"):
        expect(editor.problems).to_contain_text(missing)
    expect(page.locator(".jb-badge.is-policy")).to_be_visible()

    editor.press("publish")
    expect(page.locator("#modeler-status")).to_contain_text("没有发布")

    editor.panel("名称").fill(NEW_STEP)
    editor.panel("角色").select_option("town.window")
    editor.panel("表单").select_option("submit_file")
    editor.panel("办理期限").select_option("duration")
    expect(page.locator("#modeler-panel")).to_contain_text("默认升级链：到期前1个工作日告知办理人")
    page.get_by_role("button", name="单独设置").click()
    expect(editor.panel("告知")).to_have_count(4)
    for _ in range(4):
        page.get_by_role("button", name="删除这一级").first.click()
    page.get_by_role("button", name="添加条款").click()
    editor.panel("条款").fill("最低生活保障审核确认办法 第十条")
    editor.panel("条款").press("Tab")
    editor.panel("适用条件").fill("aid = ")
    editor.panel("适用条件").press("Tab")
    expect(editor.problems).to_contain_text("读不懂")
    editor.panel("适用条件").fill('aid = "subsistence_allowance"')
    editor.panel("适用条件").press("Tab")
    expect(editor.problems).to_contain_text("没有发现问题")

    editor.press("save")
    expect(page.locator("#modeler-status")).to_contain_text(re.compile("已保存"))
    editor.press("publish")
    expect(page.locator("#modeler-status")).to_contain_text("已发布第 2 版")

    following = register(office)
    assert open_tasks(office, following) == [NEW_STEP]
    assert (version_of(office, following), version_of(office, running)) == (2, 1)
    assert open_tasks(office, running) == ["审查材料"]

    page.goto(f"{office.url}/models/{KEY}/versions/2")
    expect(page.locator("#steps")).to_contain_text(NEW_STEP)
    expect(page.locator("#steps tr").filter(has_text=NEW_STEP)).to_contain_text("超期 7 个工作日告知 督办人")
    expect(page.locator("#steps")).to_contain_text('适用于 aid = "subsistence_allowance"')
    expect(page.locator(".bpmn-view svg .djs-shape").first).to_be_visible()
    page.goto(f"{office.url}/models")
    expect(page.get_by_role("row").filter(has_text="第 2 版")).to_contain_text("使用中")
    expect(page.get_by_role("row").filter(has_text="第 2 版")).to_contain_text("受理前先告知权利义务")


def test_who_saves_second_is_told_and_loses_nothing(office: Office):
    first = office.enter("model_admin")
    first.on("dialog", accept)
    first.goto(f"{office.url}/models")
    first.get_by_role("region", name="最低生活保障", exact=True).get_by_role(
        "button", name="新建草稿"
    ).click()
    editor = Editor(first)
    editor.wait_until_open()
    second_page = first.context.new_page()
    second_page.goto(first.url)
    second = Editor(second_page)
    second.wait_until_open()

    editor.drop_user_task_into(FLOW)
    editor.press("save")
    expect(first.locator("#modeler-status")).to_contain_text("已保存（第 1 次修改）")
    second.drop_user_task_into(FLOW)
    second.press("save")

    expect(second_page.locator("#modeler-status")).to_contain_text("他人刚刚保存过这份草稿")
    with second_page.expect_download() as download:
        second_page.get_by_role("button", name="下载我的修改").click()
    assert "bpmn:userTask" in download.value.path().read_text(encoding="utf-8")


def test_a_draft_is_thrown_away_only_after_asking(office: Office):
    page = office.enter("model_admin")
    page.goto(f"{office.url}/models")
    page.get_by_role("region", name="最低生活保障", exact=True).get_by_role("button", name="新建草稿").click()
    Editor(page).wait_until_open()

    page.get_by_role("button", name="丢弃草稿").click()
    page.get_by_role("dialog").get_by_role("button", name="丢弃").click()

    page.wait_for_url("**/models")
    expect(page.get_by_text("草稿已丢弃。")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="未发布")).to_have_count(0)
