from workflows.calendars.acts import (
    IMPORTED,
    Preview,
    confirm,
    find_preview,
    finish,
    import_now,
    look_at_file,
    may_change_country,
    outlook_of,
    own_days,
    past_imports,
    record_preview,
    undo,
    unfinished,
)
from workflows.calendars.looking import Outlook
from workflows.calendars.moving import Totals

__all__ = [
    "IMPORTED",
    "Outlook",
    "Preview",
    "Totals",
    "confirm",
    "find_preview",
    "finish",
    "import_now",
    "look_at_file",
    "may_change_country",
    "outlook_of",
    "own_days",
    "past_imports",
    "record_preview",
    "undo",
    "unfinished",
]
