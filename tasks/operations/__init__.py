"""What a finished task means for the case: each operation writes its facts and returns what the gateways need.

A model names an operation by `jb:operation`; only those registered here exist. Importing this package registers all.
"""

from tasks.operations import acceptance, decision, investigation, notice, payment, review  # noqa: F401 - they register
from tasks.operations.registry import SERVICES, TASKS, Done, Fact, catalogue, run_service, run_task

__all__ = ["SERVICES", "TASKS", "Done", "Fact", "catalogue", "run_service", "run_task"]
