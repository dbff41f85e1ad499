"""What a procedure's files say, as the tables of its README: deadlines, work, letters, decisions, scenarios."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bpmn.dmn.source import child, children, name_of, text_of
from bpmn.dmn.source import read as read_dmn
from bpmn.elements import Element, Law
from bpmn.graph import Node
from bpmn.read import read
from bpmn.timers import CYCLE, DEADLINE, LOOKS_ISO
from jieban.rules.seed import read_shipped
from jieban.staff.roles import role_title
from jieban.yaml_text import read_yaml
from notifications.letters.kinds import KINDS
from workflows.spans import SpanError, parse_span

UNITS = {
    "wd": "个工作日",
    "d": "日",
    "h": "小时",
    "mo": "个月",
    "yuan": "元",
    "number": "",
    "text": "",
    "bool": "",
}
PROVINCE = 2
"""How long the code of a province is."""
WORDS = {"true": "是", "false": "否", "town": "乡镇（街道）", "county": "县级民政部门"}
NO_LAW = {
    "ours": "本系统",
    "inference": "推断，不作依据",
    "memory": "未核对原文，不作依据",
    "sample": "示例，各地自定",
}
STARTS = {
    "accepted_at": "受理",
    "decided_at": "决定",
    "file_received_at": "收到材料",
    "notice_ends_at": "公示期满",
    "pay_from": "发放当月 1 日",
    "found_at": "发现，没有填写的自受理",
    "firstaid_from": "发现或者登记",
    "backfill_from": "急难缓解",
    "return_by": "责令退回的限期",
    "orders_due": "最早一项的完成日",
    "dispatched_at": "派单，没有工单的自登记",
    "extended_from": "原期限届满",
    "promised_at": "告知的日期",
    "handed_at": "收到",
    "served_at": "送达",
    "requested_at": "收到请求",
}
"""From when a clock runs, where the note of its rule does not say it: the fact that the diagram names."""
BEGINS = re.compile(r"自(?:作出)?([^，。；]+?)(?:之日|之时)?起算")


@dataclass(frozen=True)
class Procedure:
    """A folder of a procedure: what is drawn in it, and how its README calls the acts that it cites."""

    folder: Path
    nodes: tuple[Node, ...]
    short: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, text: str) -> "Procedure":
        """Read the diagrams of a folder; `text` is its README, which may say “办法”指《…》."""
        files = {file.name: file.read_bytes() for file in folder.glob("*.bpmn")}
        nodes = [node for scope in read(files, []).scopes() for node in scope.nodes.values()]
        return cls(
            folder, tuple(nodes), {whole: short for short, whole in re.findall(r"“(.+?)”指《(.+?)》", text)}
        )

    @property
    def tasks(self) -> list[Element]:
        return [node.about for node in self.nodes if node.kind == "userTask"]

    def cited(self, article: str) -> str:
        """Call an act by the short name that the README gives it."""
        for whole, short in self.short.items():
            article = article.replace(whole, short)
        return article


def limits(procedure: Procedure, given: Mapping[str, str]) -> str:
    """List the rules that give a deadline, and the timers.

    `given` are rules that operations use, with the words for when they begin; they come first, in their order.
    """
    wanted = {key: begin or _begin(_rule(key), "") or "—" for key, begin in given.items()}
    for element in procedure.tasks:
        if element.deadline is not None and element.deadline.rule:
            key = element.deadline.rule
            wanted.setdefault(key, _begin(_rule(key), element.deadline.start or "") or "任务开始")
    rows = [_limit(procedure, _rule(key), begin) for key, begin in wanted.items()]
    for node in procedure.nodes:
        rows += [_timer(procedure, node, one.text) for one in node.definitions if one.kind == "timer"]
    return _table("期限 长度 起算 依据 规则", rows) or "本流程没有期限和定时。"


def _limit(procedure: Procedure, rule: Mapping[str, Any], begin: str) -> list[str]:
    return [rule["name"], _value(rule), begin, _law(procedure, rule), rule["rule_id"] or "—"]


def _timer(procedure: Procedure, node: Node, text: str) -> list[str]:
    law = node.about.law
    length = _time(text)
    if text == DEADLINE:
        return [f"定时：{node.name or node.id}", "所附任务的办理时限", "—", "—", "—"]
    begin = "走到这一步" if node.host is None else "所附的任务开始"
    return [
        f"定时：{node.name or node.id}",
        length or f"由前面的步骤给出（`{text}`）",
        begin if length else "—",
        _joined(procedure.cited(one.article) for one in law) or ("本系统" if length else "—"),
        _joined(dict.fromkeys(one.rule or "" for one in law), "、") or "—",
    ]


def tasks(procedure: Procedure, _: Mapping[str, str]) -> str:
    """List who does what with which form by when, on which article."""
    rows = []
    for element in procedure.tasks:
        length, nature = _deadline(element)
        role = role_title(element.role or "—")
        law = element.law
        rows.append(
            [
                element.name,
                role,
                _form(procedure.folder, element),
                length,
                nature,
                _joined(dict.fromkeys(procedure.cited(one.article) + _only(one) for one in law)) or "—",
                _joined(dict.fromkeys(one.rule or "" for one in law), "、") or "—",
            ]
        )
    return _table("任务 岗位 表单 办理期限 性质 依据 规则", rows) or "本流程没有由人办理的任务。"


AIDS = {
    "subsistence_allowance": "低保",
    "destitute_support": "特困",
    "marginal_household": "低保边缘",
    "rigid_expenditure_household": "刚性支出",
    "temporary_assistance": "临时救助",
    "one_application": "一件事",
}
"""Kinds of assistance that several procedures serve, as READMEs call them."""
BY_KIND = re.compile(r'aid (?:= "(\w+)"|in \(([^)]+)\))')


def _only(law: Law) -> str:
    """Say for which cases an article speaks, where it does not speak for all."""
    if not law.when:
        return ""
    found = BY_KIND.match(law.when)
    if found is None:
        return f"（`{law.when}`）"
    kinds = [found[1]] if found[1] else re.findall(r"\w+", found[2])
    rest = law.when[found.end() :].removeprefix(" and ")
    words = "、".join(AIDS[kind] for kind in kinds)
    return f"（{words}，`{rest}`）" if rest else f"（{words}）"


def _deadline(element: Element) -> tuple[str, str]:
    wanted = element.deadline
    if wanted is None:
        return "—", "—"
    start = STARTS.get(wanted.start or "", "")
    if not wanted.rule:
        return (_span(wanted.duration or "") or "—") + (f"（自{start}）" if start else ""), "本系统"
    rule = _rule(wanted.rule)
    begin = start or _begin(rule, "") or "任务开始"
    chosen = "，由决策表按情形另选" if wanted.chosen else ""
    return f"{_value(rule)}（自{begin}{chosen}）", "法定" if rule["provenance"] in {
        "full",
        "part",
    } else "本系统"


def letters(procedure: Procedure, given: Mapping[str, str]) -> str:
    """List the letters and the steps that issue them; `given` are those that operations issue by themselves."""
    issued: dict[str, list[str]] = {key: [step] if step else [] for key, step in given.items()}
    for node in procedure.nodes:
        about = node.about
        kind = about.operation.params.get("kind") if about.operation else None
        for one in (
            kind if about.operation and about.operation.name == "issue_letter" else None,
            about.notice,
        ):
            if one is not None:
                issued.setdefault(one, []).append(about.name or about.id)
    rows = [
        [KINDS[key].title if key in KINDS else key, _joined(dict.fromkeys(steps), "、") or "—", f"`{key}`"]
        for key, steps in issued.items()
    ]
    return _table("文书 出具的步骤 代号", rows) or "本流程不出具文书。"


def decisions(procedure: Procedure, _: Mapping[str, str]) -> str:
    """List the decisions of the DMN files with what they read and what they give."""
    users: dict[str, list[str]] = {}
    for node in procedure.nodes:
        if node.about.decision is not None:
            users.setdefault(node.about.decision.name, []).append(node.name or node.id)
    rows = []
    for file in sorted(procedure.folder.glob("*.dmn")):
        for decision in children(read_dmn(file.read_bytes()), "decision"):
            name = name_of(decision)
            reads, gives, kind = _decided(decision)
            steps = users.get(name, []) + (
                users.get(decision.get("id", ""), []) if decision.get("id") != name else []
            )
            cells = [name, _joined(reads, "、") or "—", _joined(gives, "、") or name, kind]
            rows.append([*cells, _joined(steps, "、") or "由其他决定引用", f"`{file.name}`"])
    return _table("决定 看什么 得出什么 写法 用在 文件", rows) or "本流程没有决定表。"


def _decided(decision: Any) -> tuple[list[str], list[str], str]:
    variable = child(decision, "variable")
    named = name_of(variable) if variable is not None else ""
    table = child(decision, "decisionTable")
    if table is None:
        needs = [
            one.get("href", "").lstrip("#")
            for one in decision.iter("{*}requiredInput", "{*}requiredDecision")
        ]
        names = {one.get("id"): name_of(one) for one in decision.getparent()}
        return [names.get(key, key) for key in needs], [named] if named else [], "算式"
    reads = [one.get("label") or text_of(child(one, "inputExpression")) for one in children(table, "input")]
    gives = [one.get("label") or name_of(one) for one in children(table, "output")]
    lines = sum(1 for _ in children(table, "rule"))
    return (
        reads,
        [one for one in gives if one] or [named],
        f"{lines} 行（{table.get('hitPolicy', 'UNIQUE')}）",
    )


def scenarios(procedure: Procedure, _: Mapping[str, str]) -> str:
    """List the scenarios with the rules that each proves, and the rules that none can prove."""
    rows, rest = [], ""
    for file in sorted((procedure.folder / "scenarios").glob("*.yaml")):
        content = read_yaml(file.read_text(encoding="utf-8"))
        if file.stem == "not_proved":
            rest = "".join(f"- {row['rule']}：{row['why']}\n" for row in content or [])
        else:
            rows.append([content["name"], f"`{file.stem}`", "、".join(content["rules"])])
    table = _table("情景 文件 证明的规则", rows) or "还没有情景。"
    return f"{table}\n\n没有情景的规则：\n\n{rest}".rstrip() if rest else table


SECTIONS = {
    "limits": ("期限", limits),
    "tasks": ("谁做什么", tasks),
    "letters": ("文书", letters),
    "decisions": ("决定表", decisions),
    "scenarios": ("情景", scenarios),
}


@cache
def _rules() -> dict[str, dict[str, Any]]:
    """The latest value of each rule, that of the wider place first: no date of today, or READMEs would age."""
    order = sorted(read_shipped(), key=lambda row: (-len(row["area_code"]), row["effective_from"]))
    return {row["key"]: row for row in order}


def _rule(key: str) -> dict[str, Any]:
    if key not in _rules():
        raise KeyError(f"规则表中没有“{key}”。")
    return _rules()[key]


def _value(rule: Mapping[str, Any]) -> str:
    if len(rule["area_code"]) > PROVINCE:
        return "各地自定"
    value = WORDS.get(rule["value"], rule["value"])
    return f"{value} {UNITS[rule['unit']]}".strip() + ("（省定）" if rule["area_code"] else "")


def _begin(rule: Mapping[str, Any], start: str) -> str:
    found = BEGINS.search(rule["note"])
    if found:
        return found[1]
    return STARTS.get(start, f"`{start}`") if start else ""


def _law(procedure: Procedure, rule: Mapping[str, Any]) -> str:
    if rule["provenance"] in NO_LAW:
        return NO_LAW[rule["provenance"]]
    return procedure.cited(rule["article"] or rule["source"])


def _span(text: str) -> str:
    """Put a span into words; empty where it is an expression."""
    try:
        span = parse_span(text)
    except SpanError:
        return ""
    return f"{span.length} {UNITS[span.unit]}"


def _time(text: str) -> str:
    """Put the time of a timer event into words; empty where the facts of the case give it."""
    cycle = CYCLE.fullmatch(text)
    if cycle is None:
        return _span(text) or (text if LOOKS_ISO.fullmatch(text) else "")
    times = f"，共 {cycle[1]} 次" if cycle[1] else ""
    return f"每 {_span(cycle[3]) or cycle[3]}一次{times}"


def _form(folder: Path, element: Element) -> str:
    file = folder / "forms" / f"{element.form or element.id}.json"
    if not file.exists():
        return element.form or "—"
    return str(json.loads(file.read_text(encoding="utf-8"))["title"])


def _joined(words: Iterable[str], by: str = "；") -> str:
    return by.join(word for word in words if word)


def _table(head: str, rows: list[list[str]]) -> str:
    if not rows:
        return ""
    names = head.split()
    return "\n".join(_lines([names, ["---"] * len(names), *rows]))


def _lines(rows: Iterable[list[str]]) -> Iterator[str]:
    for number, row in enumerate(rows):
        cells = [" ".join(cell.split()).replace("|", "\\|") for cell in row]
        yield f"|{'|'.join(cells)}|" if number == 1 else f"| {' | '.join(cells)} |"
