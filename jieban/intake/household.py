"""Checks of a household: who applies, who belongs to it, and whether ages fit together (DB-01; Article 7)."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

from jieban.errors import Invalid
from jieban.intake.applications import RELATIONS, WORK_ABILITIES, NewMember
from jieban.intake.findings import Finding, finding
from jieban.people.id_numbers import IdNumber, check_id_number

_MOST_MEMBERS = 20
_LONGEST_NAME = 50
_DOTS = "·・•‧∙⋅."
"""What is typed for the middle dot of a name; the first is the right one."""
_LONGEST = {"not_counted_reason": 200, "health": 200, "disability": 40}
_GAPS = {"child": 12, "parent": -12, "grandchild": 24, "grandparent": -24}
"""By how many years a relation must be younger (or, below zero, older) than the applicant; less is a mistake."""
_ADULT = 18


def check_name(name: str) -> str | None:
    """Say what is wrong with a person's name, or None; names of minorities carry a middle dot, rare characters are fine."""
    if not name.strip():
        return "请填写姓名。"
    if name != name.strip() or len(name) > _LONGEST_NAME:
        return f"姓名前后不能有空格，且不超过 {_LONGEST_NAME} 个字。"
    wrong = {
        "少数民族姓名中间的圆点请用“·”。": any(letter in _DOTS[1:] for letter in name),
        "姓名中的生僻字是自造字，其他电脑无法显示，请改用标准字库中的字。": any(
            unicodedata.category(letter) == "Co" for letter in name
        ),
        "姓名中有数字或符号，请按身份证填写。": any(
            unicodedata.category(letter)[0] not in "LM" and letter not in "· '-〇" for letter in name
        ),
        "姓名中的圆点或空格位置不对，请按身份证填写。": re.search(r"··|^·|·$|  ", name) is not None,
    }
    return next((message for message, found in wrong.items() if found), None)


def check_household(members: tuple[NewMember, ...], today: date) -> Iterator[Finding]:
    """Find what is wrong with the members as a whole and one by one."""
    yield from _whole(members)
    known: dict[int, IdNumber] = {}
    numbers: dict[str, int] = {}
    for place, member in enumerate(members):
        field = f"members.{place}"
        yield from _member(field, member)
        if not member.id_number:
            continue
        try:
            known[place] = check_id_number(member.id_number, today)
        except Invalid as wrong:
            yield finding(f"{field}.id_number", member.id_number, wrong.message)
            continue
        earlier = numbers.setdefault(known[place].number, place)
        if earlier != place:
            del known[place]  # whose relation it would be is not known
            message = f"与第 {earlier + 1} 名家庭成员的身份证号相同。"
            yield finding(f"{field}.id_number", member.id_number, message)
    yield from _ages(members, known, today)


def _whole(members: tuple[NewMember, ...]) -> Iterator[Finding]:
    applicants = sum(member.relation == "self" for member in members)
    # Whoever has a relation that cannot be read may be the applicant; that relation is told on its own.
    if applicants > 1 or (not applicants and all(member.relation in RELATIONS for member in members)):
        message = "家庭成员中应当有且只有一名申请人（与申请人关系填“本人”）。"
        yield finding("members", len(members), message)
    if len(members) > _MOST_MEMBERS:
        yield finding("members", len(members), f"家庭成员最多 {_MOST_MEMBERS} 人。")
    spouses = [place for place, member in enumerate(members) if member.relation == "spouse"]
    for place in spouses[1:]:
        yield finding(f"members.{place}.relation", "配偶", "配偶只能有一人。")
    if members and not any(member.counted for member in members):
        yield finding("members", len(members), "至少有一名计入的共同生活家庭成员。")


def _member(field: str, member: NewMember) -> Iterator[Finding]:
    if message := check_name(member.name):
        yield finding(f"{field}.name", member.name, message)
    if member.relation not in RELATIONS:
        yield finding(f"{field}.relation", member.relation, "与申请人关系应为列出的一种。")
    if member.work_ability not in WORK_ABILITIES:
        yield finding(f"{field}.work_ability", member.work_ability, "劳动能力应为列出的一种。")
    if not member.counted and not member.not_counted_reason.strip():
        yield finding(f"{field}.not_counted_reason", "", "不计入共同生活家庭成员的，请写明原因。")
    if not member.id_number and member.relation == "self":
        yield finding(f"{field}.id_number", "", "请填写申请人的身份证号。")
    for name, longest in _LONGEST.items():
        text = getattr(member, name)
        if len(text) > longest:
            yield finding(f"{field}.{name}", text[:20] + "…", f"内容过长，最多 {longest} 个字。")


def _ages(members: tuple[NewMember, ...], known: dict[int, IdNumber], today: date) -> Iterator[Finding]:
    own = next((one for place, one in known.items() if members[place].relation == "self"), None)
    for place, one in known.items():
        relation = members[place].relation
        field = f"members.{place}.relation"
        if relation == "spouse" and _years(one.birth_date, today) < _ADULT:
            message = "此人未满十八周岁，不能登记为配偶，请核对；未登记结婚的填“其他”。"
            yield finding(field, RELATIONS[relation], message)
        gap = _GAPS.get(relation)
        if own is None or gap is None:
            continue
        younger = one.birth_date.year - own.birth_date.year
        if (gap > 0 and younger < gap) or (gap < 0 and younger > gap):
            message = f"出生日期与“{RELATIONS[relation]}”的关系不符，请核对。"
            yield finding(field, RELATIONS[relation], message)


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
