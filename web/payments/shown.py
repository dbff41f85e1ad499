"""What the pages show of a payment list: its sums by state, its digest, and its lines page by page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.payments import lists
from jieban.payments.lists import Part
from jieban.payments.tables import PaymentLine, PaymentList
from jieban.rules.standards.behind import outdated
from jieban.staff.actor import Actor
from jieban.staff.tables import User
from tasks.operations.payment_lists import bank_file
from web.i18n import N_
from workflows.payments import PAYER

LIST_STATES = {
    "made": N_("待复核"),
    "checked": N_("已复核"),
    "approved": N_("财政已同意"),
    "sent": N_("已送银行"),
    "settled": N_("已对账结清"),
    "dropped": N_("已作废"),
}
LINE_STATES = {
    "listed": N_("应发"),
    "held": N_("暂缓"),
    "paid": N_("已发放"),
    "returned": N_("退回"),
}
REASONS = {
    "died": N_("登记显示本人已死亡"),
    "no_account": N_("没有登记账户"),
    "not_corrected": N_("上次退回，账户还没有更正"),
    "shared_account": N_("同一账号登记在不同的人名下"),
    "outside_household": N_("户名不是家庭成员"),
}
FOLLOWED = {
    "corrected": N_("已更正账户"),
    "same": N_("账户无误，银行原因"),
    "unreachable": N_("联系不上"),
    "died": N_("享受人已死亡"),
    "changed": N_("家庭情况有变化"),
}
_SENT = ("approved", "sent", "settled")
FEW, MANY = 20, 100


@dataclass(frozen=True)
class ShownList:
    """One list as somebody of a place may see it."""

    list: PaymentList
    number: str
    parts: dict[str, Part]
    """of the lines that lie in the visitor's area"""
    lines: Sequence[PaymentLine]
    next: int | None
    """the number after which the next page begins"""
    names: dict[Any, str]
    may_download: bool
    may_answer: bool
    old_standards: dict[uuid.UUID, int]
    """lines whose amount is that of an earlier year's standards, with that year"""


def shown_list(
    session: Session, actor: Actor, case: Case, *, state: str = "", after: int = 0, most: int = FEW
) -> ShownList | None:
    """Read the list of a case, its sums and so many lines; None where the case has none."""
    found = lists.current_list(session, case.id)
    if found is None:
        return None
    mine: list[ColumnElement[bool]] = [PaymentLine.list_id == found.id]
    if not actor.covers(found.county_code):
        # A township sees its own households only.
        mine.append(PaymentLine.town_code.startswith(actor.area_code or "-", autoescape=True))
    sums = session.execute(
        select(PaymentLine.state, func.count(), func.sum(PaymentLine.amount))
        .where(*mine)
        .group_by(PaymentLine.state)
    )
    parts = {row[0]: Part(row[1], row[2]) for row in sums}
    query = select(PaymentLine).where(*mine, PaymentLine.number > after)
    if state in LINE_STATES:
        query = query.where(PaymentLine.state == state)
    lines = list(session.scalars(query.order_by(PaymentLine.number).limit(most + 1)))
    more, lines = len(lines) > most, lines[:most]
    people = [one for one in (found.made_by, found.checked_by) if one]
    names = {
        row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(people)))
    }
    pays = PAYER in actor.roles and actor.covers(found.county_code)
    return ShownList(
        found,
        bank_file(case.number, found).list_number,
        parts,
        lines,
        lines[-1].number if more else None,
        names,
        may_download=pays and found.state in _SENT,
        may_answer=pays and found.state == "sent",
        old_standards=_old_standards(session, lines),
    )


def _old_standards(session: Session, lines: Sequence[PaymentLine]) -> dict[uuid.UUID, int]:
    query = select(Benefit).where(Benefit.id.in_({line.benefit_id for line in lines}))
    benefits = session.scalars(query).all()
    old = {month: outdated(session, benefits, month) for month in {line.month for line in lines}}
    return {line.id: old[line.month][line.benefit_id] for line in lines if line.benefit_id in old[line.month]}
