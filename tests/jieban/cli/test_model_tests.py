"""`jieban models test`, on one procedure and on a folder of them, with one short story each."""

import json
import shutil
from pathlib import Path

import pytest
import yaml

import bpmn
from jieban.cli.app import run

SUBSISTENCE = Path(bpmn.__file__).parent / "procedures" / "subsistence_allowance"
STORY = {
    "name": "材料齐备，当场受理",
    "rules": ["DB-07"],
    "given": {"at": "2026-06-01 09:00", "village": "379901001001"},
    "steps": [{"who": "window", "task": "examine_papers", "data": {"papers": "complete"}}],
    "expect": {"stage": "accepted"},
}


@pytest.fixture
def models_test(capsys):
    def call(*arguments):
        code = run(["models", "test", *map(str, arguments)])
        printed = capsys.readouterr()
        return code, printed.out.strip(), printed.err.strip()

    return call


@pytest.fixture
def procedures(tmp_path):
    """A folder with one procedure that has a story, and the two that it calls, which have none."""
    folder = tmp_path / "procedures"
    for key in ("subsistence_allowance", "household_check", "public_notice"):
        (folder / key / "scenarios").mkdir(parents=True)
        shutil.copy(SUBSISTENCE.parent / key / "model.bpmn", folder / key)
        shutil.copytree(SUBSISTENCE.parent / key / "forms", folder / key / "forms")
        for table in (SUBSISTENCE.parent / key).glob("*.dmn"):
            shutil.copy(table, folder / key)
    tell(folder, STORY)
    return folder


@pytest.fixture
def every_procedure(procedures):
    known = yaml.safe_load((SUBSISTENCE.parent / "rules.yaml").read_text("utf-8"))["procedures"]
    for key in known:
        if not (procedures / key).exists():
            (procedures / key).mkdir()
            for file in ("model.bpmn", "applying_alone.dmn"):
                shutil.copy(SUBSISTENCE / file, procedures / key)


def tell(folder, story, name="story"):
    path = folder / "subsistence_allowance" / "scenarios" / f"{name}.yaml"
    path.write_text(yaml.safe_dump(story, allow_unicode=True, sort_keys=False), "utf-8")


def test_one_procedure_lists_its_own_rules(models_test, procedures):
    """Each rule stands with the scenario that proves it; that others are open is no failure of this procedure."""
    code, out, err = models_test(procedures / "subsistence_allowance")

    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == "通过  story  材料齐备，当场受理"
    assert next(line for line in lines if line.startswith("DB-07 ")).endswith("  story")
    assert next(line for line in lines if line.startswith("DB-08 ")).endswith("  未证明")
    assert "不能证明：是复议机关的期限" in next(line for line in lines if line.startswith("RM-05 "))
    assert not any(line.startswith("TK-06 ") for line in lines)
    assert "已证明 1 条" in lines[-1]


def test_all_procedures_are_told_as_data(models_test, procedures):
    """A program reads the same: what was played, every rule with its proof, and how much is done."""
    code, out, err = models_test(procedures, "--json")

    told = json.loads(out)
    rules = {row["id"]: row for row in told["rules"]}
    assert (code, err) == (0, "")
    assert told["procedures"] == [
        {"procedure": "household_check", "scenarios": 0, "failed": 0},
        {"procedure": "public_notice", "scenarios": 0, "failed": 0},
        {"procedure": "subsistence_allowance", "scenarios": 1, "failed": 0},
    ]
    assert told["coverage"] == {"DB-07": ["材料齐备，当场受理"]}
    assert rules["DB-07"]["state"] == "proved"
    assert rules["DB-07"]["scenarios"] == [
        {"procedure": "subsistence_allowance", "file": "story", "name": "材料齐备，当场受理"}
    ]
    assert rules["TK-06"]["state"] == "open"
    assert told["totals"]["proved"] == 1
    assert told["totals"]["bound"] == sum(told["totals"][part] for part in ("proved", "explained", "open"))
    assert "destitute_support" in told["not_tested"]


def test_what_was_not_tested_is_named(models_test, procedures):
    """As long as procedures are missing, an open rule may be theirs."""
    code, out, _ = models_test(procedures)

    assert code == 0
    assert "公示(public_notice)：0 个情景，0 个失败" in out.splitlines()
    assert "没有测试的流程：特困人员救助供养、" in out.splitlines()[-1]


def test_an_open_rule_fails_once_every_procedure_is_there(models_test, procedures, every_procedure):
    """Nobody is left who could prove it."""
    code, out, _ = models_test(procedures)

    assert code == 1
    assert "没有测试的流程" not in out


def test_a_scenario_that_fails_leaves_with_1(models_test, procedures):
    """Of several procedures only what went wrong has a line of its own, with what was there instead."""
    tell(procedures, {**STORY, "expect": {"stage": "paid"}})

    code, out, _ = models_test(procedures)

    assert code == 1
    assert "失败  story  材料齐备，当场受理\n      最后：stage：应为 paid，实为 accepted" in out
    assert next(line for line in out.splitlines() if line.startswith("DB-07 ")).endswith("  未证明")


def test_an_unknown_rule_is_one_sentence(models_test, procedures):
    """It is told before anything is played."""
    tell(procedures, {**STORY, "rules": ["DB-77"]})

    code, out, err = models_test(procedures)

    assert (code, out) == (1, "")
    assert "subsistence_allowance/scenarios/story.yaml" in err
    assert "DB-77" in err


def test_a_folder_without_scenarios_is_one_sentence(models_test, procedures):
    assert "没有情景文件" in models_test(procedures / "public_notice")[2]
