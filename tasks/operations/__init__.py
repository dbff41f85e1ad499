"""What a finished task means for the case: each operation writes its facts and returns what the gateways need.

A model names an operation by `jb:operation`; only those registered here exist. Importing this package registers all.
"""

from tasks.operations import (  # noqa: F401 - they register
    acceptance,
    clocks,
    decision,
    handing_over,
    investigation,
    linked,
    notice,
    payment,
    records,
    review,
)
from tasks.operations.registry import SERVICES, TASKS, Done, Fact, catalogue, run_service, run_task

DECIDED_BY: dict[str, frozenset[str]] = {
    "issue_letter:approval": frozenset({"decide"}),
    "issue_letter:refusal": frozenset({"decide"}),
    "issue_letter:termination": frozenset({"confirm_termination"}),
    "notice:approval": frozenset({"decide"}),
    "notice:refusal": frozenset({"decide"}),
    "notice:termination": frozenset({"confirm_termination"}),
    "publish_decision": frozenset({"decide"}),
    "record_payment": frozenset({"decide"}),
    "end:paid": frozenset({"decide"}),
    "end:approved": frozenset({"decide"}),
    "end:refused": frozenset({"decide"}),
    "end:terminated": frozenset({"confirm_termination"}),
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
