from jieban.deadlines.clocks import (
    StepClock,
    cancel_open,
    cancel_tasks,
    meet,
    meet_kind,
    start_deadline,
    start_step,
)
from jieban.deadlines.words import Words, words

__all__ = [
    "StepClock",
    "Words",
    "cancel_open",
    "cancel_tasks",
    "meet",
    "meet_kind",
    "start_deadline",
    "start_step",
    "words",
]
