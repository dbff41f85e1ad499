from jieban.deadlines.clocks import (
    cancel_open,
    cancel_tasks,
    meet,
    meet_kind,
    start_deadline,
)
from jieban.deadlines.tables import Deadline
from jieban.deadlines.words import Words, words

__all__ = [
    "Deadline",
    "Words",
    "cancel_open",
    "cancel_tasks",
    "meet",
    "meet_kind",
    "start_deadline",
    "words",
]
