"""Every sequence flow of every shipped procedure is taken by a scenario: no drawn way is untried."""

from pathlib import Path

import pytest

import bpmn
from tests.scenarios.played import FOLDERS, Played
from workflows.scenarios.running import read_model


@pytest.fixture(scope="module")
def taken(played: Played) -> frozenset[str]:
    """All flows that any scenario took: what a called process draws may be tried by any of its callers."""
    # From the end, so that a worker who plays them from the beginning is met in the middle.
    results = [one for folder in reversed(FOLDERS) for one in played.of(folder).values()]
    return frozenset().union(*(one.flows for one in results))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_flow_is_taken_by_a_scenario(folder: Path, taken: frozenset[str]):
    """A way that no story goes is a way that nobody has looked at."""
    flows = bpmn.load(read_model(folder)).flows()

    assert [f"{flow}: {ends[0]} -> {ends[1]}" for flow, ends in flows.items() if flow not in taken] == []
