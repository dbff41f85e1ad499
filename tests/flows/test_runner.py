from workflows.health import LATE_AFTER, SWEEPS
from workflows.runner import AT_LEAST_EVERY, PLANS


def test_the_health_page_watches_every_sweep_that_runs() -> None:
    """A sweep that nobody watches could stop without a word."""
    assert tuple(plan.name for plan in PLANS) == SWEEPS


def test_an_idle_sweep_is_never_late() -> None:
    """With nothing to do, runs are as far apart as they may be, and that is still well."""
    assert AT_LEAST_EVERY + max(plan.every for plan in PLANS) < LATE_AFTER
