"""The bank's answer to a payment list comes in as a file, at any time until the list is settled."""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from jieban.cases.events import add_event
from jieban.clock import local_day
from jieban.errors import Conflict, NotAllowed, NotFound
from jieban.intake.rejections import Rejection
from jieban.payments import lists
from jieban.payments.receipts import Answer, compare, read_receipt
from jieban.payments.tables import PaymentLine
from jieban.staff.actor import Actor
from tasks.operations.payment_lists import bank_file
from tasks.operations.registry import Fact
from workflows.taking import lock_case
from workflows.writing_back import to_ledger

PAYER = "county.finance"
"""Whoever sends the file also takes in the answer."""


@dataclass
class ReceiptReport:
    """What became of a file: how many lines were paid and returned by it, how many were known, and what is wrong."""

    paid: int = 0
    returned: int = 0
    known: int = 0
    rejected: list[Rejection] = field(default_factory=list)


def take_receipt(
    session: Session, actor: Actor, now: datetime, case_id: uuid.UUID, path: Path
) -> ReceiptReport:
    """Take in the bank's answer; right rows are kept, wrong ones are named, the same file again changes nothing.

    Raises NotFound outside the actor's area, NotAllowed for another role, Conflict before the file was sent or after
    the list was settled, and Invalid where the file as a whole cannot be used.
    """
    case = lock_case(session, case_id, actor)
    if PAYER not in actor.roles:
        raise NotAllowed("只有发放经办人可以导入银行回盘。")
    the_list = lists.current_list(session, case.id)
    if the_list is None:
        raise NotFound("本案没有发放名册。")
    if the_list.state != "sent":
        raise Conflict("名册还没有送银行，或者已经结清，不能导入回盘。")
    lines = lists.lines_of(session, the_list.id)
    number = bank_file(case.number, the_list).list_number
    checked_on = local_day(the_list.checked_at or now)
    compared = compare(lines, number, read_receipt(path), checked_on, local_day(now))
    _apply(session, lines, compared.fresh)
    results = [answer.result for answer in compared.fresh]
    report = ReceiptReport(
        results.count("paid"), results.count("returned"), compared.known, compared.rejected
    )
    if compared.fresh:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        told: dict[str, Fact] = {"paid": report.paid, "returned": report.returned, "file": sha256}
        add_event(
            session,
            case_id=case.id,
            at=now,
            kind="payment.receipt",
            actor=actor,
            data={**told, "list": number},
        )
        to_ledger(session, case, now, "payment.receipt", actor, told)
    return report


def _apply(session: Session, lines: Sequence[PaymentLine], answers: Sequence[Answer]) -> None:
    by_number = {line.number: line.id for line in lines}
    rows: list[dict[str, Any]] = [
        {
            "id": by_number[answer.number],
            "state": answer.result,
            "reason": answer.reason if answer.result == "returned" else "",
            "paid_on": answer.paid_on if answer.result == "paid" else None,
            "voucher": answer.voucher,
        }
        for answer in answers
    ]
    if rows:
        session.execute(update(PaymentLine), rows)  # one statement for all of them
