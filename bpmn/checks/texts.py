"""Everything that is written: conditions, times, spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bpmn.errors import ExpressionError
from bpmn.expressions import Formula
from bpmn.feel.errors import FEELError, FEELSyntaxError
from bpmn.problems import problem
from bpmn.timers import WORKING_DAYS, TimerRule, parse_span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bpmn.graph import Flow, Node, Scope
    from bpmn.problems import Problem

# Of a text that is far too long, so much is shown.
SHOWN = 200


def written(scope: Scope) -> int:
    """Count the characters of all expressions of a scope."""
    texts = [flow.condition for flow in scope.flows.values()]
    for node in scope.nodes.values():
        texts += [definition.text for definition in node.definitions]
        texts += [law.when for law in node.about.law]
        if node.loop is not None:
            texts += [node.loop.cardinality, node.loop.condition]
    return sum(len(text) for text in texts if text)


def check_texts(node: Node) -> Iterator[Problem]:
    """Compile every expression and read every span of a node."""
    for flow in node.outgoing:
        if flow.condition is not None:
            yield from _condition(flow, flow.condition)
    yield from _spans(node)
    yield from _words(node)
    foreign = [language for language in node.languages if not is_feel(language)]
    if foreign:
        yield problem("condition-language", node.id, node.name, language=foreign[0])
        return
    for definition in node.definitions:
        if definition.kind == "conditional" and definition.text:
            yield from _formula(definition.text, node.id, node.name)
        if definition.kind == "timer":
            yield from _timer(node, definition.timer, definition.text)
    if node.loop is not None:
        for text in (node.loop.cardinality, node.loop.condition):
            if text:
                yield from _formula(text, node.id, node.name)


def _words(node: Node) -> Iterator[Problem]:
    if node.about.english is not None and not node.about.english.name:
        yield problem("english-without-name", node.id, node.name)
    for law in node.about.law:
        if law.when:
            yield from _formula(law.when, node.id, node.name)


def is_feel(language: str) -> bool:
    """Say whether a language is ours."""
    return "feel" in language.lower()


def _condition(flow: Flow, text: str) -> Iterator[Problem]:
    if flow.language and not is_feel(flow.language):
        yield problem("condition-language", flow.id, flow.name, language=flow.language)
    else:
        yield from _formula(text, flow.id, flow.name)


def _formula(text: str, element: str, name: str) -> Iterator[Problem]:
    try:
        Formula(text)
    except FEELError as wrong:
        yield _wrong(wrong, text, element, name)


def _wrong(wrong: FEELError, text: str, element: str, name: str) -> Problem:
    if not isinstance(wrong, FEELSyntaxError):
        return problem("expression-too-large", element, name, text=text[:SHOWN], reason=wrong.message)
    place = {"line": wrong.line, "column": wrong.column}
    return problem("expression-wrong", element, name, text=text, reason=wrong.message, **place)


def _timer(node: Node, kind: str, text: str) -> Iterator[Problem]:
    if not text:
        yield problem("timer-without-time", node.id, node.name)
        return
    if WORKING_DAYS.fullmatch(text):
        yield problem("timer-working-days", node.id, node.name, text=text)
        return
    try:
        TimerRule(kind, text)
    except (FEELError, ExpressionError) as wrong:
        yield problem("timer-wrong", node.id, node.name, text=text[:SHOWN], reason=str(wrong)[:SHOWN])


def is_span(text: str) -> bool:
    """Say whether a text is a span that a deadline may have."""
    return WORKING_DAYS.fullmatch(text) is not None or parse_span(text) is not None


def _spans(node: Node) -> Iterator[Problem]:
    deadline = node.about.deadline
    if deadline is not None:
        both = bool(deadline.rule) == bool(deadline.duration)
        if both or (deadline.duration and not is_span(deadline.duration)):
            text = deadline.duration or deadline.rule or ""
            yield problem("deadline-wrong", node.id, node.name, text=text)
