import threading
from datetime import datetime

from prefect import flow
from sqlalchemy import select

from jieban import ledger
from jieban.database import Database
from jieban.ledger.head_files import keep_newest, read_newest
from jieban.ledger.heads import sign_heads
from jieban.ledger.keys import own_key
from jieban.ledger.tables import LedgerUnsealed
from jieban.settings import read_settings
from notifications import deliveries, outbox
from workflows.flows.budget import Budget
from workflows.flows.recording import record_sweep, run_name
from workflows.flows.swept import Swept

NAME = "seal_accountability"
_CHUNK = 500


def is_due(database: Database, now: datetime) -> bool:  # noqa: ARG001 - every sweep is asked the same way
    """Tell whether any record waits for its seal."""
    with database.read() as session:
        return session.execute(select(LedgerUnsealed.record_id).limit(1)).first() is not None


def sweep(
    database: Database,
    now: datetime,
    run_id: str,
    budget_seconds: float,
    stop: threading.Event | None = None,
) -> Swept:
    """Seal the records of answerability into the chains of their counties, in chunks of one transaction each; then sign.

    A chain that was rewritten since its last signature is set aside: it goes on, unsigned.
    """
    budget, swept = Budget(budget_seconds, stop), Swept()
    while True:
        with database.write() as session:
            sealed = ledger.seal(session, now, run_id, _CHUNK)
        swept.done += sealed
        if not sealed:
            break
        if budget.spent:
            swept.unfinished = True
            break
    _sign(database, now, run_id, swept)
    return swept


def _sign(database: Database, now: datetime, run_id: str, swept: Swept) -> None:
    """Sign the end of every chain that has grown, once per run, and see that the heads are put away."""
    settings = read_settings()
    key, newest, after = own_key(settings), read_newest(settings.ledger_newest), ""
    while True:
        with database.write() as session:
            signed = sign_heads(session, key, now, run_id, newest=newest, after=after)
            if settings.ledger_heads is not None:
                for head in signed.heads:
                    outbox.enqueue(
                        session,
                        key=f"ledger_head:{head.county}:{head.seq}",
                        kind="ledger_head",
                        payload={"head": head.kept},
                        now=now,
                    )
            deliveries.heads_to_keep(session, signed.heads, now, run_id)
        keep_newest(settings.ledger_newest, signed.heads)
        if signed.heads:
            swept.count("signed", len(signed.heads))
        swept.set_aside += len(signed.refused)
        for bad in signed.refused:
            swept.show({"县级代码": bad.county, "记录": bad.record, "原因": bad.reason})
        after = signed.last
        if not after:
            return


@flow(name=NAME, flow_run_name=run_name(NAME))
async def seal_accountability(budget_seconds: float = 10) -> Swept:
    """Seal what was recorded, so that a later change by hand is found."""
    return await record_sweep(NAME, sweep, budget_seconds)
