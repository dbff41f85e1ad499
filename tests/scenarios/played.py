"""The scenarios of the shipped procedures, each played once in a run of the tests, whichever worker asks first."""

import fcntl
import json
from dataclasses import asdict
from pathlib import Path

import bpmn
from jieban.database import Database
from workflows.scenarios import ScenarioResult, run_scenarios

PROCEDURES = Path(bpmn.__file__).parent / "procedures"


def files_of(folder: Path) -> list[str]:
    """Name the scenarios of a procedure; reading them is left to the test that plays them."""
    files = sorted((folder / "scenarios").glob("*.yaml"))
    return [file.stem for file in files if file.stem != "not_proved"]


FOLDERS = sorted(model.parent for model in PROCEDURES.glob("*/model.bpmn") if files_of(model.parent))


class Played:
    """What became of the scenarios, kept in a folder that all workers share."""

    def __init__(self, shared: Path, database: Database) -> None:
        self._shared = shared
        self._database = database
        self._known: dict[str, dict[str, ScenarioResult]] = {}

    def of(self, folder: Path) -> dict[str, ScenarioResult]:
        """Give the results of a procedure by file; on SQLite, in a database with nothing in it."""
        key = folder.name
        if key not in self._known:
            kept = self._shared / f"{key}.json"
            with (self._shared / f"{key}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not kept.exists():
                    results = run_scenarios(folder, database=self._database)
                    kept.write_text(
                        json.dumps([{**asdict(one), "flows": sorted(one.flows)} for one in results])
                    )
            self._known[key] = {row["file"]: _result(row) for row in json.loads(kept.read_text())}
        return self._known[key]


def _result(row: dict) -> ScenarioResult:
    return ScenarioResult(
        **{
            name: tuple(value) if isinstance(value, list) else value
            for name, value in row.items()
            if name != "flows"
        },
        flows=frozenset(row["flows"]),
    )
