"""The scenarios beside each shipped procedure, one test per file."""

from pathlib import Path

import pytest
import yaml

from jieban.database import Database
from tests.scenarios.played import FOLDERS, PROCEDURES, Played, files_of
from workflows.scenarios import ScenarioError, coverage, read_folder, run_scenarios

SUBSISTENCE = PROCEDURES / "subsistence_allowance"
RULES = {f"DB-{number:02}" for number in range(7, 27)} | {"DB-20a"}
SCENARIOS = [(folder, name) for folder in FOLDERS for name in files_of(folder)]


@pytest.mark.parametrize(("folder", "name"), SCENARIOS, ids=[f"{one[0].name}-{one[1]}" for one in SCENARIOS])
def test_scenario_goes_as_it_is_told(played: Played, folder: Path, name: str):
    """Each scenario ends as its file says, step by step."""
    assert played.of(folder)[name].failures == ()


def test_every_rule_is_shown_or_its_absence_explained(played: Played):
    """Rules DB-07 to DB-26 each have a passing scenario, or a sentence that says why not; others may have one too."""
    shown = {rule for rule, names in coverage(list(played.of(SUBSISTENCE).values())).items() if names}
    rest = {one.rule for one in read_folder(SUBSISTENCE)[1]}

    assert shown | rest >= RULES
    assert not shown & rest


def test_nothing_of_a_scenario_stays_in_the_database(empty_database: Database, tmp_path: Path):
    """Scenarios may be played on the office's own database: all of it is undone."""
    assert [one.failures for one in run_scenarios(_folder(tmp_path), database=empty_database)] == [()]
    with empty_database.read() as session:
        for table in ("case_file", "staff_user", "model_version", "rule_value", "ledger_record"):
            assert session.connection().exec_driver_sql(f"select count(*) from {table}").scalar_one() == 0


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
    for part in ("model.bpmn", "applying_alone.dmn", "forms"):
        (folder / part).symlink_to(SUBSISTENCE / part)
    for called in ("household_check", "public_notice"):
        (tmp_path / called).symlink_to(PROCEDURES / called)
    text = yaml.safe_dump({**story, **changes}, allow_unicode=True, sort_keys=False)
    (folder / "scenarios" / "story.yaml").write_text(text, encoding="utf-8")
    return folder


def test_an_expectation_that_does_not_hold_is_named(empty_database: Database, tmp_path: Path):
    """A scenario that expects the wrong thing fails and says what was there instead."""
    folder = _folder(tmp_path, expect={"stage": "paid", "due": {"total": "2026-06-02"}})

    (result,) = run_scenarios(folder, database=empty_database)

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
