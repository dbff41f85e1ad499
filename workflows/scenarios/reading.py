"""Scenario files: YAML, checked as it is read, so that a slip of the pen is not taken for a failing rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from jieban.clock import CHINA
from jieban.errors import JiebanError

NOT_PROVED = "not_proved.yaml"

_TOP = frozenset({"name", "about", "rules", "given", "steps", "expect"})
_GIVEN = frozenset(
    {
        "at",
        "by",
        "village",
        "urban",
        "channel",
        "applied_on",
        "household",
        "income",
        "relatives",
        "values",
    }
)
_STEP = frozenset({"at", "who", "task", "do", "data", "clock", "expect", "refused", "note"})
EXPECT = frozenset(
    {
        "open",
        "due",
        "provisional",
        "letters",
        "letter_says",
        "decision",
        "payment",
        "notice",
        "visits",
        "objections",
        "missing",
        "events",
        "ledger",
        "told",
        "stage",
        "outcome",
    }
)
ACTIONS = frozenset({"register_objection", "ask_extension", "answer_extension", "claim"})


class ScenarioError(JiebanError):
    """情景文件写得不对。"""


@dataclass(frozen=True)
class Step:
    """One line of the story: somebody does something, or time passes."""

    at: datetime
    who: str = ""
    task: str = ""
    action: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    refused: Mapping[str, str] | None = None
    expect: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    file: str
    name: str
    rules: tuple[str, ...]
    about: str
    given: Mapping[str, Any]
    steps: tuple[Step, ...]
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class NotProved:
    """A rule that no scenario of this procedure can show, and why."""

    rule: str
    why: str


def read_folder(folder: Path) -> tuple[list[Scenario], list[NotProved]]:
    """Read the scenarios of a procedure, and the list of what they do not show."""
    scenarios, rest = [], []
    for file in sorted((folder / "scenarios").glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        if file.name == NOT_PROVED:
            rest = [NotProved(str(row["rule"]), str(row["why"])) for row in content]
        else:
            scenarios.append(_scenario(file.stem, content))
    return scenarios, rest


def moment(value: object) -> datetime:
    """Read "2026-02-09 10:00" as Chinese time."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=CHINA)
    except ValueError:
        raise ScenarioError(f"时间“{value}”应写作 2026-02-09 10:00。") from None


def _scenario(stem: str, content: Any) -> Scenario:
    if not isinstance(content, dict):
        raise ScenarioError(f"{stem}:文件应当写明 name、rules、given、steps、expect。")
    _only(stem, content, _TOP)
    for needed in ("name", "rules", "given", "steps", "expect"):
        if not content.get(needed):
            raise ScenarioError(f"{stem}:缺少 {needed}。")
    given = plain(content["given"])
    _only(f"{stem} given", given, _GIVEN)
    _only(f"{stem} expect", content["expect"], EXPECT)
    steps: list[Step] = []
    now = moment(given["at"])
    for number, row in enumerate(content["steps"], 1):
        step = _step(f"{stem} 第 {number} 步", row, now)
        now = step.at
        steps.append(step)
    return Scenario(
        stem,
        content["name"],
        tuple(content["rules"]),
        content.get("about", ""),
        given,
        tuple(steps),
        plain(content["expect"]),
    )


def _step(place: str, row: Any, now: datetime) -> Step:
    _only(place, row, _STEP)
    at = moment(row.get("clock") or row["at"]) if row.get("clock") or row.get("at") else now
    if at < now:
        raise ScenarioError(f"{place}:时间早于上一步。")
    kinds = [kind for kind in ("clock", "task", "do") if row.get(kind)]
    if len(kinds) != 1:
        raise ScenarioError(f"{place}:应当是 clock、task、do 其中之一。")
    if kinds != ["clock"] and not row.get("who"):
        raise ScenarioError(f"{place}:缺少 who。")
    action = str(row.get("do", ""))
    if action and action not in ACTIONS:
        raise ScenarioError(f"{place}:不认识“{action}”。")
    expect = plain(row.get("expect") or {})
    _only(f"{place} expect", expect, EXPECT)
    refused = row.get("refused")
    return Step(
        at,
        str(row.get("who", "")),
        str(row.get("task", "")),
        action,
        plain(row.get("data") or {}),
        {name: str(value) for name, value in refused.items()} if refused else None,
        expect,
    )


def plain(value: Any) -> Any:
    """Turn the dates that YAML reads by itself back into text, as a form sends them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _only(place: str, row: Any, known: frozenset[str]) -> None:
    if not isinstance(row, dict):
        raise ScenarioError(f"{place}:应当是一组“名称: 内容”。")
    if unknown := sorted(set(map(str, row)) - known):
        raise ScenarioError(f"{place}:不认识“{'、'.join(unknown)}”。")
