"""Every kind of letter, gathered from the fields that have letters of their own."""

from notifications.letters.kinds import (
    benefits,
    board,
    care,
    checking,
    common,
    destitute,
    hotline,
    meeting,
    one_application,
    petition,
    status,
    supervision,
    temporary,
    warning,
)
from notifications.letters.kinds.kind import LetterKind

_FIELDS = (
    benefits,
    board,
    care,
    checking,
    common,
    destitute,
    hotline,
    meeting,
    one_application,
    petition,
    status,
    supervision,
    temporary,
    warning,
)

KINDS: dict[str, LetterKind] = {kind.key: kind for field in _FIELDS for kind in field.KINDS}

__all__ = ["KINDS", "LetterKind"]
