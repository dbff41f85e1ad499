"""The catalogue of rules: complete for all that cites it, and honest about what nobody proves."""

from pathlib import Path

import pytest
import yaml
from lxml import etree

import bpmn
from jieban.rules.seed import read_shipped
from tests.scenarios.played import Played
from workflows.scenarios import (
    ScenarioError,
    ScenarioResult,
    check_ids,
    concerning,
    open_rules,
    prove,
    read_folder,
    shipped_catalogue,
    totals,
)
from workflows.scenarios.catalogue import CatalogueError, read_catalogue
from workflows.scenarios.reading import NotProved

PROCEDURES = Path(bpmn.__file__).parent / "procedures"
FOLDERS = sorted(model.parent for model in PROCEDURES.glob("*/model.bpmn"))
LAW = "{*}law"

ROW = {
    "id": "DB-14",
    "title": "公示七天",
    "provenance": "full",
    "binds": "limit",
    "procedures": ["subsistence_allowance"],
}


def numbered(prefix, last, *more, leaving_out=()):
    numbers = [number for number in range(1, last + 1) if number not in leaving_out]
    return {f"{prefix}-{number:02}" for number in numbers} | {f"{prefix}-{one}" for one in more}


def written(*rows, procedures=("subsistence_allowance", "public_notice")):
    return yaml.safe_dump(
        {"procedures": {key: key for key in procedures}, "rules": list(rows)}, allow_unicode=True
    )


def test_no_number_is_left_out():
    """Every rule of every field is there, also those that bind nothing; 临时救助 leaves gaps between its lanes."""
    known = shipped_catalogue().rules.keys()

    assert known >= numbered("DB", 34, "08a", "20a", "28a") | numbered("TK", 24) | numbered("BY", 4)
    assert known >= numbered("GX", 9) | numbered("LS", 29, leaving_out={5, 6, 7, 8, 9, 17, 18, 19})
    assert known >= numbered("JC", 10) | numbered("FW", 6) | numbered("CS", 6) | numbered("SL", 9)
    assert known >= numbered("ZF", 12) | numbered("GS", 15) | numbered("RX", 13) | numbered("XF", 10)
    assert known >= numbered("JB", 1) | numbered("CF", 15) | numbered("RM", 12)


def test_every_rule_value_cites_a_rule_of_the_catalogue():
    """A limit whose rule nobody knows could never be proved."""
    cited = {row["rule_id"] for row in read_shipped()}

    assert cited - shipped_catalogue().rules.keys() == set()


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_procedure_cites_only_rules_of_the_catalogue(folder):
    """Neither its model, nor its scenarios, nor its list of what they do not prove names an unknown rule."""
    catalogue = shipped_catalogue()
    drawn = {law.get("rule") for law in etree.parse(folder / "model.bpmn").iter(LAW)} - {None}

    assert folder.name in catalogue.procedures
    assert drawn - catalogue.rules.keys() == set()
    check_ids(catalogue, folder.name, *read_folder(folder))


def test_what_binds_and_is_not_ours_names_its_article():
    """Only what is our choice or our inference binds without a text."""
    without = {rule.id: rule.provenance for rule in shipped_catalogue().rules.values() if not rule.article}

    assert {
        rule: provenance
        for rule, provenance in without.items()
        if shipped_catalogue().rules[rule].bound and provenance not in {"ours", "inference"}
    } == {}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"binds": "perhaps"}, "binds"),
        ({"provenance": "sample"}, "provenance"),
        ({"title": ""}, "title"),
        ({"limit": 7}, "limit"),
        ({"procedures": ["subsistence"]}, "subsistence"),
        ({"procedures": []}, "procedures"),
        ({"binds": "none"}, "reason"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_its_rule(changes, says):
    with pytest.raises(CatalogueError, match=f"DB-14.*{says}"):
        read_catalogue(written({**ROW, **changes}))


def test_a_rule_is_listed_once():
    with pytest.raises(CatalogueError, match="DB-14 出现两次"):
        read_catalogue(written(ROW, ROW))


def test_a_scenario_that_names_an_unknown_rule_is_refused():
    """Proving a rule that does not exist proves nothing, so it is a mistake and not a gap."""
    catalogue = read_catalogue(written(ROW))

    with pytest.raises(ScenarioError, match=r"subsistence_allowance/scenarios/not_proved\.yaml.*DB-99"):
        check_ids(catalogue, "subsistence_allowance", [], [NotProved("DB-99", "没有")])


def test_a_rule_is_proved_by_what_passed_alone():
    """Proved, without proof, explained and unbound are told apart, and only what is open is counted against it."""
    catalogue = read_catalogue(
        written(
            ROW,
            {**ROW, "id": "DB-15"},
            {**ROW, "id": "ZF-01", "reason": "由财政部门办理。"},
            {**ROW, "id": "DB-08a", "binds": "none", "reason": "只是定义。"},
        )
    )
    results = [
        ScenarioResult("posted", "公示", ("DB-14",), ()),
        ScenarioResult("sent", "报送", ("DB-15",), ("最后：stage：应为 paid，实为 accepted",)),
    ]

    proofs = prove(catalogue, {"subsistence_allowance": results})

    assert {proof.rule.id: proof.state for proof in proofs} == {
        "DB-14": "proved",
        "DB-15": "open",
        "ZF-01": "explained",
        "DB-08a": "unbound",
    }
    assert [one.file for one in proofs[0].showings] == ["posted"]
    assert open_rules(proofs) == ["DB-15"]
    counted = totals(proofs)
    assert (counted.bound, counted.proved, counted.explained, counted.open, counted.unbound) == (
        3,
        1,
        1,
        1,
        1,
    )
    assert counted.percent == pytest.approx(66.7)


def test_one_procedure_does_not_excuse_another():
    """A rule that two procedures should prove stays open while only one of them says why it cannot."""
    shared = {**ROW, "procedures": ["subsistence_allowance", "public_notice"]}
    catalogue = read_catalogue(written(shared))
    own = {"subsistence_allowance": [NotProved("DB-14", "由公示流程证明。")]}

    alone = prove(catalogue, {"subsistence_allowance": []}, own)
    together = prove(catalogue, {"subsistence_allowance": [], "public_notice": []}, own)

    assert [(proof.state, proof.reason) for proof in alone] == [("explained", "由公示流程证明。")]
    assert [(proof.state, proof.reason) for proof in together] == [("open", "")]


def test_a_single_procedure_answers_for_its_own_rules():
    """Beside them stand only the rules that its scenarios name of their own accord."""
    other = {**ROW, "procedures": ["public_notice"]}
    catalogue = read_catalogue(written(ROW, {**other, "id": "GS-15"}, {**other, "id": "GS-02"}))
    proofs = prove(catalogue, {"subsistence_allowance": []})

    kept = concerning(proofs, "subsistence_allowance", ["GS-15"])

    assert [proof.rule.id for proof in kept] == ["DB-14", "GS-15"]


def test_every_rule_that_binds_is_proved_or_explained(played: Played):
    """The law's own test: whatever limits, orders or forbids a step is shown by a scenario, or it is said why it cannot be."""
    folders = [folder for folder in FOLDERS if folder.name in shipped_catalogue().procedures]
    results = {folder.name: list(played.of(folder).values()) for folder in folders}
    explained = {folder.name: read_folder(folder)[1] for folder in folders}

    assert open_rules(prove(shipped_catalogue(), results, explained)) == []
    assert shipped_catalogue().procedures.keys() == results.keys()
