"""What can be wrong with a decision model, and with one run of it."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn.errors import BPMNError
from bpmn.problems import shown


class DMNError(BPMNError):
    """The decision model cannot be used."""


class NoSuchDecision(DMNError):  # noqa: N818 - named like NoSuchTask and the others
    """The decision model has nothing of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The decision model has no decision, service or knowledge model named {name!r}.")
        self.name = name


class DMNTextError(DMNError):
    """An expression of the model is not FEEL."""

    def __init__(self, element: str, text: str, reason: str) -> None:
        super().__init__(f"{shown(element)}: {shown(reason)} in {shown(text)!r}")
        self.element = element
        self.text = text
        self.reason = reason


@dataclass(frozen=True, slots=True)
class TableProblem:
    """A decision table that broke its rules in this run; `rules` are counted from 1."""

    table: str
    kind: str
    policy: str
    rules: tuple[int, ...]
    values: tuple[object, ...] = ()

    def __str__(self) -> str:
        rules = ", ".join(map(str, self.rules)) or "none"
        return f"{self.table}: {self.kind} (hit policy {self.policy}, rules {rules})"


class DecisionError(DMNError):
    """A decision table broke its hit policy, or no rule fitted."""

    def __init__(self, problems: tuple[TableProblem, ...]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
