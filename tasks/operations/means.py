"""Working out how a household stands to the lines of its place, and flagging it for monitoring (BY-01, GX-01, GX-02, GX-08)."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Uuid, bindparam, func, or_, select
from sqlalchemy.orm import aliased

from jieban import rules
from jieban.benefits.granting import months_later
from jieban.benefits.tables import Benefit
from jieban.cases.means import SPENDING, Lines, Spent, weigh
from jieban.cases.tables import Application, Member
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.rules import RuleEntry
from tasks.amounts.registry import home_of, plain
from tasks.operations.records import keep
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_THE_CASE = bindparam("the_case", type_=Uuid())
_APPLIED_ON = Query(select(Application.applied_on).where(Application.case_id == _THE_CASE))
_MEMBERS = Query(select(Member.name, Member.disability).where(Member.case_id == _THE_CASE))
_BETTER = {
    "destitute_support": "destitute",
    "subsistence_allowance": "subsistence",
    "marginal_household": "marginal",
}
"""What stands before rigid expenditure, by the procedures that grant it; the first comes first."""
_OWN = aliased(Member)
_HERE = select(_OWN.person_id).where(_OWN.case_id == _THE_CASE, _OWN.counted)
_GRANTED = Query(
    select(Benefit.procedure)
    .join(Member, Member.case_id == func.coalesce(Benefit.members_case_id, Benefit.case_id))
    .where(
        Member.person_id.in_(_HERE),
        Member.counted,
        Benefit.state == "active",
        or_(Benefit.until.is_(None), Benefit.until >= bindparam("the_day", type_=Date())),
    )
)
_WITH_RECEIPT = ("medical", "rehabilitation")

_MARGINAL, _RELAX, _RELAXED = "marginal.line.multiple", "marginal.line.relax", "marginal.line.relaxed"
_CAP, _WAGE = "marginal.line.relaxed.wage_cap", "marginal.wage.minimum"
_SHARE, _AVERAGE, _TIMES = "rigid.expenditure.percent", "rigid.income.year", "rigid.income.multiple"
_NOTICE = "rigid.publicity.required"


@task_operation("work_out_means", "核算家庭收支", "Work out the household's means", duty="investigate")
def work_out_means(done: Done) -> Mapping[str, Fact]:
    """Work out income per head and the share of rigid expenditure against the lines of the place, and keep every step.

    It tells income_to_standard, income_to_marginal, income_to_average, spending_share, spending_to_line,
    property_level, destitute, enrolled and publicity_required, which the table of kinds and the gateways read.
    """
    home = home_of(done)
    monthly = stated_income(done, "monthly_income", home.income)
    yearly = stated_income(done, "income_year", monthly * 12)
    spending = _spending(done)
    lines, measured_by = lines_of(done, needed=bool(spending))
    means = weigh(monthly=monthly, yearly=yearly, members=home.members, spending=spending, lines=lines)
    told = asdict(means)
    calculation = {"steps": told.pop("steps"), "rule_ids": told.pop("rule_ids")}
    calculation["rule"] = {"key": measured_by.key, "provenance": measured_by.provenance}
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="means",
        title=done.task.name,
        element=done.task.element,
        form=done.task.form,
        data=plain({**done.data, "calculation": calculation}),
        task_id=done.task.id,
        recorded_by=done.actor.id,
        recorded_by_name=done.actor.name,
        recorded_at=done.now,
    )
    done.tell("record:means", record)
    return {
        **told,
        "property_level": str(done.data["property_level"]),
        "destitute": bool(done.data.get("destitute", False)),
        "enrolled": _enrolled(done),
        "publicity_required": _holds(done, _NOTICE),
    }


@task_operation("flag_household", "在监测平台标示", "Flag the household for monitoring", ("kind", "stage"))
def flag_household(done: Done) -> Mapping[str, Fact]:
    """Keep that the household is marked on the monitoring platform and watched from now on (GX-08)."""
    done.day("flagged_on")
    done.record("household.flagged", {"flagged_on": str(done.data["flagged_on"])})
    return keep(done)


def stated_income(done: Done, field: str, worked_out: Decimal) -> Decimal:
    """Take an income that the form states; where it differs from what was found, the form says why."""
    given = done.data.get(field)
    if given in (None, ""):
        return worked_out
    income = Decimal(str(given))
    if income != worked_out and not text(done.data, "income_note"):
        message = f"与按入户核实收入计算的 {worked_out:.2f} 元不一致，请在收入说明中写明理由。"
        raise Invalid(errors=[{"field": field, "message": message}])
    return income


def lines_of(done: Done, *, needed: bool) -> tuple[Lines, RuleEntry]:
    """Read the lines of the place, and the value that decides; without a share of its own no spending can be weighed."""
    standard = rules.entry(done.rules, "dibao.standard.urban" if done.case.urban else "dibao.standard.rural")
    relaxed = _holds(done, _RELAX)
    capped = relaxed and _holds(done, _CAP)
    share = _number(done, _SHARE, needed=needed)
    average = _number(done, _AVERAGE, needed=needed)
    lines = Lines(
        Decimal(standard.value),
        rules.number(done.rules, _RELAXED if relaxed else _MARGINAL),
        rules.number(done.rules, _WAGE) if capped else None,
        average * rules.number(done.rules, _TIMES) if average is not None else None,
        share,
    )
    return lines, rules.entry(done.rules, _SHARE) if needed else standard


def _number(done: Done, key: str, *, needed: bool) -> Decimal | None:
    return rules.number(done.rules, key) if needed or key in done.rules.values else None


def _holds(done: Done, key: str) -> bool:
    return key in done.rules.values and rules.entry(done.rules, key).value.lower() == "true"


def _enrolled(done: Done) -> str:
    """Name what a member of the household is granted already: destitute, subsistence, marginal, or none (GX-01)."""
    found = {row.procedure for row in _GRANTED.all(done.session, the_case=done.case.id, the_day=done.today)}
    return next((kind for procedure, kind in _BETTER.items() if procedure in found), "none")


def _spending(done: Done) -> list[Spent]:
    """Read the expenses of the twelve months before the application, each as far as the rules let it count (GX-02)."""
    rows = done.data.get("spending") or []
    if not rows:
        return []
    applied = _APPLIED_ON.scalar(done.session, the_case=done.case.id)
    since = months_later(applied, -int(rules.number(done.rules, "rigid.period")))
    members = {row.name: row.disability for row in _MEMBERS.all(done.session, the_case=done.case.id)}
    receipts: set[str] = set()
    errors = []
    for place, row in enumerate(rows):
        wrong = list(_wrong(row, since, applied, members))
        receipt = text(row, "receipt")
        if receipt and receipt in receipts:
            wrong.append(("receipt", "同一张票据填写了两次。"))
        receipts.add(receipt)
        errors += [{"field": f"spending.{place}.{field}", "message": why} for field, why in wrong]
    if errors:
        raise Invalid(errors=errors)
    return [
        Spent(
            str(row["kind"]),
            _money(row, "total"),
            _money(row, "covered"),
            _money(row, "school_rate") if row["kind"] == "education" else None,
        )
        for row in rows
    ]


def _wrong(
    row: Mapping[str, Any], since: date, applied: date, members: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Say which fields of an expense are wrong, and why."""
    kind, member = str(row["kind"]), text(row, "member")
    own, before = _money(row, "total") - _money(row, "covered"), applied - timedelta(days=1)
    if member not in members:
        yield "member", f"家庭成员中没有“{member}”。"
    if not since <= date.fromisoformat(str(row["paid_on"])) <= before:
        yield "paid_on", f"只计算申请前十二个月（{since} 至 {before}）内的支出。"
    if own < 0:
        yield "covered", "报销、补助和赔付的金额不能超过总金额。"
    if row.get("own") not in (None, "") and _money(row, "own") != own:
        yield "own", f"个人负担应为总金额减去报销、补助和赔付，即 {own:.2f} 元。"
    if kind in _WITH_RECEIPT and not text(row, "receipt"):
        yield "receipt", f"{SPENDING[kind]}依据有效票据认定，请填写票据号。"
    if kind == "education" and row.get("school_rate") in (None, ""):
        yield "school_rate", "请填写同类公办幼儿园、学校的收费标准，教育支出按此认定。"
    if kind == "rehabilitation" and not members.get(member) and not text(row, "note"):
        yield "note", "康复支出限残疾人，请写明残疾类别和等级。"
    if kind == "other" and not text(row, "note"):
        yield "note", "其他支出由县级民政部门认定，请写明依据。"


def _money(row: Mapping[str, Any], field: str) -> Decimal:
    return Decimal(str(row.get(field) or 0))
