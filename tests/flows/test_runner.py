import os
import subprocess
import sys

from workflows.health import LATE_AFTER, SWEEPS
from workflows.runner import AT_LEAST_EVERY, PLANS


def test_the_health_page_watches_every_sweep_that_runs() -> None:
    """A sweep that nobody watches could stop without a word."""
    assert tuple(plan.name for plan in PLANS) == SWEEPS


def test_an_idle_sweep_is_never_late() -> None:
    """With nothing to do, runs are as far apart as they may be, and that is still well."""
    assert AT_LEAST_EVERY + max(plan.every for plan in PLANS) < LATE_AFTER


def test_whoever_imports_the_flows_is_not_reported_to_anybody() -> None:
    """Prefect would tell its makers, from a shell in which nobody has switched that off."""
    asks = "import workflows.flows.fire_timers, prefect._internal.analytics as one; print(one.is_telemetry_enabled())"
    env = {name: value for name, value in os.environ.items() if name not in {"DO_NOT_TRACK", "CI"}}
    answer = subprocess.run([sys.executable, "-c", asks], env=env, capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
