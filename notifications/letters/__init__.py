"""Statutory letters: words frozen when issued, PDF made from the frozen words alone."""

from notifications.letters.issue import issue, take_issued, undone_with
from notifications.letters.kinds import KINDS, LetterKind
from notifications.letters.render import pdf, render_to_file, stored_pdf
from notifications.letters.words import Base, times_of

__all__ = [
    "KINDS",
    "Base",
    "LetterKind",
    "issue",
    "pdf",
    "render_to_file",
    "stored_pdf",
    "take_issued",
    "times_of",
    "undone_with",
]
