"""Whoever reads English finds procedures, steps and limits in English, though the rows keep their Chinese names."""

from uuid import uuid4

from sqlalchemy import update

from jieban.staff.tables import User
from tests.web.site import Site
from tests.workflows.walk import Walk
from web.titles import Titles


def read_english(site: Site) -> None:
    with site.database.write() as session:
        session.execute(update(User).values(locale="en"))


def test_every_page_of_a_case_says_its_steps_in_english(site: Site, walk: Walk) -> None:
    read_english(site)
    task, desk = walk.open_tasks()[0], site.desk("window")

    pages = {
        path: desk.get(path).text
        for path in ("/?view=pool", f"/tasks/{task.id}", f"/cases/{task.case_id}", "/matters", "/cases/new")
    }

    assert "Examine the papers" in pages["/?view=pool"]
    assert "<h1>Examine the papers</h1>" in pages[f"/tasks/{task.id}"]
    assert "Next: “Examine the papers”" in pages[f"/cases/{task.case_id}"]
    assert "<b>Subsistence allowance</b>" in pages[f"/cases/{task.case_id}"]
    assert "Hotline matters" in pages["/matters"]
    assert "holidays included" in pages["/matters"]
    assert "Support of the destitute" in pages["/cases/new"]
    for page in pages.values():
        assert "审查材料" not in page
    said = desk.post(f"/tasks/{task.id}/claim", {"back": "pool"})
    assert "Examine the papers" in desk.get(said.headers["location"]).text


def test_a_name_without_english_is_said_as_it_was_drawn() -> None:
    case = uuid4()
    titles = Titles("en", {case: {"走访": "Visit"}})

    assert [titles.of(case, name) for name in ("走访", "回访", "公示期")] == [
        "Visit",
        "回访",
        "Public notice",
    ]
