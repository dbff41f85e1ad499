"""Nine classes of standards that follow one base: change the base, see all nine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal

from jieban.rules.standards.items import BASES, CITABLE, LinkedAmount, items, linked_classes
from jieban.rules.standards.values import Value, Values

_WEAKER = ("full", "part", "inference", "memory", "ours", "sample")
"""From the surest to the least sure."""


@dataclass(frozen=True)
class LinkedRow:
    """One amount of the nine classes: what it is, and what it becomes."""

    group: str
    key: str
    name: str
    words: str
    """how it follows from the base"""
    old: Decimal | None
    new: Decimal | None
    """what will hold"""
    computed: Decimal | None
    """what the base makes of it; None where the place has no multiple"""
    provenance: str
    """of what will hold"""
    formula_provenance: str
    """of the multiple; "" for a base"""
    base: bool

    @property
    def difference(self) -> Decimal | None:
        return None if self.old is None or self.new is None else self.new - self.old

    @property
    def percent(self) -> Decimal | None:
        """By how many parts of a hundred it rises."""
        if self.difference is None or not self.old:
            return None
        return (self.difference / self.old * 100).quantize(Decimal("0.1"))

    @property
    def follows(self) -> bool:
        """Tell whether what will hold is what the base makes of it."""
        return self.computed is None or self.computed == self.new


def linked_keys() -> set[str]:
    """Give every key that the nine classes ask for."""
    amounts = [amount for one in linked_classes() for amount in one.amounts]
    return {amount.key for amount in amounts} | {amount.multiple for amount in amounts if amount.base}


def compute(amount: LinkedAmount, base: Decimal, multiple: Decimal) -> Decimal:
    """Work out an amount, rounded up to its step in yuan."""
    step = Decimal(amount.step)
    return (base * multiple / step).to_integral_value(ROUND_CEILING) * step


def words(amount: LinkedAmount, multiple: Decimal | None) -> str:
    """Say in a sentence how an amount follows from its base."""
    if not amount.base:
        return "基数"
    times = "？" if multiple is None else f"{multiple.normalize():f}"
    unit = "元" if amount.step == 1 else f" {amount.step} 元"
    return f"{items()[amount.base].name} × {times}，向上取整到{unit}"


def weakest(*provenances: str) -> str:
    """Tell how sure a result is: no surer than what it comes from, and never more than inferred."""
    return max((*provenances, "inference"), key=_WEAKER.index)


def nine(
    before: Values, after: Values, area_code: str, day: date, bases: Mapping[str, Decimal] | None = None
) -> list[LinkedRow]:
    """List all nine classes for a place and a day, old and new; `bases` stand in place of the ones that will hold.

    With `bases` the new amounts are what these make of them; without, they are what will hold.
    """
    found = []
    for one in linked_classes():
        for amount in one.amounts:
            old, then = before.at(area_code, amount.key, day), after.at(area_code, amount.key, day)
            multiple = after.at(area_code, amount.multiple, day) if amount.base else None
            base = _base(after, area_code, day, amount.base or amount.key, bases)
            computed = _computed(amount, base, multiple)
            new = (then.number if then else None) if bases is None else computed
            found.append(
                LinkedRow(
                    group=one.name,
                    key=amount.key,
                    name=items()[amount.key].name,
                    words=words(amount, multiple.number if multiple else None),
                    old=old.number if old else None,
                    new=new,
                    computed=computed,
                    provenance=then.provenance if then else "",
                    formula_provenance=multiple.provenance if multiple else "",
                    base=not amount.base,
                )
            )
    return found


def _base(
    after: Values, area_code: str, day: date, key: str, bases: Mapping[str, Decimal] | None
) -> Decimal | None:
    if bases and key in bases:
        return bases[key]
    value = after.at(area_code, key, day)
    return value.number if value else None


def _computed(amount: LinkedAmount, base: Decimal | None, multiple: Value | None) -> Decimal | None:
    if base is None or not amount.base:
        return base
    return compute(amount, base, multiple.number) if multiple else None


__all__ = ["BASES", "CITABLE", "LinkedRow", "compute", "linked_keys", "nine", "weakest", "words"]
