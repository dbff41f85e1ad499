from jieban.deadlines.clocks import cancel_open, meet, meet_kind, start_deadline
from jieban.deadlines.words import Words, words

__all__ = ["Words", "cancel_open", "meet", "meet_kind", "start_deadline", "words"]
