"""Which scenario proves which rule of the catalogue, and which rule nobody proves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from workflows.scenarios.catalogue import Catalogue, Rule
from workflows.scenarios.reading import NotProved, Scenario, ScenarioError
from workflows.scenarios.running import ScenarioResult


@dataclass(frozen=True)
class Showing:
    """A scenario that passed, and the procedure beside which it lies."""

    procedure: str
    file: str
    name: str


@dataclass(frozen=True)
class Proof:
    """What is known of one rule: the scenarios that prove it, or why none does."""

    rule: Rule
    showings: tuple[Showing, ...]
    reason: str

    @property
    def state(self) -> str:
        """Say proved, unbound (nothing to prove), explained (it cannot be proved), or open."""
        if self.showings:
            return "proved"
        if not self.rule.bound:
            return "unbound"
        return "explained" if self.reason else "open"


@dataclass(frozen=True)
class Totals:
    """How many rules bind a step, and what is known of those."""

    bound: int
    proved: int
    explained: int
    open: int
    unbound: int

    @property
    def percent(self) -> float:
        """The share of the binding rules that are proved or explained."""
        return round(100 * (self.proved + self.explained) / self.bound, 1) if self.bound else 100.0


def check_ids(
    catalogue: Catalogue, procedure: str, scenarios: Iterable[Scenario], rest: Iterable[NotProved]
) -> None:
    """Refuse a scenario, or a line of not_proved.yaml, that names a rule which the catalogue does not know."""
    named = [(scenario.file, rule) for scenario in scenarios for rule in scenario.rules]
    for file, rule in [*named, *(("not_proved", one.rule) for one in rest)]:
        if rule not in catalogue.rules:
            raise ScenarioError(
                f"{procedure}/scenarios/{file}.yaml：规则目录(bpmn/procedures/rules.yaml)中没有“{rule}”。"
            )


def prove(
    catalogue: Catalogue,
    results: Mapping[str, Sequence[ScenarioResult]],
    rest: Mapping[str, Sequence[NotProved]] | None = None,
) -> list[Proof]:
    """Say of every rule which scenarios prove it; results and reasons are given by procedure."""
    showings: dict[str, list[Showing]] = {}
    for procedure, played in results.items():
        for result in played:
            for rule in result.rules if result.passed else ():
                showings.setdefault(rule, []).append(Showing(procedure, result.file, result.name))
    told: dict[str, dict[str, str]] = {}
    for procedure, lines in (rest or {}).items():
        for one in lines:
            told.setdefault(one.rule, {})[procedure] = one.why
    return [
        Proof(
            rule,
            tuple(showings.get(rule.id, ())),
            rule.reason or _reason(told.get(rule.id, {}), frozenset(rule.procedures) & results.keys()),
        )
        for rule in catalogue.rules.values()
    ]


def _reason(told: Mapping[str, str], asked: Iterable[str]) -> str:
    # That one procedure cannot show a rule does not excuse another one that could.
    return "；".join(told.values()) if all(procedure in told for procedure in asked) else ""


def concerning(proofs: Iterable[Proof], procedure: str, named: Iterable[str]) -> list[Proof]:
    """Keep the rules that a procedure should prove, and those that its scenarios name besides."""
    also = frozenset(named)
    return [proof for proof in proofs if procedure in proof.rule.procedures or proof.rule.id in also]


def totals(proofs: Sequence[Proof]) -> Totals:
    """Count the rules; of those that bind no step only how many they are."""
    states = [proof.state for proof in proofs if proof.rule.bound]
    return Totals(
        bound=len(states),
        proved=states.count("proved"),
        explained=states.count("explained"),
        open=states.count("open"),
        unbound=len(proofs) - len(states),
    )


def open_rules(proofs: Iterable[Proof]) -> list[str]:
    """List the rules that bind a step and are neither proved nor explained."""
    return [proof.rule.id for proof in proofs if proof.state == "open"]
