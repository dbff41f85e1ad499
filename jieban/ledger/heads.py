from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from jieban.ledger.keys import SigningKey
from jieban.ledger.seals import lock_chain
from jieban.ledger.tables import LedgerHead, LedgerSeal
from jieban.ledger.verify_ledger import Bad, Head, signature_holds

_BEHIND = text("""
WITH RECURSIVE chain(county) AS (
  SELECT min(county_code) FROM ledger_seal WHERE county_code > :after
  UNION ALL
  SELECT (SELECT min(county_code) FROM ledger_seal WHERE county_code > chain.county)
  FROM chain WHERE chain.county IS NOT NULL
)
SELECT county FROM chain
WHERE county IS NOT NULL
  AND (SELECT max(seq) FROM ledger_seal WHERE county_code = county)
    > coalesce((SELECT max(seq) FROM ledger_head WHERE county_code = county), 0)
ORDER BY county LIMIT :limit
""")
"""Counties whose chain has grown since its newest head: a few steps of an index each, however long the chains are."""


@dataclass
class Signed:
    """What one call of `sign_heads` did; last is the county to go on after, empty at the end."""

    heads: list[Head] = field(default_factory=list)
    refused: list[Bad] = field(default_factory=list)
    last: str = ""


def sign_heads(
    session: Session,
    key: SigningKey,
    now: datetime,
    run_id: str,
    *,
    newest: Mapping[str, Head] | None = None,
    after: str = "",
    limit: int = 200,
) -> Signed:
    """Sign the end of every chain that has grown, for up to `limit` counties behind `after`.

    A chain that no longer holds what was signed before, here or in `newest`, is not signed again: a signature would
    make good what somebody rewrote.
    """
    counties = session.scalars(_BEHIND, {"after": after, "limit": limit}).all()
    signed = Signed(last=counties[-1] if len(counties) == limit else "")
    rows = []
    for county in counties:
        if not lock_chain(session, county):
            continue
        before, tip = newest_head(session, county), _tip(session, county)
        if before is not None and tip.seq <= before.seq:
            continue
        known = (newest or {}).get(county)
        if reason := _rewritten(session, county, before, known):
            signed.refused.append(Bad(county, tip.seq, str(tip.record_id), reason))
            continue
        records = tip.seq - (before.seq if before else 0)
        previous = before.signature if before else ""
        head = key.sign(Head(county, tip.seq, tip.hash, records, previous, _moment(now), run_id, ""))
        signed.heads.append(head)
        rows.append(_row(head, now))
    if rows:
        session.execute(insert(LedgerHead), rows)
    return signed


def newest_head(session: Session, county: str) -> Head | None:
    """Give the newest signed head of a county, or None."""
    query = select(LedgerHead.__table__).where(LedgerHead.county_code == county)
    row = session.execute(query.order_by(LedgerHead.seq.desc()).limit(1)).first()
    return None if row is None else head_of(row)


def head_of(row: Any) -> Head:
    """Make a head of its row."""
    at = _moment(row.signed_at)
    return Head(
        row.county_code,
        row.seq,
        row.hash,
        row.records,
        row.previous,
        at,
        row.run_id,
        row.key_id,
        row.signature,
    )


def _tip(session: Session, county: str) -> Any:
    columns = LedgerSeal.seq, LedgerSeal.hash, LedgerSeal.record_id
    query = select(*columns).where(LedgerSeal.county_code == county).order_by(LedgerSeal.seq.desc())
    return session.execute(query.limit(1)).one()


def _rewritten(session: Session, county: str, before: Head | None, known: Head | None) -> str:
    if before is not None and not signature_holds(before):
        return "上一个链头的签名无效，没有再签名"
    for head, where in ((before, "上一个链头"), (known, "本机留存的链头")):
        if head is None:
            continue
        place = LedgerSeal.county_code == county, LedgerSeal.seq == head.seq
        if session.scalar(select(LedgerSeal.hash).where(*place)) != head.hash:
            return f"链与{where}（第 {head.seq} 号）不一致，没有再签名"
    return ""


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _row(head: Head, now: datetime) -> dict[str, Any]:
    return {
        "county_code": head.county,
        "seq": head.seq,
        "hash": head.hash,
        "records": head.records,
        "previous": head.previous,
        "signed_at": now,
        "signature": head.signature,
        "key_id": head.key,
        "run_id": head.run,
    }
