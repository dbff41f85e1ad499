"""The scenarios beside each shipped procedure, one test per file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import bpmn
from jieban.cli.migrate import migrate
from jieban.database import Database
from workflows.scenarios import ScenarioError, ScenarioResult, coverage, read_folder, run_scenarios

PROCEDURES = Path(bpmn.__file__).parent / "procedures"
SUBSISTENCE = PROCEDURES / "subsistence_allowance"
RULES = {f"DB-{number:02}" for number in range(7, 27)} | {"DB-20a"}

NAMES = [scenario.file for scenario in read_folder(SUBSISTENCE)[0]]


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    url = f"sqlite:///{tmp_path_factory.mktemp('scenarios') / 'scenarios.sqlite3'}"
    migrate(url)
    database = Database(url)
    yield database
    database.close()


@pytest.fixture(scope="module")
def results(migrated: Database) -> dict[str, ScenarioResult]:
    return {result.file: result for result in run_scenarios(SUBSISTENCE, database=migrated)}


@pytest.mark.parametrize("name", NAMES)
def test_scenario_goes_as_it_is_told(results: dict[str, ScenarioResult], name: str):
    """Each scenario ends as its file says, step by step."""
    assert results[name].failures == ()


def test_every_rule_is_shown_or_its_absence_explained(results: dict[str, ScenarioResult]):
    """Rules DB-07 to DB-26 each have a passing scenario, or a sentence that says why not."""
    shown = {rule for rule, names in coverage(list(results.values())).items() if names}
    rest = {one.rule for one in read_folder(SUBSISTENCE)[1]}

    assert shown | rest == RULES
    assert not shown & rest


def test_nothing_of_a_scenario_stays_in_the_database(migrated: Database, results: dict[str, ScenarioResult]):
    """Scenarios may be played on the office's own database: all of it is undone."""
    assert results
    with migrated.read() as session:
        for table in ("case_file", "staff_user", "model_version", "rule_value", "ledger_record"):
            assert session.connection().exec_driver_sql(f"select count(*) from {table}").scalar_one() == 0


def test_scenarios_go_the_same_way_on_postgresql(postgresql_database: Database):
    """The other database, with an office already in it, changes nothing."""
    results = run_scenarios(SUBSISTENCE, database=postgresql_database)

    assert [(result.file, result.failures) for result in results] == [(name, ()) for name in NAMES]


def _folder(tmp_path: Path, **changes: object) -> Path:
    story = {
        "name": "改错的情景",
        "rules": ["DB-07"],
        "given": {"at": "2026-06-01 09:00", "village": "379901001001"},
        "steps": [{"who": "window", "task": "examine_papers", "data": {"papers": "complete"}}],
        "expect": {"stage": "accepted"},
    }
    folder = tmp_path / SUBSISTENCE.name
    (folder / "scenarios").mkdir(parents=True)
    for part in ("model.bpmn", "forms"):
        (folder / part).symlink_to(SUBSISTENCE / part)
    text = yaml.safe_dump({**story, **changes}, allow_unicode=True, sort_keys=False)
    (folder / "scenarios" / "story.yaml").write_text(text, encoding="utf-8")
    return folder


def test_an_expectation_that_does_not_hold_is_named(migrated: Database, tmp_path: Path):
    """A scenario that expects the wrong thing fails and says what was there instead."""
    folder = _folder(tmp_path, expect={"stage": "paid", "due": {"total": "2026-06-02"}})

    (result,) = run_scenarios(folder, database=migrated)

    assert not result.passed
    assert result.failures == (
        "最后：stage：应为 paid，实为 accepted",
        "最后：due：total 应为 2026-06-02，实为 2026-06-30",
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"steps": [{"who": "window", "task": "examine_papers", "dat": {}}]}, "dat"),
        ({"steps": [{"task": "examine_papers"}]}, "who"),
        ({"steps": [{"who": "window", "do": "sing"}]}, "sing"),
        ({"steps": [{"clock": "2026-05-01 09:00"}]}, "早于"),
        ({"steps": [{"clock": "tomorrow"}]}, "tomorrow"),
        ({"expect": {"stag": "paid"}}, "stag"),
        ({"after": {"scenario": "other", "through": "examine_papers"}}, "other"),
        ({"given": {"at": "2026-06-01 09:00"}}, "village"),
        ({"rules": []}, "rules"),
    ],
)
def test_a_slip_of_the_pen_is_told_as_such(tmp_path: Path, changes: dict[str, object], says: str):
    """A misspelt scenario is refused with the word that is wrong, and never counted as a failing rule."""
    folder = _folder(tmp_path, **changes)

    with pytest.raises(ScenarioError, match=says):
        read_folder(folder)
