"""Temporary assistance: what has happened, to whom, how badly, and what the place says about it (LS-01 to LS-29)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from jieban import rules
from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case, Decision, Member
from jieban.cases.temporary_aid import EVENTS, Means, doubts, quick_cap
from jieban.clock import local_day, read_moment
from jieban.errors import Invalid
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from tasks.amounts import home_of
from tasks.operations.acceptance import examine_papers
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_RECOGNISED = frozenset(
    {"subsistence_allowance", "destitute_support", "marginal_household", "rigid_expenditure_household"}
)
"""Who was found to be poor already: only what they must spend is looked into (LS-22)."""
_NOT_RECOGNISED = ("", "none")
_THE_CASE = bindparam("the_case", type_=Uuid())


@task_operation("examine_aid_papers", "审查临时救助材料", "Examine the papers of temporary aid", ("level",))
def examine_aid_papers(done: Done) -> Mapping[str, Fact]:
    """Keep which papers are missing; tells besides whether the household was recognised before (LS-22)."""
    return {**examine_papers(done), "recognised": recognised(done)}


@task_operation(
    "assess_need",
    "核定困难情形",
    "Assess the need",
    ("kind", "tell", "past", "stage"),
    duty="investigate",
)
def assess_need(done: Done) -> Mapping[str, Fact]:
    """Keep what happened and how badly; tell what the tables of lane, tier and level read.

    Whoever found it out does not decide. Raises Invalid per field: more people than the household has, a moment in
    the future, a transfer to nobody, and aid for the same event without a reason (LS-26).
    """
    _check(done)
    found = _doubts(done)
    kept = keep(replace(done, data={**done.data, "doubts": "；".join(found)}) if found else done)
    standard = rules.number(done.rules, "dibao.standard.urban" if done.case.urban else "dibao.standard.rural")
    persons = _persons(done)
    cap = quick_cap(
        rules.number(done.rules, "temp.quick.cap"),
        standard,
        persons,
        rules.entry(done.rules, "temp.quick.cap.basis").value,
    )
    known = recognised(done)
    return kept | {
        "urgent": done.data.get("urgent") == "yes",
        "immediate": done.data.get("immediate") == "yes",
        "heavy": done.data.get("heavy") == "yes",
        "transfer": str(done.data.get("transfer") or "none"),
        "event": str(done.data["event"]),
        "severity": str(done.data["severity"]),
        "persons": persons,
        "asked": _money(done, "amount"),
        "quick_cap": cap,
        "town_limit": rules.number(done.rules, "temp.town.limit"),
        "recognised": known,
        "notice_required": _notice_required(done, known=known),
        "doubts": len(found),
        "firstaid_from": _known_since(done).isoformat(),
        "registered_at": done.case.registered_at.isoformat(),
    }


def recognised(done: Done) -> bool:
    """Tell whether the household was found poor before: by what was granted here, or as the form says (LS-22)."""
    if str(done.data.get("family") or done.facts.get("family") or "") not in _NOT_RECOGNISED:
        return True
    granted = _GRANTED.all(done.session, the_case=done.case.id, the_day=done.today)
    return any(row.procedure in _RECOGNISED for row in granted)


def _persons(done: Done) -> int:
    members = home_of(done).members
    persons = int(done.data.get("persons") or members)
    if persons > members:
        message = f"救助人数不能超过登记的家庭成员 {members} 人。"
        raise Invalid(errors=[{"field": "persons", "message": message}])
    return persons


def _check(done: Done) -> None:
    for field in ("happened_at", "found_at", "visited_on"):
        if done.data.get(field):
            done.day(field)
    for place, row in enumerate(done.data.get("spending") or ()):
        if Decimal(str(row.get("covered") or 0)) > Decimal(str(row["amount"])):
            message = "报销、补助和赔付的金额不能超过总额。"
            raise Invalid(errors=[{"field": f"spending.{place}.covered", "message": message}])
    if done.data.get("transfer", "none") != "none" and not text(done.data, "transfer_to"):
        message = "请写明转给哪家医疗机构或者救助管理机构。"
        raise Invalid(errors=[{"field": "transfer_to", "message": message}])
    earlier = _earlier_aid(done)
    if earlier is not None and not text(done.data, "again_reason") and not _reason_on_registration(done):
        day = local_day(earlier.decided_at).isoformat()
        message = (
            f"该家庭 {day} 因{EVENTS[str(done.data['event'])]}已获得临时救助（案号 {earlier.number}），"
            "一般不重复救助；确需再次救助的，请写明理由。"
        )
        raise Invalid(errors=[{"field": "again_reason", "message": message}])


def _earlier_aid(done: Done) -> Any:
    since = months_later(done.today, -int(rules.number(done.rules, "temp.again.months")))
    rows = _EARLIER.all(
        done.session, the_case=done.case.id, the_procedure=done.case.procedure, the_kind="need"
    )
    event = str(done.data["event"])
    return next(
        (row for row in rows if local_day(row.decided_at) >= since and row.data.get("event") == event), None
    )


def _reason_on_registration(done: Done) -> bool:
    data = _REGISTRATION.scalar(done.session, the_case=done.case.id)
    return bool(data and str(data.get("again_reason") or "").strip())


def _known_since(done: Done) -> datetime:
    """Give the moment from which first aid is due: when somebody found the emergency, else when it was registered."""
    given = done.data.get("found_at") or done.facts.get("found_at")
    return read_moment(str(given)) if given else done.case.registered_at


def _notice_required(done: Done, *, known: bool) -> bool:
    expense = known and done.facts.get("lane") == "expenditure"
    key = "temp.expense.publicity.required" if expense else "temp.ordinary.publicity.required"
    return rules.entry(done.rules, key).value == "true"


def _doubts(done: Done) -> list[str]:
    """Collect what speaks against aid of the expenditure type; whoever proposes it all the same gives the reason."""
    if done.facts.get("lane") != "expenditure":
        return []
    found: list[str] = []
    if not recognised(done) and done.data.get("income_year") not in (None, ""):
        income = _money(done, "income_year") or Decimal(0)
        spending = sum(
            (Decimal(str(row["amount"])) - Decimal(str(row.get("covered") or 0)))
            for row in done.data.get("spending") or ()
        )
        found += doubts(
            Means(
                income,
                Decimal(spending),
                home_of(done).members,
                _income_line(done),
                _optional(done, "temp.expense.share"),
                done.data.get("property_ok") != "no",
            )
        )
    if (result := done.facts.get("check_result")) in ("doubtful", "over"):
        found.append("信息核对结果存疑" if result == "doubtful" else "信息核对结果超过标准")
    months = _optional(done, "temp.expense.residence_permit")
    if months is not None and done.facts.get("residence") not in (None, "local"):
        held = int(done.facts.get("permit_months") or 0)
        if held < months:
            found.append(f"本地规定支出型须持居住证满 {int(months)} 个月，已持 {held} 个月")
    return found


def _income_line(done: Done) -> Decimal | None:
    year = _optional(done, "rigid.income.year")
    times = rules.number(done.rules, "temp.expense.income.multiple")
    return None if year is None else (year * times).quantize(Decimal("0.01"))


def _optional(done: Done, key: str) -> Decimal | None:
    return rules.number(done.rules, key) if key in done.rules.values else None


def _money(done: Done, field: str) -> Decimal | None:
    value = done.data.get(field)
    return None if value in (None, "") else Decimal(str(value))


_OWN, _OTHER = aliased(Member), aliased(Member)
_HERE = select(_OWN.person_id).where(_OWN.case_id == _THE_CASE, _OWN.counted)
_GRANTED = Query(
    select(Benefit.procedure)
    .join(_OTHER, _OTHER.case_id == func.coalesce(Benefit.members_case_id, Benefit.case_id))
    .where(
        _OTHER.person_id.in_(_HERE),
        _OTHER.counted,
        Benefit.state == "active",
        or_(Benefit.until.is_(None), Benefit.until >= bindparam("the_day", type_=Date())),
    )
)
_EARLIER = Query(
    select(Case.number, Decision.decided_at, CaseRecord.data)
    .select_from(Decision)
    .join(Case, Case.id == Decision.case_id)
    .join(CaseRecord, CaseRecord.case_id == Case.id)
    .where(
        Case.id.in_(select(_OTHER.case_id).where(_OTHER.person_id.in_(_HERE), _OTHER.counted)),
        Case.id != _THE_CASE,
        Case.procedure == bindparam("the_procedure"),
        Decision.result == "approved",
        CaseRecord.kind == bindparam("the_kind"),
    )
    .order_by(Decision.decided_at.desc(), CaseRecord.recorded_at.desc())
)
_REGISTRATION = Query(
    select(CaseRecord.data).where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "registration")
)
