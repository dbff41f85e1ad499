"""Scenarios: short stories beside a model that are played for real and show that it keeps its rules."""

from workflows.scenarios.reading import NotProved, Scenario, ScenarioError, read_folder
from workflows.scenarios.running import ScenarioResult, coverage, run_procedures, run_scenarios

__all__ = [
    "NotProved",
    "Scenario",
    "ScenarioError",
    "ScenarioResult",
    "coverage",
    "read_folder",
    "run_procedures",
    "run_scenarios",
]
