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


def test_a_way_that_no_scenario_went_is_told_by_the_names_of_its_ends(played: Played):
    """Without the scenario that goes it, a flow is named; with all of them none is."""
    folder = PROCEDURES / "subsistence_allowance"
    results = played.of(folder)
    files = read_model(folder)
    rest = [one for file, one in results.items() if file != "withdrawn_at_the_window"]

    assert flows_not_taken(files, results.values()) == []
    assert flows_not_taken(files, rest) == [Untaken("flow_gw_papers_end_withdrawn", "材料齐否", "撤回申请")]
