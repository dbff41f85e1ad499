"""The drawing of a case shows where it stands, also while a called procedure is at work."""

import re

from tests.web.site import Site
from tests.workflows.walk import Walk


def _marked(site: Site, walk: Walk) -> dict[str, set[str]]:
    site.now = walk.now
    page = site.desk("window").get(f"/cases/{walk.case_id}").text
    found = re.findall(r'data-(active|done|late)="([^"]*)"', page)
    return {name: set(filter(None, elements.split(","))) for name, elements in found}


def test_a_call_is_in_hand_while_a_step_of_the_called_procedure_is(site: Site, walk: Walk) -> None:
    """Its steps stand in no drawing of the caller; the call stands for them."""
    walk.until("report_check")

    marked = _marked(site, walk)
    assert "call_check" in marked["active"]
    assert "call_check" not in marked["done"]
    assert "call_notice" not in marked["active"] | marked["done"]


def test_a_call_is_in_hand_while_only_a_time_is_waited_for(site: Site, walk: Walk) -> None:
    """The sheet hangs: nobody has a task, and the notice is not over."""
    walk.until("post_notice")
    walk.do("post_notice")

    marked = _marked(site, walk)
    assert "call_notice" in marked["active"]
    assert "call_notice" not in marked["done"]
    assert "call_check" in marked["done"]


def test_a_call_is_done_when_the_called_procedure_is(site: Site, walk: Walk) -> None:
    walk.to_the_end()

    marked = _marked(site, walk)
    assert {"call_check", "call_notice"} <= marked["done"]
    assert marked["active"] == set()


def test_a_call_is_late_when_a_step_of_the_called_procedure_is(site: Site, walk: Walk) -> None:
    walk.until("start_check")
    due = walk.task("start_check").due_at
    walk.now = due.replace(year=due.year + 1)

    assert "call_check" in _marked(site, walk)["late"]
