"""Playing scenarios: in one transaction that is always rolled back, so that any migrated database will do."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from jieban.areas.sample import seed_sample_areas
from jieban.care.importing import seed_sample_supply
from jieban.clock import CHINA
from jieban.database import Database
from jieban.errors import JiebanError
from jieban.ids import new_id
from jieban.rules import seed_rules, seed_sample_rules
from jieban.rules.tables import RuleValue
from jieban.workdays import seed_calendar
from workflows import model_store
from workflows.called import read_model
from workflows.scenarios.cast import add_staff
from workflows.scenarios.granted import add_benefits
from workflows.scenarios.playing import Player
from workflows.scenarios.reading import Scenario, ScenarioError, moment, read_folder
from workflows.scenarios.stage import Stage, stage_in

_LISTED = datetime(2026, 7, 1, tzinfo=CHINA)
"""When the supply lists of the sample counties were drawn up."""


@dataclass(frozen=True)
class ScenarioResult:
    """How one scenario went: what was done, and what was not as expected."""

    file: str
    name: str
    rules: tuple[str, ...]
    failures: tuple[str, ...]
    steps: tuple[str, ...] = field(default=())
    flows: frozenset[str] = frozenset()
    """the sequence flows that the case took"""

    @property
    def passed(self) -> bool:
        return not self.failures


def run_scenarios(path: Path, *, database: Database) -> list[ScenarioResult]:
    """Play every scenario beside the model in a folder, on that model; nothing of it stays in the database."""
    with _prepared(database) as stage:
        return _play_folder(stage, path)


def run_procedures(
    paths: Iterable[Path], *, database: Database
) -> Iterator[tuple[Path, list[ScenarioResult]]]:
    """Play the scenarios of several procedures on one stage, and give those of each as soon as it is done."""
    with _prepared(database) as stage:
        for path in paths:
            with stage.undone():
                results = _play_folder(stage, path)
            yield path, results


@contextmanager
def _prepared(database: Database) -> Iterator[Stage]:
    with stage_in(database) as stage:
        with stage.write() as session:
            seed_sample_areas(session)
            seed_calendar(session)
            seed_rules(session)
            seed_sample_rules(session)
            seed_sample_supply(session, _LISTED)
        yield stage


def _play_folder(stage: Stage, path: Path) -> list[ScenarioResult]:
    scenarios, _ = read_folder(path)
    if not scenarios:
        return []
    key = path.resolve().name
    first = min(moment(one.given["at"]) for one in scenarios)
    with stage.write() as session:
        for folder in (*_named_beside(path), path):
            model_store.add_published(
                session, first, folder.resolve().name, read_model(folder), note="情景测试"
            )
    return [_play(stage, key, scenario) for scenario in scenarios]


def _named_beside(path: Path) -> list[Path]:
    """List the procedures beside this one that it, or a step of its scenarios, opens; and those that these open."""
    beside = {
        folder.name: folder for folder in path.resolve().parent.iterdir() if (folder / "model.bpmn").is_file()
    }
    own, found, rest = path.resolve().name, set[str](), [path]
    while rest:
        folder = rest.pop()
        files = [folder / "model.bpmn", *(folder / "scenarios").glob("*.yaml")]
        written = "".join(file.read_text("utf-8") for file in files if file.is_file())
        named = {key for key in beside if key not in found and key != own and key in written}
        found |= named
        rest += [beside[key] for key in sorted(named)]
    return [beside[key] for key in sorted(found)]


def coverage(results: Sequence[ScenarioResult]) -> dict[str, list[str]]:
    """List for each rule the scenarios that show it and passed."""
    found: dict[str, list[str]] = {}
    for result in results:
        for rule in result.rules:
            found.setdefault(rule, [])
            if result.passed:
                found[rule].append(result.name)
    return dict(sorted(found.items()))


def _play(stage: Stage, key: str, scenario: Scenario) -> ScenarioResult:
    given = scenario.given
    now = moment(given["at"])
    with stage.undone():
        with stage.write() as session:
            town = str(given["village"])[:9]
            for rule, value in given.get("values", {}).items():
                _set_value(session, rule, value, town)
            cast = add_staff(session, town, now)
            add_benefits(session, cast, key, given, now)
        player = Player(stage, cast, key, now, str(given["village"]))
        try:
            if player.open(given):
                for step in scenario.steps:
                    player.take(step)
                player.expect("最后", scenario.expect)
                player.expect_law()
        except JiebanError as error:
            reasons = "".join(f" {one['field']}：{one['message']}" for one in getattr(error, "errors", []))
            player.failures.append(f"{player.place}：{error.message}{reasons}")
        return ScenarioResult(
            scenario.file,
            scenario.name,
            scenario.rules,
            tuple(player.failures),
            tuple(player.told),
            frozenset(stage.flows),
        )


def _set_value(session: Session, rule: str, value: object, town: str) -> None:
    query = select(RuleValue).where(RuleValue.key == rule).order_by(RuleValue.effective_from)
    rows = session.scalars(query).all()
    if not rows:
        raise ScenarioError(f"规则表中没有“{rule}”。")
    like = rows[-1]
    row = RuleValue(
        id=new_id(),
        key=rule,
        area_code=town,
        name=like.name,
        value=str(value),
        unit=like.unit,
        rule_id=like.rule_id,
        # As if the text that is there said it: a scenario tries other values of the law too.
        rank=like.rank,
        provenance="sample",
        effective_from=rows[0].effective_from,
        note="情景给定",
    )
    session.add(row)
