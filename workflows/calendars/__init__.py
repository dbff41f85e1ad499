from workflows.calendars.acts import (
    confirm,
    decline,
    finish,
    import_now,
    look_at_file,
    outlook_of,
    record_preview,
    undo,
)
from workflows.calendars.looking import Outlook
from workflows.calendars.moving import Totals
from workflows.calendars.notices import Notice, read_notice
from workflows.calendars.previews import (
    IMPORTED,
    Preview,
    find_preview,
    own_days,
    past_imports,
    unfinished,
    waiting,
)
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
