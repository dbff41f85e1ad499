"""The monthly list of payments: made, checked, approved by the treasury, sent to the bank, reconciled (ZF-11)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from jieban import deadlines, rules
from jieban.benefits.granting import first_of_next_month
from jieban.clock import local_day, start_of_day
from jieban.errors import Conflict, Invalid, NotAllowed
from jieban.ids import new_id
from jieban.payments import lists
from jieban.payments.bank_file import BankFile, as_csv, sha256_of
from jieban.payments.lines import Line, digest_of, total_of
from jieban.payments.making import make_lines
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.rules.tables import RuleSet
from jieban.writes import append
from tasks.operations.records import keep
from tasks.operations.registry import Asked, Done, Fact, service_operation, task_operation
from tasks.operations.staffing import text

PURPOSES = {"subsistence_allowance": "最低生活保障金", "destitute_support": "特困人员救助供养金"}
"""Kinds of aid that are paid by lists, as a bank statement calls them."""

_PARAMS = ("kind", "tell", "stage")
PAY_DAY = "payday"
"""The clock that runs until the money of a month has arrived."""


@service_operation("start_payday", "起算当月发放期限", "Start the clock of the pay day", ("rule",))
def start_payday(asked: Asked) -> None:
    """Start the clock that ends on the pay day of the list's month, counted from its first day (ZF-04)."""
    month = date.fromisoformat(f"{asked.facts['month']}-01")
    values = rules.rule_set_for(asked.session, asked.case.town_code, local_day(asked.now), asked.now)
    entry = rules.entry(values, asked.params.get("rule", "dibao.pay.day"))
    deadlines.start_deadline(
        asked.session,
        case=asked.case,
        kind=PAY_DAY,
        name=entry.name,
        rule_key=entry.key,
        length=int(entry.value),
        unit=entry.unit,
        start=start_of_day(month),
        article=entry.article,
        provenance=entry.provenance,
        calendar=asked.calendar,
    )


@task_operation("make_payment_list", "编制发放名册", "Make the payment list", _PARAMS, duty="make")
def make_payment_list(done: Done) -> Mapping[str, Fact]:
    """Make the list of the month from what was granted, number its lines, and freeze number, sum and digest.

    Tells `list_made` (made, dropped) and `payable` (whether anything goes to the bank).
    """
    if done.data["action"] == "drop":
        done.record("payment.list_dropped", {"reason": text(done.data, "note")})
        return keep(done) | {"list_made": "dropped", "payable": False}
    month, kind = _month(done), str(done.facts["aid"])
    if other := lists.open_elsewhere(done.session, done.case, kind, month):
        raise _wrong("action", f"{month} 的名册正在办理（{other}），请先办结或者作废，再编制补发的名册。")
    held = {str(row["case_number"]).strip(): text(row, "reason") for row in done.data.get("hold") or ()}
    made = make_lines(done.session, done.case.county_code, kind, month, held)
    if made.unknown:
        raise _wrong("hold", f"本名册中没有这些案号：{'、'.join(made.unknown)}。")
    if not made.lines:
        raise _wrong("action", f"{month} 没有需要发放的，请选择作废。")
    the_list = _freeze(done, kind, month, made.lines)
    payable = any(line.state == "listed" for line in made.lines)
    told: dict[str, Fact] = {"month": month, "kind": kind, "count": the_list.count}
    told |= {"total": f"{the_list.total:.2f}", "digest": the_list.digest}
    done.record("payment.list_made", told)
    return keep(done) | {"list_made": "made", "payable": payable}


def _month(done: Done) -> str:
    month = str(done.facts["month"])
    last = first_of_next_month(done.today)
    if month > f"{last:%Y-%m}":
        raise _wrong("action", f"只能编制到下月（{last:%Y-%m}）的名册，请选择作废。")
    return month


def _freeze(done: Done, kind: str, month: str, lines: Sequence[Line]) -> PaymentList:
    the_list = PaymentList(
        id=new_id(),
        case_id=done.case.id,
        county_code=done.case.county_code,
        month=month,
        kind=kind,
        state="made",
        count=len(lines),
        total=total_of(lines),
        digest=digest_of(lines),
        made_by=done.actor.id,
        made_at=done.now,
        sent_sha256="",
    )
    done.tell("payment_list", the_list)
    for line in lines:
        row = {name: getattr(line, name) for name in Line.__dataclass_fields__}
        append(done.session, PaymentLine, {**row, "id": new_id(), "list_id": the_list.id})
    return the_list


@task_operation("check_payment_list", "复核发放名册", "Check the payment list", _PARAMS, duty="check")
def check_payment_list(done: Done) -> Mapping[str, Fact]:
    """Keep that somebody else than the maker found the list right, or send it back with what is wrong; tells `checked`."""
    the_list, _ = _frozen(done)
    passed = done.data["result"] == "pass"
    if passed:
        lists.mark_checked(done.session, the_list.id, done.actor.id, done.now)
    else:
        _send_back(done, the_list)
    done.record(f"payment.list_{'checked' if passed else 'returned'}", {"digest": the_list.digest})
    return keep(done) | {"checked": str(done.data["result"])}


