"""Rule values over time: which holds where and when, before and after a change that has not been made yet."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.rules.tables import RuleValue

_FIELDS = (
    *("key", "area_code", "name", "value", "unit", "rule_id", "article", "source", "rank", "provenance"),
    *("effective_from", "effective_to", "note"),
)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Value:
    """One row of the rule table, or one that is to become a row."""

    id: uuid.UUID | None
    key: str
    area_code: str
    name: str
    value: str
    unit: str
    rule_id: str
    article: str
    source: str
    rank: str
    provenance: str
    effective_from: date
    effective_to: date | None
    note: str = ""

    @property
    def number(self) -> Decimal:
        return Decimal(self.value)

    @property
    def withdrawn(self) -> bool:
        """Tell whether it never holds: an import that was undone leaves its rows, ended before they begin."""
        return self.effective_to is not None and self.effective_to < self.effective_from

    def holds(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or self.effective_to >= day)


class Values:
    """The values of some keys at all places and times."""

    def __init__(self, values: Iterable[Value]) -> None:
        self._rows: dict[tuple[str, str], list[Value]] = {}
        for value in values:
            self._rows.setdefault((value.area_code, value.key), []).append(value)

    def own(self, area_code: str, key: str) -> list[Value]:
        """List what a place has set by itself, also what was withdrawn."""
        return self._rows.get((area_code, key), [])

    def at(self, area_code: str, key: str, day: date) -> Value | None:
        """Find the value that holds at a place on a day: the nearest place's, then the newest."""
        for length in range(len(area_code), -1, -1):
            rows = [one for one in self.own(area_code[:length], key) if one.holds(day)]
            if rows:
                return max(rows, key=lambda one: one.effective_from)
        return None

    def put(self, value: Value) -> None:
        """Set a value in place of the one that begins on the same day, or beside the others."""
        rows = self._rows.setdefault((value.area_code, value.key), [])
        rows[:] = [one for one in rows if one.effective_from != value.effective_from] + [value]

    def copy(self) -> "Values":
        return Values(value for rows in self._rows.values() for value in rows)


def load_values(session: Session, keys: Iterable[str]) -> Values:
    """Read every row of the keys."""
    query = select(RuleValue).where(RuleValue.key.in_(set(keys)))
    return Values(Value(row.id, **snapshot(row)) for row in session.scalars(query))


def snapshot(row: RuleValue | Value) -> dict[str, Any]:
    """Give all that a row says, without its id."""
    return {name: getattr(row, name) for name in _FIELDS}


def day_before(day: date) -> date:
    """Give the last day of what ends when something begins."""
    return day - _DAY
