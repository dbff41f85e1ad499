"""By when a person hears back, and how that day came about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class FeedbackLimit:
    """The limit of feedback, with what it was counted from, so that another calendar can count it anew.

    A day that somebody named was not counted: it has no start, and no calendar moves it.
    """

    due_at: datetime
    look_at: datetime
    """when somebody looks first whether the person has heard"""
    start: datetime | None = None
    length: int = 0
    unit: str = ""

    @property
    def columns(self) -> dict[str, Any]:
        """Give it as the first contact has it: nobody was warned of it, or told that it passed."""
        return {
            "feedback_due": self.due_at,
            "feedback_from": self.start,
            "feedback_length": self.length,
            "feedback_unit": self.unit,
            "follow_at": self.look_at,
            "warned_at": None,
            "alarmed_at": None,
        }
