"""Checks of an application before it becomes a case. Each finding names the field and says what to do."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.cases.tables import Case, Member
from jieban.errors import Invalid
from jieban.intake.applications import (
    CHANNELS,
    INCOME_KINDS,
    PROPERTY_KINDS,
    RELATIONS,
    NewApplication,
    NewMember,
)
from jieban.people.id_numbers import IdNumber, check_id_number
from jieban.people.tables import Person

Finding = dict[str, str]

_PHONE = re.compile(r"[0-9+\-() ]{5,20}")
_ACCOUNT = re.compile(r"\d{8,30}")
_MOST_MEMBERS = 20
_MOST_MONTHLY = Decimal(1_000_000)
_MOST_PROPERTY = Decimal(1_000_000_000)
_LONGEST_REASON = 4000
_PARENT_AGE_GAP = 12


def check(
    application: NewApplication, session: Session, today: date, *, procedure: str = "subsistence_allowance"
) -> list[Finding]:
    """List what is wrong with an application as {"field", "value", "message"}; an empty list means it may go in.

    Sources: rules DB-01, DB-02, DB-06; a person with an open case of the same kind is named with its number.
    """
    return [
        *_plain(application, today),
        *_area(application, session),
        *_household(application, today),
        *_people(application, session, procedure),
        *_money(application),
    ]


def finding(field: str, value: object, message: str) -> Finding:
    return {"field": field, "value": "" if value is None else str(value), "message": message}


def check_name(name: str) -> str | None:
    """Say what is wrong with a person's name, or None; names of minorities carry a middle dot, rare characters are fine."""
    if not name.strip():
        return "请填写姓名。"
    if name != name.strip() or len(name) > 50:
        return "姓名前后不能有空格，且不超过 50 个字。"
    if any(unicodedata.category(letter)[0] not in "LM" and letter not in "·・ '-" for letter in name):
        return "姓名中有数字或符号，请按身份证填写。"
    return None


def _plain(application: NewApplication, today: date) -> Iterator[Finding]:
    if application.channel not in CHANNELS:
        yield finding("channel", application.channel, "申请渠道应为列出的一种。")
    if application.applied_on > today:
        yield finding("applied_on", application.applied_on, "申请日期不能晚于今天。")
    elif (today - application.applied_on).days > 366:
        yield finding("applied_on", application.applied_on, "申请日期早于一年以前，请核对。")
    if not application.address.strip():
        yield finding("address", application.address, "请填写居住地址。")
    if application.phone and not _PHONE.fullmatch(application.phone):
        yield finding("phone", application.phone, "电话号码格式不正确。")
    if not application.phone:
        yield finding("phone", "", "请填写联系电话；没有电话的，填写能联系到申请人的村（居）委会电话。")
    if len(application.reason) > _LONGEST_REASON:
        yield finding("reason", application.reason[:20] + "…", f"申请理由最多 {_LONGEST_REASON} 个字。")
    if not application.truth_promised:
        yield finding("truth_promised", "否", "申请人须承诺所提供的信息真实、完整。")
    if not application.check_authorised:
        yield finding("check_authorised", "否", "共同生活的家庭成员须授权核对家庭经济状况。")
    if application.agent_name and not application.agent_authorised:
        yield finding("agent_authorised", "否", "委托他人申请的，应当办理委托手续。")
    if application.account_number and not _ACCOUNT.fullmatch(application.account_number):
        yield finding("account_number", application.account_number, "银行账号应为 8 至 30 位数字。")
    if application.relatives_declared and not application.relatives:
        yield finding("relatives", "", "声明有近亲属关系的，请写明是谁。")


def _area(application: NewApplication, session: Session) -> Iterator[Finding]:
    code = application.village_code
    if not re.fullmatch(r"\d{12}|\d{9}", code):
        yield finding("village_code", code, "村（社区）代码应为 12 位数字。")
    elif session.get(Area, code) is None:
        yield finding("village_code", code, "没有这个村（社区），请从列表中选择。")


