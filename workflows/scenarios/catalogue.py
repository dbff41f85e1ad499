"""The catalogue of rules (bpmn/procedures/rules.yaml): every id that models, scenarios and rule values cite."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jieban.errors import JiebanError
from jieban.yaml_text import read_yaml

BINDS = {"limit": "限值", "step": "必经步骤", "prohibition": "禁止", "none": "不约束步骤"}
"""How a rule binds the steps of a procedure, and what people read."""

_PROVENANCES = frozenset({"full", "part", "memory", "inference", "ours"})
_NEEDED = frozenset({"id", "title", "provenance", "binds"})
_KNOWN = _NEEDED | {"article", "procedures", "reason", "until"}


class CatalogueError(JiebanError):
    """规则目录写得不对。"""


@dataclass(frozen=True)
class Rule:
    """One rule; `reason` says why no scenario can prove it, where none can; `until` is the last day of a repealed text."""

    id: str
    title: str
    article: str
    provenance: str
    binds: str
    procedures: tuple[str, ...]
    reason: str
    until: str = ""

    @property
    def bound(self) -> bool:
        return self.binds != "none"


@dataclass(frozen=True)
class Catalogue:
    """All rules by their id, and the names of the procedures that prove them by their key."""

    rules: Mapping[str, Rule]
    procedures: Mapping[str, str]


@cache
def shipped_catalogue() -> Catalogue:
    """Read the catalogue that comes with the program."""
    return read_catalogue((files("bpmn") / "procedures" / "rules.yaml").read_text("utf-8"))


def read_catalogue(content: str) -> Catalogue:
    """Read a catalogue; a slip of the pen is told with the rule in which it is."""
    found = read_yaml(content)
    names = {str(key): str(name) for key, name in found["procedures"].items()}
    rules = [_rule(row, names) for row in found["rules"]]
    twice = sorted(one for one, times in Counter(rule.id for rule in rules).items() if times > 1)
    if twice:
        raise CatalogueError(f"规则目录中 {'、'.join(twice)} 出现两次。")
    return Catalogue({rule.id: rule for rule in rules}, names)


def _rule(row: Mapping[str, Any], names: Mapping[str, str]) -> Rule:
    place = f"规则 {row.get('id', row)}"
    if missing := sorted(name for name in _NEEDED if not row.get(name)):
        raise CatalogueError(f"{place} 缺少 {'、'.join(missing)}。")
    if strange := sorted(row.keys() - _KNOWN):
        raise CatalogueError(f"{place} 有无法识别的内容 {'、'.join(strange)}。")
    rule = Rule(
        str(row["id"]),
        str(row["title"]),
        str(row.get("article", "")),
        str(row["provenance"]),
        str(row["binds"]),
        tuple(row.get("procedures", ())),
        str(row.get("reason", "")),
        str(row.get("until", "")),
    )
    if rule.provenance not in _PROVENANCES:
        raise CatalogueError(f"{place} 的 provenance 不能是“{rule.provenance}”。")
    if rule.binds not in BINDS:
        raise CatalogueError(f"{place} 的 binds 不能是“{rule.binds}”。")
    if strange := sorted(set(rule.procedures) - names.keys()):
        raise CatalogueError(f"{place} 的流程 {'、'.join(strange)} 不在目录的 procedures 中。")
    if rule.bound and not rule.procedures:
        raise CatalogueError(f"{place} 约束步骤，应当写明 procedures。")
    if not rule.bound and not rule.reason:
        raise CatalogueError(f"{place} 不约束步骤，应当写明 reason。")
    return rule
