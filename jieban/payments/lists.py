"""Reading a payment list with its lines, adding it up, and moving it on; each in one statement, however long it is."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from sqlalchemy import Table, Uuid, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session

from jieban.cases.tables import Case
from jieban.database import UtcDateTime
from jieban.payments.lines import AnyLine, digest_of, total_of
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.reads import Query, loose_row
from jieban.writes import change

OPEN = ("made", "checked", "approved", "sent")
"""States of a list that is not done with."""


@dataclass(frozen=True)
class Part:
    """So many lines of one state, and their sum in yuan."""

    count: int
    total: Decimal


def current_list(session: Session, case_id: uuid.UUID) -> PaymentList | None:
    """Return the list of a case that counts: the last that was made and not thrown away."""
    row = _CURRENT.first(session, the_case=case_id)
    return None if row is None else loose_row(PaymentList, row)


def lines_of(session: Session, list_id: uuid.UUID) -> list[PaymentLine]:
    """Return the lines of a list in their order."""
    return [loose_row(PaymentLine, row) for row in _LINES.all(session, the_list=list_id)]


def parts_of(lines: Sequence[AnyLine]) -> dict[str, Part]:
    """Add up the lines of each state: listed, held, paid, returned."""
    by_state: dict[str, list[AnyLine]] = {state: [] for state in ("listed", "held", "paid", "returned")}
    for line in lines:
        by_state.setdefault(line.state, []).append(line)
    return {state: Part(len(some), total_of(some)) for state, some in by_state.items()}


def is_whole(the_list: PaymentList, lines: Sequence[AnyLine]) -> bool:
    """Tell whether a list is still what was frozen: number, sum and digest of its lines (ZF-11)."""
    found = (len(lines), total_of(lines), digest_of(lines))
    return found == (the_list.count, the_list.total, the_list.digest)


def open_elsewhere(session: Session, case: Case, kind: str, month: str) -> str | None:
    """Name the other case that has a list of this county, kind and month under way."""
    found: str | None = _ELSEWHERE.scalar(
        session, the_case=case.id, the_county=case.county_code, the_kind=kind, the_month=month
    )
    return found


def drop(session: Session, list_id: uuid.UUID) -> None:
    """Throw a list away that was not sent; its lines stay to be seen, and free their months for another list."""
    change(session, _DROP_LIST, {"the_list": list_id}, must_hit=True)
    change(session, _DROP_LINES, {"the_list": list_id})


def mark_checked(session: Session, list_id: uuid.UUID, actor_id: uuid.UUID, now: datetime) -> None:
    """Keep who checked it."""
    change(session, _CHECKED, {"the_list": list_id, "the_actor": actor_id, "the_now": now}, must_hit=True)


def mark_approved(session: Session, list_id: uuid.UUID) -> None:
    """Keep that the treasury approved it."""
    change(session, _APPROVED, {"the_list": list_id}, must_hit=True)


def mark_sent(session: Session, list_id: uuid.UUID, sha256: str, now: datetime) -> None:
    """Keep that its file went to the bank, and the digest of that file."""
    change(session, _SENT, {"the_list": list_id, "the_digest": sha256, "the_now": now}, must_hit=True)


def mark_settled(session: Session, list_id: uuid.UUID, now: datetime) -> None:
    """Keep that every line has its answer."""
    change(session, _SETTLED, {"the_list": list_id, "the_now": now}, must_hit=True)


def unpaid_runs(session: Session, list_id: uuid.UUID) -> dict[uuid.UUID, int]:
    """Count for each benefit that this list did not pay how many lists in a row did not (ZF-07)."""
    runs: dict[uuid.UUID, dict[uuid.UUID, bool]] = defaultdict(dict)
    for row in _HISTORY.all(session, the_list=list_id):  # the newest list first
        lists = runs[row.benefit_id]
        lists[row.list_id] = lists.get(row.list_id, False) or row.state == "paid"
    return {benefit: _until_paid(list(lists.values())) for benefit, lists in runs.items()}


def _until_paid(paid: Sequence[bool]) -> int:
    return paid.index(True) if True in paid else len(paid)


_L, _P, _C = (cast("Table", one.__table__) for one in (PaymentList, PaymentLine, Case))
_MINE = _P.alias("mine")
_THE_LIST = bindparam("the_list", type_=Uuid())
_CURRENT = Query(
    select(*_L.columns)
    .where(_L.c.case_id == bindparam("the_case", type_=Uuid()), _L.c.state != "dropped")
    .order_by(_L.c.made_at.desc(), _L.c.id.desc())
    .limit(1)
)
_LINES = Query(select(*_P.columns).where(_P.c.list_id == _THE_LIST).order_by(_P.c.number))
_ELSEWHERE = Query(
    select(_C.c.number)
    .join(_L, _L.c.case_id == _C.c.id)
    .where(
        _L.c.county_code == bindparam("the_county"),
        _L.c.month == bindparam("the_month"),
        _L.c.kind == bindparam("the_kind"),
        _L.c.case_id != bindparam("the_case", type_=Uuid()),
        or_(*(_L.c.state == state for state in OPEN)),
    )
    .limit(1)
)
_HISTORY = Query(
    select(_P.c.benefit_id, _P.c.list_id, _P.c.state)
    .join(_L, _L.c.id == _P.c.list_id)
    .where(
        _L.c.state != "dropped",
        exists().where(
            _MINE.c.list_id == _THE_LIST,
            _MINE.c.benefit_id == _P.c.benefit_id,
            or_(_MINE.c.state == "held", _MINE.c.state == "returned"),
        ),
    )
    .order_by(_P.c.benefit_id, _L.c.made_at.desc(), _L.c.id.desc())
)
_OF_LIST = update(_L).where(_L.c.id == bindparam("the_list"))
_NOW = bindparam("the_now", type_=UtcDateTime())
_DROP_LIST = _OF_LIST.where(or_(*(_L.c.state == state for state in OPEN[:3]))).values(state="dropped")
_DROP_LINES = update(_P).where(_P.c.list_id == bindparam("the_list")).values(state="dropped")
_CHECKED = _OF_LIST.where(_L.c.state == "made").values(
    state="checked", checked_by=bindparam("the_actor"), checked_at=_NOW
)
_APPROVED = _OF_LIST.where(_L.c.state == "checked").values(state="approved")
_SENT = _OF_LIST.where(_L.c.state == "approved").values(
    state="sent", sent_sha256=bindparam("the_digest"), sent_at=_NOW
)
_SETTLED = _OF_LIST.where(or_(_L.c.state == "sent", _L.c.state == "checked")).values(
    state="settled", settled_at=_NOW
)
