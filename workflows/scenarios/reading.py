"""Scenario files: YAML, checked as it is read, so that a slip of the pen is not taken for a failing rule."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jieban.clock import CHINA
from jieban.errors import JiebanError
from jieban.yaml_text import read_yaml

NOT_PROVED = "not_proved"
"""The file that lists what cannot be shown."""

_TOP = frozenset({"name", "about", "rules", "after", "given", "steps", "expect"})
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
        "form",
        "members",
        "application",
        "matter",
        "died",
        "benefits",
        "lot",
        "refused",
    }
)
_BENEFIT = frozenset(
    {
        "procedure",
        "kind",
        "amount",
        "members",
        "income",
        "from_month",
        "until",
        "urban",
        "care_form",
        "care_tier",
        "review_months",
        "review_due",
        "holder",
        "account",
        "ended_month",
        "account_holder",
        "sampled",
    }
)
_APPLICATION = frozenset(
    {"agent_name", "agent_authorised", "truth_promised", "check_authorised", "household_registration"}
)
_MATTER = frozenset({"channel", "area", "subject", "id_number", "phone", "urban"})
_STEP = frozenset({"at", "who", "task", "do", "data", "clock", "expect", "refused", "note", "case"})
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
        "records",
        "linked",
        "benefit",
        "handovers",
        "facts",
        "articles",
        "breached",
        "lines",
        "list",
    }
)
ACTIONS = frozenset(
    {"register_objection", "ask_extension", "answer_extension", "claim", "open", "sweep", "import_receipt"}
)


class ScenarioError(JiebanError):
    """情景文件写得不对。"""


@dataclass(frozen=True)
class Step:
    """One line of the story: somebody does something, or time passes."""

    at: datetime
    who: str = ""
    task: str = ""
    action: str = ""
    case: str = ""
    """the procedure of the linked case that it is about; empty for the case of the scenario"""
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
    files = {
        file.stem: read_yaml(file.read_text(encoding="utf-8"))
        for file in sorted((folder / "scenarios").glob("*.yaml"))
    }
    rest = [NotProved(str(row["rule"]), str(row["why"])) for row in files.pop(NOT_PROVED, None) or []]
    return [_scenario(stem, files) for stem in files], rest


def moment(value: object) -> datetime:
    """Read "2026-02-09 10:00" as Chinese time."""
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=CHINA)
    except ValueError:
        raise ScenarioError(f"时间“{value}”应写作 2026-02-09 10:00。") from None


def _scenario(stem: str, files: Mapping[str, Any]) -> Scenario:
    content = files[stem]
    if not isinstance(content, dict):
        raise ScenarioError(f"{stem}：文件应当写明 name、rules、given、steps、expect。")
    _only(stem, content, _TOP)
    for needed in ("name", "rules", "expect"):
        if not content.get(needed):
            raise ScenarioError(f"{stem}：缺少 {needed}。")
    base = _base(stem, content.get("after"), files)
    given = {**(base.given if base else {}), **plain(content.get("given") or {})}
    _only(f"{stem} given", given, _GIVEN)
    _only(f"{stem} expect", content["expect"], EXPECT)
    if not {"at", "village"} <= given.keys():
        raise ScenarioError(f"{stem}：given 中应当有 at 和 village。")
    _only(f"{stem} given.application", given.get("application") or {}, _APPLICATION)
    _only(f"{stem} given.matter", given.get("matter") or {}, _MATTER)
    for benefit in given.get("benefits") or ():
        _only(f"{stem} given.benefits", benefit, _BENEFIT)
    steps = list(base.steps) if base else []
    now = steps[-1].at if steps else moment(given["at"])
    for number, row in enumerate(content.get("steps") or [], 1):
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


def _base(stem: str, after: Any, files: Mapping[str, Any]) -> Scenario | None:
    """Read the scenario that this one goes on from, with its steps up to the named task."""
    if after is None:
        return None
    _only(f"{stem} after", after, frozenset({"scenario", "through"}))
    if after["scenario"] not in files or after["scenario"] == stem:
        raise ScenarioError(f"{stem}：没有情景“{after['scenario']}”。")
    base = _scenario(after["scenario"], files)
    places = [place for place, step in enumerate(base.steps) if step.task == after["through"]]
    if not places:
        raise ScenarioError(f"{stem}：情景“{base.file}”中没有“{after['through']}”这一步。")
    # What the earlier story expects is shown there; here its steps only lead up to the new ones.
    steps = tuple(replace(step, expect={}) for step in base.steps[: places[-1] + 1])
    return replace(base, steps=steps)


def _step(place: str, row: Any, now: datetime) -> Step:
    _only(place, row, _STEP)
    at = moment(row.get("clock") or row["at"]) if row.get("clock") or row.get("at") else now
    if at < now:
        raise ScenarioError(f"{place}：时间早于上一步。")
    kinds = [kind for kind in ("clock", "task", "do") if row.get(kind)]
    if len(kinds) != 1:
        raise ScenarioError(f"{place}：应当是 clock、task、do 其中之一。")
    if kinds != ["clock"] and not row.get("who"):
        raise ScenarioError(f"{place}：缺少 who。")
    action = str(row.get("do", ""))
    if action and action not in ACTIONS:
        raise ScenarioError(f"{place}：不认识“{action}”。")
    expect = plain(row.get("expect") or {})
    _only(f"{place} expect", expect, EXPECT)
    refused = row.get("refused")
    return Step(
        at,
        str(row.get("who", "")),
        str(row.get("task", "")),
        action,
        str(row.get("case", "")),
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
        raise ScenarioError(f"{place}：应当是一组“名称: 内容”。")
    if unknown := sorted(set(map(str, row)) - known):
        raise ScenarioError(f"{place}：不认识“{'、'.join(unknown)}”。")
