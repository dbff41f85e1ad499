"""What a finished task means for the case: each operation writes its facts and returns what the gateways need.

A model names an operation by `jb:operation`; only those registered here exist. Importing this package registers all.
"""

from tasks.operations import (  # noqa: F401 - they register
    acceptance,
    applying_alone,
    benefits,
    care_needs,
    care_visits,
    changes,
    charity,
    checking,
    clocks,
    contacts,
    decision,
    destitute,
    destitute_care,
    following,
    handing_over,
    hotline,
    investigation,
    linked,
    long_term,
    longer,
    means,
    meeting,
    notice,
    one_application,
    payment,
    payment_lists,
    payment_returns,
    petition,
    proposing,
    records,
    review,
    settling_changes,
    temporary_aid,
    temporary_need,
    warnings,
)
from tasks.operations.registry import SERVICES, TASKS, Done, Fact, catalogue, run_service, run_task

_TERMINATED = frozenset({"confirm_termination"})
_DECIDED = frozenset(name for name, entry in TASKS.items() if entry.duty == "decide") - _TERMINATED

DECIDED_BY: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        (
            "issue_letter:approval",
            "issue_letter:refusal",
            "issue_letter:marginal_approval",
            "issue_letter:rigid_approval",
            "issue_letter:temp_approval",
            "issue_letter:rigid_refusal",
            "notice:approval",
            "notice:refusal",
            "publish_decision",
            "record_payment",
            "issue_change_letter",
            "end:increased",
            "end:grace",
            "end:paid",
            "end:aided",
            "end:approved",
            "end:refused",
            "end:reduced",
            "end:stopped",
        ),
        _DECIDED,
    ),
    **dict.fromkeys(("issue_letter:termination", "notice:termination", "end:terminated"), _TERMINATED),
}
"""What only a decision may bring about, and the operations by which somebody takes it."""

__all__ = [
    "DECIDED_BY",
    "SERVICES",
    "TASKS",
    "Done",
    "Fact",
    "catalogue",
    "run_service",
    "run_task",
]
