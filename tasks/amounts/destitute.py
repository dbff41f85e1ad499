"""What a destitute person gets each month: the basic living standard, and the amount for care (TK-09, TK-12).

Nothing is granted against the conditions of the law: who cannot work, has nothing to live on, and has nobody who is
bound and able to support them (TK-01, TK-23).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban import rules
from jieban.cases.benefit import Benefit as Worth
from jieban.cases.tables import Application, Case, Visit
from jieban.errors import Invalid
from jieban.people.tables import Person
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.rules import RuleEntry
from jieban.rules.tables import RuleSet
from tasks.amounts.registry import Granted, amount_by, home_of, plain
from tasks.calculation import Offer, Worked, household
from tasks.operations.registry import Done

TIERS = {"none": "具备生活自理能力", "partial": "部分丧失生活自理能力", "full": "完全丧失生活自理能力"}
_FEN = Decimal("0.01")
_PLACES = {"urban": "城市", "rural": "农村"}


@amount_by("destitute")
def basic(done: Done) -> Granted:
    """Grant the basic living standard from the confirmation on; Invalid where the conditions do not hold.

    The amount for care follows when the ability to look after oneself has been assessed (TK-12).
    """
    if against := conditions_missing(done):
        field = "decision" if "decision" in done.data else "result"
        raise Invalid(errors=[{"field": field, "message": "；".join(against) + "。"}])
    place, why = place_of(registration(done.session, done.case.id), urban=done.case.urban)
    entry = standard(done.rules, place)
    amount = Decimal(entry.value).quantize(_FEN)
    steps = [_step(f"{_PLACES[place]}特困人员基本生活标准（{why}）", _yuan(amount), amount)]
    return Granted(amount, 1, f"basic_{place}", calculation=_explained(amount, steps, ["TK-09"], entry))


@dataclass(frozen=True)
class WithCare:
    """A monthly amount with care, and how it came about."""

    basic: Decimal
    care: Decimal
    calculation: dict[str, Any]

    @property
    def total(self) -> Decimal:
        return self.basic + self.care


def with_care(values: RuleSet, place: str, tier: str) -> WithCare:
    """Add the amount of a care tier to the basic living standard of town or country; Invalid where either is not set."""
    entry = standard(values, place)
    base = Decimal(entry.value).quantize(_FEN)
    care = rules.number(values, f"tekun.care.amount.{tier}").quantize(_FEN)
    steps = [
        _step(entry.name, _yuan(base), base),
        _step(f"照料护理标准（{TIERS[tier]}）", _yuan(care), care),
        _step("每月供养金额", f"{_yuan(base)} + {_yuan(care)}", base + care),
    ]
    return WithCare(base, care, _explained(base + care, steps, ["TK-09", "TK-12"], entry))


def offered(session: Session, case: Case, today: date, now: datetime, *, care: bool) -> Offer:
    """Work out beside a form what may be granted: the basic standard, or with `care` the amount of each tier."""
    values = (
        rules.rule_set(session, case.rule_set_id)
        if case.rule_set_id
        else rules.rule_set_for(session, case.town_code, today, now)
    )
    place, _ = place_of(registration(session, case.id), urban=case.urban)
    home = household(session, case, values)
    try:
        if not care:
            return Offer(home, None, [_offered(standard(values, place))], "")
        rows = [(tier, with_care(values, place, tier)) for tier in TIERS]
    except Invalid as missing:
        return Offer(home, None, [], missing.message)
    entries = [rules.entry(values, f"tekun.care.amount.{tier}") for tier, _ in rows]
    return Offer(
        home,
        None,
        [
            Worked(entry, Worth(one.total, one.calculation["steps"], one.calculation["rule_ids"]))
            for entry, (_, one) in zip(entries, rows, strict=True)
        ],
        "",
    )


def _offered(entry: RuleEntry) -> Worked:
    amount = Decimal(entry.value).quantize(_FEN)
    return Worked(entry, Worth(amount, [_step(entry.name, _yuan(amount), amount)], ["TK-09"]))


def standard(values: RuleSet, place: str) -> RuleEntry:
    """Look up the basic living standard of a place; Invalid where it has none."""
    return rules.entry(values, f"tekun.basic.{place}")


def whose_standard(benefit: Any) -> str:
    """Tell whose standard a support follows: as it was confirmed, or else as the person is registered."""
    by_method = {"basic_urban": "urban", "basic_rural": "rural"}
    return by_method.get(benefit.method, "urban" if benefit.urban else "rural")


def place_of(registered: Mapping[str, Any], *, urban: bool) -> tuple[str, str]:
    """Tell which standard a person gets where town and country differ, and why (Article 19 of S-4)."""
    if registered.get("relocated") == "yes":
        return "urban", "易地扶贫搬迁至城镇"
    if registered.get("land") == "yes":
        return "rural", "有承包土地或者参加农村集体经济收益分配"
    return ("urban", "户籍所在地为城市") if urban else ("rural", "户籍所在地为农村")


def conditions_missing(done: Done) -> list[str]:
    """List in sentences what speaks against support (Articles 4 to 9 of S-4)."""
    person = _PERSON.first(done.session, the_case=done.case.id)
    registered = registration(done.session, done.case.id)
    found = _VISIT.first(done.session, the_case=done.case.id)
    visited = found.findings if found else {}
    known = {**registered, **visited}
    return [
        *_alone(done),
        *_choice(known),
        *_unable(done, known, person),
        *_without_means(done, known),
        *_obligors(done.rules, known),
    ]


def registration(session: Session, case_id: uuid.UUID) -> Mapping[str, Any]:
    """Return what the opening form says; empty where the case has none."""
    row = _REGISTRATION.first(session, the_case=case_id)
    return row.data if row else {}


def years(born: date, day: date) -> int:
    """Return the full years of a person on a day."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _alone(done: Done) -> list[str]:
    members = home_of(done).members
    return [] if members == 1 else [f"特困人员按人认定，本案登记了 {members} 名计入成员，请每人单独申请"]


