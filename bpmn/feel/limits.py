"""How much one expression may use, and the count of what it has used."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from bpmn.feel.errors import FEELLimitError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_TEXT = 20_000
MAX_DEPTH = 100
MAX_ITEMS = 100_000
MAX_STRING = 1_000_000
MAX_STEPS = 600_000


class Run:
    """One evaluation: the steps that are left and the functions that the caller lends."""

    __slots__ = ("functions", "steps")

    def __init__(
        self, functions: Mapping[str, Callable[..., Any]] | None = None, steps: int = MAX_STEPS
    ) -> None:
        self.functions = functions
        self.steps = steps

    def charge(self, steps: int) -> None:
        """Take steps from what is left, and stop the evaluation when nothing is."""
        self.steps -= steps
        if self.steps < 0:
            raise FEELLimitError(f"The expression needs more than {MAX_STEPS} steps.")


# The run of the decision model that is being decided here, so that the checks of its types use its steps.
ACTIVE: ContextVar[Run | None] = ContextVar("run of a decision model", default=None)


def active() -> Run:
    """Give the run of the decision model, or a new one."""
    return ACTIVE.get() or Run()


def check_items(count: int) -> None:
    """Refuse a list that is too long to hold."""
    if count > MAX_ITEMS:
        raise FEELLimitError(f"A list may have at most {MAX_ITEMS} items.")


def check_string(length: int) -> None:
    """Refuse a text that is too long to hold."""
    if length > MAX_STRING:
        raise FEELLimitError(f"A text may have at most {MAX_STRING} characters.")
