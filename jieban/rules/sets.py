import hashlib
import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import URL, Date, Engine, Table, bindparam, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from jieban.errors import Invalid
from jieban.ids import new_id
from jieban.reads import Query
from jieban.rules.precedence import CITABLE, holding
from jieban.rules.tables import RuleSet, RuleValue

_LEVELS = (2, 4, 6, 9, 12)


@dataclass(frozen=True)
class RuleEntry:
    """One value of a rule set, with what stands behind it."""

    key: str
    value: str
    unit: str
    name: str
    rule_id: str
    article: str
    source: str
    rank: str
    provenance: str

    @property
    def citable(self) -> bool:
        """Tell whether it may be presented as law: only what was read in its source may."""
        return self.provenance in CITABLE


_kept: dict[uuid.UUID, RuleSet] = {}
_MOST_KEPT = 4096


def rule_set(session: Session, rule_set_id: uuid.UUID) -> RuleSet:
    """Return a set by its id; sets never change, so a process reads each of them once."""
    found = _kept.get(rule_set_id)
    if found is None:
        found = session.get_one(RuleSet, rule_set_id)
        session.expunge(found)
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[rule_set_id] = found
    return found


value_count = select(func.count()).select_from(RuleValue).scalar_subquery()
"""A column that grows whenever a value is added; for `tell_count`.

Rows are never taken away, and one that holds already is changed in its last day alone, when another follows it.
Ids would be quicker to look at, but their order holds only as far as the clocks of all processes agree.
"""

_COUNT = "number of rule values"
_in_force: dict[tuple[URL, str, date], tuple[int, RuleSet]] = {}


def tell_count(session: Session, values: int) -> None:
    """Hand over what `value_count` was in this transaction, so that sets which a process knows are not read again."""
    session.info[_COUNT] = values


def rule_set_for(session: Session, area_code: str, day: date, now: datetime) -> RuleSet:
    """Return the values in force for a place on a day, frozen; equal values give the same set again.

    Where nobody has frozen them yet, a session that only reads gets them as they are.
    """
    known: dict[tuple[str, date], RuleSet] = session.info.setdefault("rule sets", {})
    place = (area_code, day)
    if place not in known:
        # On a connection of its own everything may be undone, as after a scenario.
        values = session.info.get(_COUNT) if isinstance(session.get_bind(), Engine) else None
        kept = _in_force.get((_database(session), *place)) if values else None
        if kept is not None and kept[0] == values:
            known[place] = kept[1]
        else:
            known[place] = _freeze(session, area_code, day, now, values)
    return known[place]


def _freeze(session: Session, area_code: str, day: date, now: datetime, count: int | None) -> RuleSet:
    chosen = _holding_on(session, area_code, day)
    values = {key: _frozen(value) for key, value in sorted(chosen.items())}
    text = json.dumps([area_code, values], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    found = _SAME.scalar(session, the_digest=digest)
    if found is None:
        made = {"id": new_id(), "digest": digest, "area_code": area_code, "values": values, "created_at": now}
        if session.connection().get_execution_options().get("reading", False):
            return RuleSet(**made)  # a page only looks; who writes first freezes it
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        session.execute(insert(RuleSet).values(made).on_conflict_do_nothing())
        return rule_set(session, _SAME.scalar(session, the_digest=digest))
    frozen = rule_set(session, found)
    if count is not None:  # a set of this very transaction is not kept: it may be undone
        if len(_in_force) >= _MOST_KEPT:
            _in_force.clear()
        _in_force[_database(session), area_code, day] = (count, frozen)
    return frozen


def values_on(session: Session, area_code: str, day: date) -> dict[str, str]:
    """Read the bare values that hold in a place on a day, for looking: nothing is frozen."""
    return {key: row.value for key, row in _holding_on(session, area_code, day).items()}


def _holding_on(session: Session, area_code: str, day: date) -> dict[str, Any]:
    places = dict.fromkeys(_PLACES, "") | dict(zip(_PLACES, _places(area_code), strict=False))
    # In the order of the query a later row is the more specific one, and then the newer one.
    return holding(_IN_FORCE.all(session, the_day=day, **places))


def _database(session: Session) -> URL:
    return session.get_bind().engine.url


def _places(area_code: str) -> list[str]:
    return [area_code[:length] for length in _LEVELS if length <= len(area_code)]


_PLACES = [f"the_place_{length}" for length in _LEVELS]
_VALUE = cast("Table", RuleValue.__table__)
_THE_DAY = bindparam("the_day", type_=Date())
_IN_FORCE = Query(
    select(_VALUE)
    .where(
        or_(_VALUE.c.area_code == "", *(_VALUE.c.area_code == bindparam(place) for place in _PLACES)),
        _VALUE.c.effective_from <= _THE_DAY,
        or_(_VALUE.c.effective_to.is_(None), _VALUE.c.effective_to >= _THE_DAY),
    )
    .order_by(_VALUE.c.area_code, _VALUE.c.effective_from)
)
_SAME = Query(select(RuleSet.id).where(RuleSet.digest == bindparam("the_digest")))


def _frozen(value: Any) -> dict[str, Any]:
    return {
        "value": value.value,
        "unit": value.unit,
        "name": value.name,
        "rule_id": value.rule_id,
        "article": value.article,
        "source": value.source,
        "rank": value.rank,
        "provenance": value.provenance,
        "from": value.effective_from.isoformat(),
        "to": value.effective_to.isoformat() if value.effective_to else None,
    }


def entry(rule_set: RuleSet, key: str) -> RuleEntry:
    """Read one value of a set, or raise Invalid where the set has none."""
    try:
        found = rule_set.values[key]
    except KeyError:
        raise Invalid(f"规则表中没有“{key}”在该地区、该日期有效的值。") from None
    return RuleEntry(key=key, **{name: found[name] for name in _fields()})


def number(rule_set: RuleSet, key: str) -> Decimal:
    """Read one value of a set as a number."""
    text = entry(rule_set, key).value
    try:
        return Decimal(text)
    except ArithmeticError:
        raise Invalid(f"规则“{key}”的值“{text}”不是数字。") from None


def _fields() -> Iterable[str]:
    return (name for name in RuleEntry.__dataclass_fields__ if name != "key")
