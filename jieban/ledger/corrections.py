import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.errors import Invalid, NotFound
from jieban.ledger.records import record
from jieban.ledger.tables import LedgerRecord
from jieban.staff.actor import Actor

KIND = "correction"
_LONGEST = 1000


def correct(session: Session, *, record_id: uuid.UUID, why: str, actor: Actor, now: datetime) -> uuid.UUID:
    """Write that a record is wrong, and why, as a new record that points at it; the old one stays as it is.

    Only who reads the ledger of the place may: NotFound otherwise. Return the id of the new record.
    """
    actor.require("ledger.read")
    columns = LedgerRecord.county_code, LedgerRecord.kind, LedgerRecord.case_id, LedgerRecord.case_number
    old = session.execute(select(*columns).where(LedgerRecord.id == record_id)).first()
    if old is None or not actor.covers(old.county_code):
        raise NotFound
    if not (reason := why.strip()):
        raise Invalid("请写明更正的内容和理由。")
    if len(reason) > _LONGEST:
        raise Invalid(f"更正的内容和理由不超过 {_LONGEST} 字。")
    return record(
        session,
        county_code=old.county_code,
        at=now,
        kind=KIND,
        case_id=old.case_id,
        case_number=old.case_number,
        actor=actor,
        body={"record": str(record_id), "kind": old.kind, "why": reason},
    )