def _choice(known: Mapping[str, Any]) -> list[str]:
    chose_other = known.get("child_choice") in {"orphan", "unattended"}
    return (
        ["已选择纳入孤儿、事实无人抚养儿童基本生活保障，不再认定为特困人员（第九条）"] if chose_other else []
    )


def _unable(done: Done, known: Mapping[str, Any], person: Any) -> list[str]:
    """Article 5: who counts as unable to work. A minor is counted on the day of the application (CF-08)."""
    ground = str(known.get("ground") or "")
    if known.get("ground_holds") == "no":
        return ["经调查不属于无劳动能力的情形（第五条）"]
    if ground in {"elder", "minor"} and person.birth_date is None:
        return ["没有登记出生日期，无法核实年龄"]
    if ground == "elder":
        least = _number(done.rules, "tekun.age.elder")
        return [] if years(person.birth_date, done.today) >= least else [f"申请人未满 {least} 周岁（第五条）"]
    if ground == "minor":
        below = _number(done.rules, "tekun.age.minor")
        age = years(person.birth_date, person.applied_on)
        return [] if age < below else [f"申请时已满 {below} 周岁，不能按未成年人认定（第五条）"]
    if ground == "disabled":
        return _disabled(done.rules, known)
    return []


_DISABILITIES = {"mental": "mental", "intellectual": "mental", "limb": "limb", "sight": "sight"}


def _disabled(values: RuleSet, known: Mapping[str, Any]) -> list[str]:
    kind = _DISABILITIES.get(str(known.get("disability_kind") or ""))
    most = _number(values, f"tekun.disability.{kind}") if kind else 0
    fits = 1 <= int(str(known.get("disability_grade") or 0)) <= most
    return [] if fits else ["残疾类别和等级不属于无劳动能力的情形（第五条）"]


def _without_means(done: Done, known: Mapping[str, Any]) -> list[str]:
    """Article 6: income below the standard of the subsistence allowance, property within what the place allows."""
    income = home_of(done).income
    limit = rules.number(done.rules, "dibao.standard.urban" if done.case.urban else "dibao.standard.rural")
    against = []
    if income >= limit:
        against.append(f"月收入 {_yuan(income)}，不低于当地最低生活保障标准 {_yuan(limit)}（第六条）")
    if known.get("property_fits") == "no":
        against.append("财产状况不符合当地特困人员财产状况规定（第六条、第七条）")
    return against


def _obligors(values: RuleSet, known: Mapping[str, Any]) -> list[str]:
    return [one for row in known.get("obligors") or () if (one := _obligor(values, row))]


def _obligor(values: RuleSet, row: Mapping[str, Any]) -> str:
    """Article 8: who is bound to support counts as unable for a listed reason only; unknown is not unable."""
    name, ground = str(row.get("name") or ""), str(row.get("ground") or "able")
    age = int(str(row.get("age") or 0))
    if ground in {"able", "unknown"}:
        told = "有履行义务能力" if ground == "able" else "履行义务能力尚未查清"
        return f"法定义务人{name}{told}（第四条、第八条）"
    if row.get("consent") == "none" and ground != "missing":
        return f"法定义务人{name}没有办理授权核查手续，履行义务能力尚未查清（第十条）"
    if ground in _AGES and age < (least := _number(values, _AGES[ground])):
        return f"法定义务人{name}未满 {least} 周岁，不属于所填的无履行义务能力情形（第八条）"
    return ""


_AGES = {"allowance": "tekun.obligor.age.dibao", "aged": "tekun.obligor.age.low_income"}


def _number(values: RuleSet, key: str) -> int:
    return int(rules.number(values, key))


def _explained(
    amount: Decimal, steps: list[dict[str, str]], rule_ids: list[str], entry: RuleEntry
) -> dict[str, Any]:
    rule = {"key": entry.key, "provenance": entry.provenance}
    explained: dict[str, Any] = plain({"amount": amount, "steps": steps, "rule_ids": rule_ids, "rule": rule})
    return explained


def _step(label: str, formula: str, value: Decimal) -> dict[str, str]:
    return {"label": label, "formula": formula, "value": _yuan(value)}


def _yuan(amount: Decimal) -> str:
    return f"{amount.quantize(_FEN)} 元"


_THE_CASE = bindparam("the_case", type_=Uuid())
_PERSON = Query(
    select(Person.birth_date, Application.applied_on)
    .select_from(Case)
    .join(Person, Person.id == Case.applicant_id)
    .join(Application, Application.case_id == Case.id)
    .where(Case.id == _THE_CASE)
)
_REGISTRATION = Query(
    select(CaseRecord.data)
    .where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "registration")
    .order_by(CaseRecord.recorded_at.desc())
    .limit(1)
)
_VISIT = Query(
    select(Visit.findings)
    .where(Visit.case_id == _THE_CASE, Visit.level == "town")
    .order_by(Visit.recorded_at.desc(), Visit.id.desc())
    .limit(1)
)
