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


_LIST = [
    LetterKind("receipt", "首接回执", "首接"),
    LetterKind("acceptance", "最低生活保障申请受理通知书", "救受"),
    LetterKind("supplement", "一次性补正材料告知书", "救补"),
    LetterKind("check_result", "家庭经济状况核对结果告知书", "救核"),
    LetterKind("public_notice", "最低生活保障初审意见公示", "救公", layout="notice"),
    LetterKind("extension", "延长办理期限告知书", "救延"),
    LetterKind("approval", "最低生活保障确认通知书", "救确", county_signs=True),
    LetterKind(
        "refusal", "最低生活保障不予确认同意告知书", "救不", county_signs=True, adverse=True, receipt=True
    ),
    LetterKind("publication", "最低生活保障确认结果公布", "救布", layout="notice"),
    LetterKind("termination", "终止审核确认程序告知书", "救终", adverse=True, receipt=True),
]

KINDS: dict[str, LetterKind] = {kind.key: kind for kind in _LIST}
