"""Letters about petitions."""

from notifications.letters.kinds.kind import LetterKind

KINDS = [
    LetterKind(
        "petition_accepted",
        "信访事项受理告知书",
        "Notice that a petition is accepted",
        "信受",
        speaks_of=("record:sorting", "clocks"),
    ),
    LetterKind(
        "petition_transferred",
        "信访事项转送告知书",
        "Notice that a petition was transferred",
        "信转",
        speaks_of=("record:dispatch",),
    ),
    LetterKind(
        "petition_guided",
        "信访事项途径告知书",
        "Notice of the right way for a petition",
        "信导",
        speaks_of=("record:sorting",),
    ),
    LetterKind(
        "petition_longer",
        "信访事项延期办理告知书",
        "Notice that a petition takes longer",
        "信延",
        speaks_of=("record:extension", "clocks"),
    ),
    LetterKind(
        "petition_opinion",
        "信访处理意见书",
        "Opinion on a petition",
        "信意",
        receipt=True,
        speaks_of=("record:opinion",),
    ),
    LetterKind(
        "petition_feedback",
        "信访事项处理结果反馈",
        "Feedback on a report or suggestion",
        "信馈",
        speaks_of=("record:feedback",),
    ),
    LetterKind(
        "petition_not_taken",
        "信访事项复查不予受理告知书",
        "Notice that a review is not taken up",
        "信不",
        county=True,
        receipt=True,
        speaks_of=("record:recheck_taken",),
    ),
    LetterKind(
        "petition_recheck",
        "信访事项复查意见书",
        "Review of the opinion on a petition",
        "信复",
        county=True,
        receipt=True,
        speaks_of=("record:opinion", "record:recheck"),
    ),
    LetterKind(
        "petition_final",
        "信访事项复查复核意见转告书",
        "The review of the organ above, passed on",
        "信终",
        county=True,
        receipt=True,
        speaks_of=("record:final",),
    ),
]
