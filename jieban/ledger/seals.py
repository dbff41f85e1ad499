from datetime import datetime

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from jieban.ledger.chain import line_of
from jieban.ledger.tables import LedgerRecord, LedgerSeal, LedgerUnsealed
from jieban.ledger.verify_ledger import START, link


def seal(session: Session, now: datetime, run_id: str = "", limit: int = 1000) -> int:
    """Give up to `limit` waiting records their place in the chain of their county; return how many.

    Call it until it returns 0. A county that another sealer holds is left to that one.
    """
    counties = session.scalars(
        select(LedgerUnsealed.county_code).distinct().order_by(LedgerUnsealed.county_code)
    )
    sealed = 0
    for county in counties.all():
        if sealed < limit and lock_chain(session, county):
            sealed += _seal_county(session, county, now, run_id, limit - sealed)
    return sealed


def lock_chain(session: Session, county: str) -> bool:
    """Hold a county's chain until the transaction ends; False where another process does."""
    # SQLite has one writer at a time already; on PostgreSQL the lock ends with the transaction.
    if session.get_bind().dialect.name != "postgresql":
        return True
    name = {"name": f"jieban.ledger.{county}"}
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))"), name))


def _seal_county(session: Session, county: str, now: datetime, run_id: str, limit: int) -> int:
    waiting = select(LedgerUnsealed.record_id).where(LedgerUnsealed.county_code == county)
    rows = session.execute(
        select(LedgerRecord.__table__)
        .where(LedgerRecord.id.in_(waiting))
        .order_by(LedgerRecord.id)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    last = session.execute(
        select(LedgerSeal.seq, LedgerSeal.hash)
        .where(LedgerSeal.county_code == county)
        .order_by(LedgerSeal.seq.desc())
        .limit(1)
    ).first()
    first, previous = (last.seq + 1, last.hash) if last else (1, START)
    seals = []
    for seq, row in enumerate(rows, first):
        digest = link(previous, line_of(row))
        seals.append(
            {
                "county_code": county,
                "seq": seq,
                "record_id": row.id,
                "previous": previous,
                "hash": digest,
                "sealed_at": now,
                "run_id": run_id,
            }
        )
        previous = digest
    session.execute(insert(LedgerSeal), seals)
    session.execute(delete(LedgerUnsealed).where(LedgerUnsealed.record_id.in_([row.id for row in rows])))
    return len(rows)
