"""What `jieban models test` plays and says."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jieban.cli.migrate import migrate
from jieban.cli.output import table
from jieban.database import Database
from jieban.errors import Invalid
from workflows.called import read_model
from workflows.scenarios import (
    NotProved,
    Proof,
    ScenarioResult,
    check_ids,
    concerning,
    coverage,
    open_rules,
    prove,
    read_folder,
    run_procedures,
    shipped_catalogue,
    totals,
)
from workflows.scenarios.catalogue import BINDS
from workflows.scenarios.untaken import Untaken, flows_not_taken


class Report:
    """The results of the procedures in a folder, or of the one that it is, and what they prove."""

    def __init__(self, path: Path) -> None:
        inside = [] if _is_procedure(path) else [one for one in sorted(path.iterdir()) if _is_procedure(one)]
        self.several = bool(inside)
        self._catalogue = shipped_catalogue()
        self._rest: dict[str, list[NotProved]] = {}
        folders = inside or [path]
        for folder in folders:
            key = folder.resolve().name
            scenarios, self._rest[key] = read_folder(folder)
            check_ids(self._catalogue, key, scenarios, self._rest[key])
        self.results = _play(folders)
        if not any(self.results.values()):
            raise Invalid(f"{path} 中没有情景文件（scenarios/*.yaml）。")
        self.proofs = self._proofs()
        everything = [one for results in self.results.values() for one in results]
        self.untaken = {
            folder.resolve().name: flows_not_taken(read_model(folder), everything) for folder in folders
        }

    @property
    def missing(self) -> list[str]:
        """The procedures of the catalogue that were not among those tested."""
        return [key for key in self._catalogue.procedures if key not in self.results]

    @property
    def failed(self) -> bool:
        """Say whether a scenario failed, or a rule is open although every procedure was tested."""
        wrong = any(not one.passed for results in self.results.values() for one in results)
        return wrong or (self.several and not self.missing and bool(open_rules(self.proofs)))

    def value(self) -> dict[str, Any]:
        """Give all of it as data."""
        counted = totals(self.proofs)
        return {
            "procedures": [
                {"procedure": key, "scenarios": len(results), "failed": _failed(results)}
                for key, results in self.results.items()
            ],
            "not_tested": self.missing if self.several else [],
            "scenarios": [
                {
                    "procedure": key,
                    "file": one.file,
                    "name": one.name,
                    "rules": list(one.rules),
                    "passed": one.passed,
                    "failures": list(one.failures),
                }
                for key, results in self.results.items()
                for one in results
            ],
            "coverage": coverage([one for results in self.results.values() for one in results]),
            "not_proved": {one.rule: one.why for rest in self._rest.values() for one in rest},
            "flows_not_taken": {
                key: [asdict(one) for one in flows] for key, flows in self.untaken.items() if flows
            },
            "rules": [_row(proof) for proof in self.proofs],
            "totals": {
                "bound": counted.bound,
                "proved": counted.proved,
                "explained": counted.explained,
                "open": counted.open,
                "unbound": counted.unbound,
                "percent": counted.percent,
            },
        }

    def words(self) -> str:
        """Say all of it to a person."""
        lines = []
        for key, results in self.results.items():
            if self.several:
                lines.append(self.summary(key, results))
            for one in results:
                # Of several procedures together only what went wrong is worth a line.
                if not self.several or not one.passed:
                    lines.append(f"{'通过' if one.passed else '失败'}  {one.file}  {one.name}")
                lines += [f"      {failure}" for failure in one.failures]
        lines += ["", self._table(), "", *self._ways(), self._totals()]
        if self.several and self.missing:
            names = "、".join(self._catalogue.procedures[key] for key in self.missing)
            lines.append(f"没有测试的流程：{names}。")
        return "\n".join(lines)

    def summary(self, key: str, results: Sequence[ScenarioResult]) -> str:
        """Say in one line how a procedure went."""
        return f"{self._catalogue.procedures.get(key, key)}({key})：{_counts(results)}"

    def _proofs(self) -> list[Proof]:
        proofs = prove(self._catalogue, self.results, self._rest)
        if self.several:
            return proofs
        ((key, results),) = self.results.items()
        named = {rule for one in results for rule in one.rules} | {one.rule for one in self._rest[key]}
        return concerning(proofs, key, named)

    def _table(self) -> str:
        names = self._catalogue.procedures
        return table(
            ["规则", "约束", "内容", "流程", "证明它的情景，或原因"],
            [
                (
                    proof.rule.id,
                    BINDS[proof.rule.binds],
                    proof.rule.title,
                    "、".join(names[key] for key in proof.rule.procedures) or "–",
                    self._said(proof),
                )
                for proof in self.proofs
            ],
        )

    def _ways(self) -> list[str]:
        lines = []
        for key, flows in self.untaken.items():
            if flows:
                name = self._catalogue.procedures.get(key, key)
                lines += [f"{name}({key})中没有情景走过的连线：", *(_way(one) for one in flows), ""]
        return lines

    def _said(self, proof: Proof) -> str:
        if proof.showings:
            return " ".join(
                f"{one.procedure}/{one.file}" if self.several else one.file for one in proof.showings
            )
        return {
            "explained": f"不能证明：{proof.reason}",
            "unbound": f"无须证明：{proof.reason}",
            "open": "未证明",
        }[proof.state]

    def _totals(self) -> str:
        counted = totals(self.proofs)
        return (
            f"共 {_counts([one for results in self.results.values() for one in results])}。"
            f"约束步骤的规则 {counted.bound} 条：已证明 {counted.proved} 条，说明原因 {counted.explained} 条，"
            f"未证明 {counted.open} 条（完成 {counted.percent}%）；不约束步骤的 {counted.unbound} 条。"
        )


def _is_procedure(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.bpmn"))


def _play(folders: Sequence[Path]) -> Mapping[str, list[ScenarioResult]]:
    """Play all of them in one database that was made for it; on a terminal each is named when it is done."""
    found: dict[str, list[ScenarioResult]] = {}
    with TemporaryDirectory() as place:
        url = f"sqlite:///{place}/scenarios.sqlite3"
        migrate(url)
        database = Database(url)
        try:
            for folder, results in run_procedures(folders, database=database):
                key = folder.resolve().name
                found[key] = results
                if sys.stderr.isatty():
                    told = f"[{len(found)}/{len(folders)}] {key}：{_counts(results)}"
                    print(told, file=sys.stderr, flush=True)
        finally:
            database.close()
    return found


def _failed(results: Sequence[ScenarioResult]) -> int:
    return sum(not one.passed for one in results)


def _counts(results: Sequence[ScenarioResult]) -> str:
    return f"{len(results)} 个情景，{_failed(results)} 个失败"


def _way(flow: Untaken) -> str:
    return f"  {flow.source} → {flow.target}  {flow.flow}"


def _row(proof: Proof) -> dict[str, Any]:
    rule = proof.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "article": rule.article,
        "provenance": rule.provenance,
        "binds": rule.binds,
        "procedures": list(rule.procedures),
        "state": proof.state,
        "scenarios": [
            {"procedure": one.procedure, "file": one.file, "name": one.name} for one in proof.showings
        ],
        "reason": proof.reason,
    }
