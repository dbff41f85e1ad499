import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A real Prefect server of this test run alone; it takes some ten seconds to start, so there is one."""
    home = tmp_path_factory.mktemp("prefect")
    given = {
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=90):
        yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture
def data_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder that the settings of this process point to."""
    before = os.environ.get("JIEBAN_DATA")
    os.environ["JIEBAN_DATA"] = str(tmp_path)
    yield tmp_path
    if before is None:
        del os.environ["JIEBAN_DATA"]
    else:
        os.environ["JIEBAN_DATA"] = before
