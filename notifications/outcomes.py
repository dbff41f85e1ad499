"""What became of a delivery, written down where somebody looks for it: the row, the case, the ledger, the officer."""

from datetime import datetime
from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.orm import Session

from jieban import ledger
from jieban.cases.events import add_event
from jieban.cases.tables import Case
from jieban.clock import local_day
from jieban.reads import Query
from jieban.staff.absences import substitutes_on
from notifications import messages
from notifications.channels import Channel
from notifications.deliveries import KIND_NAMES
from notifications.tables import Delivery

_LONGEST_REASON = 300


def delivered(session: Session, channel: Channel, row: Delivery, now: datetime, run_id: str) -> None:
    """Note that a channel has taken a message: only now it counts as sent. Its address is not needed any more."""
    row.state, row.delivered_at, row.last_error, row.address = "delivered", now, "", ""
    row.run_id = run_id
    case = _case(session, row)
    if case is not None:
        _write(session, channel, row, case, "message.delivered", now, run_id, "")


def failed(
    session: Session, channel: Channel, row: Delivery, reason: str, now: datetime, run_id: str
) -> None:
    """Note that a message is given up, and tell the officer of the case. Its address stays for another try by hand."""
    row.state, row.last_error, row.run_id = "failed", reason, run_id
    case = _case(session, row)
    if case is None:
        return
    _write(session, channel, row, case, "message.undelivered", now, run_id, reason)
    about = f"{case.applicant_name}，{case.number}。"
    if row.user_id is None:
        text = f"{channel.name}未送达（{KIND_NAMES[row.kind]}），请电话告知或当面交付：{about}"
    else:
        text = f"给{row.to_name}的{KIND_NAMES[row.kind]}没有通过{channel.name}送达，请另行告知：{about}"
    _tell_officer(session, case, text, now, run_id)


def uncertain(
    session: Session, channel: Channel, row: Delivery, reason: str, now: datetime, run_id: str
) -> None:
    """Note that nobody knows whether a message arrived; it is not sent again, since it might come twice."""
    row.state, row.last_error, row.run_id = "uncertain", reason, run_id
    case = _case(session, row)
    if case is None:
        return
    _write(session, channel, row, case, "message.uncertain", now, run_id, reason)
    whom = "本人" if row.user_id is None else row.to_name
    text = f"给{whom}的{KIND_NAMES[row.kind]}是否已通过{channel.name}送达不能确定，请电话确认："
    _tell_officer(session, case, f"{text}{case.applicant_name}，{case.number}。", now, run_id)


def clean(reason: str, channel: Channel, address: str) -> str:
    """Take secrets and the address out of what a server answered, and keep it short."""
    for secret in channel.secrets:
        reason = reason.replace(secret, "***")
    if address:
        reason = reason.replace(address, "***")
    return "".join(letter for letter in reason if letter.isprintable())[:_LONGEST_REASON]


_COLUMNS = (Case.id, Case.number, Case.county_code, Case.applicant_name, Case.first_receiver_id)
_CASE = Query(select(*_COLUMNS).where(Case.id == bindparam("the_case", type_=Uuid())))
"""What is told of a case; its engine's state, which is long, stays where it is."""


def _case(session: Session, row: Delivery) -> Any:
    return _CASE.first(session, the_case=row.case_id) if row.case_id else None


def _write(
    session: Session,
    channel: Channel,
    row: Delivery,
    case: Any,
    kind: str,
    now: datetime,
    run_id: str,
    reason: str,
) -> None:
    body: dict[str, Any] = {
        "message": row.kind,
        "channel": channel.name,
        "channel_key": channel.key,
        "person": row.to_name,
        "attempts": row.attempts,
    }
    if reason:
        body["reason"] = reason
    about: dict[str, Any] = {"case_id": case.id, "at": now, "kind": kind, "actor": None, "run_id": run_id}
    add_event(session, **about, data=body | {"address": row.masked, "delivery": str(row.id)})
    if row.proof:
        # Nothing can be taken out of the ledger again, so an applicant's number does not even stand in it masked.
        proof = body | {"delivery": str(row.id)} | ({"address": row.masked} if row.user_id else {})
        ledger.record(session, **about, county_code=case.county_code, case_number=case.number, body=proof)


def _tell_officer(session: Session, case: Any, text: str, now: datetime, run_id: str) -> None:
    """Tell the first receiver, who follows the case up, and who stands in for them; this message never leaves."""
    officer = case.first_receiver_id
    substitute = substitutes_on(session, local_day(now)).get(officer)
    for user_id in (officer, substitute.id) if substitute else (officer,):
        messages.send(
            session,
            user_id=user_id,
            kind="undelivered",
            text=text,
            now=now,
            case_id=case.id,
            run_id=run_id,
        )
