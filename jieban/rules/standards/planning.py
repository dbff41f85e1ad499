"""What a set of wanted values would change, checked against what is there; nothing is written here."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.tables import Area
from jieban.intake.rejections import Rejection
from jieban.rules.standards.columns import AREA, SINCE, SOURCE, VALUE
from jieban.rules.standards.items import CITABLE, items, linked_amounts
from jieban.rules.standards.linking import LinkedRow, compute, linked_keys, nine, weakest
from jieban.rules.standards.reading import Wanted, check_behind, check_value
from jieban.rules.standards.values import Value, Values, day_before, load_values

_FAR = timedelta(days=5 * 366)
_EARLIEST = date(2000, 1, 1)
_HALF = Decimal("0.5")
_RANKS = {2: "province", 4: "city"}


@dataclass(frozen=True)
class Change:
    """One value that would become valid."""

    new: Value
    """without an id where it is a new row"""
    old: Value | None
    """what holds at the place on that day without the change"""
    ends: Value | None
    """the place's own value that would end the day before"""
    computed: bool
    warnings: tuple[str, ...]

    @property
    def difference(self) -> Decimal | None:
        return self.new.number - self.old.number if self.old else None


@dataclass
class Plan:
    """What would be changed, what is wrong, and all values before and after."""

    before: Values
    after: Values
    changes: list[Change] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    same: int = 0
    """values that are there already"""
    today: date = date.min

    @property
    def warnings(self) -> int:
        return sum(bool(change.warnings) for change in self.changes)

    @property
    def first_day(self) -> date | None:
        """The first day on which something changes."""
        return min((change.new.effective_from for change in self.changes), default=None)

    @property
    def can_be_undone(self) -> bool:
        return self.first_day is not None and self.first_day > self.today

    def linked(self) -> list[tuple[str, date, list[LinkedRow]]]:
        """Show all nine classes for each place and day on which one of them changes."""
        keys = {amount.key for amount in linked_amounts()}
        places = {(one.new.area_code, one.new.effective_from) for one in self.changes if one.new.key in keys}
        return [(area, day, nine(self.before, self.after, area, day)) for area, day in sorted(places)]


def make_plan(
    session: Session, within: str | None, today: date, wanted: Iterable[Wanted], bases: Iterable[Wanted] = ()
) -> Plan:
    """Check wanted values and work out what they change; `within` is the area of the actor, None for everywhere."""
    given, following = list(wanted), list(bases)
    keys = {one.key for one in (*given, *following)} | linked_keys()
    before = load_values(session, keys)
    plan = Plan(before, before.copy(), today=today)
    given = _with_linked(plan, given, following)
    known = _areas(session, {one.area_code for one in given})
    twice = Counter((one.area_code, one.key, one.effective_from) for one in given)
    for one in sorted(given, key=lambda one: (one.effective_from, one.sheet, one.row)):
        wrong = _check(one, known, within, today)
        if twice[one.area_code, one.key, one.effective_from] > 1:
            wrong.append(
                one.reject(AREA, f"“{items()[one.key].name}”在同一地区、同一生效日期填写了不止一次。")
            )
        plan.rejected += wrong
        if not wrong:
            _place(plan, one, sample_area=known[one.area_code])
    return plan


def _with_linked(plan: Plan, given: list[Wanted], bases: list[Wanted]) -> list[Wanted]:
    """Add the bases and what follows from them; what was filled in by itself is not worked out."""
    own = {(one.area_code, one.key, one.effective_from) for one in given}
    # Multiples that come with the same file are the ones that hold then.
    coming = plan.before.copy()
    for one in given:
        coming.put(_value(one))
    added = list(bases)
    by_key = {(one.area_code, one.key, one.effective_from): one for one in bases}
    for amount in linked_amounts():
        for (area, key, day), base in by_key.items() if amount.base else ():
            multiple = coming.at(area, amount.multiple, day)
            if key == amount.base and multiple:
                value = compute(amount, Decimal(base.value), multiple.number)
                provenance = weakest(base.provenance, multiple.provenance)
                added.append(_follow(base, amount.key, value, provenance))
    return given + [one for one in added if (one.area_code, one.key, one.effective_from) not in own]


def _follow(base: Wanted, key: str, value: Decimal, provenance: str) -> Wanted:
    return replace(base, key=key, value=f"{value:f}", provenance=provenance, computed=True)


