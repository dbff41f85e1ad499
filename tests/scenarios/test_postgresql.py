"""The scenarios of every procedure on the other database."""

from pathlib import Path

import pytest

from jieban.database import Database
from tests.scenarios.played import FOLDERS, files_of
from workflows.scenarios import run_scenarios


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_scenarios_go_the_same_way_on_postgresql(postgresql_database: Database, folder: Path):
    """The other database, with an office already in it, changes nothing."""
    results = run_scenarios(folder, database=postgresql_database)

    assert [(one.file, one.failures) for one in results] == [(name, ()) for name in files_of(folder)]
