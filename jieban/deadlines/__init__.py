from jieban.deadlines.clocks import (
    cancel_open,
    cancel_tasks,
    meet,
    meet_kind,
    start_deadline,
)
from jieban.deadlines.shown import Link, chains, load_clocks
from jieban.deadlines.tables import Deadline
from jieban.deadlines.words import (
    Limit,
    Words,
    basis,
    explained,
    last_moment,
    on_record,
    own_limit,
    uncertain,
    words,
)

__all__ = [
    "Deadline",
    "Limit",
    "Link",
    "Words",
    "basis",
    "cancel_open",
    "cancel_tasks",
    "chains",
    "explained",
    "last_moment",
    "load_clocks",
    "meet",
    "meet_kind",
    "on_record",
    "own_limit",
    "start_deadline",
    "uncertain",
    "words",
]