def _areas(session: Session, codes: set[str]) -> dict[str, bool]:
    query = select(Area.code, Area.sample).where(Area.code.in_(codes))
    return {row.code: row.sample for row in session.execute(query)}


def _check(one: Wanted, known: dict[str, bool], within: str | None, today: date) -> list[Rejection]:
    wrong = []
    if one.area_code not in known:
        wrong.append(one.reject(AREA, "没有这个地区，请核对区划代码。"))
    elif within and not one.area_code.startswith(within):
        wrong.append(one.reject(AREA, "不在您的辖区内，不能更改该地区的标准。"))
    if said := check_value(items()[one.key], Decimal(one.value)):
        wrong.append(one.reject(VALUE, said))
    if said := check_behind(one.source, one.provenance):
        wrong.append(one.reject(SOURCE, said))
    if not _EARLIEST <= one.effective_from <= today + _FAR:
        wrong.append(one.reject(SINCE, "生效日期过早或者过晚，请核对年份。"))
    return wrong


def _place(plan: Plan, one: Wanted, *, sample_area: bool) -> None:
    rows = plan.after.own(one.area_code, one.key)
    there = next((row for row in rows if row.effective_from == one.effective_from), None)
    live = [row for row in rows if not row.withdrawn]
    new = _value(one)
    old = plan.before.at(one.area_code, one.key, one.effective_from)
    holding = sorted((row for row in live if row.holds(one.effective_from)), key=_since)
    standing = holding[-1] if holding else None
    if standing and _says_the_same(standing, new):
        plan.same += 1
        return
    if there and not there.withdrawn and one.effective_from <= plan.today:
        said = f"自 {one.effective_from} 起的值已经施行，不能改写；请填写新的生效日期。"
        plan.rejected.append(one.reject(SINCE, said))
        return
    later = min((row.effective_from for row in live if row.effective_from > one.effective_from), default=None)
    ends = max((row for row in holding if row.effective_from < one.effective_from), key=_since, default=None)
    until = day_before(later) if later else None
    new = replace(new, id=there.id if there else None, effective_to=until)
    if ends:
        plan.after.put(replace(ends, effective_to=day_before(one.effective_from)))
    plan.after.put(new)
    warnings = tuple(_warn(plan.today, new, old, later, replaces=there, sample_area=sample_area))
    plan.changes.append(Change(new, old, ends, one.computed, warnings))


def _warn(
    today: date,
    new: Value,
    old: Value | None,
    later: date | None,
    *,
    replaces: Value | None,
    sample_area: bool,
) -> Iterable[str]:
    if old and not old.number * (1 - _HALF) <= new.number <= old.number * (1 + _HALF):
        yield f"与现行值 {old.value} 相差超过一半，请核对。"
    if new.effective_from < today:
        yield "生效日期早于今天：已受理的案件仍用受理时的标准。"
    if later:
        yield f"该项目自 {later} 起另有值，本次的值只用到前一日。"
    if replaces and not replaces.withdrawn:
        yield f"替换同日起施行、尚未生效的值 {replaces.value}。"
    if new.provenance == "sample" and not sample_area:
        yield "标为示例数据，不得作为依据引用。"
    if old and old.provenance in CITABLE and new.provenance not in CITABLE:
        yield "现行值核对过原文，新值没有核对过，不能再作为依据引用。"


def _value(one: Wanted) -> Value:
    item = items()[one.key]
    sure = one.provenance in {*CITABLE, "sample"}
    return Value(
        id=None,
        key=one.key,
        area_code=one.area_code,
        name=item.name,
        value=one.value,
        unit=item.unit,
        rule_id=item.rule_id,
        article=one.article,
        source=one.source,
        rank=_RANKS.get(len(one.area_code), "county") if sure else "ours",
        provenance=one.provenance,
        effective_from=one.effective_from,
        effective_to=None,
        note="按九类标准联动计算。" if one.computed else "",
    )


def _since(row: Value) -> date:
    return row.effective_from


def _says_the_same(there: Value, new: Value) -> bool:
    return (there.number, there.source, there.article, there.provenance) == (
        new.number,
        new.source,
        new.article,
        new.provenance,
    )


__all__ = ["Change", "Plan", "make_plan"]
