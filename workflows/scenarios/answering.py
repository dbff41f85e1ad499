"""A bank that answers: scenarios say what becomes of each payment, and here it becomes a file like that of a bank."""

import csv
import io
import tempfile
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.errors import Invalid
from jieban.payments import lists
from jieban.payments.bank_file import as_csv
from jieban.payments.columns import ANSWERED, NUMBER, PAID_ON, REASON, RESULT, RESULTS, TOTAL, VOUCHER
from jieban.staff.actor import Actor
from tasks.operations.payment_lists import bank_file
from workflows.payments import take_receipt
from workflows.scenarios.reading import ScenarioError


def import_receipt(
    session: Session, actor: Actor, now: datetime, case_id: uuid.UUID, data: Mapping[str, Any]
) -> None:
    """Answer the file that was sent: `returned` are numbers with reasons, the rest was paid on `paid_on` (today).

    `cells` are cells by number that the bank got wrong, `leave` are numbers that it says nothing of, and `rejected` is
    what each wrong row must be told.
    """
    case = session.get_one(Case, case_id)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "receipt.csv"
        path.write_bytes(_answered(session, case, now, data))
        report = take_receipt(session, actor, now, case_id, path)
    said, expected = [one.reason for one in report.rejected], list(data.get("rejected") or [])
    if len(said) != len(expected) or any(
        wanted not in one for wanted, one in zip(expected, said, strict=True)
    ):
        errors = [{"field": one.field, "message": one.reason} for one in report.rejected]
        raise Invalid(f"回盘文件应被指出 {expected}，实际指出 {said}", errors=errors)


def _answered(session: Session, case: Case, now: datetime, data: Mapping[str, Any]) -> bytes:
    the_list = lists.current_list(session, case.id)
    if the_list is None:
        raise ScenarioError("本案没有名册，银行没有可以回盘的。")
    sent = as_csv(bank_file(case.number, the_list), lists.lines_of(session, the_list.id))
    header, *rows = csv.reader(io.StringIO(sent.decode("utf-8-sig"), newline=""))
    returned = {str(number): str(reason) for number, reason in (data.get("returned") or {}).items()}
    left = {str(number) for number in data.get("leave") or ()}
    wrong = {str(number): dict(cells) for number, cells in (data.get("cells") or {}).items()}
    day = str(data.get("paid_on") or local_day(now))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, (*header, *ANSWERED))
    writer.writeheader()
    for row in (dict(zip(header, cells, strict=True)) for cells in rows):
        number = row[NUMBER]
        if number in left:
            continue
        answer: dict[str, Any] = {}
        if number in returned:
            answer = {RESULT: RESULTS["returned"], REASON: returned[number]}
        elif number != TOTAL:
            answer = {RESULT: RESULTS["paid"], PAID_ON: day, VOUCHER: f"LS{number:>06}"}
        writer.writerow({**row, **answer, **wrong.get(number, {})})
    return out.getvalue().encode("utf-8-sig")