def _household(application: NewApplication, today: date) -> Iterator[Finding]:
    members = application.members
    applicants = [member for member in members if member.relation == "self"]
    if len(applicants) != 1:
        yield finding("members", len(members), "家庭成员中应当有且只有一名申请人（与申请人关系填“本人”）。")
    if len(members) > _MOST_MEMBERS:
        yield finding("members", len(members), f"家庭成员最多 {_MOST_MEMBERS} 人。")
    if sum(member.relation == "spouse" for member in members) > 1:
        yield finding("members", "配偶", "配偶只能有一人。")
    if members and not any(member.counted for member in members):
        yield finding("members", len(members), "至少有一名计入的共同生活家庭成员。")
    numbers: dict[str, int] = {}
    known: dict[int, IdNumber] = {}
    for place, member in enumerate(members):
        field = f"members.{place}"
        if message := check_name(member.name):
            yield finding(f"{field}.name", member.name, message)
        if member.relation not in RELATIONS:
            yield finding(f"{field}.relation", member.relation, "与申请人关系应为列出的一种。")
        if not member.counted and not member.not_counted_reason.strip():
            yield finding(f"{field}.not_counted_reason", "", "不计入共同生活家庭成员的，请写明原因。")
        if not member.id_number:
            if member.relation == "self":
                yield finding(f"{field}.id_number", "", "请填写申请人的身份证号。")
            continue
        try:
            known[place] = check_id_number(member.id_number, today)
        except Invalid as wrong:
            yield finding(f"{field}.id_number", member.id_number, wrong.message)
            continue
        earlier = numbers.setdefault(known[place].number, place)
        if earlier != place:
            yield finding(
                f"{field}.id_number", member.id_number, f"与第 {earlier + 1} 名家庭成员的身份证号相同。"
            )
    yield from _ages(members, known)


def _ages(members: tuple[NewMember, ...], known: dict[int, IdNumber]) -> Iterator[Finding]:
    own = next(
        (
            known[place]
            for place, member in enumerate(members)
            if member.relation == "self" and place in known
        ),
        None,
    )
    if own is None:
        return
    for place, member in enumerate(members):
        if place not in known:
            continue
        older, younger = own.birth_date.year, known[place].birth_date.year
        if member.relation == "parent":
            older, younger = younger, older
        if member.relation in {"child", "parent"} and younger - older < _PARENT_AGE_GAP:
            message = f"出生日期与“{RELATIONS[member.relation]}”的关系不符，请核对。"
            yield finding(f"members.{place}.relation", RELATIONS[member.relation], message)


def _people(application: NewApplication, session: Session, procedure: str) -> Iterator[Finding]:
    for place, member in enumerate(application.members):
        number = (member.id_number or "").strip().upper()
        if not number:
            continue
        person = session.scalars(select(Person).where(Person.id_number == number)).one_or_none()
        if person is None:
            continue
        field = f"members.{place}.id_number"
        if person.died_on:
            yield finding(field, number, f"登记显示此人已于 {person.died_on.isoformat()} 死亡，请核实。")
        if person.name != member.name.strip():
            yield finding(
                f"members.{place}.name", member.name, "姓名与该身份证号已登记的姓名不一致，请核对证件。"
            )
        query = (
            select(Case.number)
            .join(Member, Member.case_id == Case.id)
            .where(
                Member.person_id == person.id,
                Member.counted,
                Case.state == "open",
                Case.procedure == procedure,
            )
        )
        if open_case := session.scalar(query.order_by(Case.registered_at).limit(1)):
            message = f"此人已在办理中的同类案件内（案号 {open_case}），不能重复申请。"
            yield finding(field, number, message)


def _money(application: NewApplication) -> Iterator[Finding]:
    names = {member.name for member in application.members}
    for place, income in enumerate(application.incomes):
        field = f"incomes.{place}"
        if income.kind not in INCOME_KINDS:
            yield finding(f"{field}.kind", income.kind, "收入类别应为列出的一种。")
        if income.member_name and income.member_name not in names:
            yield finding(f"{field}.member_name", income.member_name, "家庭成员中没有此人。")
        yield from _amount(f"{field}.monthly", income.monthly, _MOST_MONTHLY)
    for place, owned in enumerate(application.properties):
        field = f"properties.{place}"
        if owned.kind not in PROPERTY_KINDS:
            yield finding(f"{field}.kind", owned.kind, "财产类别应为列出的一种。")
        if owned.amount is not None:
            yield from _amount(f"{field}.amount", owned.amount, _MOST_PROPERTY)


def _amount(field: str, amount: Decimal, most: Decimal) -> Iterator[Finding]:
    if not amount.is_finite() or amount < 0:
        yield finding(field, amount, "金额应为不小于 0 的数。")
    elif amount > most:
        yield finding(field, amount, "金额过大，请核对是否多录了位数。")
    elif amount != amount.quantize(Decimal("0.01")):
        yield finding(field, amount, "金额最多保留两位小数。")
