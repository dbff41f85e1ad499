from workflows.calendars.acts import (
    IMPORTED,
    Preview,
    confirm,
    decline,
    find_preview,
    finish,
    import_now,
    look_at_file,
    outlook_of,
    own_days,
    past_imports,
    record_preview,
    undo,
    unfinished,
    waiting,
)
from workflows.calendars.looking import Outlook
from workflows.calendars.moving import Totals
from workflows.calendars.notices import Notice, read_notice
from workflows.calendars.seconds import may_change_country

__all__ = [
    "IMPORTED",
    "Notice",
    "Outlook",
    "Preview",
    "Totals",
    "confirm",
    "decline",
    "find_preview",
    "finish",
    "import_now",
    "look_at_file",
    "may_change_country",
    "outlook_of",
    "own_days",
    "past_imports",
    "read_notice",
    "record_preview",
    "undo",
    "unfinished",
    "waiting",
]
