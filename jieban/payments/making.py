"""From what was granted to the lines of a month: who is paid how much to which account, and who is held back and why.

One question finds the benefits of the month, another what is still owed from earlier lists; their number does not grow
with the number of households.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    Table,
    and_,
    bindparam,
    case,
    exists,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit, BenefitStep
from jieban.cases.tables import Application, Member, Payment
from jieban.payments.lines import Line
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.people.tables import Person
from jieban.reads import Query

TO_THE_FAMILY = frozenset({"subsistence_allowance"})
"""Aid that is paid to an account of the family itself (DB-23); other aid may go to whoever cares for the person."""

ALIVE = ("listed", "paid")
OWED = ("held", "returned", "dropped")
"""States of a line whose money has not arrived; dropped is one whose whole list was thrown away."""


@dataclass(frozen=True)
class Candidate:
    """What somebody has coming for one month, before it is looked at."""

    benefit_id: uuid.UUID
    case_number: str
    month: str
    round: int
    town_code: str
    holder: str
    account_holder: str
    account_bank: str
    account_number: str
    amount: Decimal
    died_on: date | None
    in_household: bool
    """the account is in the name of a member of the household"""
    first_try: bool
    """no list that counts has a line for this month yet"""


@dataclass(frozen=True)
class Made:
    """The lines of a list that is being made, and what was asked to be held and is not there."""

    lines: tuple[Line, ...]
    unknown: tuple[str, ...] = ()
    """case numbers that stand in no line"""


@dataclass
class _Past:
    """What earlier lists left open for a benefit."""

    owed: dict[str, Any] = field(default_factory=dict)
    """the last line of each month that did not arrive"""

    @property
    def refused(self) -> set[str]:
        """Accounts that the bank refused, and nobody has said since that they are right."""
        rows = self.owed.values()
        return {row.tried_account for row in rows if row.state == "returned" and row.followed != "same"}

    def tried(self, month: str) -> int:
        """Say how often a month was tried by lists that counted."""
        row = self.owed.get(month)
        return 0 if row is None or row.state == "dropped" else int(row.round)


def make_lines(
    session: Session, county: str, kind: str, month: str, held: Mapping[str, str] | None = None
) -> Made:
    """Work out the lines of a county, a kind of aid and a month ("2026-03"), numbered by township.

    Paid is what the last step of the benefit says for that month (ZF-05). What earlier lists could not pay is tried
    again for its own month once what stood against it is gone (ZF-07), and so are months whose list was thrown away.
    `held` are case numbers that somebody wants held back, with the reason.
    """
    asked = {"the_county": county, "the_kind": kind, "the_month": month}
    first_day = date.fromisoformat(f"{month}-01")
    rows = _DUE.all(session, **asked, the_day=first_day)
    past = _past(_OWED.all(session, **asked))
    found = [_candidate(row, month, past[row.benefit_id]) for row in rows]
    found += [
        _candidate(row, row.month, of)
        for of in past.values()
        for row in of.owed.values()
        if row.month != month
    ]
    found.sort(key=lambda one: (one.town_code, one.case_number, one.month))
    wanted, shared = dict(held or {}), _shared(found)
    lines: list[Line] = []
    for one in found:
        reason = wanted.get(one.case_number) or _against(one, kind, past[one.benefit_id], shared)
        # A month that was held before is not held again and again: its first line stays until it can be paid.
        if reason and not one.first_try and one.case_number not in wanted:
            continue
        lines.append(_line(len(lines) + 1, one, reason))
    known = {one.case_number for one in found}
    return Made(tuple(lines), tuple(sorted(set(wanted) - known)))


def _line(number: int, one: Candidate, reason: str) -> Line:
    return Line(
        number,
        one.benefit_id,
        one.month,
        one.round,
        one.town_code,
        one.holder,
        one.account_holder,
        one.account_bank,
        one.account_number,
        one.amount,
        "held" if reason else "listed",
        reason,
    )


def _against(one: Candidate, kind: str, past: _Past, shared: frozenset[str]) -> str:
    """Say what stands against paying, as a code; "" where nothing does."""
    if one.died_on and one.died_on.isoformat() < f"{one.month}-01":
        return "died"
    if not one.account_number:
        return "no_account"
    if one.account_number in past.refused:
        return "not_corrected"
    if one.account_number in shared:
        return "shared_account"
    if kind in TO_THE_FAMILY and not one.in_household:
        return "outside_household"
    return ""


def _shared(found: Sequence[Candidate]) -> frozenset[str]:
    """Find accounts that stand under the names of different people."""
    names: dict[str, set[str]] = defaultdict(set)
    for one in found:
        names[one.account_number].add(one.account_holder)
    return frozenset(account for account, holders in names.items() if account and len(holders) > 1)


def _past(owed: Sequence[Any]) -> dict[uuid.UUID, _Past]:
    """Keep the last line of each month; one of a list that was thrown away counts only where there is no other."""
    past: dict[uuid.UUID, _Past] = defaultdict(_Past)
    for row in sorted(owed, key=lambda one: (one.state != "dropped", one.round)):
        past[row.benefit_id].owed[row.month] = row
    return past


def _candidate(row: Any, month: str, past: _Past) -> Candidate:
    tried = past.tried(month)
    return Candidate(
        row.benefit_id,
        row.case_number,
        month,
        tried + 1,
        row.town_code,
        row.holder,
        row.account_holder,
        row.account_bank,
        row.account_number,
        row.amount,
        row.died_on,
        bool(row.in_household),
        first_try=not tried,
    )


_B, _S, _A, _P = (cast("Table", one.__table__) for one in (Benefit, BenefitStep, Application, Person))
_M, _PAID, _LINE, _LIST = (
    cast("Table", one.__table__) for one in (Member, Payment, PaymentLine, PaymentList)
)
_LATER = _LINE.alias("later")


def _is(line: Any, states: tuple[str, ...]) -> ColumnElement[bool]:
    # Written out as in the partial indexes of the table, so that these are used.
    found: ColumnElement[bool] = line.c.state.in_([literal_column(f"'{state}'") for state in states])
    return found


def _account(name: str) -> ColumnElement[str]:
    # All three parts come from one place, so that no bank is joined with another's number.
    return case((_B.c.account_number != "", _B.c[name]), else_=_A.c[name])


def _columns() -> list[ColumnElement[Any]]:
    holder = _account("account_holder")
    belongs = exists().where(_M.c.case_id == _B.c.case_id, _M.c.name == holder)
    return [
        _B.c.id.label("benefit_id"),
        _B.c.case_number,
        _B.c.town_code,
        _B.c.holder,
        holder.label("account_holder"),
        _account("account_bank").label("account_bank"),
        _account("account_number").label("account_number"),
        _P.c.died_on,
        belongs.label("in_household"),
    ]


def _benefits(*columns: ColumnElement[Any]) -> Select[Any]:
    return (
        select(*_columns(), *columns)
        .select_from(_B)
        .join(_A, _A.c.case_id == _B.c.case_id)
        .join(_P, _P.c.id == _B.c.person_id)
        .where(
            _B.c.county_code == bindparam("the_county"),
            _B.c.procedure == bindparam("the_kind"),
            _B.c.kind == "monthly",
        )
    )


_MONTH: BindParameter[str] = bindparam("the_month")


def _amount(month: Any) -> ScalarSelect[Any]:
    return (
        select(_S.c.amount)
        .where(_S.c.benefit_id == _B.c.id, _S.c.from_month <= month)
        .order_by(_S.c.from_month.desc(), _S.c.made_at.desc(), _S.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _not_settled(month: Any, line: Any) -> tuple[ColumnElement[bool], ...]:
    """Make the conditions that somebody has money coming for a month that neither a list nor their own case has paid."""
    return (
        _B.c.from_month <= month,
        or_(_B.c.ended_month == "", _B.c.ended_month > month),
        _amount(month) > 0,
        # The first payment may have been recorded with its case (DB-18).
        ~exists().where(_PAID.c.case_id == _B.c.case_id, _PAID.c.month == month),
        ~exists().where(line.c.benefit_id == _B.c.id, line.c.month == month, _is(line, ALIVE)),
    )


_DUE = Query(
    _benefits(_amount(_MONTH).label("amount")).where(
        *_not_settled(_MONTH, _LINE),
        or_(_B.c.until.is_(None), _B.c.until >= bindparam("the_day", type_=_B.c.until.type)),
    )
)
_OWED = Query(
    _benefits(
        _LINE.c.month,
        _LINE.c.round,
        _amount(_LINE.c.month).label("amount"),
        _LINE.c.state,
        _LINE.c.followed,
        _LINE.c.account_number.label("tried_account"),
    )
    .join(_LINE, _LINE.c.benefit_id == _B.c.id)
    .join(_LIST, and_(_LIST.c.id == _LINE.c.list_id, _LIST.c.county_code == _B.c.county_code))
    .where(
        _LIST.c.kind == bindparam("the_kind"),
        _is(_LINE, OWED),
        _LINE.c.month <= _MONTH,
        *_not_settled(_LINE.c.month, _LATER),
    )
)
