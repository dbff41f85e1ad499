"""The first payment, in the month after the decision (DB-18, DB-23), and who keeps the bankbook (DB-24)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Uuid, and_, bindparam, or_, select

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Application, Decision, Payment
from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.payments.tables import PaymentLine
from jieban.reads import Query
from jieban.writes import add
from tasks.operations.registry import Done, Fact, task_operation
from tasks.operations.staffing import text

_GRANTED = Query(
    select(
        Decision.amount,
        Decision.from_month,
        Application.account_holder,
        Application.account_bank,
        Application.account_number,
        PaymentLine.state.label("listed"),
        PaymentLine.paid_on.label("listed_on"),
        PaymentLine.voucher.label("listed_as"),
    )
    .join(Application, Application.case_id == Decision.case_id)
    .outerjoin(Benefit, and_(Benefit.case_id == Decision.case_id, Benefit.kind == "monthly"))
    .outerjoin(
        PaymentLine,
        and_(
            PaymentLine.benefit_id == Benefit.id,
            PaymentLine.month == Decision.from_month,
            or_(PaymentLine.state == "listed", PaymentLine.state == "paid"),
        ),
    )
    .where(Decision.case_id == bindparam("the_case", type_=Uuid()), Decision.result == "approved")
    .order_by(Decision.decided_at.desc())
    .limit(1)
)


@task_operation("record_payment", "登记首次发放", "Record the first payment", duty="pay")
def record_payment(done: Done) -> Mapping[str, Fact]:
    """Record the first payment: the decided amount, to the household's account, with the voucher of the bank."""
    decision = _GRANTED.first(done.session, the_case=done.case.id)
    amount = Decimal(str(done.data["amount"]))
    if amount != decision.amount:
        raise Invalid(
            errors=[{"field": "amount", "message": f"应与确认的保障金额 {decision.amount} 元一致。"}]
        )
    paid_on = done.day("paid_on")
    if paid_on.strftime("%Y-%m") < decision.from_month:
        raise Invalid(errors=[{"field": "paid_on", "message": f"应自 {decision.from_month} 起发放。"}])
    _check_lists(done, decision)
    _check_custody(done)
    add(
        done.session,
        Payment(
            id=new_id(),
            case_id=done.case.id,
            month=decision.from_month,
            amount=amount,
            account_holder=decision.account_holder,
            account_bank=decision.account_bank,
            account_number=decision.account_number,
            state="paid",
            voucher=text(done.data, "voucher"),
            paid_on=paid_on,
            recorded_by=done.actor.id,
            recorded_at=done.now,
        ),
    )
    done.case.stage = "paid"
    return {}


def _check_lists(done: Done, decision: Any) -> None:
    """Refuse to pay beside a list of that month; what a list has paid is recorded as it says (ZF-11)."""
    if decision.listed == "listed":
        message = f"{decision.from_month} 已列入发放名册，请等银行回盘后按回盘结果登记，不要重复发放。"
        raise Invalid(errors=[{"field": "paid_on", "message": message}])
    given = (done.day("paid_on"), text(done.data, "voucher"))
    if decision.listed == "paid" and given != (decision.listed_on, decision.listed_as or given[1]):
        shown = f"{decision.listed_on}，流水号 {decision.listed_as or '无'}"
        message = f"{decision.from_month} 已由发放名册发放（{shown}），请按此登记，不要重复发放。"
        raise Invalid(errors=[{"field": "voucher", "message": message}])


def _check_custody(done: Done) -> None:
    # DB-24: staff may keep a family's bankbook only under a written agreement that the county has on file.
    if done.data.get("custody") == "staff" and done.day("custody_filed_on") < done.day("custody_agreed_on"):
        message = "应当先签订书面协议，再报县级民政部门备案。"
        raise Invalid(errors=[{"field": "custody_filed_on", "message": message}])
