"""What becomes of money that came back: the township asks the household, the account is corrected, somebody looks (ZF-07)."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, Uuid, bindparam, select, update
from sqlalchemy.orm import Session

from jieban import rules
from jieban.benefits.choosing import open_about
from jieban.benefits.tables import Benefit
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.payments import lists
from jieban.payments.tables import PaymentLine
from jieban.reads import Query
from jieban.writes import change
from tasks.operations.payment_lists import unpaid_often
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, ToOpen, service_operation, task_operation
from tasks.operations.staffing import text

_ACCOUNT = ("account_holder", "account_bank", "account_number")
_LINE, _BENEFIT = (cast("Table", one.__table__) for one in (PaymentLine, Benefit))
_RETURNED = Query(
    select(*(_LINE.c[name] for name in ("id", "number", "benefit_id", "holder", "reason", *_ACCOUNT)))
    .where(
        _LINE.c.list_id == bindparam("the_list", type_=Uuid()),
        _LINE.c.town_code == bindparam("the_town"),
        _LINE.c.state == "returned",
    )
    .order_by(_LINE.c.number)
)
_ACTIVE = Query(
    select(_BENEFIT.c.case_id).where(
        _BENEFIT.c.id == bindparam("the_benefit", type_=Uuid()), _BENEFIT.c.state == "active"
    )
)
_FOLLOWED = update(_LINE).where(_LINE.c.id == bindparam("the_line")).values(followed=bindparam("the_outcome"))
_CORRECT = (
    update(_BENEFIT)
    .where(_BENEFIT.c.id == bindparam("the_benefit"))
    .values({name: bindparam(f"the_{name}") for name in _ACCOUNT})
)


def returned_lines(session: Session, case_id: uuid.UUID, town_code: str) -> list[Any]:
    """List what came back of a township, in the order of the list."""
    the_list = lists.current_list(session, case_id)
    return _RETURNED.all(session, the_list=the_list.id, the_town=town_code) if the_list else []


@task_operation("follow_returns", "联系退款家庭", "Follow up what came back", ("kind", "tell", "stage"))
def follow_returns(done: Done) -> Mapping[str, Fact]:
    """Keep what the township found out about each payment that came back, and the corrected account of the same person.

    The next list pays to the new account, and the months that came back too.
    """
    waiting = {row.number: row for row in returned_lines(done.session, done.case.id, done.task.town_code)}
    rows: Sequence[Mapping[str, Any]] = done.data["returns"]
    errors: list[dict[str, str]] = []
    seen: set[int] = set()
    for place, row in enumerate(rows):
        line = waiting.get(int(row["number"]))
        if line is None or line.number in seen:
            message = f"第 {row['number']} 笔不是本乡镇（街道）的退款，或者重复填写。"
            errors.append({"field": f"returns.{place}.number", "message": message})
            continue
        seen.add(line.number)
        errors += [
            {"field": f"returns.{place}.{field}", "message": said} for field, said in _wrong(row, line)
        ]
    if missing := sorted(waiting.keys() - seen):
        names = "、".join(f"第 {number} 笔{waiting[number].holder}" for number in missing)
        errors.append({"field": "returns", "message": f"还没有填写：{names}。"})
    if errors:
        raise Invalid(errors=errors)
    for row in rows:
        _keep(done, row, waiting[int(row["number"])])
    return keep(done)


def _wrong(row: Mapping[str, Any], line: Any) -> list[tuple[str, str]]:
    if row["outcome"] != "corrected":
        return []
    found = [(name, "更正账户的，请填写此项。") for name in _ACCOUNT if not text(row, name)]
    if text(row, "account_number") and text(row, "account_number") == line.account_number:
        found.append(("account_number", "与退回的账号相同；账户没有错的，请选择“账户无误”。"))
    if text(row, "account_holder") not in ("", line.holder, line.account_holder):
        found.append(
            ("account_holder", f"只能更正为同一人的账户，户名应为{line.account_holder or line.holder}。")
        )
    return found


def _keep(done: Done, row: Mapping[str, Any], line: Any) -> None:
    change(done.session, _FOLLOWED, {"the_line": line.id, "the_outcome": str(row["outcome"])})
    if row["outcome"] == "corrected":
        account = {f"the_{name}": text(row, name) for name in _ACCOUNT}
        change(done.session, _CORRECT, {"the_benefit": line.benefit_id, **account}, must_hit=True)


@service_operation(
    "open_unpaid_reviews", "核查连续未发成的待遇", "Review benefits that went unpaid", ("procedure", "given")
)
def open_unpaid_reviews(asked: Asked) -> None:
    """Open a case of `procedure` for each benefit that went unpaid so many lists in a row (ZF-07).

    `given` are literal fields of its opening form; which benefit it is about stands in its field `benefit`. Benefits
    that have ended, or that such a case is about already, are left out.
    """
    the_list = lists.current_list(asked.session, asked.case.id)
    if the_list is None:
        return
    values = rules.rule_set_for(asked.session, asked.case.town_code, local_day(asked.now), asked.now)
    given = [one.partition("=") for one in asked.params.get("given", "").split(",") if "=" in one]
    fixed = {name.strip(): value.strip() for name, _, value in given}
    procedure = asked.params["procedure"]
    for benefit_id in unpaid_often(asked.session, the_list.id, values):
        granted_by = _ACTIVE.scalar(asked.session, the_benefit=benefit_id)
        if granted_by and not open_about(asked.session, granted_by, procedure):
            data = {**fixed, "benefit": str(benefit_id)}
            asked.to_open.append(ToOpen(procedure, "unpaid", {}, data, benefit_id=benefit_id))
