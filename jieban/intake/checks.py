"""Checks of an application before it becomes a case. Each finding names the field and says what to do."""

import re
import unicodedata
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import and_, bindparam, literal, null, or_, select, union_all
from sqlalchemy.orm import Session

from jieban.areas.lookup import full_name
from jieban.benefits.choosing import item
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case, Member
from jieban.intake.applications import CHANNELS, INCOME_KINDS, PAPERS, PROPERTY_KINDS, NewApplication
from jieban.intake.findings import Finding, finding
from jieban.intake.household import check_household
from jieban.people.id_numbers import plain_number
from jieban.people.tables import Person
from jieban.reads import Query

_PHONE = re.compile(r"[0-9+\-()（） ]{5,20}")
_ACCOUNT = re.compile(r"[0-9]{8,30}")
_MOST_MONTHLY = Decimal(1_000_000)
_MOST_PROPERTY = Decimal(1_000_000_000)
_MOST_ROWS = 100
_EMERGENCIES = ("quick", "urgent")
_LONGEST = {
    "address": 300,
    "household_registration": 300,
    "reason": 4000,
    "agent_name": 50,
    "account_holder": 50,
    "account_bank": 100,
}
_LONGEST_NOTE = 300
_LONGEST_RELATIVE = 100


def check(
    application: NewApplication,
    session: Session,
    today: date,
    *,
    procedure: str = "subsistence_allowance",
    hold: bool = False,
) -> list[Finding]:
    """List what is wrong with an application as {"field", "value", "message"}; an empty list means it may go in.

    With `hold`, whoever registers one of the same people at this moment waits until this transaction ends.
    Sources: rules DB-01, DB-02, DB-06; a person with an open case of the same kind is named with its number.
    """
    return [
        *_plain(application, today),
        *([] if _papers_follow(application, procedure) else _promises(application)),
        *_papers(application),
        *_relatives(application),
        *_area(application, session),
        *check_household(application.members, today),
        *_people(application, session, procedure, _HELD if hold else _KNOWN),
        *_money(application),
    ]


def looks_like_phone(text: str) -> bool:
    """Tell whether somebody could dial this."""
    return _PHONE.fullmatch(text) is not None


def check_text(field: str, text: str, longest: int) -> Iterator[Finding]:
    """Find text that is too long, or that no page and no letter could show."""
    if len(text) > longest:
        yield finding(field, text[:20] + "…", f"内容过长，最多 {longest} 个字。")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\r\t" for letter in text):
        yield finding(field, text, "含有无法显示的控制字符，请重新录入。")


def _plain(application: NewApplication, today: date) -> Iterator[Finding]:
    if application.channel not in CHANNELS:
        yield finding("channel", application.channel, "申请渠道应为列出的一种。")
    if application.applied_on > today:
        yield finding("applied_on", application.applied_on, "申请日期不能晚于今天。")
    elif (today - application.applied_on).days > 366:
        yield finding("applied_on", application.applied_on, "申请日期早于一年以前，请核对。")
    if not application.address.strip():
        yield finding("address", application.address, "请填写居住地址。")
    if not application.phone:
        message = "请填写联系电话；没有电话的，填写能联系到申请人的村（居）委会电话。"
        yield finding("phone", "", message)
    elif not looks_like_phone(application.phone):
        yield finding("phone", application.phone, "电话号码格式不正确，应为 5 至 20 位数字。")
    if application.account_number and not _ACCOUNT.fullmatch(application.account_number):
        yield finding("account_number", application.account_number, "银行账号应为 8 至 30 位数字。")
    for name, longest in _LONGEST.items():
        yield from check_text(name, getattr(application, name), longest)


def _papers(application: NewApplication) -> Iterator[Finding]:
    for place, kind in enumerate(application.papers):
        if kind not in PAPERS:
            yield finding(f"papers.{place}", kind, "材料种类应为列出的一种。")


def _papers_follow(application: NewApplication, procedure: str) -> bool:
    """Tell whether the application is accepted before its papers are there: in an emergency (LS-03, LS-10)."""
    return procedure == "temporary_assistance" and application.extra.get("lane") in _EMERGENCIES


