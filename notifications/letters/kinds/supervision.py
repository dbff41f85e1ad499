"""The letter of a supervisor's order."""

from notifications.letters.kinds.kind import LetterKind

KINDS = [
    LetterKind(
        "supervision_order",
        "督办单",
        "Supervision order",
        "督办",
        county=True,
        contact=False,
        addressee=lambda facts: str(facts["to"]),
    ),
]
