"""Which ways of a drawing no scenario went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import bpmn
from workflows.scenarios.running import ScenarioResult


@dataclass(frozen=True)
class Untaken:
    """A sequence flow that no scenario took, with the names of its ends."""

    flow: str
    source: str
    target: str


def flows_not_taken(files: Mapping[str, bytes], results: Iterable[ScenarioResult]) -> list[Untaken]:
    """List the flows of a model that none of the results took, in the order of the drawing.

    Give the results of its callers too: the flows of a called process may be taken from any of them.
    """
    model = bpmn.load(files)
    taken: frozenset[str] = frozenset().union(*(result.flows for result in results))
    return [
        Untaken(flow, *(model.elements[end].name or end for end in ends))
        for flow, ends in model.flows().items()
        if flow not in taken
    ]
