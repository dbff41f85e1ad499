from jieban.deadlines.clocks import (
    Clock,
    cancel_open,
    cancel_tasks,
    meet,
    meet_kind,
    start_deadline,
)
from jieban.deadlines.words import Words, words

__all__ = [
    "Clock",
    "Words",
    "cancel_open",
    "cancel_tasks",
    "meet",
    "meet_kind",
    "start_deadline",
    "words",
]
