"""Destitute people, up to the decision and the first payment: visit, sample of the county, payment (TK-05 to TK-09)."""

import hashlib
import math
import uuid
from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import Uuid, bindparam, func, select

from jieban import deadlines, rules
from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Application, Case, Objection, Payment
from jieban.clock import local_day, start_of_day
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.records.tables import CaseRecord
from jieban.writes import add
from tasks.operations.investigation import home_visit
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.review import submit_file
from tasks.operations.staffing import text

PROCEDURE = "destitute_support"


@task_operation("visit_destitute", "特困入户调查", "Visit a destitute person", duty="investigate")
def visit_destitute(done: Done) -> Mapping[str, Fact]:
    """Keep the home visit by two, and tell whether the township wants an appraisal besides (TK-05, CF-07)."""
    return {**home_visit(done), "appraisal": done.data.get("appraisal") == "yes"}


@service_operation(
    "start_reinvestigation", "起算重新调查期限", "Start the clock of the renewed investigation"
)
def start_reinvestigation(asked: Asked) -> None:
    """Start the fifteen working days in which an objection is looked into, from the first that is unanswered (TK-07)."""
    case = asked.case
    received = _FIRST_OBJECTION.scalar(asked.session, the_case=case.id) or asked.now
    day = local_day(case.accepted_at or asked.now)
    limit = rules.entry(
        rules.rule_set_for(asked.session, case.town_code, day, asked.now), "tekun.reinvestigate"
    )
    deadlines.start_deadline(
        asked.session,
        case=case,
        kind="reinvestigation",
        name=limit.name,
        rule_key=limit.key,
        length=int(limit.value),
        unit=limit.unit,
        start=received,
        article=limit.article,
        provenance=limit.provenance,
        calendar=asked.calendar,
    )


@task_operation("submit_drawn", "报送并抽取核查", "Send the file and draw the sample", ("rule",))
def submit_drawn(done: Done) -> Mapping[str, Fact]:
    """Send the file to the county and draw whether the county verifies it itself; tells `sampled` (TK-08).

    The lot hangs on the identity of the case alone, which nobody chose; it can be drawn again by anybody who looks it
    up. Where the lots of a county fall short of the share in the rule, the next file is taken whatever its lot.
    """
    facts = submit_file(done)
    drawn = _DRAWN.scalar(done.session, the_case=done.case.id)
    if drawn is not None:  # a file that comes a second time was drawn already
        return {**facts, "sampled": bool(drawn["sampled"])}
    share = rules.number(done.rules, done.params.get("rule", "tekun.county.sample"))
    since = start_of_day(done.today.replace(month=1, day=1))
    rows = _OF_COUNTY.all(done.session, the_county=done.case.county_code, the_start=since)
    taken = sum(bool(row.data["sampled"]) for row in rows)
    number = lot(done.case.id)
    sampled = is_sampled(number, share, received=len(rows) + 1, taken=taken)
    told = {"lot": f"{number:.6f}", "share": str(share), "received": len(rows) + 1, "taken": taken}
    record = CaseRecord(
        id=new_id(),
        case_id=done.case.id,
        kind="county_sample",
        title="随机抽查",
        element=done.task.element,
        form="county_sample",
        data={**told, "sampled": sampled},
        task_id=done.task.id,
        recorded_by=None,
        recorded_by_name="",
        recorded_at=done.now,
    )
    add(done.session, record)
    return {**facts, "sampled": sampled}


def lot(case_id: uuid.UUID) -> Decimal:
    """Draw the lot of a case: a number from 0 up to 1 that follows from its identity."""
    drawn = int.from_bytes(hashlib.sha256(case_id.bytes).digest()[:8])
    return Decimal(drawn) / Decimal(2**64)


def is_sampled(number: Decimal, share: Decimal, *, received: int, taken: int) -> bool:
    """Tell whether a file is verified: its lot is below the share, or without it too few of those received would be."""
    return number < share or taken < math.ceil(share * received)


@task_operation("pay_support", "登记首次发放供养金", "Record the first payment of support", duty="pay")
def pay_support(done: Done) -> Mapping[str, Fact]:
    """Record the first payment: what is due for its month, to the account of the application (TK-09, ZF-05)."""
    due = _DUE.first(done.session, the_case=done.case.id)
    amount = Decimal(str(done.data["amount"]))
    if amount != due.amount:
        message = f"应与 {due.month} 的供养金额 {due.amount} 元一致。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    paid_on = done.day("paid_on")
    if paid_on.strftime("%Y-%m") < due.month:
        raise Invalid(errors=[{"field": "paid_on", "message": f"应自 {due.month} 起发放。"}])
    payment = Payment(
        id=new_id(),
        case_id=done.case.id,
        month=due.month,
        amount=amount,
        account_holder=due.account_holder,
        account_bank=due.account_bank,
        account_number=due.account_number,
        state="paid",
        voucher=text(done.data, "voucher"),
        paid_on=paid_on,
        recorded_by=done.actor.id,
        recorded_at=done.now,
    )
    add(done.session, payment)
    done.case.stage = "paid"
    return {}


@task_operation(
    "pay_arrears", "登记补发", "Record what is paid afterwards", ("kind", "past", "stage"), duty="pay"
)
def pay_arrears(done: Done) -> Mapping[str, Fact]:
    """Record that the amount for care of months that were paid without it has been paid afterwards (TK-09)."""
    owed = Decimal(str(done.facts.get("arrears") or 0))
    if Decimal(str(done.data["amount"])) != owed:
        raise Invalid(errors=[{"field": "amount", "message": f"应补发 {owed} 元。"}])
    return keep(done)


_THE_CASE = bindparam("the_case", type_=Uuid())
_FIRST_OBJECTION = Query(
    select(func.min(Objection.received_at)).where(
        Objection.case_id == _THE_CASE, Objection.kind == "notice", Objection.answered_at.is_(None)
    )
)
_DRAWN = Query(
    select(CaseRecord.data).where(CaseRecord.case_id == _THE_CASE, CaseRecord.kind == "county_sample")
)
_OF_COUNTY = Query(
    select(CaseRecord.data)
    .join(Case, Case.id == CaseRecord.case_id)
    .where(
        Case.county_code == bindparam("the_county"),
        Case.procedure == PROCEDURE,
        CaseRecord.kind == "county_sample",
        CaseRecord.recorded_at >= bindparam("the_start", type_=CaseRecord.recorded_at.type),
    )
)
_DUE = Query(
    select(
        BenefitStep.amount,
        Benefit.from_month.label("month"),
        Application.account_holder,
        Application.account_bank,
        Application.account_number,
    )
    .select_from(Benefit)
    .join(BenefitStep, BenefitStep.benefit_id == Benefit.id)
    .join(Application, Application.case_id == Benefit.case_id)
    .where(Benefit.case_id == _THE_CASE, BenefitStep.from_month <= Benefit.from_month)
    .order_by(BenefitStep.from_month.desc(), BenefitStep.made_at.desc())
    .limit(1)
)
"""What is due for the first month: the last amount that was set from it on."""
