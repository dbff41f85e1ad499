"""Which of several values of one key holds: the place and the day count, but never against a text of higher rank."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Protocol, TypeVar

import yaml

CITABLE = frozenset({"full", "part"})
"""What was read in its source, and so may be presented as law."""
RANKS = ("ours", "county", "city", "province", "ministry", "central", "judicial", "regulation", "law")
"""From the weakest to the strongest; a value without one is as weak as our own."""


class Ranked(Protocol):
    """A value with what stands behind it."""

    @property
    def key(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def rank(self) -> str: ...
    @property
    def provenance(self) -> str: ...


V = TypeVar("V", bound=Ranked)


def holding(values: Iterable[V]) -> dict[str, V]:
    """Choose for each key the value that holds, out of those of one place and one day.

    They come in order: the wider place first, and of one place the older first. A text that leaves room to the place goes
    on binding what comes after, until one of at least its own rank takes its place.
    """
    standing: dict[str, list[V]] = {}
    for value in values:
        before = standing.get(value.key, [])
        if all(displaces(value, one) for one in before):
            binding = [
                one for one in before if one.provenance in CITABLE and _strength(one) > _strength(value)
            ]
            standing[value.key] = [*binding, value]
    return {key: rows[-1] for key, rows in standing.items()}


def displaces(new: Ranked, old: Ranked) -> bool:
    """Tell whether a nearer or newer value takes the place of another.

    It does not against a text of higher rank that was read in its source, unless that leaves the matter to the place,
    wholly or towards the stricter side (jieban/rules/left_to_places.yaml).
    """
    if old.provenance not in CITABLE or _strength(new) >= _strength(old):
        return True
    match left_to_places().get(old.key):
        case "any":
            return True
        case "below_law":
            return old.rank != "law"
        case "less" | "more" as how:
            return _is_stricter(new.value, old.value, how)
    return False


@cache
def left_to_places() -> dict[str, str]:
    """Say by key how much of it is left to the place: any, below_law, less or more."""
    content = yaml.safe_load((files("jieban.rules") / "left_to_places.yaml").read_text("utf-8"))
    return {key: how for how, keys in content.items() for key in keys}


def _strength(value: Ranked) -> int:
    return RANKS.index(value.rank) if value.rank in RANKS else 0


def _is_stricter(new: str, old: str, how: str) -> bool:
    try:
        change = Decimal(new) - Decimal(old)
    except InvalidOperation:
        return False
    return change <= 0 if how == "less" else change >= 0
