"""Synthetic households: names from frequency lists, ID numbers of a county that does not exist."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from jieban.intake.applications import NewApplication, NewIncome, NewMember, NewProperty

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
)
_GIVEN = [
    "秀英",
    "桂兰",
    "玉兰",
    "凤英",
    "建国",
    "建华",
    "志强",
    "秀珍",
    "国强",
    "海燕",
    "春梅",
    "洪涛",
    "德明",
    "玉珍",
    "淑兰",
    "永福",
    "长海",
    "小军",
    "晓霞",
    "文杰",
    "雨桐",
    "子涵",
    "浩然",
    "欣怡",
    "宝山",
    "庆祥",
    "翠花",
    "瑞雪",
    "明辉",
    "立新",
]
_UNUSUAL = ("阿依古丽·买买提江", "𠮷田福顺", "欧阳静怡", "乌兰托娅·巴特尔", "司马承志")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_REASONS = (
    "本人患病不能劳动，家中无固定收入，申请最低生活保障。",
    "丈夫去世后独自抚养两个孩子，收入不足以维持基本生活。",
    "年老体弱，子女残疾，生活困难。",
    "因事故致残，失去工作，家庭人均收入低于当地低保标准。",
    "长期患病，医药费负担重，请求给予救助。",
)
_BANKS = ("示例农村商业银行", "示例城市商业银行", "示例邮政储蓄银行")
_KINDS = (("child", 0.5), ("spouse", 0.35), ("parent", 0.15))


@dataclass(frozen=True)
class Household:
    application: NewApplication
    monthly_income: Decimal


def id_number(year: int, month: int, day: int, order: int) -> str:
    """Make a number with a right check digit and the area code of the county that does not exist."""
    body = f"379901{year:04d}{month:02d}{day:02d}{order % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def household(
    rng: random.Random,
    serial: int,
    *,
    village: str,
    address: str,
    urban: bool,
    applied_on: date,
    standard: Decimal,
    relatives: tuple[dict[str, str], ...] = (),
    unusual: bool = False,
) -> Household:
    """Draw a household: sizes and incomes follow published shares, everything else is invented."""
    sizes = (0.58, 0.25, 0.12, 0.04, 0.01) if urban else (0.52, 0.28, 0.13, 0.05, 0.02)
    size = rng.choices((1, 2, 3, 4, 5), sizes)[0]
    name = rng.choice(_UNUSUAL) if unusual else draw_name(rng)
    members = [_member(rng, serial * 8, name, "self", applied_on, (25, 84))]
    age = applied_on.year - int(str(members[0].id_number)[6:10])
    for place in range(1, size):
        relation = rng.choices([kind for kind, _ in _KINDS], [weight for _, weight in _KINDS])[0]
        if relation == "spouse" and any(member.relation == "spouse" for member in members):
            relation = "child"
        if relation == "parent" and age > 65:
            relation = "child"
        ages = {
            "child": (max(1, age - 45), age - 20),
            "spouse": (max(22, age - 6), age + 6),
            "parent": (age + 20, age + 30),
        }
        called = draw_name(rng, name[0])
        while any(member.name == called for member in members):  # an income names its member
            called = draw_name(rng, name[0])
        members.append(_member(rng, serial * 8 + place, called, relation, applied_on, ages[relation]))
    income = Decimal(0) if rng.random() < 0.18 else Decimal(str(rng.betavariate(1.6, 2.8))) * standard * size
    monthly = (income / 10).quantize(Decimal(1)) * 10
    incomes = (
        NewIncome(
            member_name=name, kind=rng.choice(("wage", "transfer", "business")), monthly=monthly, note=""
        ),
    )
    return Household(
        NewApplication(
            channel=rng.choices(("window", "online", "outreach", "hotline"), (0.7, 0.15, 0.1, 0.05))[0],
            applied_on=applied_on,
            urban=urban,
            village_code=village,
            address=address,
            household_registration=address,
            phone=f"139{rng.randrange(10**8):08d}",
            reason=rng.choice(_REASONS),
            agent_name="",
            agent_authorised=False,
            truth_promised=True,
            check_authorised=True,
            account_holder=name,
            account_bank=rng.choice(_BANKS),
            account_number="99" + f"{rng.randrange(10**15):015d}",
            relatives_declared=bool(relatives),
            relatives=tuple({**row, "member_name": name} for row in relatives),
            members=tuple(members),
            incomes=incomes if monthly else (),
            properties=(
                NewProperty(
                    kind="deposit", amount=Decimal(rng.randrange(0, 9000, 100)), exempt=False, note=""
                ),
            ),
            papers=("application_form", "id_card", "check_authorisation", "truth_promise"),
        ),
        monthly,
    )


def draw_name(rng: random.Random, surname: str = "") -> str:
    """Draw a name from the lists; with a surname one of that family."""
    return (surname or rng.choice(_SURNAMES)) + rng.choice(_GIVEN)


def _member(
    rng: random.Random, serial: int, name: str, relation: str, on: date, ages: tuple[int, int]
) -> NewMember:
    born = on - timedelta(days=rng.randrange(ages[0] * 365, ages[1] * 365))
    disabled = rng.random() < 0.15
    return NewMember(
        name=name,
        id_number=id_number(born.year, born.month, born.day, serial),
        relation=relation,
        counted=True,
        not_counted_reason="",
        work_ability="none" if disabled or (ages[0] < 16 and on.year - born.year < 16) else "partial",
        health="长期患病" if rng.random() < 0.3 else "",
        disability=rng.choice(("肢体二级", "视力一级", "精神二级")) if disabled else "",
    )
