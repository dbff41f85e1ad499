"""Letters of the support of destitute people: confirmation, the agreements on care, the amount with care (TK-09 to TK-15)."""

from notifications.letters.kinds.kind import LetterKind

KINDS = [
    LetterKind(
        "destitute_approval",
        "特困人员救助供养确认通知书",
        "Notice that support is confirmed",
        "特确",
        county_signs=True,
        speaks_of=("decision",),
        cites=("tekun.pay.first",),
    ),
    LetterKind(
        "care_agreement",
        "委托照料服务协议",
        "Agreement on care at home",
        "特协",
        layout="agreement",
        contact=False,
        speaks_of=("record:agreement",),
    ),
    LetterKind(
        "institution_agreement",
        "供养服务协议",
        "Agreement with the institution",
        "特供",
        layout="agreement",
        contact=False,
        speaks_of=("record:agreement",),
    ),
    LetterKind(
        "care_notice",
        "生活自理能力评估结果和供养标准告知书",
        "Notice of the care tier and the amount",
        "特照",
        county_signs=True,
        speaks_of=("decision", "record:assessment"),
        cites=("tekun.care.partial", "tekun.care.full"),
    ),
]
