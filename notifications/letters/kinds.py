from dataclasses import dataclass


@dataclass(frozen=True)
class LetterKind:
    """A kind of letter: how it is called, its mark in the number, its layout, and who signs it."""

    key: str
    title: str
    mark: str
    layout: str = "letter"
    """letter, or notice: a sheet for the board"""
    county_signs: bool = False
    """by the organ that decided; otherwise the township that deals with the case"""
    adverse: bool = False
    """needs reasons, and says how to appeal"""
    receipt: bool = False
    """has the sheet on which service is confirmed"""
    contact: bool = True
    """ends with whom to ask; a letter whose table says so does not say it twice"""
    speaks_of: tuple[str, ...] = ()
    """which facts of the case its words need: clocks, missing, notice, decision, check"""


_LIST = [
    LetterKind("receipt", "首接回执", "首接", contact=False),
    LetterKind("acceptance", "最低生活保障申请受理通知书", "救受", contact=False, speaks_of=("clocks",)),
    LetterKind("supplement", "一次性补正材料告知书", "救补", speaks_of=("missing",)),
    LetterKind("check_result", "家庭经济状况核对结果告知书", "救核", speaks_of=("check",)),
    LetterKind(
        "public_notice",
        "最低生活保障初审意见公示",
        "救公",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
    ),
    LetterKind("extension", "延长办理期限告知书", "救延"),
    LetterKind("approval", "最低生活保障确认通知书", "救确", county_signs=True, speaks_of=("decision",)),
    LetterKind(
        "refusal",
        "最低生活保障不予确认同意告知书",
        "救不",
        county_signs=True,
        adverse=True,
        receipt=True,
        speaks_of=("decision",),
    ),
    LetterKind(
        "publication",
        "最低生活保障确认结果公布",
        "救布",
        layout="notice",
        contact=False,
        speaks_of=("notice",),
    ),
    LetterKind(
        "termination", "终止审核确认程序告知书", "救终", adverse=True, receipt=True, speaks_of=("decision",)
    ),
]

KINDS: dict[str, LetterKind] = {kind.key: kind for kind in _LIST}
