"""Whom new standards concern: cases that are not accepted yet, and benefits that are paid every month.

Nothing here changes an amount. A case keeps the values of the day on which it was accepted; the amount of a benefit
changes through the procedures of review and change, with a decision of its own.
"""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from jieban.areas.lookup import full_name
from jieban.benefits.tables import Benefit
from jieban.cases.tables import Case
from jieban.errors import Invalid
from jieban.people.names import short_name
from jieban.rules.sets import number, rule_set
from jieban.rules.standards.behind import Behind, behind_amounts, keys_of
from jieban.rules.standards.items import items
from jieban.rules.standards.planning import Change, Plan
from jieban.staff.actor import Actor, within

_AT_ONCE = 500
_UNKNOWN = "没有可以沿用的计算，须逐户重新计算"


@dataclass(frozen=True)
class Open:
    """Open cases of the procedures and places concerned."""

    waiting: int = 0
    """not accepted yet: those accepted on the first day or later go by the new values"""
    accepted: int = 0
    """accepted already: they keep their values"""


@dataclass(frozen=True)
class Concerned:
    """A benefit whose amount would be another by the same calculation."""

    case_id: uuid.UUID
    case_number: str
    holder: str
    town_code: str
    procedure: str
    from_month: str
    present: Decimal
    new: Decimal | None
    """yuan a month; None where the same calculation does not give it"""
    why: str
    """why there is no new amount"""

    @property
    def difference(self) -> Decimal | None:
        return None if self.new is None else self.new - self.present


def open_cases(session: Session, actor: Actor, plan: Plan) -> Open:
    """Count the open cases in the actor's area that ask for a value that changes."""
    procedures = {name for change in plan.changes for name in items()[change.new.key].cases}
    if not procedures:
        return Open()
    accepted = Case.accepted_at.is_not(None).label("accepted")
    place = (Case.village_code, Case.town_code, Case.procedure, Case.urban)
    query = (
        select(*place, accepted, func.count())
        .where(Case.state == "open", Case.procedure.in_(procedures), _somewhere(actor, plan, Case))
        .group_by(*place, accepted)
    )
    found = {True: 0, False: 0}
    for village, town, procedure, urban, is_accepted, count in session.execute(query):
        keys = [key for key, item in items().items() if procedure in item.cases and _suits(key, urban=urban)]
        if _first_change(plan, village or town, keys):
            found[bool(is_accepted)] += count
    return Open(waiting=found[False], accepted=found[True])


def concerned(session: Session, actor: Actor, plan: Plan) -> Iterator[Concerned]:
    """Go through the benefits in the actor's area whose amount the new values would change, by case number."""
    query = (
        select(Benefit)
        .where(Benefit.state == "active", Benefit.kind == "monthly", Benefit.amount.is_not(None))
        .where(_somewhere(actor, plan, Benefit))
        .order_by(Benefit.case_number, Benefit.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    for benefits in session.scalars(query).partitions():
        behind = behind_amounts(session, benefits)
        for benefit in benefits:
            found = _work_out(session, plan, benefit, behind[benefit.id])
            if found:
                yield found


def write_concerned(
    session: Session, rows: Iterator[Concerned], names: dict[str, str], path: Path, *, whole_names: bool
) -> int:
    """Write the benefits as a workbook, every name as text, and return how many there are."""
    import xlsxwriter  # type: ignore[import-untyped]

    heads = (
        ("案号", 26),
        ("救助对象", 16),
        ("地点", 34),
        ("业务", 18),
        ("自何月起", 12),
        ("现月救助金额", 14),
        ("按新标准", 14),
        ("增减", 12),
        ("说明", 40),
    )
    count = 0
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        head = book.add_format({"bold": True, "bg_color": "#F2F2F2", "border": 1})
        money = book.add_format({"num_format": "0.00"})
        sheet = book.add_worksheet("涉及的救助")
        for column, (title, width) in enumerate(heads):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, head)
        for count, one in enumerate(rows, 1):
            holder = one.holder if whole_names else short_name(one.holder)
            place = full_name(session, one.town_code)
            texts = (one.case_number, holder, place, names.get(one.procedure, one.procedure), one.from_month)
            for column, text in enumerate(texts):
                sheet.write_string(count, column, text)
            for column, amount in enumerate((one.present, one.new, one.difference), len(texts)):
                if amount is not None:
                    sheet.write_number(count, column, float(amount), money)
            sheet.write_string(count, len(heads) - 1, one.why)
        sheet.freeze_panes(1, 0)
        note = "金额不会自动改变：须经核查、变更程序逐户作出决定。"
        sheet.write_string(count + 2, 0, note)
    return count


def _work_out(session: Session, plan: Plan, benefit: Benefit, behind: Behind) -> Concerned | None:
    keys = keys_of(benefit, behind.grade)
    day = _first_change(plan, benefit.village_code or benefit.town_code, keys)
    if day is None or benefit.amount is None:
        return None
    new, why = None, behind.problem
    if not why:
        try:
            change = _difference(session, plan, benefit, keys, day, behind)
            new = max(benefit.amount + change, Decimal(0))
        except Invalid:
            why = _UNKNOWN
    return Concerned(
        case_id=benefit.case_id,
        case_number=benefit.case_number,
        holder=benefit.holder,
        town_code=benefit.town_code,
        procedure=benefit.procedure,
        from_month=max(benefit.from_month, f"{day:%Y-%m}"),
        present=benefit.amount,
        new=new,
        why=why,
    )


def _difference(
    session: Session, plan: Plan, benefit: Benefit, keys: Sequence[str], day: date, behind: Behind
) -> Decimal:
    """Tell by how much the amount rises where the household stays as it is: every member by the rise of the value."""
    if behind.rule_set_id is None:
        raise Invalid(_UNKNOWN)
    used = rule_set(session, behind.rule_set_id)
    place, total = benefit.village_code or benefit.town_code, Decimal(0)
    for key in keys:
        value = plan.after.at(place, key, day)
        if value is None:
            raise Invalid(_UNKNOWN)
        total += (value.number - number(used, key)) * benefit.members
    return total


def _first_change(plan: Plan, place: str, keys: Sequence[str]) -> date | None:
    """Tell from which day one of the values is another at a place; None where none is."""
    days = [change.new.effective_from for change in plan.changes if _changes(plan, change, place, keys)]
    return min(days, default=None)


def _changes(plan: Plan, change: Change, place: str, keys: Sequence[str]) -> bool:
    new = change.new
    if new.key not in keys or not place.startswith(new.area_code):
        return False
    before = plan.before.at(place, new.key, new.effective_from)
    after = plan.after.at(place, new.key, new.effective_from)
    # A place with a value of its own is not touched by that of the place above.
    return after is not None and (before is None or before.number != after.number)


def _suits(key: str, *, urban: bool) -> bool:
    return not key.endswith(".rural" if urban else ".urban")


def _somewhere(actor: Actor, plan: Plan, table: Any) -> ColumnElement[bool]:
    """Make the condition that rows lie in the actor's area and where something changes."""
    places = {change.new.area_code for change in plan.changes}
    there = (within(replace(actor, area_code=one), table) for one in places)
    return and_(within(actor, table), or_(false(), *there))
