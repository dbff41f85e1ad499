"""The first payment, in the month after the decision (DB-18, DB-23), and who keeps the bankbook (DB-24)."""

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import Uuid, bindparam, select

from jieban.cases.tables import Application, Decision, Payment
from jieban.errors import Invalid
from jieban.ids import new_id
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
    )
    .join(Application, Application.case_id == Decision.case_id)
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


def _check_custody(done: Done) -> None:
    # DB-24: staff may keep a family's bankbook only under a written agreement that the county has on file.
    if done.data.get("custody") == "staff" and done.day("custody_filed_on") < done.day("custody_agreed_on"):
        message = "应当先签订书面协议，再报县级民政部门备案。"
        raise Invalid(errors=[{"field": "custody_filed_on", "message": message}])
