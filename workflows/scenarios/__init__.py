"""Scenarios: short stories beside a model that are played for real and show that it keeps its rules."""

from workflows.scenarios.catalogue import shipped_catalogue
from workflows.scenarios.proving import Proof, check_ids, concerning, open_rules, prove, totals
from workflows.scenarios.reading import NotProved, Scenario, ScenarioError, read_folder
from workflows.scenarios.running import ScenarioResult, coverage, run_procedures, run_scenarios

__all__ = [
    "NotProved",
    "Proof",
    "Scenario",
    "ScenarioError",
    "ScenarioResult",
    "check_ids",
    "concerning",
    "coverage",
    "open_rules",
    "prove",
    "read_folder",
    "run_procedures",
    "run_scenarios",
    "shipped_catalogue",
    "totals",
]
