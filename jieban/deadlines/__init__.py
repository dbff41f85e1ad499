from jieban.deadlines.clocks import meet, start_deadline
from jieban.deadlines.words import Words, words

__all__ = ["Words", "meet", "start_deadline", "words"]