def _promises(application: NewApplication) -> Iterator[Finding]:
    if not application.truth_promised:
        yield finding("truth_promised", "否", "申请人须承诺所提供的信息真实、完整。")
    if not application.check_authorised:
        yield finding("check_authorised", "否", "共同生活的家庭成员须授权核对家庭经济状况。")
    if application.agent_name and not application.agent_authorised:
        yield finding("agent_authorised", "否", "委托他人申请的，应当办理委托手续。")


def _relatives(application: NewApplication) -> Iterator[Finding]:
    if application.relatives_declared and not application.relatives:
        yield finding("relatives", "", "声明有近亲属关系的，请写明是谁。")
    if application.relatives and not application.relatives_declared:
        yield finding("relatives_declared", "否", "填写了近亲属的，“有近亲属关系”应选“是”。")
    names = {member.name.strip() for member in application.members}
    for place, row in enumerate(application.relatives):
        yield from _relative(f"relatives.{place}", row, names)


def _relative(field: str, row: Mapping[str, str], names: set[str]) -> Iterator[Finding]:
    member = str(row.get("member_name") or "").strip()
    if member not in names:
        yield finding(f"{field}.member_name", member, "请填写是哪一名家庭成员，姓名与家庭成员一致。")
    for name, title in (("staff_name", "工作人员姓名"), ("relation", "与该成员的关系")):
        if not str(row.get(name) or "").strip():
            yield finding(f"{field}.{name}", "", f"请填写{title}。")
    for name, text in row.items():
        yield from check_text(
            f"{field}.{name}", str(text or ""), _LONGEST_RELATIVE if name != "relation" else 40
        )


def _area(application: NewApplication, session: Session) -> Iterator[Finding]:
    code = application.village_code
    if not re.fullmatch(r"[0-9]{12}|[0-9]{9}", code):
        message = "村（社区）代码应为 12 位数字。" if code else "请选择居住的村（社区）。"
        yield finding("village_code", code, message)
    elif not full_name(session, code, unknown=""):
        yield finding("village_code", code, "没有这个村（社区），请从列表中选择。")


_SLOTS = [f"the_number_{slot}" for slot in range(8)]
_WITH_NUMBERS = (
    select(Person.id, Person.name, Person.id_number, Person.died_on)
    .where(or_(*(Person.id_number == bindparam(slot) for slot in _SLOTS)))
    .order_by(Person.id)
)
_KNOWN = Query(_WITH_NUMBERS)
_HELD = Query(_WITH_NUMBERS.with_for_update())
_EXCLUDED = {
    "subsistence_allowance": ("subsistence_allowance", "destitute_support"),
    "destitute_support": ("destitute_support", "subsistence_allowance"),
}
"""Which monthly support nobody may have beside what is applied for; otherwise only the same (DB-01, TK-21)."""


def _people(application: NewApplication, session: Session, procedure: str, ask: Query) -> Iterator[Finding]:
    numbers = {
        number: place
        for place, member in enumerate(application.members)
        if (number := plain_number(member.id_number or ""))
    }
    # Whoever registers the same person at this moment waits here, and then sees this case; always in one order.
    given = sorted(numbers)
    known: dict[uuid.UUID, Any] = {}
    for first in range(0, len(given), len(_SLOTS)):
        slots = dict.fromkeys(_SLOTS) | dict(zip(_SLOTS, given[first:], strict=False))
        known |= {person.id: person for person in ask.all(session, **slots)}
    if not known:
        return
    for person in known.values():
        place = numbers[str(person.id_number)]
        if person.died_on:
            message = f"登记显示此人已于 {person.died_on.isoformat()} 死亡，请核实。"
            yield finding(f"members.{place}.id_number", person.id_number, message)
        name = application.members[place].name
        if person.name != unicodedata.normalize("NFC", name.strip()):
            message = "姓名与该身份证号已登记的姓名不一致，请核对证件。"
            yield finding(f"members.{place}.name", name, message)
    counted = {
        person.id for person in known.values() if application.members[numbers[str(person.id_number)]].counted
    }
    for person_id, message in _elsewhere(session, known, counted, procedure):
        place = numbers[str(known[person_id].id_number)]
        yield finding(f"members.{place}.id_number", known[person_id].id_number, message)


