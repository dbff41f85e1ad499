"""Which rules of a table of literal cells can hold together, and what no rule covers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bpmn.dmn.cells import literal_spans
from bpmn.dmn.source import Element, child, children, text_of, type_ref
from bpmn.feel.errors import FEELError
from bpmn.feel.operators import add, belongs, divide, order, subtract
from bpmn.feel.values import Months, Range

MAX_REGIONS = 20_000
MAX_TESTS = 300_000
OTHER = "…"  # stands for any text that no cell mentions
_STEPS: dict[type, Any] = {
    Decimal: Decimal(1),
    dt.date: dt.timedelta(days=1),
    dt.datetime: dt.timedelta(seconds=1),
    dt.timedelta: dt.timedelta(seconds=1),
    Months: Months(1),
}
Spans = tuple[list[Any], bool]


@dataclass(slots=True)
class Coverage:
    """What was found: which sets of rules meet, with an example of inputs for each; rules count from 0."""

    complete: bool = True
    regions: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    literal: int = 0


def cover(table: Element) -> Coverage | None:
    """Cut the inputs into regions in which the same rules hold; None when there are too many of them."""
    rules = [list(children(rule, "inputEntry")) for rule in children(table, "rule")]
    columns = list(children(table, "input"))
    result = Coverage(literal=(1 << len(rules)) - 1)
    regions: dict[int, tuple[Any, ...]] = {(1 << len(rules)) - 1: ()}
    left = MAX_TESTS
    for index, column in enumerate(columns):
        spans = [_spans(text_of(rule[index])) if index < len(rule) else ([], False) for rule in rules]
        for number, span in enumerate(spans):
            if span is None:
                result.complete = False
                result.literal &= ~(1 << number)
        samples = _samples(column, [span for span in spans if span is not None])
        left -= 0 if samples is None else len(samples) * len(rules)
        if samples is None or left < 0:
            return None
        masks: dict[int, Any] = {}
        for sample in samples:
            mask = sum(
                1 << number for number, span in enumerate(spans) if span is None or _holds(sample, span)
            )
            masks.setdefault(mask, sample)
        left -= len(regions) * len(masks)
        if left < 0:
            return None
        following: dict[int, tuple[Any, ...]] = {}
        for mask, example in regions.items():
            for other, sample in masks.items():
                following.setdefault(mask & other, (*example, sample))
        if len(following) > MAX_REGIONS:
            return None
        regions = following
    result.regions = regions
    return result


def _spans(text: str) -> Spans | None:
    text = text.strip()
    if not text or text == "-":
        return [], False
    try:
        return literal_spans(text)
    except FEELError:
        return None


def _holds(sample: Any, spans: Spans) -> bool:
    tests, negated = spans
    if not tests:
        return True
    if negated:
        return all(belongs(sample, test) is False for test in tests)
    return any(belongs(sample, test) is True for test in tests)


def _samples(column: Element, spans: list[Spans]) -> list[Any] | None:
    """One value for each part of the column's inputs in which no cell changes its mind."""
    allowed = _spans(text_of(child(column, "inputValues"))) or ([], False)
    points = _points([*spans, allowed])
    kinds = {type(point) for point in points}
    expression = child(column, "inputExpression")
    name = type_ref(expression).rpartition(":")[2]
    if kinds == {bool} or (not kinds and name == "boolean"):
        samples: list[Any] = [True, False]
    elif not kinds:
        samples = [OTHER]
    elif kinds == {str}:
        if any(type(span) is Range for tests, _ in spans for span in tests):
            return None
        samples = [*points, OTHER]
    elif len(kinds) == 1 and next(iter(kinds)) in _STEPS:
        samples = _between(points)
    else:
        return None
    return [sample for sample in samples if _holds(sample, allowed)]


def _points(spans: list[Spans]) -> list[Any]:
    points: list[Any] = []
    for tests, _ in spans:
        for span in tests:
            ends = (span.start, span.end) if type(span) is Range else (span,)
            points += [end for end in ends if end is not None and end not in points]
    return points


def _between(points: list[Any]) -> list[Any]:
    step = _STEPS[type(points[0])]
    if len({getattr(point, "tzinfo", None) is None for point in points}) > 1:
        return list(points)
    ranked = sorted(points)
    samples = [subtract(ranked[0], step)]
    for low, high in pairwise(ranked):
        samples += [low, _middle(low, high)]
    samples += [ranked[-1], add(ranked[-1], step)]
    return [sample for sample in samples if sample is not None]


def _middle(low: Any, high: Any) -> Any:
    if type(low) is Decimal:
        return (low + high) / 2
    if isinstance(low, dt.date):
        half = divide(subtract(high, low), Decimal(2))
        middle = add(low, half)
    elif type(low) is Months:
        middle = Months((low.months + high.months) // 2)
    else:
        middle = divide(add(low, high), Decimal(2))
    return middle if order(low, middle) == -1 and order(middle, high) == -1 else None
