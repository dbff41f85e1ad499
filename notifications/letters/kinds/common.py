"""Letters that every kind of application has in common; {item} is what was applied for."""

from notifications.letters.kinds.kind import LetterKind

KINDS = [
    LetterKind("receipt", "首接回执", "First-contact receipt", "首接", contact=False),
    LetterKind(
        "acceptance",
        "{item}申请受理通知书",
        "Notice of acceptance",
        "救受",
        contact=False,
        speaks_of=("clocks",),
    ),
    LetterKind(
        "supplement", "一次性补正材料告知书", "Notice of all missing papers", "救补", speaks_of=("missing",)
    ),
    LetterKind(
        "check_result",
        "家庭经济状况核对结果告知书",
        "Notice of the result of the check",
        "救核",
        speaks_of=("check",),
    ),
    LetterKind(
        "public_notice",
        "{item}初审意见公示",
        "Public notice of the initial opinion",
        "救公",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
    ),
    LetterKind("extension", "延长办理期限告知书", "Notice of extension", "救延"),
    LetterKind(
        "approval",
        "{item}确认通知书",
        "Notice of approval",
        "救确",
        county_signs=True,
        speaks_of=("decision",),
    ),
    LetterKind(
        "refusal",
        "{item}不予确认同意告知书",
        "Notice of refusal",
        "救不",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=("decision",),
    ),
    LetterKind(
        "publication",
        "{item}确认结果公布",
        "Publication of the decision",
        "救布",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
    ),
    LetterKind(
        "termination",
        "终止审核确认程序告知书",
        "Notice that the procedure has ended",
        "救终",
        adverse=True,
        receipt=True,
        speaks_of=("decision",),
    ),
]
