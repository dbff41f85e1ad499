"""Decision tables: matching rules and the seven hit policies (DMN 1.5, 8.2 and 10.3.2.10)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from bpmn.dmn.boxed import Code, DecisionRun, Place, Scope, compile_text, fitted
from bpmn.dmn.cells import Test, literal_spans, literal_test
from bpmn.dmn.errors import DMNTextError, TableProblem
from bpmn.dmn.source import Element, child, children, label, name_of, text_of, type_ref
from bpmn.feel.errors import FEELError, FEELLimitError
from bpmn.feel.expression import compile_unary_tests
from bpmn.feel.library import LIBRARY, invoke
from bpmn.feel.limits import active
from bpmn.feel.operators import equal

_POLICIES = ("UNIQUE", "ANY", "PRIORITY", "FIRST", "COLLECT", "RULE ORDER", "OUTPUT ORDER")
POLICIES = {name: policy for policy in _POLICIES for name in (policy, policy[0])}
AGGREGATORS = {"SUM": "sum", "COUNT": "count", "MIN": "min", "MAX": "max"}
MULTIPLE = frozenset(("COLLECT", "RULE ORDER", "OUTPUT ORDER"))
# A cell is a test of its input's value alone, or FEEL that also sees the scope.
Cell = tuple[int, Test]
OpenCell = tuple[int, Callable[[Scope, DecisionRun], Any], int]


@dataclass(slots=True)
class Rule:
    """One compiled rule: its number, the cells that say anything, its outputs, and the steps of its tests."""

    number: int
    plain: tuple[Cell, ...]
    open: tuple[OpenCell, ...]
    outputs: tuple[Code, ...]
    steps: int


@dataclass(slots=True)
class Output:
    """One output column."""

    name: str
    fit: Callable[[Any], Any] | None
    ranks: list[Any]
    default: Code | None


@dataclass(slots=True)
class Input:
    """One input column: its value, and the values that it may have."""

    value: Code
    allowed: Test | None


@dataclass(slots=True)
class Table:
    """A compiled decision table."""

    label: str
    policy: str
    aggregator: str
    inputs: list[Input]
    outputs: list[Output]
    rules: list[Rule]
    steps: int

    def decide(self, scope: Scope, run: DecisionRun) -> Any:
        """Match all rules and let the hit policy speak."""
        values = []
        for column in self.inputs:
            value = column.value(scope, run)
            if column.allowed is not None and value is not None and not column.allowed(value):
                run.problems.append(TableProblem(self.label, "input not allowed", self.policy, (), (value,)))
                return None
            values.append(value)
        first_only = self.policy == "FIRST"
        hits = []
        for rule in self.rules:
            for index, test in rule.plain:
                if not test(values[index]):
                    break
            else:
                if not rule.open or self._open(rule, values, scope, run):
                    hits.append(rule)
                    if first_only:
                        break
        run.charge(self.steps)
        if not hits:
            return self._nothing(values, scope, run)
        return self._answer(hits, values, scope, run)

    def _open(self, rule: Rule, values: list[Any], scope: Scope, run: DecisionRun) -> bool:
        for index, cell, steps in rule.open:
            run.charge(steps + len(scope) // 8)
            if cell({**scope, "?": values[index]}, run) is not True:
                return False
        return True

    def _nothing(self, values: list[Any], scope: Scope, run: DecisionRun) -> Any:
        if any(output.default is not None for output in self.outputs):
            defaults = [output.default(scope, run) if output.default else None for output in self.outputs]
            return self._pack(defaults)
        if self.policy not in MULTIPLE:
            run.problems.append(TableProblem(self.label, "no rule fits", self.policy, (), tuple(values)))
            return None
        return self._collect([], run)

    def _pack(self, values: list[Any]) -> Any:
        fitted = [
            output.fit(value) if output.fit is not None else value
            for output, value in zip(self.outputs, values, strict=True)
        ]
        if len(fitted) == 1:
            return fitted[0]
        return {output.name: value for output, value in zip(self.outputs, fitted, strict=True)}

    def _value(self, rule: Rule, scope: Scope, run: DecisionRun) -> Any:
        return self._pack([code(scope, run) for code in rule.outputs])

    def _answer(self, hits: list[Rule], values: list[Any], scope: Scope, run: DecisionRun) -> Any:
        if self.policy == "UNIQUE" and len(hits) > 1:
            return self._broken("several rules fit", hits, values, run)
        results = [(self._value(rule, scope, run), rule) for rule in hits]
        if self.policy == "ANY":
            if any(equal(results[0][0], other, run) is not True for other, _ in results[1:]):
                return self._broken("rules that fit disagree", hits, values, run)
            return results[0][0]
        if self.policy in {"PRIORITY", "OUTPUT ORDER"}:
            results.sort(key=lambda result: self._priority(result[0], run))
        if self.policy not in MULTIPLE:
            return results[0][0]
        return self._collect([value for value, _ in results], run)

    def _broken(self, kind: str, hits: list[Rule], values: list[Any], run: DecisionRun) -> None:
        rules = tuple(rule.number for rule in hits)
        run.problems.append(TableProblem(self.label, kind, self.policy, rules, tuple(values)))

    def _priority(self, value: Any, run: DecisionRun) -> tuple[int, ...]:
        """The place of each output among its output values; what is not among them comes last."""
        parts = [value] if len(self.outputs) == 1 else [value[output.name] for output in self.outputs]
        places = []
        for output, part in zip(self.outputs, parts, strict=True):
            ranks = (place for place, rank in enumerate(output.ranks) if equal(rank, part, run) is True)
            places.append(next(ranks, len(output.ranks)))
        return tuple(places)

    def _collect(self, values: list[Any], run: DecisionRun) -> Any:
        if not self.aggregator:
            return values
        if len(self.outputs) > 1:  # each output is aggregated for itself
            return {
                output.name: invoke(
                    LIBRARY[AGGREGATORS[self.aggregator]], [[value[output.name] for value in values]], run
                )
                for output in self.outputs
            }
        return invoke(LIBRARY[AGGREGATORS[self.aggregator]], [values], run)


def policy_of(element: Element) -> tuple[str, str]:
    """The hit policy of a table and its aggregator, by their long names."""
    policy = POLICIES.get(" ".join(element.get("hitPolicy", "UNIQUE").upper().split()), "")
    aggregator = element.get("aggregation", "").upper()
    if aggregator == "#":
        aggregator = "COUNT"
    return policy, aggregator if policy == "COLLECT" and aggregator in AGGREGATORS else ""


def compile_table(element: Element, place: Place) -> Code:
    """Compile a decision table; cells of literals become plain tests."""
    policy, aggregator = policy_of(element)
    inputs = [_input(column, place) for column in children(element, "input")]
    outputs = [_output(column, place) for column in children(element, "output")]
    rules = [
        _rule(number, rule, place, len(inputs), len(outputs))
        for number, rule in enumerate(children(element, "rule"), 1)
    ]
    name = element.get("outputLabel") or place.owner or label(element)
    return Table(
        name,
        policy or "UNIQUE",
        aggregator,
        inputs,
        outputs,
        rules,
        len(inputs) + sum(rule.steps for rule in rules),
    ).decide


def _input(column: Element, place: Place) -> Input:
    expression = child(column, "inputExpression")
    code = (
        compile_text(text_of(expression), column, place)
        if expression is not None
        else compile_text("", column, place)
    )
    fit = place.types.fit(type_ref(expression))
    allowed = text_of(child(column, "inputValues")).strip()
    test = _allowed(allowed, column, place) if allowed else None
    if fit is None:
        return Input(code, test)

    def value(scope: Scope, run: DecisionRun) -> Any:
        found = code(scope, run)
        fitted = fit(found)
        # The type of an expression binds no variable: what cannot be converted is left to the cells.
        return found if fitted is None else fitted

    return Input(value, test)


def _allowed(text: str, column: Element, place: Place) -> Test | None:
    try:
        spans = literal_spans(text)
        if spans is not None:
            return literal_test(*spans)
        tests = compile_unary_tests(text)
    except FEELError as problem:
        place.broken.append(DMNTextError(column.get("id") or place.owner, text, str(problem)))
        return None
    cost = 1 + len(text) // 8

    def holds(value: Any) -> bool:
        run = active()
        run.charge(cost)
        return tests.within({"?": value}, run) is True

    return holds


def _output(column: Element, place: Place) -> Output:
    default = child(column, "defaultOutputEntry")
    return Output(
        name_of(column),
        place.types.fit(type_ref(column)),
        _ranks(column, place),
        compile_text(text_of(default), column, place)
        if default is not None and text_of(default).strip()
        else None,
    )


def _ranks(column: Element, place: Place) -> list[Any]:
    text = text_of(child(column, "outputValues")).strip()
    if not text:
        return []
    values = compile_text(f"[{text}]", column, place)
    run = DecisionRun()
    run.steps = 100 + 10 * len(text)  # enough for a list that is written out
    try:
        found = values({}, run)
    except FEELLimitError as problem:
        place.broken.append(DMNTextError(column.get("id") or place.owner, text, str(problem)))
        return []
    return found if type(found) is list else []


def _rule(number: int, rule: Element, place: Place, inputs: int, outputs: int) -> Rule:
    plain: list[Cell] = []
    unresolved: list[OpenCell] = []
    tests = 0
    for index, entry in enumerate(islice(children(rule, "inputEntry"), inputs)):
        text = text_of(entry).strip()
        if not text or text == "-":
            continue
        place.spend((len(place.names) + len(place.types.members)) // 2)
        try:
            spans = literal_spans(text, place.names | place.types.members)
            if spans is None:
                unresolved.append((index, _open_cell(text, place), 1 + len(text) // 8))
                continue
        except FEELError as problem:
            place.broken.append(DMNTextError(entry.get("id") or place.owner, text, str(problem)))
            plain.append((index, _never))
            continue
        test = literal_test(*spans)
        if test is not None:
            plain.append((index, test))
            tests += len(spans[0])
    results = [_output_entry(entry, place) for entry in islice(children(rule, "outputEntry"), outputs)]
    # A row that is too short says nothing in its last columns; lint tells of it.
    results += [compile_text("", rule, place)] * (outputs - len(results))
    steps = 1 + tests // 4 + len(results) // 8
    return Rule(number, tuple(plain), tuple(unresolved), tuple(results), steps)


def _open_cell(text: str, place: Place) -> Callable[[Scope, DecisionRun], Any]:
    return compile_unary_tests(
        text, names=place.names, members=place.types.members, resolve=place.types.resolve, trusted=True
    ).within


def _output_entry(entry: Element, place: Place) -> Code:
    text = text_of(entry)
    # A dash in an output cell says nothing, as it does in an input cell.
    code = compile_text("" if text.strip() == "-" else text, entry, place)
    return fitted(code, place.types.fit(type_ref(entry)))


def _never(_: Any) -> bool:
    return False
