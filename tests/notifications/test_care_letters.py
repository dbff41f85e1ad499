"""What a charity or a provider is told: exactly what was chosen, and nothing else of the person (CS-02, S1-11)."""

from datetime import date

from notifications.letters.issue import _paragraphs
from notifications.letters.kinds import KINDS
from notifications.letters.sheets import table

REFERRAL = {
    "provider": "示例慈善总会",
    "charity": "示例慈善总会·大病帮扶",
    "project": "大病帮扶",
    "why": "大病自费负担重",
    "consent_until": "2026-12-31",
    "answer_by": "2026-10-13",
    "fields": ["name", "difficulty"],
    "sent": [{"label": "姓名", "value": "张建国"}, {"label": "困难情况和需求", "value": "自费药三千元"}],
    "aid": "低保每月 600 元",
}


def test_a_referral_shows_the_chosen_fields_and_is_addressed_to_the_charity():
    """The template knows the referral alone: a fact of the person that it named would be an error."""
    kind, facts = KINDS["charity_referral"], {"referral": REFERRAL, "case_number": "东河-CS-2026-00001"}
    said = [*_paragraphs(kind.key, "body", facts), *_paragraphs(kind.key, "after", facts)]

    assert table(kind, facts)["rows"] == [["姓名", "张建国"], ["困难情况和需求", "自费药三千元"]]
    assert kind.addressee(facts) == "示例慈善总会"
    assert not any("低保每月" in text for text in said)


def test_an_order_names_the_person_the_address_and_the_work_alone():
    kind = KINDS["care_order"]
    line = {
        "name": "助餐",
        "what": "送午饭",
        "times": 2,
        "from_on": date(2026, 10, 12),
        "until_on": date(2026, 10, 31),
    }
    facts = {
        "provider": "示例养老中心",
        "applicant": "张建国",
        "address": "",
        "case_number": "1",
        "lines": [line],
    }

    assert table(kind, facts)["rows"][1] == ["助餐", "送午饭", "每月 2 次", "2026-10-12 至 2026-10-31"]
    assert "请与承办人联系" in "".join(_paragraphs(kind.key, "body", facts))
    assert kind.addressee(facts) == "示例养老中心"
