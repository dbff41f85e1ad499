import json
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from typing import IO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jieban.ledger.chain import read_entries
from jieban.ledger.heads import head_of
from jieban.ledger.tables import FirstContact, LedgerHead, LedgerRecord, LedgerSeal, LedgerUnsealed
from jieban.ledger.verify_ledger import FORMATS, Bad, Entry, Head, Marks, Verification, walk

_EARLIER = "与此前导出的台账不一致，其后的记录被删除，或者整条链被重写"
_SIGNED_WITHIN = timedelta(days=1)
"""How long a sealed record may be without a signed head; the sweep signs within minutes."""


def verify(
    session: Session,
    earlier: Iterable[Entry] = (),
    *,
    witnesses: Iterable[Head] = (),
    trusted: Iterable[str] | None = None,
    now: datetime | None = None,
) -> Verification:
    """Walk every county's chain in the database and name the first record that was changed, moved or removed.

    A chain alone cannot tell that its end was cut off, or that all of it was written anew: what was exported or put
    away earlier must still lie on it, what was signed too, by a key that is trusted, and every first contact must have
    its record. With `now`, records that nobody signed for a day are bad.
    """
    marks = Marks(trusted)
    marks.add_heads(stored_heads(session))
    marks.add_witnesses(witnesses)
    for county, entry in {entry.county: entry for entry in earlier}.items():
        marks.add(county, entry.seq, entry.hash, _EARLIER)
    # Closing the walk also closes its cursor, where it ended at a bad record.
    with closing(read_entries(session)) as entries:
        result = walk(entries, marks)
    waiting = session.scalar(select(func.count()).select_from(LedgerUnsealed))
    result.unsealed = waiting or 0
    if result.ok:
        result.first_bad = (
            _unaccounted(session) or _unrecorded(session) or (_unsigned(session, result, marks, now))
        )
    return result


def stored_heads(session: Session) -> list[Head]:
    """Give all signed heads in the order (county, seq)."""
    query = select(LedgerHead.__table__).order_by(LedgerHead.county_code, LedgerHead.seq)
    return [head_of(row) for row in session.execute(query)]


def signers(session: Session) -> set[str]:
    """Give the public keys that heads say they were signed with."""
    return set(session.scalars(select(LedgerHead.key_id).distinct()))


def _unrecorded(session: Session) -> Bad | None:
    opened = LedgerRecord.kind == "first_contact.opened"
    contacts = select(FirstContact.county_code, func.count()).group_by(FirstContact.county_code)
    records = select(LedgerRecord.county_code, func.count()).where(opened).group_by(LedgerRecord.county_code)
    recorded = dict(session.execute(records).all())
    for county, count in session.execute(contacts.order_by(FirstContact.county_code)):
        if (found := recorded.get(county, 0)) < count:
            return Bad(county, 0, "", f"首接登记有 {count} 件，台账只记载了 {found} 件，有记录被删除")
    return None


def _unaccounted(session: Session) -> Bad | None:
    # A record that is neither sealed nor waiting would otherwise be overlooked by everybody.
    lost = session.execute(
        select(LedgerRecord.id, LedgerRecord.county_code)
        .outerjoin(LedgerSeal, LedgerSeal.record_id == LedgerRecord.id)
        .outerjoin(LedgerUnsealed, LedgerUnsealed.record_id == LedgerRecord.id)
        .where(LedgerSeal.record_id.is_(None), LedgerUnsealed.record_id.is_(None))
        .order_by(LedgerRecord.id)
        .limit(1)
    ).first()
    return Bad(lost.county_code, 0, str(lost.id), "记录既未封存，也不在待封存之列") if lost else None


def _unsigned(session: Session, result: Verification, marks: Marks, now: datetime | None) -> Bad | None:
    if now is None or not result.unsigned:
        return None
    for county in result.heads:
        seq = marks.last_signed.get(county, 0) + 1
        place = LedgerSeal.county_code == county, LedgerSeal.seq == seq
        seal = session.execute(select(LedgerSeal.record_id, LedgerSeal.sealed_at).where(*place)).first()
        if seal is not None and now - seal.sealed_at > _SIGNED_WITHIN:
            return Bad(county, seq, str(seal.record_id), "封存已超过一天仍没有签名的链头，链头可能被删除")
    return None


def export(session: Session, file: IO[str]) -> int:
    """Write heads and chains as lines of JSON, which verify_ledger.py reads; return how many records."""
    heads = stored_heads(session)
    header = {
        "format": FORMATS[-1],
        "algorithm": "sha256(previous + LF + line)",
        "signature": "ed25519(head)",
        "keys": list(dict.fromkeys(head.key for head in heads)),
        "heads": len(heads),
        "records": session.scalar(select(func.count()).select_from(LedgerSeal)),
    }
    file.write(json.dumps(header) + "\n")
    for head in heads:
        file.write(head.kept + "\n")
    count = 0
    for entry in read_entries(session):
        file.write(json.dumps(entry._asdict(), ensure_ascii=False) + "\n")
        count += 1
    return count
