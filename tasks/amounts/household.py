"""The allowance of a household: the shortfall to the standard, or the amount of a grade (DB-18, section E)."""

from dataclasses import asdict
from decimal import Decimal

from jieban.errors import Invalid
from tasks.amounts.registry import Granted, amount_by, home_of, plain
from tasks.applying_alone import ARTICLE, applies_alone
from tasks.calculation import GRADES, Worked, by_difference, by_grade
from tasks.operations.registry import Done
from tasks.operations.staffing import text


@amount_by("household")
def allowance(done: Done) -> Granted:
    """Work out the allowance by difference or by grade; a stated amount that differs needs a reason."""
    _may_apply(done)
    data, home = done.data, home_of(done)
    method, members = text(data, "method") or "difference", home.members
    if data.get("members") not in (None, "", members):
        message = f"与案件登记的计入成员 {members} 人不一致，请核对。"
        raise Invalid(errors=[{"field": "members", "message": message}])
    if method == "grade":
        grade = text(data, "grade")
        if grade not in GRADES:
            raise Invalid(errors=[{"field": "grade", "message": "请选择档次。"}])
        worked = by_grade(done.rules, grade, members)
    else:
        given = data.get("monthly_income")
        income = Decimal(str(given)) if given not in (None, "") else home.income
        if income != home.income and not (text(data, "note") or text(data, "reason")):
            found = "入户核实" if home.source == "visited" else "申报"
            message = f"与{found}的家庭月收入 {home.income} 元不一致，请核对，或者说明理由。"
            raise Invalid(errors=[{"field": "monthly_income", "message": message}])
        worked = by_difference(done.rules, done.case, members, income)
    return stated(done, worked, members, method)


def stated(done: Done, worked: Worked, members: int, method: str) -> Granted:
    """Take the amount that the form states, which may differ from what was worked out only with a reason."""
    data, entry, result = done.data, worked.entry, worked.benefit
    step = _ground(done)
    amount = Decimal(str(data["amount"])) if data.get("amount") not in (None, "") else result.amount
    if amount <= 0:
        message = f"按现有收入计算，保障金额为 {result.amount} 元，不能确认同意。"
        raise Invalid(errors=[{"field": "amount", "message": message}])
    calculation = (
        asdict(result)
        | {"steps": [*step, *result.steps]}
        | {"rule": {"key": entry.key, "provenance": entry.provenance}}
    )
    if amount != result.amount:
        calculation["stated"] = {"amount": amount, "note": text(data, "note")}
        if not text(data, "note") and not text(data, "reason"):
            message = f"与系统计算的 {result.amount} 元不一致，请在备注中说明理由。"
            raise Invalid(errors=[{"field": "amount", "message": message}])
    return Granted(amount, members, method, text(data, "grade"), plain(calculation))


def _may_apply(done: Done) -> None:
    """Refuse to grant it to one person of a family who may not apply alone (Article 8)."""
    if applies_alone(done.facts) and done.facts.get("single_fits") is not True:
        field = "decision" if "decision" in done.data else "result"
        reason = done.facts.get("single_reason") or "没有核对"
        raise Invalid(errors=[{"field": field, "message": f"不符合单独申请的条件：{reason}。"}])


def _ground(done: Done) -> list[dict[str, str]]:
    """Say on which ground a person applies alone, as the first step of the calculation."""
    if not applies_alone(done.facts):
        return []
    return [{"label": "单独申请的情形", "formula": ARTICLE, "value": str(done.facts["single_reason"])}]
