"""Statutory letters: words frozen when issued, PDF made from the frozen words alone."""

from notifications.letters.issue import issue
from notifications.letters.kinds import KINDS, LetterKind
from notifications.letters.render import pdf, render_to_file

__all__ = ["KINDS", "LetterKind", "issue", "pdf", "render_to_file"]
