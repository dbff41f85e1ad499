"""A deadline is told in the same words everywhere, with its moment, its article and whether it is certain."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import update

from jieban.cases.tables import Case
from jieban.cli.cases import _value, _words
from jieban.clock import NEVER, end_of_day
from jieban.deadlines import chains, start_deadline
from jieban.deadlines.tables import Deadline
from jieban.ids import new_id
from jieban.reads import loose
from jieban.workdays import load_calendar
from tasks.cases import dossier
from tests.people import People
from tests.web.site import Site
from tests.workflows.deadlines import add_driven, add_driven_case
from web.pages import Due

_WEB = Path(__file__).parents[2] / "web"
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.fixture
def calendar(sqlite_database):
    with sqlite_database.read() as session:
        return load_calendar(session)


def clock(hours: float = 0, **values: object) -> Deadline:
    given = {
        "id": new_id(),
        "due_at": NOW + timedelta(hours=hours),
        "unit": "h",
        "article": "",
        "provenance": "ours",
        "provisional": False,
    }
    return loose(Deadline, **(given | values))


@pytest.mark.parametrize(
    ("hours", "zh", "en", "tone"),
    [
        (5.5, "剩余 5 小时", "5 hours left", "due-today"),
        (30, "剩余 30 小时", "30 hours left", "due-soon"),
        (0.5, "剩余不足 1 小时", "Less than an hour left", "due-today"),
        (-0.5, "已超期", "Overdue", "due-overdue"),
        (-1, "超期 1 小时", "1 hour overdue", "due-overdue"),
        (-3.2, "超期 3 小时", "3 hours overdue", "due-overdue"),
    ],
)
def test_a_limit_of_hours_is_told_in_hours(calendar, hours, zh, en, tone):
    one = clock(hours)

    assert Due(calendar, NOW, "zh").words(one).text == zh
    assert Due(calendar, NOW, "en").words(one).text == en
    assert Due(calendar, NOW, "zh").tone(one) == tone


def test_a_task_and_a_bare_moment_are_told_as_the_clock_that_they_belong_to(calendar):
    one = clock(5, article="第三条", provenance="full", provisional=True)
    due = Due(calendar, NOW, "zh", clocks=[one])
    task = SimpleNamespace(due_at=one.due_at, deadline_id=one.id, article="第四条", town_code="379901001")

    assert due.words(task).text == due.words(one.due_at).text == due.words(one).text == "剩余 5 小时"
    unsure = "该年度放假安排尚未公布，到期日可能调整"
    assert due.behind(task) == f"2026-11-24 15:00 · 第三条 · 本步骤依据第四条 · {unsure}"
    assert due.behind(one.due_at) == due.behind(one) == f"2026-11-24 15:00 · 第三条 · {unsure}"


@pytest.mark.parametrize("provenance", ["ours", "memory", "inference", "sample"])
def test_a_limit_that_no_law_sets_says_so_and_the_article_is_that_of_the_step(calendar, provenance):
    """Nobody takes the article of the step for that of a limit which this system set, remembered or inferred."""
    one = clock(5, article="第三条", provenance=provenance)
    task = SimpleNamespace(due_at=one.due_at, deadline_id=one.id, article="第四条", town_code="379901001")

    zh, en = (Due(calendar, NOW, locale, clocks=[one]) for locale in ("zh", "en"))
    assert zh.behind(task) == "2026-11-24 15:00 · 本系统期限（非法定） · 本步骤依据第四条"
    assert en.behind(task) == "2026-11-24 15:00 · set by this system, not by law · Law of the step: 第四条"
    assert zh.basis(one) == "本系统期限（非法定）"
    assert Due(calendar, NOW, "zh").behind(task) == "2026-11-24 15:00 · 本步骤依据第四条"


def test_a_day_that_is_certain_says_nothing_and_no_limit_has_no_moment(calendar):
    due = Due(calendar, NOW, "en")

    assert due.uncertain(clock(5)) == ""
    assert due.behind(NEVER) == ""
    assert due.warned_on(NEVER) is None


def test_the_yellow_card_is_one_working_day_before(calendar):
    monday = clock(unit="wd", due_at=end_of_day(date(2026, 11, 30)))

    assert Due(calendar, NOW, "zh").warned_on(monday) == date(2026, 11, 27)
    assert Due(calendar, NOW, "zh").warned_on(clock(5)) is None


@pytest.mark.parametrize(("hours", "mark"), [(10, ""), (6, "yellow"), (0.5, "yellow"), (-0.5, "red")])
def test_a_limit_of_hours_shows_its_card_by_the_share_that_is_left(calendar, hours, mark):
    """A quarter of 24 hours; a rule says how much. The first hour after the end is as red as the first day of others."""
    assert Due(calendar, NOW, "zh").card(clock(hours, length=24)) == mark


def test_a_bare_moment_in_a_year_that_is_not_official_says_so(calendar):
    """The end of a supervision order, the limit of feedback: the day may be another one when the notice comes."""
    due = Due(calendar, NOW, "zh")

    assert "放假安排尚未公布" in due.behind(end_of_day(date(2027, 3, 1)))
    assert due.uncertain(end_of_day(date(2026, 12, 30))) == ""


def test_a_clock_that_was_made_longer_stands_before_the_one_that_replaced_it():
    third = clock()
    second = clock(replaced_by=third.id)
    other = clock(replaced_by=None)
    first = clock(replaced_by=second.id)
    third.replaced_by = None

    found = chains([third, second, other, first])

    assert [one.clock for one in found] == [other, first, second, third]
    assert [(one.before, one.after) for one in found[1:]] == [(None, second), (first, third), (second, None)]


def _templates():
    return sorted((_WEB / "templates").glob("*.html"))


def test_every_page_says_a_deadline_by_the_one_macro():
    """Whoever writes the words or the moment on hover by hand would soon write others."""
    wrong = []
    for path in _templates():
        text = re.sub(r"{% macro due.*?endmacro %}", "", path.read_text("utf-8"))
        for number, line in enumerate(text.splitlines(), 1):
            by_hand = "clock.words(" in line or re.search(r'title="[^"]*due_at \| moment', line)
            if by_hand or re.search(r"(剩余|超期) ?{[^}]*}+ ?(个工作日|小时|天)", line):
                wrong.append(f"{path.name}:{number}")

    assert wrong == []


def test_only_one_place_of_the_pages_asks_for_the_words():
    users = [
        path.relative_to(_WEB).as_posix()
        for path in _WEB.rglob("*.py")
        if re.search(r"from jieban\.deadlines import [^\n]*\bwords\b", path.read_text("utf-8"))
    ]

    assert users == ["pages.py"]


@pytest.fixture
def case(site: Site, people: People):
    opened = datetime(2026, 12, 28, 2, tzinfo=UTC)
    site.now = opened
    with site.database.write() as session:
        return add_driven_case(session, people.window, opened, add_driven(session, opened))


def test_inbox_task_case_and_board_say_it_alike(site: Site, people: People, case):
    """The task is due in a year that is not published yet, and each page says so."""
    pages = {name: site.desk(name).get("/?view=pool").text for name in ("window",)}
    task = re.search(r"/tasks/[0-9a-f-]{36}", pages["window"]).group()
    pages |= {
        "task": site.desk("window").get(task).text,
        "case": site.desk("window").get(f"/cases/{case.id}").text,
    }
    site.now = datetime(2027, 1, 4, 8, tzinfo=UTC)
    pages["board"] = site.desk("supervisor").get("/overdue?view=soon").text

    assert "本系统期限（非法定）" in re.search(r'id="list".*', pages["board"], re.DOTALL).group()
    assert '<span class="law"></span>' not in pages["case"]
    for name in ("task", "case"):
        assert '<span class="muted">本系统期限（非法定）</span>' in pages[name], name
    chip = r'<span class="due due-\w+" title="2027-01-0\d 23:59 · 本系统期限（非法定）[^"]* · 该年度放假安排尚未公布，到期日可能调整">([^<]*)</span>'
    for name in ("window", "task", "case"):
        assert "剩余 5 个工作日" in re.findall(chip, pages[name]), name
    assert re.findall(chip, pages["board"])
    assert "暂定" in pages["task"]


def test_the_api_and_the_command_line_say_it_in_the_same_words(site: Site, case):
    desk = site.desk("window")
    [task] = [one for one in desk.get("/api/v1/tasks?view=pool").json()["tasks"] if one["name"] == "核实"]
    clocks = desk.get(f"/api/v1/cases/{case.id}").json()["deadlines"]

    assert task["left"] == "剩余 5 个工作日"
    assert "该年度放假安排尚未公布" in task["limit"]
    assert {one["name"]: one["left"] for one in clocks}["核实"] == "剩余 5 个工作日"
    with site.database.read() as session:
        shown = _value(session, dossier(session, session.get_one(Case, case.id), site.now), site.now)
    assert {one["left"] for one in shown["tasks"]} == {"剩余 5 个工作日"}
    assert "剩余 5 个工作日（暂定）" in _words(shown)


def test_the_clocks_of_a_case_show_the_chain_of_extensions(site: Site, people: People, case):
    with site.database.write() as session:
        calendar = load_calendar(session)

        def start(length: int) -> Deadline:
            return start_deadline(
                session,
                case=case,
                kind="total",
                name=f"总期限 {length}",
                rule_key="dibao.total",
                length=length,
                unit="wd",
                start=site.now,
                article="第二十二条",
                provenance="full",
                calendar=calendar,
            )

        longer = start(45)
        first = start(30)
    with site.database.write() as session:
        session.execute(
            update(Deadline).where(Deadline.id == first.id).values(state="extended", replaced_by=longer.id)
        )

    page = site.desk("window").get(f"/cases/{case.id}").text

    assert page.index("<td>总期限 30") < page.index("↳")
    assert f"已延长至 {longer.due_at.date()}" in page
    assert "起黄牌提醒" in page
