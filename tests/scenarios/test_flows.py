"""Every sequence flow of every shipped procedure is taken by a scenario: no drawn way is untried."""

from pathlib import Path

import pytest

from tests.scenarios.played import FOLDERS, PROCEDURES, Played
from workflows.called import read_model
from workflows.scenarios import ScenarioResult
from workflows.scenarios.untaken import Untaken, flows_not_taken


@pytest.fixture(scope="module")
def everything(played: Played) -> list[ScenarioResult]:
    """The results of all procedures: what a called process draws may be tried by any of its callers."""
    # From the end, so that a worker who plays them from the beginning is met in the middle.
    return [one for folder in reversed(FOLDERS) for one in played.of(folder).values()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_flow_is_taken_by_a_scenario(folder: Path, everything: list[ScenarioResult]):
    """A way that no story goes is a way that nobody has looked at."""
    assert flows_not_taken(read_model(folder), everything) == []


def test_a_way_that_no_scenario_went_is_told_by_the_names_of_its_ends(everything: list[ScenarioResult]):
    """Without the scenarios that go it, a flow is named; with all of them none is."""
    files = read_model(PROCEDURES / "subsistence_allowance")
    rest = [one for one in everything if "flow_gw_papers_end_withdrawn" not in one.flows]

    assert flows_not_taken(files, everything) == []
    assert flows_not_taken(files, rest) == [Untaken("flow_gw_papers_end_withdrawn", "材料齐否", "撤回申请")]
