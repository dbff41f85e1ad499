"""What a workbook of standards may carry, and the nine classes that move together: both are data beside this file."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

PROVENANCES = {
    "full": "已核对原文",
    "part": "部分核对原文",
    "memory": "未核对原文",
    "inference": "推断",
    "ours": "本系统设定",
    "sample": "示例数据",
}
CITABLE = frozenset({"full", "part"})
BASES = ("dibao.standard.urban", "dibao.standard.rural")
_LINK = "linked."
_MOST_MULTIPLE = Decimal(20)


@dataclass(frozen=True)
class Item:
    """An amount, share or multiple that a place sets for itself."""

    key: str
    name: str
    unit: str
    """yuan or number, as the rule table has it"""
    shown: str
    """the unit as people write it"""
    rule_id: str
    most: Decimal
    cases: tuple[str, ...] = ()
    """the procedures that ask for it"""


@dataclass(frozen=True)
class LinkedAmount:
    """An amount of one of the nine classes: a base itself, or a multiple of one, rounded up to steps of yuan."""

    key: str
    base: str = ""
    step: int = 1

    @property
    def multiple(self) -> str:
        """The key of the rule value that says how many times the base it is."""
        return _LINK + self.key


@dataclass(frozen=True)
class LinkedClass:
    name: str
    amounts: tuple[LinkedAmount, ...]


@cache
def items() -> Mapping[str, Item]:
    """Give every item by its key, the multiples of the linked amounts last."""
    own = [_item(row) for row in _content("items.yaml")["items"]]
    found = {item.key: item for item in own}
    for amount in linked_amounts():
        if amount.base:
            item = found[amount.key]
            name = f"联动倍数：{item.name}"
            found[amount.multiple] = Item(
                amount.multiple, name, "number", "倍", item.rule_id, _MOST_MULTIPLE, item.cases
            )
    return found


@cache
def linked_classes() -> tuple[LinkedClass, ...]:
    """Give the nine classes in the order in which they are shown."""
    return tuple(
        LinkedClass(row["name"], tuple(LinkedAmount(**amount) for amount in row["amounts"]))
        for row in _content("linked.yaml")["classes"]
    )


def linked_amounts() -> tuple[LinkedAmount, ...]:
    """Give the amounts of all nine classes."""
    return tuple(amount for one in linked_classes() for amount in one.amounts)


def linked_provenance() -> str:
    """Tell how sure the list of the nine classes is."""
    return str(_content("linked.yaml")["provenance"])


def find_item(words: str) -> Item | None:
    """Find an item by its key or its Chinese name; brackets and colons may be full or half width."""
    return _by_words().get(_plain(words))


@cache
def _by_words() -> dict[str, Item]:
    return {_plain(words): item for item in items().values() for words in (item.key, item.name)}


def _plain(words: str) -> str:
    text = "".join(words.split()).replace("（", "(").replace("）", ")").replace(":", "：")
    return text.removesuffix("(示例)").lower()


def _item(row: dict[str, Any]) -> Item:
    return Item(**{**row, "most": Decimal(str(row["most"])), "cases": tuple(row.get("cases", ()))})


@cache
def _content(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((files("jieban.rules.standards") / name).read_text("utf-8"))
    return content
