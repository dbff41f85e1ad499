"""A token: SpiffWorkflow's Task, kept flat, without data, clock or log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from bpmn.steps.base import Step

WAITING = TaskState.WAITING
READY = TaskState.READY
STARTED = TaskState.STARTED
FUTURE = TaskState.FUTURE


class Token(Task):  # type: ignore[misc]
    """One token of a run, at one node.

    SpiffWorkflow keeps a tree of all that was and may be; here only what is lives, so that a loop of a
    thousand rounds costs what one round costs. What binds tokens together (the activity of a boundary
    event, the alternatives of an event gateway, the flow by which a join was reached) stands in `note`.
    """

    task_spec: Step
    internal_data: dict[str, Any]

    def __init__(self, workflow: Any, spec: Step, number: int, state: int, note: dict[str, Any]) -> None:
        # The parent's constructor reads the clock and links a tree, so its fields are set here.
        self.id = number
        self.workflow = workflow
        self.task_spec = spec
        self.internal_data = note
        self.data: dict[str, Any] = {}
        self.triggered = False
        self.thread_id = 0
        self.last_state_change = 0.0
        self.chosen: list[Any] = []
        self._parent = None
        self._children: list[Any] = []
        self._state = state
        workflow.tasks[number] = self

    @property
    def note(self) -> dict[str, Any]:
        """What this token must remember."""
        return self.internal_data

    @property
    def alive(self) -> bool:
        """Say whether the token is still in its scope."""
        return self.workflow.tasks.get(self.id) is self

    @property
    def waits(self) -> bool:
        """Say whether the token waits for something to happen."""
        return bool(self._state == WAITING)

    @property
    def is_ready(self) -> bool:
        """Say whether the token may act."""
        return bool(self._state == READY)

    def become(self, state: int) -> None:
        """Take a state, whatever it was before."""
        self._state = state

    def make_ready(self) -> None:
        """Let the token act when its turn comes."""
        self._ready()

    def remove(self) -> None:
        """Take the token out of its scope."""
        self.workflow.tasks.pop(self.id, None)

    def _set_state(self, value: int) -> None:
        self._state = value

    def _inherit_data(self) -> None:
        """Keep task data empty: facts live in the run, so no join can lose one."""
