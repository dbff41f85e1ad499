"""The bar on every page while what happens by the clock is late."""

from typing import Any

import pytest
from sqlalchemy import event

from jieban.audit import sweep_ok
from tests.web.site import Site
from web.watch import ASK_EVERY
from workflows.health import LATE_AFTER, SWEEPS

RED, HINT = "定时办理没有按时进行", "定时办理暂时延迟"


@pytest.fixture
def swept(site: Site) -> Site:
    """Every sweep has just done its work."""
    with site.database.write() as session:
        for name in SWEEPS:
            sweep_ok(session, name, site.now, "run-1")
    return site


def test_a_late_sweep_is_shown_to_those_who_can_do_something(swept: Site) -> None:
    """Red for whoever keeps the installation running, a hint for supervisors, nothing for a clerk."""
    pages = {"sys_admin": "/admin/users", "supervisor": "/overdue", "window": "/"}
    desks = {name: swept.desk(name) for name in pages}
    before = {name: desks[name].get(path).text for name, path in pages.items()}
    swept.forward(seconds=LATE_AFTER + 1)
    after = {name: desks[name].get(path).text for name, path in pages.items()}

    assert not [name for name, text in before.items() if RED in text or HINT in text]
    assert RED in after["sys_admin"]
    assert HINT in after["supervisor"]
    assert RED not in after["supervisor"]
    assert "late-sweeps" not in after["window"]


def test_the_bar_goes_when_the_sweep_is_back(swept: Site) -> None:
    """Within half a minute."""
    swept.forward(seconds=LATE_AFTER + 1)
    desk = swept.desk("sys_admin")
    assert RED in desk.get("/admin/users").text
    with swept.database.write() as session:
        for name in SWEEPS:
            sweep_ok(session, name, swept.now, "run-2")

    swept.forward(seconds=ASK_EVERY)

    assert RED not in desk.get("/admin/users").text


def test_a_clock_that_was_set_back_is_noticed(swept: Site) -> None:
    """An answer from the future does not stay."""
    swept.forward(seconds=LATE_AFTER + 1)
    desk = swept.desk("sys_admin")
    assert RED in desk.get("/admin/users").text

    swept.forward(seconds=-LATE_AFTER)

    assert RED not in desk.get("/admin/users").text


def test_a_program_that_has_just_started_waits_for_its_sweeps(site: Site) -> None:
    """Where no sweep has run yet, the first minutes are no alarm."""
    assert "late-sweeps" not in site.desk("sys_admin").get("/admin/users").text


def test_a_page_asks_no_question_more(swept: Site) -> None:
    """One question in half a minute for the whole process; the pages after it ask none."""
    desk, said = swept.desk("sys_admin"), []
    desk.get("/admin/users")

    def hear(*given: Any) -> None:
        said.append(given[2])

    event.listen(swept.database.engine, "before_cursor_execute", hear)
    for _ in range(3):
        desk.get("/admin/users")

    assert said
    assert not [one for one in said if "FROM sweep" in one]