@task_operation(
    "approve_payment_list", "财政审核", "Approve the payment list at the treasury", _PARAMS, duty="check"
)
def approve_payment_list(done: Done) -> Mapping[str, Fact]:
    """Keep that the treasury approved the list, or send it back; tells `approved`. Nobody approves what they checked."""
    the_list, _ = _frozen(done)
    if the_list.checked_by == done.actor.id:
        raise NotAllowed("名册由您复核，应当由他人审核。")
    approved = done.data["result"] == "approve"
    if approved:
        lists.mark_approved(done.session, the_list.id)
    else:
        _send_back(done, the_list)
    word = "approved" if approved else "returned"
    done.record(f"payment.list_{word}", {"digest": the_list.digest, "total": f"{the_list.total:.2f}"})
    return keep(done) | {"approved": str(done.data["result"])}


@task_operation("send_payment_file", "送代发银行", "Send the file to the bank", _PARAMS, duty="pay")
def send_payment_file(done: Done) -> Mapping[str, Fact]:
    """Keep that the file of the list went to the bank, with the digest of the file as it was then; tells `sent_on`."""
    the_list, lines = _frozen(done)
    sent_on = done.day("sent_on")
    if the_list.checked_at is not None and sent_on < local_day(the_list.checked_at):
        raise _wrong("sent_on", "名册复核之前不能送银行，请核对日期。")
    about = bank_file(done.case.number, the_list)
    sha256 = sha256_of(as_csv(about, lines))
    lists.mark_sent(done.session, the_list.id, sha256, done.now)
    to_pay = lists.parts_of(lines)["listed"]
    told: dict[str, Fact] = {"list": about.list_number, "file": sha256, "count": to_pay.count}
    told["total"] = f"{to_pay.total:.2f}"
    done.record("payment.file_sent", told)
    return keep(done) | {"sent_on": sent_on.isoformat()}


def bank_file(case_number: str, the_list: PaymentList) -> BankFile:
    """Say what the bank's file of a list says above its lines."""
    return BankFile(case_number, the_list.digest, PURPOSES.get(the_list.kind, the_list.kind))


@task_operation("reconcile_payments", "对账", "Reconcile with the bank", _PARAMS, duty="pay")
def reconcile_payments(done: Done) -> Mapping[str, Fact]:
    """Settle the list: every line has its answer, and what was paid, returned and held is what was frozen.

    Tells `returned` (how many), `return_towns` and `return_town_count` (whose offices look into them), and
    `unpaid_often` (how many benefits went unpaid so many lists in a row that somebody must look, ZF-07).
    """
    the_list, lines = _frozen(done)
    parts = lists.parts_of(lines)
    if open_ones := [line.number for line in lines if line.state == "listed"]:
        raise _wrong(
            "note", f"还有 {len(open_ones)} 笔没有回盘结果（{_some(open_ones)}），请先导入银行回盘。"
        )
    sums = {name: parts[name].total for name in ("paid", "returned", "held")}
    if sum(sums.values(), Decimal(0)) != the_list.total:
        raise Conflict("已发放、退回、暂缓的合计与名册总额不符，不能结清，请告知系统管理员。")
    lists.mark_settled(done.session, the_list.id, done.now)
    deadlines.meet_kind(done.session, done.case.id, PAY_DAY, done.now)
    counts = {name: parts[name].count for name in sums}
    done.record("payment.list_settled", {**{k: f"{v:.2f}" for k, v in sums.items()}, "counts": str(counts)})
    towns = sorted({line.town_code for line in lines if line.state == "returned"})
    return keep(done) | {
        "returned": counts["returned"],
        "return_towns": " ".join(towns),
        "return_town_count": len(towns),
        "unpaid_often": len(unpaid_often(done.session, the_list.id, done.rules)),
    }


def unpaid_often(session: Session, list_id: uuid.UUID, values: RuleSet) -> list[uuid.UUID]:
    """List the benefits that went unpaid so many lists in a row, or twice or three times as many, by the rule (ZF-07)."""
    most = int(rules.entry(values, "payment.returned.check").value)
    runs = lists.unpaid_runs(session, list_id)
    return sorted(benefit for benefit, count in runs.items() if count and count % most == 0)


def _send_back(done: Done, the_list: PaymentList) -> None:
    if not text(done.data, "reason"):
        raise _wrong("reason", "退回的，请写明要更正什么。")
    lists.drop(done.session, the_list.id)


def _frozen(done: Done) -> tuple[PaymentList, list[PaymentLine]]:
    """Read the list with its lines; Conflict where a line is not what it was when the list was frozen."""
    the_list = lists.current_list(done.session, done.case.id)
    if the_list is None:
        raise Conflict("本案现在没有名册，请重新编制。")
    lines = lists.lines_of(done.session, the_list.id)
    if not lists.is_whole(the_list, lines):
        raise Conflict("名册的内容与编制时不一致，不能继续办理，请告知系统管理员。")
    return the_list, lines


def _some(numbers: Sequence[int]) -> str:
    first = "、".join(str(number) for number in numbers[:5])
    return f"第 {first} 笔" + ("等" if len(numbers) > 5 else "")


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(errors=[{"field": field, "message": message}])
