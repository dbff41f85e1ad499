import os
from collections.abc import Iterator

import pytest

from tests.databases import SqliteMaker
from tests.scenarios.played import Played


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, sqlite_maker: SqliteMaker) -> Iterator[Played]:
    """The results of the shipped scenarios; with several workers the folder above theirs is shared by them."""
    own = tmp_path_factory.getbasetemp()
    shared = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "played"
    shared.mkdir(exist_ok=True)
    with sqlite_maker.fresh("empty") as database:
        yield Played(shared, database)
