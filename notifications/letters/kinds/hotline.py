"""Letters about matters of the 12345 hotline."""

from notifications.letters.kinds.kind import LetterKind

KINDS = [
    LetterKind(
        "hotline_transfer",
        "热线事项转办告知单",
        "Notice that a hotline matter was dispatched",
        "热转",
        speaks_of=("record:dispatch",),
    ),
    LetterKind(
        "hotline_refusal",
        "热线事项不予受理告知书",
        "Notice that a hotline matter is not accepted",
        "热不",
        speaks_of=("record:triage",),
    ),
    LetterKind(
        "hotline_interim",
        "热线事项办理进度告知书",
        "Interim reply to a hotline matter",
        "热进",
        speaks_of=("record:handling",),
    ),
    LetterKind(
        "hotline_longer",
        "热线事项延期办理告知书",
        "Notice that a hotline matter takes longer",
        "热延",
        speaks_of=("record:extension", "clocks"),
    ),
    LetterKind(
        "hotline_reply",
        "12345热线事项办理情况回复",
        "Reply to a hotline matter",
        "热复",
        speaks_of=("record:reply",),
    ),
]