def _elsewhere(
    session: Session, known: Collection[uuid.UUID], counted: Collection[uuid.UUID], procedure: str
) -> Iterator[tuple[uuid.UUID, str]]:
    """Say of each person who is in an open case of the same kind, or lives on what a household gets already."""
    excluded = _EXCLUDED.get(procedure, (procedure,))
    open_cases = select(
        Member.person_id,
        Case.number,
        Case.procedure,
        Case.registered_at.label("at"),
        literal("open").label("how"),
    ).join(Case, Case.id == Member.case_id)
    benefits = (
        select(
            Member.person_id,
            Benefit.case_number,
            Benefit.procedure,
            null().label("at"),
            literal("granted").label("how"),
        )
        .join(
            Benefit,
            or_(
                Benefit.members_case_id == Member.case_id,
                and_(Benefit.members_case_id.is_(None), Benefit.case_id == Member.case_id),
            ),
        )
        .where(Benefit.state == "active", Benefit.kind == "monthly", Benefit.procedure.in_(excluded))
    )
    both = union_all(
        open_cases.where(
            Member.person_id.in_(known), Member.counted, Case.state == "open", Case.procedure == procedure
        ),
        benefits.where(Member.person_id.in_(counted), Member.counted),
    ).subquery()
    # Of several, the earliest is named: it stands last and stays.
    rows = session.execute(select(both).order_by(both.c.how, both.c.at.desc()))
    for row in {(row.person_id, row.how): row for row in rows}.values():
        if row.how == "open":
            yield row.person_id, f"此人已在办理中的同类案件内（案号 {row.number}），不能重复申请。"
        elif row.procedure == procedure:
            message = f"此人所在家庭正在享受{item(procedure)}（案号 {row.number}），不能重复申请。"
            yield row.person_id, message
        else:
            granted = f"此人正在享受{item(row.procedure)}（案号 {row.number}）"
            yield (
                row.person_id,
                f"{granted}，不能同时享受{item(procedure)}；情况有变化的，请办理待遇变更。",
            )


def _money(application: NewApplication) -> Iterator[Finding]:
    names = Counter(member.name for member in application.members)
    for field, rows in (("incomes", application.incomes), ("properties", application.properties)):
        if len(rows) > _MOST_ROWS:
            yield finding(field, len(rows), f"最多 {_MOST_ROWS} 项。")
    for place, income in enumerate(application.incomes):
        field = f"incomes.{place}"
        if income.kind not in INCOME_KINDS:
            yield finding(f"{field}.kind", income.kind, "收入类别应为列出的一种。")
        if income.member_name and income.member_name not in names:
            yield finding(f"{field}.member_name", income.member_name, "家庭成员中没有此人。")
        elif names[income.member_name] > 1:
            message = "有两名家庭成员同名，分不清是谁的收入，请将收入成员留空并在说明中写明。"
            yield finding(f"{field}.member_name", income.member_name, message)
        yield from _amount(f"{field}.monthly", income.monthly, _MOST_MONTHLY)
        yield from check_text(f"{field}.note", income.note, _LONGEST_NOTE)
    for place, owned in enumerate(application.properties):
        field = f"properties.{place}"
        if owned.kind not in PROPERTY_KINDS:
            yield finding(f"{field}.kind", owned.kind, "财产类别应为列出的一种。")
        if owned.amount is not None:
            yield from _amount(f"{field}.amount", owned.amount, _MOST_PROPERTY)
        yield from check_text(f"{field}.note", owned.note, _LONGEST_NOTE)


def _amount(field: str, amount: Decimal, most: Decimal) -> Iterator[Finding]:
    if not amount.is_finite() or amount < 0:
        yield finding(field, amount, "金额应为不小于 0 的数。")
    elif amount > most:
        yield finding(field, amount, "金额过大，请核对是否多录了位数。")
    elif amount != amount.quantize(Decimal("0.01")):
        yield finding(field, amount, "金额最多保留两位小数。")
