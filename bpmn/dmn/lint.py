"""What is wrong with a decision model before it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from bpmn.dmn.cells import UNKNOWN, literal
from bpmn.dmn.circles import in_circles
from bpmn.dmn.coverage import OTHER, Coverage, cover
from bpmn.dmn.errors import DMNTextError
from bpmn.dmn.model import Model
from bpmn.dmn.source import Element, child, children, local, name_of, text_of, type_ref
from bpmn.dmn.tables import MULTIPLE, policy_of
from bpmn.feel.errors import FEELError
from bpmn.feel.library.temporal import to_text
from bpmn.feel.limits import Run
from bpmn.feel.parser import parse_expression
from bpmn.problems import MOST_SHOWN, Problem, Severity, shown

MAX_FINDINGS = 20
MESSAGES: dict[str, tuple[Severity, str]] = {
    "dmn-syntax": (Severity.ERROR, "“{text}”不是正确的 FEEL 表达式：{reason}。"),
    "dmn-missing-reference": (Severity.ERROR, "“{label}”引用的“{href}”不存在。"),
    "dmn-circle": (Severity.ERROR, "“{label}”直接或间接依赖它自己。"),
    "dmn-unknown-type": (Severity.ERROR, "“{label}”的类型“{type}”没有定义。"),
    "dmn-hit-policy": (Severity.ERROR, "决策表“{label}”的命中策略“{policy}”不存在。"),
    "dmn-aggregation": (
        Severity.ERROR,
        "决策表“{label}”的汇总方式“{aggregation}”不存在。请用 SUM、MIN、MAX 或 COUNT。",
    ),
    "dmn-twice": (Severity.ERROR, "有两个决策都叫“{label}”。请改用不同的名称。"),
    "dmn-no-logic": (Severity.HINT, "决策“{label}”还没有逻辑，结果总是空。"),
    "dmn-overlap": (
        Severity.ERROR,
        "决策表“{label}”要求只有一条规则命中，但第 {first} 条和第 {second} 条会同时命中，例如 {example}。",
    ),
    "dmn-disagree": (
        Severity.ERROR,
        "决策表“{label}”的第 {first} 条和第 {second} 条会同时命中而结果不同，例如 {example}。",
    ),
    "dmn-gap": (Severity.POLICY, "决策表“{label}”有遗漏：{example} 时没有规则命中，也没有默认结果。"),
    "dmn-never": (Severity.HINT, "决策表“{label}”的第 {first} 条规则永远不会起作用。"),
    "dmn-no-order": (Severity.ERROR, "决策表“{label}”按优先级取结果，但没有列出输出值的顺序。"),
    "dmn-not-ranked": (Severity.ERROR, "决策表“{label}”第 {first} 条规则的结果 {value} 不在输出值之中。"),
    "dmn-not-checked": (Severity.HINT, "决策表“{label}”含有计算的条件或条件太多，无法事先检查重叠和遗漏。"),
    "dmn-cells": (Severity.ERROR, "决策表“{label}”第 {first} 条规则的单元格数目与列数不符。"),
}


def finding(rule: str, element: Element, **args: object) -> Problem:
    """Say what is wrong with an element."""
    severity, template = MESSAGES[rule]
    values = {key: shown(str(value), MOST_SHOWN) for key, value in args.items()}
    return Problem(severity, element.get("id") or name_of(element), rule, template.format(**values), values)


def lint_model(model: Model) -> list[Problem]:
    """Everything that can be known about a model without inputs."""
    problems = [
        Problem(
            Severity.ERROR,
            broken.element,
            "dmn-syntax",
            MESSAGES["dmn-syntax"][1].format(text=broken.text, reason=broken.reason),
            {"text": broken.text, "reason": broken.reason},
        )
        for broken in model.broken
    ]
    problems += _references(model)
    problems += _types(model)
    problems += _namesakes(model)
    for node in model.own():
        if node.kind == "decision" and node.code is None:
            problems.append(finding("dmn-no-logic", node.element, label=node.name))
        for table in node.element.iter():
            if isinstance(table.tag, str) and local(table) == "decisionTable":
                problems += _table(table, node.name)
    return problems


def _namesakes(model: Model) -> Iterator[Problem]:
    seen: set[str] = set()
    for node in model.own():
        if node.kind == "decision" and node.name in seen:
            yield finding("dmn-twice", node.element, label=node.name)
        seen.add(node.name if node.kind == "decision" else "")


def _references(model: Model) -> Iterator[Problem]:
    circular = in_circles(model.own())
    for node in model.own():
        for part in node.element.iter():
            href = part.get("href")
            named = href is not None and isinstance(part.tag, str)
            if (
                named
                and local(part).startswith(("required", "input", "output"))
                and model.find(href or "") is None
            ):
                yield finding("dmn-missing-reference", node.element, label=node.name, href=href)
        if node.kind == "decision" and id(node) in circular:
            yield finding("dmn-circle", node.element, label=node.name)


def _types(model: Model) -> Iterator[Problem]:
    for part in model.root.iter():
        if not isinstance(part.tag, str):
            continue
        name = type_ref(part) if local(part) != "typeRef" else ""
        try:
            known = not name or model.types.accepts(name) is not None
        except DMNTextError as broken:
            yield finding("dmn-syntax", part, text=broken.text, reason=broken.reason)
            continue
        if not known and name.rpartition(":")[2] not in {"Any", "any"}:
            yield finding("dmn-unknown-type", part, label=name_of(part) or part.get("id", ""), type=name)


def _table(table: Element, owner: str) -> Iterator[Problem]:
    policy, aggregator = policy_of(table)
    label = table.get("outputLabel") or owner
    rules = list(children(table, "rule"))
    if not policy:
        yield finding("dmn-hit-policy", table, label=label, policy=table.get("hitPolicy", ""))
        return
    if policy == "COLLECT" and table.get("aggregation") and not aggregator:
        yield finding("dmn-aggregation", table, label=label, aggregation=table.get("aggregation", ""))
    columns = (len(list(children(table, "input"))), len(list(children(table, "output"))))
    for number, rule in enumerate(rules, 1):
        if (len(list(children(rule, "inputEntry"))), len(list(children(rule, "outputEntry")))) != columns:
            yield finding("dmn-cells", rule, label=label, first=number)
            return
    if policy in {"PRIORITY", "OUTPUT ORDER"}:
        yield from _ranks(table, label, rules)
    coverage = cover(table)
    if coverage is None:
        yield finding("dmn-not-checked", table, label=label)
        return
    if not coverage.complete:
        yield finding("dmn-not-checked", table, label=label)
    yield from _meetings(table, label, policy, rules, coverage)
    if policy not in MULTIPLE and not aggregator and coverage.complete:
        yield from _gaps(table, label, coverage)
    yield from _idle(table, label, policy, coverage, rules)


def _meetings(
    table: Element, label: str, policy: str, rules: list[Element], coverage: Coverage
) -> Iterator[Problem]:
    if policy not in {"UNIQUE", "ANY"}:
        return
    outputs = [tuple(_value(text_of(entry)) for entry in children(rule, "outputEntry")) for rule in rules]
    told: set[tuple[int, int]] = set()
    for mask, example in coverage.regions.items():
        if len(told) >= MAX_FINDINGS:
            return
        hits = [number for number in range(len(rules)) if mask & coverage.literal & (1 << number)]
        for pair in combinations(hits[:MAX_FINDINGS], 2):
            if pair in told:
                continue
            if policy == "ANY" and not _differ(outputs[pair[0]], outputs[pair[1]]):
                continue
            told.add(pair)
            rule = "dmn-overlap" if policy == "UNIQUE" else "dmn-disagree"
            yield finding(
                rule,
                table,
                label=label,
                first=pair[0] + 1,
                second=pair[1] + 1,
                example=_example(table, example),
            )


def _differ(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return any(
        UNKNOWN not in (x, y) and (type(x) is not type(y) or x != y) for x, y in zip(a, b, strict=False)
    )


def _gaps(table: Element, label: str, coverage: Coverage) -> Iterator[Problem]:
    defaults = (text_of(child(output, "defaultOutputEntry")).strip() for output in children(table, "output"))
    if 0 in coverage.regions and not any(defaults):
        yield finding("dmn-gap", table, label=label, example=_example(table, coverage.regions[0]))


def _idle(
    table: Element, label: str, policy: str, coverage: Coverage, rules: list[Element]
) -> Iterator[Problem]:
    used = 0
    for mask in coverage.regions:
        # Under the policy First a rule only speaks where no earlier one holds for certain.
        certain = mask & coverage.literal
        first = certain & -certain
        used |= mask & ((first << 1) - 1) if policy == "FIRST" and first else mask
    for number, rule in enumerate(rules):
        # A rule for what is null may speak, although null inputs are left out here.
        null = any("null" in text_of(entry) for entry in children(rule, "inputEntry"))
        if not null and not used & (1 << number):
            yield finding("dmn-never", table, label=label, first=number + 1)


def _ranks(table: Element, label: str, rules: list[Element]) -> Iterator[Problem]:
    for column, output in enumerate(children(table, "output")):
        text = text_of(child(output, "outputValues")).strip()
        if not text:
            yield finding("dmn-no-order", table, label=label)
            continue
        ranks = [_value(part) for part in _parts(text)]
        for number, rule in enumerate(rules, 1):
            value = _value(text_of(list(children(rule, "outputEntry"))[column]))
            if value is not UNKNOWN and UNKNOWN not in ranks and value not in ranks:
                shown = to_text(value, Run(), 1)
                yield finding("dmn-not-ranked", rule, label=label, first=number, value=shown)


def _parts(text: str) -> list[str]:
    from bpmn.feel import nodes

    try:
        node = parse_expression(f"[{text}]")
    except FEELError:
        return []
    values = [literal(item) for item in node.items] if isinstance(node, nodes.ListOf) else []
    return [to_text(value, Run(), 1) if value is not UNKNOWN else "x()" for value in values]


def _value(text: str) -> Any:
    try:
        return literal(parse_expression(text)) if text.strip() else None
    except FEELError:
        return UNKNOWN


def _example(table: Element, values: tuple[Any, ...]) -> str:
    parts = []
    for column, value in zip(children(table, "input"), values, strict=True):
        name = column.get("label") or " ".join(text_of(child(column, "inputExpression")).split())
        shown = "其他" if value == OTHER and type(value) is str else to_text(value, Run(), 1)
        parts.append(f"{name} = {shown}")
    return "，".join(parts)
